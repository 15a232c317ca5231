-- One intake process tidies at a time: the lead is a lock of its session.

-- name: lead
SELECT pg_try_advisory_lock(hashtext('cecoia'), hashtext('intake housekeeping'));

-- name: follow
SELECT pg_advisory_unlock(hashtext('cecoia'), hashtext('intake housekeeping'));

-- Which of these documents does an incident have?
-- name: attached
SELECT DISTINCT data ->> 'sha256' AS sha256
FROM journal.events
WHERE type = 'DocumentAttached' AND data ->> 'sha256' = ANY ($1::text[]);
