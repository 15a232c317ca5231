-- Of which incident is the notice that somebody answers, or that comes back?
-- (An index on a partitioned table cannot be made concurrently; a notice has one event.)
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_message_id ON journal.events ((data ->> 'message_id'))
    WHERE type IN ('ConfirmationSent', 'NotificationSent');
