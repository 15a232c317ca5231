-- Which of these documents does an incident have whose requester was not erased?
-- name: attached
SELECT DISTINCT d.data ->> 'sha256' AS sha256
FROM journal.events AS d
WHERE d.type = 'DocumentAttached' AND d.data ->> 'sha256' = ANY ($1::text[])
  AND NOT EXISTS (
      SELECT FROM journal.events AS e WHERE e.type = 'PersonErased' AND e.data ->> 'person' = d.meta ->> 'owner'
  );

-- The documents of the incidents that these people asked for.
-- name: documents_of
SELECT d.data ->> 'document' AS document, d.data ->> 'sha256' AS sha256
FROM journal.events AS c
JOIN journal.events AS d ON d.stream_id = c.stream_id AND d.type = 'DocumentAttached'
WHERE c.type = 'IncidentCreated' AND c.data -> 'requester' ->> 'id' = ANY ($1::text[]);

-- name: advance
INSERT INTO journal.checkpoints (name, xid, position) VALUES ($1, $2::xid8, $3)
ON CONFLICT (name) DO UPDATE SET xid = excluded.xid, position = excluded.position, updated_at = now();

-- name: clear_away
-- Deleted rows are still in the file until then, the keys in them too.
VACUUM (SKIP_LOCKED) keys.people, keys.identities;
