-- Who follows a news? Other events have no entry, and pay one comparison of their type.
-- (An index on a partitioned table cannot be made concurrently.)
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_followed ON journal.events ((data ->> 'news')) WHERE type = 'NewsFollowed';
