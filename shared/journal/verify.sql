-- name: events
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta,
       e.chain
FROM journal.events AS e
ORDER BY e.xid, e.position;

-- name: heads
SELECT stream_id, version, head, number, origin FROM journal.streams;

-- name: blocks
SELECT number, first_xid, first_position, last_xid, last_position, events, root, sealed_at, seal
FROM journal.blocks ORDER BY number;
