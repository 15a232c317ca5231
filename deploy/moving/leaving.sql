-- name: state
-- The fence below which the history is whole; the next transaction id: positions that were given out lie before it; the
-- shape of the database; and whether it is at rest: no service works in it, and no transaction of anybody, of which an open
-- one holds the fence back in all databases of the server, hides events behind the fence.
SELECT pg_snapshot_xmin(pg_current_snapshot()) AS fence, pg_snapshot_xmax(pg_current_snapshot()) AS transaction,
       (SELECT max(number) FROM journal.migrations) AS migration,
       NOT EXISTS (
           SELECT FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'cecoia %'
       ) AND NOT EXISTS (
           SELECT FROM journal.events AS e WHERE e.xid >= pg_snapshot_xmin(pg_current_snapshot())
       ) AS at_rest;

-- name: chain
SELECT e.chain FROM journal.events AS e WHERE (e.xid, e.position) = ($1::xid8, $2::bigint);

-- name: page
SELECT e.xid, e.position, e.stream_id, e.version, e.event_id, e.type, e.schema, e.recorded_at, e.number, e.data, e.meta, e.chain
FROM journal.events AS e
WHERE (e.xid, e.position) > ($1::xid8, $2::bigint) AND e.xid < $3::xid8
ORDER BY e.xid, e.position LIMIT $4;

-- name: unwanted
-- Of some documents, those that no incident has whose requester was not erased.
SELECT sha256 FROM unnest($1::text[]) AS sha256
WHERE NOT EXISTS (
    SELECT FROM journal.events AS d
    WHERE d.type = 'DocumentAttached' AND d.data ->> 'sha256' = sha256
      AND NOT EXISTS (
          SELECT FROM journal.events AS e WHERE e.type = 'PersonErased' AND e.data ->> 'person' = d.meta ->> 'owner'
      )
);
