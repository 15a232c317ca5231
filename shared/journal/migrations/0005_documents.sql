-- Which documents do incidents have? Asked before a file that nobody attached is deleted.
-- (An index on a partitioned table cannot be made concurrently, and the table is empty when this runs.)
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_sha256 ON journal.events ((data ->> 'sha256')) WHERE type = 'DocumentAttached';
