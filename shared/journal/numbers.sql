-- name: draw
SELECT * FROM journal.draw_numbers($1, $2, $3);
