-- What was recorded in a month? A few bytes for each megabyte of events, and nothing to do for an append: events are
-- recorded nearly in the order of time.
-- (An index on a partitioned table cannot be made concurrently.)
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_recorded ON journal.events USING brin (recorded_at) WITH (autosummarize = on);
