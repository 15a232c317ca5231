-- name: last
-- Where an interrupted attempt came to: blocks are written whole.
SELECT e.xid, e.position FROM journal.events AS e ORDER BY e.xid DESC, e.position DESC LIMIT 1;

-- name: reach
-- Positions go on after this one, and there is room for it and for two million more.
SELECT setval('journal.positions', $1), journal.make_partitions();

-- name: heads
SELECT stream_id, version, head, number, origin FROM journal.streams WHERE stream_id = ANY ($1::uuid[]);

-- name: move
INSERT INTO journal.streams (stream_id, version, head, number, origin)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::bytea[], $4::text[], $5::bigint[])
ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, head = excluded.head;
