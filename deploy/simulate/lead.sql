-- Keeping the notifier out of a past that it must not route and mail again; see also `shared/journal/follow.sql`.

-- name: wait_to_lead
SELECT pg_advisory_lock(hashtext('cecoia follower'), hashtext($1));

-- name: end_leader
-- Ends the connection of the present leader, between two of its transactions; it connects again, and waits then.
SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND classid = hashtext('cecoia follower')::oid AND objid = hashtext($1)::oid AND granted
  AND datname = current_database() AND state = 'idle';

-- name: count
SELECT count(*) FROM journal.events AS e
WHERE (e.xid, e.position) > ($1::xid8, $2::bigint) AND (e.xid, e.position) <= ($3::xid8, $4::bigint);
