-- name: fence
-- Every event of a smaller transaction id can be read, and none will be added.
select pg_snapshot_xmin(pg_current_snapshot());
