-- name: snapshot
-- How others name the snapshot of this transaction; the next transaction id: positions that were given out until now lie
-- before it; and how many events it shows.
SELECT pg_export_snapshot(), pg_snapshot_xmax(pg_current_snapshot()), (SELECT count(*) FROM journal.events);

-- name: projections
SELECT projection || '_' || generation AS schema FROM query.generations;
