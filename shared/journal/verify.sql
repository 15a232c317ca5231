-- name: events
-- An instant that Python does not know cannot have been written, and shall not keep the event from being named.
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.number, e.data, e.meta, e.chain,
       CASE WHEN e.recorded_at BETWEEN '0001-01-02' AND '9999-12-30' THEN e.recorded_at END AS recorded_at
FROM journal.events AS e
ORDER BY e.xid, e.position;

-- name: heads
SELECT stream_id, version, head, number, origin FROM journal.streams;

-- name: blocks
SELECT number, first_xid, first_position, last_xid, last_position, events, root, sealed_at, seal
FROM journal.blocks ORDER BY number;

-- name: seal
SELECT seal FROM journal.blocks WHERE number = $1;
