-- name: history
-- Every event of the incidents that a person asked for, incident by incident.
SELECT e.stream_id, e.data, e.recorded_at
FROM journal.events AS c
JOIN journal.events AS e ON e.stream_id = c.stream_id
WHERE c.type = 'IncidentCreated' AND c.data -> 'requester' ->> 'id' = $1::text
ORDER BY e.stream_id, e.version;

-- name: forget
-- Explained in migration 0031.
SELECT keys.forget($1::uuid[]);
