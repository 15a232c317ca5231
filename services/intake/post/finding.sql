-- name: last_incident
-- The last incident that somebody asked for.
SELECT c.stream_id FROM journal.events AS c
WHERE c.type = 'IncidentCreated' AND c.data -> 'requester' ->> 'id' = $1::text
ORDER BY c.xid DESC, c.position DESC
LIMIT 1;

-- name: notices
-- The notices that have these Message-IDs.
SELECT e.data ->> 'message_id' AS message_id, e.stream_id, e.event_id FROM journal.events AS e
WHERE e.type IN ('ConfirmationSent', 'NotificationSent') AND e.data ->> 'message_id' = ANY ($1::text[]);

-- name: incidents
-- Those of these streams that are incidents: whoever writes a mail can name any.
SELECT s.stream_id FROM journal.streams AS s WHERE s.stream_id = ANY ($1::uuid[]) AND s.number LIKE '1%';
