-- name: events
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.data, e.meta, e.chain
FROM journal.events AS e
ORDER BY e.xid, e.position;

-- name: heads
SELECT stream_id, version, head FROM journal.streams;
