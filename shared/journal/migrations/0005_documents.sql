-- Which documents do incidents have? Asked before a file that nobody attached is deleted.
-- squawk-ignore require-concurrent-index-creation (a partitioned table cannot; it is empty when this runs)
CREATE INDEX events_sha256 ON journal.events ((data ->> 'sha256')) WHERE type = 'DocumentAttached';
