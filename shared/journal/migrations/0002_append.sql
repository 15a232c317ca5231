-- How events get into the journal.

-- What an event adds to the chain of its stream. Each part of variable length is preceded by its length, so that no two
-- events have the same bytes. `verify.py` computes the same in Python.
CREATE FUNCTION journal.link(
    previous bytea, event_id uuid, type text, schema integer, version integer, recorded_at timestamptz, meta text, data text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(
    previous || uuid_send(event_id) || int4send(octet_length(type)) || convert_to(type, 'UTF8')
    || int4send(schema) || int4send(version) || timestamptz_send(recorded_at)
    || int4send(octet_length(meta)) || convert_to(meta, 'UTF8')
    || int4send(octet_length(data)) || convert_to(data, 'UTF8')
);

-- Appends many commands, each to a stream of its own, each all or none; one outcome row a command, in their order.
--
-- Commands: stream_ids, expected (version that the stream must have; NULL: any), numbers (for new streams), recorded_at.
-- Events of all commands one after the other: owners (ordinal of the command, from 1), event_ids, types, schemas, metas,
-- datas. The order of a command's events is their order in the arrays.
--
-- Locks come first and draw no transaction id. So whoever waits here has no id yet, ids grow in the order of the locks,
-- and within a stream the order by (xid, position) is the order by version. The order of the locks is that of
-- their hashes, so that no two calls wait for each other.
CREATE FUNCTION journal.append(
    stream_ids uuid[], expected integer[], numbers text[], recorded_ats timestamptz[],
    owners integer[], event_ids uuid[], types text[], schemas integer[], metas text[], datas text[]
) RETURNS TABLE (
    verdict text, version integer, xid xid8, "position" bigint, number text, recorded_at timestamptz, fingerprint text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = journal, pg_temp
-- Plans are kept from call to call, also from the time when the tables were empty.
SET enable_seqscan = off SET jit = off AS $$
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
        SELECT owner AS ordinal, row_number() OVER (PARTITION BY owner ORDER BY place)::integer AS rank,
               event_id, type, schema, meta, data
        FROM unnest(owners, event_ids, types, schemas, metas, datas)
             WITH ORDINALITY AS e (owner, event_id, type, schema, meta, data, place)
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
               link(c.head, a.event_id, a.type, a.schema, coalesce(c.at, 0) + 1, c.recorded_at, a.meta, a.data) AS chain
        FROM accepted AS c JOIN arrived AS a ON a.ordinal = c.ordinal AND a.rank = 1
        UNION ALL
        SELECT l.ordinal, a.rank, l.stream_id, l.version + 1, a.event_id, a.type, a.schema,
               l.recorded_at, l.number, a.meta, a.data,
               link(l.chain, a.event_id, a.type, a.schema, l.version + 1, l.recorded_at, a.meta, a.data)
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
    uuid[], integer[], text[], timestamptz[], integer[], uuid[], text[], integer[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal.append(
    uuid[], integer[], text[], timestamptz[], integer[], uuid[], text[], integer[], text[], text[])
    TO cecoia_intake, cecoia_notifier;
