-- name: attached
-- A page of the documents that incidents have whose requesters were not erased.
SELECT DISTINCT d.data ->> 'sha256' AS sha256 FROM journal.events AS d
WHERE d.type = 'DocumentAttached' AND d.data ->> 'sha256' > $1
  AND NOT EXISTS (
      SELECT FROM journal.events AS e WHERE e.type = 'PersonErased' AND e.data ->> 'person' = d.meta ->> 'owner'
  )
ORDER BY 1 LIMIT $2;

-- name: forget_projections
-- Their tables are not in a backup: the projector begins them anew.
DELETE FROM journal.checkpoints WHERE name LIKE 'query.%';

-- name: forget_again
-- Whoever the journal says was erased stays so, although the keys may be older than that.
SELECT keys.forget_again();
