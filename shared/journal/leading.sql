-- name: lead
-- Leadership is a session lock: it ends with the connection, whatever becomes of the process.
SELECT pg_try_advisory_lock(hashtext('cecoia follower'), hashtext($1));
