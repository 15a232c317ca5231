-- The function is explained in migration 0002.

-- name: append
SELECT * FROM journal.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
