-- What was recorded within some time, in the order of the journal. {wanted} is a condition on the type, made of constants
-- of the code, so that the planner may use an index that knows the type.

-- name: span
-- How many events there are, and between which transactions they stand.
SELECT count(*) AS events, min(e.xid) AS first, max(e.xid) AS last
FROM journal.events AS e
WHERE (e.xid, e.position) > ($1::xid8, $2::bigint)
  AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
  AND e.recorded_at >= $3 AND e.recorded_at < $4 AND {wanted};

-- name: page
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta
FROM journal.events AS e
WHERE (e.xid, e.position) > ($1::xid8, $2::bigint)
  AND e.xid <= $3::xid8
  AND e.recorded_at >= $4 AND e.recorded_at < $5 AND {wanted}
ORDER BY e.xid, e.position
LIMIT $6;

-- name: first
-- When the first event was recorded, or the first incident: a past that was written later stands behind others.
SELECT least(
    (SELECT e.recorded_at FROM journal.events AS e ORDER BY e.xid, e.position LIMIT 1),
    (SELECT min(e.recorded_at) FROM journal.events AS e WHERE e.type = 'IncidentCreated')
);

-- name: months
SELECT to_char(e.recorded_at AT TIME ZONE 'Europe/Paris', 'YYYY-MM') AS month, count(*) AS events
FROM journal.events AS e
WHERE e.xid < pg_snapshot_xmin(pg_current_snapshot()) AND {wanted}
GROUP BY 1 ORDER BY 1;

-- name: streams
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta
FROM journal.events AS e
WHERE e.stream_id = ANY ($1::uuid[])
ORDER BY e.stream_id, e.version;
