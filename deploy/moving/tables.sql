-- {table} is one of those that are listed in the code.

-- name: lines
SELECT row_to_json(t)::text AS line FROM {table} AS t ORDER BY t;

-- name: forget_secret
-- The one that the migration made, under which nobody is known yet.
DELETE FROM keys.secret WHERE NOT EXISTS (SELECT FROM keys.people);

-- name: present
SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL;

-- name: is_filled
SELECT EXISTS (SELECT FROM {table});

-- name: fill
INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT r.* FROM json_populate_recordset(NULL::{table}, $1::json) AS r;

-- name: sequences
SELECT format('%I.%I', schemaname, sequencename) AS name, last_value FROM pg_sequences
WHERE schemaname IN ('journal', 'keys', 'notifier', 'query') AND last_value IS NOT NULL ORDER BY 1;

-- name: go_on_after
SELECT setval($1::text::regclass, $2);
