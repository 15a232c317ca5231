-- Which incidents are linked to a known error? Other events have no entry, and pay one comparison of their type.
-- (An index on a partitioned table cannot be made concurrently.)
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_linked ON journal.events ((data ->> 'known_error')) WHERE type = 'KnownErrorLinked';

-- Two more kinds of work: spread, an event that concerns many incidents; solve, an incident whose known error is solved.
-- Rows that stand fit the longer list, so that none is looked at.
ALTER TABLE notifier.work
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT work_kind_check,
    ADD CONSTRAINT work_kind_check CHECK (kind IN ('route', 'mail', 'offer', 'resume', 'spread', 'solve')) NOT VALID;
