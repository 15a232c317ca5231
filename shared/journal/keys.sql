-- Keys of persons, and how persons are found. `keys.find_or_make` is explained in migration 0003.

-- name: keys
SELECT person, key FROM keys.people WHERE person = ANY ($1::uuid[]);

-- name: secret
SELECT secret FROM keys.secret;

-- name: known
SELECT lookup, person FROM keys.identities WHERE lookup = ANY ($1::bytea[]);

-- name: find_or_make
SELECT keys.find_or_make($1, $2, $3, $4);
