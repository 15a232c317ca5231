-- Which incidents go on in this one? Asked of every incident to which something happens that people are told of.
-- (An index on a partitioned table cannot be made concurrently; it holds nothing yet.)
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_duplicates ON journal.events (stream_id) WHERE type = 'DuplicatesAdded';
