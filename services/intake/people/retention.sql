-- name: people
-- The next people after $1 who have a key, in the order of their pseudonyms: how many incidents they asked for, and when
-- anything was last heard of an incident that they asked for or that was asked for them.
SELECT p.person,
    (SELECT count(*) FROM journal.events AS c
     WHERE c.type = 'IncidentCreated' AND c.data -> 'requester' ->> 'id' = p.person::text) AS incidents,
    greatest(
        (SELECT max(l.recorded_at)
         FROM journal.events AS c
         JOIN journal.streams AS s ON s.stream_id = c.stream_id
         JOIN journal.events AS l ON l.stream_id = s.stream_id AND l.version = s.version
         WHERE c.type = 'IncidentCreated' AND c.data -> 'requester' ->> 'id' = p.person::text),
        (SELECT max(l.recorded_at)
         FROM journal.events AS c
         JOIN journal.streams AS s ON s.stream_id = c.stream_id
         JOIN journal.events AS l ON l.stream_id = s.stream_id AND l.version = s.version
         WHERE c.type = 'IncidentCreated' AND c.data -> 'beneficiary' ->> 'id' = p.person::text)
    ) AS last
FROM (SELECT person FROM keys.people WHERE person > $1 ORDER BY person LIMIT $2) AS p
ORDER BY p.person;

-- name: deeds
-- The $3 events before a place: where the first of them stands, whether any is as recent as $4, and who of $5 did such a
-- one. No index knows who did what, for each append would pay for it.
WITH stretch AS (
    SELECT e.xid, e.position, e.recorded_at >= $4 AS recent,
           coalesce(e.data -> 'by' ->> 'id', e.data -> 'recorded_by' ->> 'id') AS actor
    FROM journal.events AS e
    WHERE (e.xid, e.position) < ($1::xid8, $2::bigint)
    ORDER BY e.xid DESC, e.position DESC
    LIMIT $3
)
SELECT first.xid, first.position,
    (SELECT bool_or(s.recent) FROM stretch AS s) AS recent,
    ARRAY (SELECT DISTINCT s.actor::uuid FROM stretch AS s WHERE s.recent AND s.actor = ANY ($5::text[])) AS actors
FROM stretch AS first
ORDER BY first.xid, first.position
LIMIT 1;
