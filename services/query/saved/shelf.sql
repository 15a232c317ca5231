-- name: of_person
SELECT view, sealed, is_default FROM query.views WHERE person = $1 AND kind = $2 ORDER BY saved_at, view;

-- name: lock
-- One change of what a person saved at a time.
SELECT pg_advisory_xact_lock(hashtextextended('query.views ' || $1::uuid::text, 0));

-- name: no_default
UPDATE query.views SET is_default = false WHERE person = $1 AND is_default;

-- name: save
INSERT INTO query.views (view, person, kind, sealed, is_default, saved_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (view) DO UPDATE SET sealed = excluded.sealed, is_default = excluded.is_default;

-- name: remove
DELETE FROM query.views WHERE person = $1 AND kind = $2 AND view = $3 RETURNING view;
