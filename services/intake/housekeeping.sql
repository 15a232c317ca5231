-- One intake process tidies at a time: the lead is a lock of its session.

-- name: lead
SELECT pg_try_advisory_lock(hashtext('cecoia'), hashtext('intake housekeeping'));

-- name: forget_again
-- Everybody who was erased and has a key all the same; how many those were.
SELECT keys.forget_again();
