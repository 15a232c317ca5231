-- Who did something lately is read off the events themselves, by whoever wants to know: see `retention.sql`. An index of
-- those who took incidents would say too little, and every append would pay for it.
-- (An index on a partitioned table cannot be dropped concurrently.)
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX journal.events_taker;
