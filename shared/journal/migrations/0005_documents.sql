-- Which documents do incidents have? Asked before a file that nobody attached is deleted.
CREATE INDEX events_sha256 ON journal.events ((data ->> 'sha256')) WHERE type = 'DocumentAttached';
