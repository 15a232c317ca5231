-- name: page
-- As `page` of read.sql, with everything that a block covers.
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta
FROM journal.events AS e
WHERE (e.xid, e.position) > ($1::xid8, $2::bigint)
  AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY e.xid, e.position
LIMIT $3;

-- name: keep
INSERT INTO journal.blocks
    (number, first_xid, first_position, last_xid, last_position, events, root, sealed_at, seal)
VALUES ($1, $2::xid8, $3, $4::xid8, $5, $6, $7, $8, $9);

-- name: last
SELECT number, first_xid, first_position, last_xid, last_position, events, root, sealed_at, seal
FROM journal.blocks ORDER BY number DESC LIMIT 1;

-- name: seals
SELECT number, seal, sealed_at FROM journal.blocks WHERE number > $1 ORDER BY number LIMIT $2;
