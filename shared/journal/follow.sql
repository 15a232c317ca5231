-- name: advance
INSERT INTO journal.checkpoints (name, xid, position) VALUES ($1, $2::xid8, $3)
ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, position = excluded.position, updated_at = now();
