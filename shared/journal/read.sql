-- Reading in an order that never changes behind the reader.
--
-- Sequence values are drawn before they are committed, so "position above the last one" skips what commits late. Events are
-- ordered by (transaction id, position) instead, and shown only when every transaction with a smaller id has ended: the
-- oldest running one is the snapshot's xmin. Nothing can then appear behind a reader, because whoever writes later has a
-- larger id. The order is that of the primary key; the columns are qualified in ORDER BY, because an output name
-- would sort by the output's text.

-- name: page
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta
FROM journal.events AS e
WHERE (e.xid, e.position) > ($1::xid8, $2::bigint)
  AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY e.xid, e.position
LIMIT $3;

-- name: end_of_stretch
-- The event that stands so many after a position; none where the head comes first.
SELECT e.xid, e.position
FROM journal.events AS e
WHERE (e.xid, e.position) > ($1::xid8, $2::bigint)
  AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY e.xid, e.position
OFFSET $3::bigint - 1 LIMIT 1;

-- name: page_wanted
-- What bounds the work is the end of the stretch. IS TRUE keeps the planner from the index of exports that knows instants
-- (migration 0047): it would lead to all of a period, however far behind that end.
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta
FROM journal.events AS e
WHERE (e.xid, e.position) > ($1::xid8, $2::bigint)
  AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
  AND (e.xid, e.position) <= ($4::xid8, $5::bigint)
  AND ($6::text[] IS NULL OR e.type = ANY ($6))
  AND ($7::timestamptz IS NULL OR e.recorded_at >= $7) IS TRUE
  AND ($8::timestamptz IS NULL OR e.recorded_at < $8) IS TRUE
ORDER BY e.xid, e.position
LIMIT $3;

-- name: stream
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta
FROM journal.events AS e
WHERE e.stream_id = $1
  AND e.position >= (SELECT s.origin FROM journal.streams AS s WHERE s.stream_id = $1)
ORDER BY e.version;

-- name: streams
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta
FROM journal.streams AS s
CROSS JOIN LATERAL (
    SELECT * FROM journal.events AS one WHERE one.stream_id = s.stream_id AND one.position >= s.origin
) AS e
WHERE s.stream_id = ANY ($1::uuid[])
ORDER BY e.stream_id, e.version;

-- name: find
SELECT stream_id FROM journal.streams WHERE number = $1;

-- name: version
SELECT version FROM journal.streams WHERE stream_id = $1;

-- name: fence
-- Every event of a smaller transaction id can be read, and none will be added.
SELECT pg_snapshot_xmin(pg_current_snapshot());

-- name: fence_age
SELECT journal.fence_age();

-- name: checkpoint
SELECT xid, position FROM journal.checkpoints WHERE name = $1;

-- name: head
-- Highest transaction id in the journal, and the next one that this server will give out.
SELECT (SELECT e.xid FROM journal.events AS e ORDER BY e.xid DESC, e.position DESC LIMIT 1) AS last,
       pg_snapshot_xmax(pg_current_snapshot()) AS next;
