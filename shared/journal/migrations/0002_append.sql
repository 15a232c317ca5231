-- How events get into the journal.

-- Appends many commands, each to a stream of its own, each all or none; one outcome row a command, in their order.
--
-- Commands: stream_ids, expected (version that the stream must have; NULL: any), numbers (for new streams), recorded_at.
-- Events of all commands: owners (ordinal of the command, from 1), ranks (in the command, from 1), event_ids, types,
-- schemas, metas, datas, and the digests of all that (see `chain.py`; hashing large texts is not PostgreSQL's strength).
--
-- Each event is chained to the one before: sha256(chain before ‖ version ‖ digest), beginning with the hash of the stream's id.
--
-- Locks come first and draw no transaction id. So whoever waits here has no id yet, ids grow in the order of the locks,
-- and within a stream the order by (xid, position) is the order by version. The order of the locks is that of
-- their hashes, so that no two calls wait for each other.
CREATE FUNCTION journal.append(
    stream_ids uuid[], expected integer[], numbers text[], recorded_ats timestamptz[],
    owners integer[], ranks integer[], event_ids uuid[], types text[], schemas integer[], metas text[], datas text[],
    digests bytea[]
) RETURNS TABLE (
    verdict text, version integer, xid xid8, "position" bigint, number text, recorded_at timestamptz, fingerprint text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = journal, pg_temp
-- Plans are kept from call to call, also from the time when the tables were empty; and the planner takes every array for
-- ten elements. What is looked up by index stands in a LATERAL with a LIMIT, which leaves no other way.
SET enable_seqscan = off SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'append must be the first write of its transaction'
            USING ERRCODE = 'active_sql_transaction',
                  HINT = 'An older transaction id would show the events before those that they follow.';
    END IF;

    PERFORM pg_advisory_xact_lock(hash)
    FROM (SELECT DISTINCT uuid_hash_extended(id, 0) AS hash FROM unnest(stream_ids) AS id ORDER BY 1) AS locks;

    RETURN QUERY
    WITH RECURSIVE command AS MATERIALIZED (
        SELECT c.ordinal::integer AS ordinal, c.stream_id, c.expected, c.recorded_at,
               s.version AS at, coalesce(s.number, c.number) AS number,
               coalesce(s.head, sha256(uuid_send(c.stream_id))) AS head, s.origin
        FROM unnest(stream_ids, expected, numbers, recorded_ats)
             WITH ORDINALITY AS c (stream_id, expected, number, recorded_at, ordinal)
        LEFT JOIN LATERAL (
            SELECT * FROM streams AS s WHERE s.stream_id = c.stream_id LIMIT 1
        ) AS s ON true
    ), arrived AS MATERIALIZED (
        SELECT * FROM unnest(owners, ranks, event_ids, types, schemas, metas, datas, digests)
                      AS e (ordinal, rank, event_id, type, schema, meta, data, digest)
    ), before AS MATERIALIZED (
        SELECT c.ordinal, first.xid, last.version, last.position, first.recorded_at, first.meta ->> 'fingerprint' AS fingerprint
        FROM command AS c
        JOIN arrived AS a ON a.ordinal = c.ordinal AND a.rank = 1
        CROSS JOIN LATERAL (
            SELECT e.xid, e.recorded_at, e.meta FROM events AS e
            WHERE e.stream_id = c.stream_id AND e.event_id = a.event_id AND e.position >= c.origin LIMIT 1
        ) AS first
        -- A transaction appends to a stream once: the last event with its id is the last of the command.
        CROSS JOIN LATERAL (
            SELECT e.version, e.position FROM events AS e
            WHERE e.stream_id = c.stream_id AND e.xid = first.xid AND e.position >= c.origin
            ORDER BY e.version DESC LIMIT 1
        ) AS last
        WHERE c.at IS NOT NULL
    ), accepted AS MATERIALIZED (
        SELECT c.* FROM command AS c
        WHERE coalesce(c.expected, c.at, 0) = coalesce(c.at, 0)
          AND NOT EXISTS (SELECT FROM before AS b WHERE b.ordinal = c.ordinal)
    ), linked AS (
        SELECT c.ordinal, a.rank, c.stream_id, coalesce(c.at, 0) + 1 AS version, a.event_id, a.type, a.schema,
               c.recorded_at, c.number, a.meta, a.data,
               sha256(c.head || int4send(coalesce(c.at, 0) + 1) || a.digest) AS chain
        FROM accepted AS c JOIN arrived AS a ON a.ordinal = c.ordinal AND a.rank = 1
        UNION ALL
        SELECT l.ordinal, a.rank, l.stream_id, l.version + 1, a.event_id, a.type, a.schema,
               l.recorded_at, l.number, a.meta, a.data,
               sha256(l.chain || int4send(l.version + 1) || a.digest)
        FROM linked AS l JOIN arrived AS a ON a.ordinal = l.ordinal AND a.rank = l.rank + 1
    ), written AS (
        INSERT INTO events (stream_id, version, event_id, type, schema, recorded_at, number, data, meta, chain)
        SELECT stream_id, version, event_id, type, schema, recorded_at, number, data::json, meta::json, chain
        FROM linked ORDER BY ordinal, rank
        RETURNING position, xid, stream_id, version, chain
    ), reached AS MATERIALIZED (
        SELECT DISTINCT ON (stream_id) stream_id, version, xid, position, chain, min(position) OVER (PARTITION BY stream_id) AS origin
        FROM written ORDER BY stream_id, version DESC
    ), moved AS (
        INSERT INTO streams AS s (stream_id, version, number, origin, head)
        SELECT c.stream_id, r.version, c.number, r.origin, r.chain
        FROM accepted AS c JOIN reached AS r ON r.stream_id = c.stream_id
        ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, head = excluded.head
    )
    SELECT CASE WHEN r.stream_id IS NOT NULL THEN 'appended' WHEN b.ordinal IS NOT NULL THEN 'duplicate' ELSE 'conflict' END,
           coalesce(r.version, b.version, c.at, 0), coalesce(r.xid, b.xid), coalesce(r.position, b.position),
           CASE WHEN r.stream_id IS NOT NULL OR b.ordinal IS NOT NULL THEN c.number END,
           CASE WHEN r.stream_id IS NOT NULL THEN c.recorded_at ELSE b.recorded_at END, b.fingerprint
    FROM command AS c
    LEFT JOIN reached AS r ON r.stream_id = c.stream_id
    LEFT JOIN before AS b ON b.ordinal = c.ordinal
    ORDER BY c.ordinal;

    -- Two million positions are always ready; a few calls after every hundred thousand see to it that they stay so.
    IF pg_sequence_last_value('journal.positions') % 100000 < 1000 THEN
        PERFORM make_partitions();
    END IF;
END $$;

REVOKE EXECUTE ON FUNCTION journal.append(
    uuid[], integer[], text[], timestamptz[], integer[], integer[], uuid[], text[], integer[], text[], text[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal.append(
    uuid[], integer[], text[], timestamptz[], integer[], integer[], uuid[], text[], integer[], text[], text[], bytea[])
    TO cecoia_intake, cecoia_notifier;
