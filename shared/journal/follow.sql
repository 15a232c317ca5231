-- Leadership is a session lock: it ends with the connection, whatever becomes of the process.

-- name: lead
SELECT pg_try_advisory_lock(hashtext('cecoia follower'), hashtext($1));

-- name: advance
INSERT INTO journal.checkpoints (name, xid, position) VALUES ($1, $2::xid8, $3)
ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, position = excluded.position, updated_at = now();
