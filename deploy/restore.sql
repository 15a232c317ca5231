-- name: open_day
-- Draws the first numbers of a day, so that those that are skipped then belong to it.
SELECT journal.draw_numbers(ARRAY[gen_random_uuid(), gen_random_uuid()], ARRAY['1', 'E'], ARRAY[$1::date, $1::date]);

-- name: skip_numbers
SELECT setval('journal.numbers_1', nextval('journal.numbers_1') + $1),
       setval('journal.numbers_e', nextval('journal.numbers_e') + $1);
