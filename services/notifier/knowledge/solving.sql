-- name: stream_at
SELECT stream_id FROM journal.events WHERE xid = $1::text::xid8 AND position = $2;
