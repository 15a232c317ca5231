-- name: people
-- The next people after $1 who have a key, in the order of their pseudonyms: how many incidents they asked for, and when
-- anything was last heard of an incident that they asked for or that was asked for them, or when they last took one.
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
         WHERE c.type = 'IncidentCreated' AND c.data -> 'beneficiary' ->> 'id' = p.person::text),
        (SELECT max(t.recorded_at) FROM journal.events AS t
         WHERE t.type = 'IncidentTaken' AND t.data -> 'by' ->> 'id' = p.person::text)
    ) AS last
FROM (SELECT person FROM keys.people WHERE person > $1 ORDER BY person LIMIT $2) AS p
ORDER BY p.person;
