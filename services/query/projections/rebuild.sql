-- name: try_lock
select pg_try_advisory_lock(hashtextextended('query.rebuild.' || $1, 0));

-- name: set_checkpoint
insert into journal.checkpoints (name, xid, position) values ($1, $2::xid8, $3)
on conflict (name) do update set xid = excluded.xid, position = excluded.position, updated_at = clock_timestamp();
