-- name: attached
-- A page of the documents that incidents have.
SELECT DISTINCT data ->> 'sha256' AS sha256 FROM journal.events
WHERE type = 'DocumentAttached' AND data ->> 'sha256' > $1 ORDER BY 1 LIMIT $2;
