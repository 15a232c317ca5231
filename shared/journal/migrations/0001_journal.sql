-- The journal: streams, their events, numbers, and how far each follower has read.

GRANT USAGE ON SCHEMA journal TO cecoia_intake, cecoia_notifier, cecoia_query;

-- One row a stream: the one point of concurrency. `origin` is the position of its first event, so that a look into the
-- stream opens no older partition; `head` is the chain of its last event.
CREATE TABLE journal.streams (
    stream_id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    number text UNIQUE,
    origin bigint NOT NULL,
    head bytea NOT NULL
) WITH (fillfactor = 80);

CREATE SEQUENCE journal.positions AS bigint;

-- `json`, not `jsonb`: the text that was hashed is the text that is kept. `number` repeats that of the stream, so that
-- readers need no join. `xid` is what makes the order safe to follow: see `read.sql`.
CREATE TABLE journal.events (
    position bigint NOT NULL DEFAULT nextval('journal.positions'),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    stream_id uuid NOT NULL,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    schema integer NOT NULL,
    type text NOT NULL,
    number text,
    data json NOT NULL,
    meta json NOT NULL,
    chain bytea NOT NULL,
    PRIMARY KEY (xid, position)
) PARTITION BY RANGE (position);

CREATE INDEX events_stream ON journal.events (stream_id, version) INCLUDE (event_id);

-- ── append only ─────────────────────────────────────────────────────────────

CREATE FUNCTION journal.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Row triggers are copied to each partition by PostgreSQL, TRUNCATE triggers by `make_partitions`.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON journal.events
    FOR EACH ROW EXECUTE FUNCTION journal.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON journal.events
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON journal.streams
    FOR EACH ROW EXECUTE FUNCTION journal.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON journal.streams
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change();

-- ── partitions ──────────────────────────────────────────────────────────────

-- A million positions each, and always room for two million more. A partition is made beside the table and then
-- attached, which stops neither readers nor writers. Whoever comes while another makes them has nothing to do.
-- There is no default partition: once it held a row, no partition could be made for that row's range without moving it.
CREATE FUNCTION journal.make_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = journal, pg_temp AS $$
DECLARE
    size CONSTANT bigint := 1000000;
    made integer := 0;
    part text;
    low bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('cecoia'), hashtext('make_partitions')) THEN
        RETURN 0;
    END IF;
    low := coalesce(pg_sequence_last_value('journal.positions'), 0) / size * size;
    FOR ahead IN 0..2 LOOP
        part := format('events_%s', to_char(low / size, 'FM000000'));
        IF to_regclass('journal.' || part) IS NULL THEN
            EXECUTE format('CREATE TABLE journal.%I (LIKE journal.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
            EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON journal.%I
                            FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change()', part);
            EXECUTE format('ALTER TABLE journal.events ATTACH PARTITION journal.%I FOR VALUES FROM (%s) TO (%s)',
                           part, low, low + size);
            made := made + 1;
        END IF;
        low := low + size;
    END LOOP;
    RETURN made;
END $$;

SELECT journal.make_partitions();

-- ── numbers ─────────────────────────────────────────────────────────────────

-- One sequence a series; the rank of the day is the distance from where the sequence stood when the day began.
CREATE SEQUENCE journal.numbers_1 AS bigint;
CREATE SEQUENCE journal.numbers_e AS bigint;

CREATE TABLE journal.number_days (
    series text NOT NULL CHECK (series IN ('1', 'E')),
    day date NOT NULL,
    base bigint NOT NULL,
    PRIMARY KEY (series, day)
);

-- A number for each stream that does not exist yet; NULL for the others, so that replays burn none. Only the first draw
-- of a day writes a row; no row is ever updated, so nobody waits for anybody.
CREATE FUNCTION journal.draw_numbers(stream_ids uuid[], series text[], days date[]) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = journal, pg_temp AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO number_days (series, day, base)
    SELECT wanted.series, wanted.day,
           coalesce(pg_sequence_last_value(CASE wanted.series WHEN '1' THEN 'journal.numbers_1'::regclass
                                                              ELSE 'journal.numbers_e'::regclass END), 0)
    FROM (SELECT DISTINCT w.series, w.day FROM unnest(series, days) AS w (series, day)) AS wanted
    WHERE NOT EXISTS (SELECT FROM number_days AS d WHERE d.series = wanted.series AND d.day = wanted.day)
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;

    -- Drawing writes to the log now and then. The number is durable when the event that carries it is, so nobody need wait
    -- for the disk here. This holds for the whole transaction, which must do nothing else.
    PERFORM set_config('synchronous_commit', 'off', true);

    RETURN QUERY
    SELECT drawn.series || to_char(drawn.day, 'YYMMDD') || '_'
           || lpad(drawn.rank::text, greatest(4, length(drawn.rank::text)), '0')
    FROM (
        SELECT wanted.ordinal, wanted.series, wanted.day,
               CASE WHEN s.stream_id IS NULL THEN
                   nextval(CASE wanted.series WHEN '1' THEN 'journal.numbers_1'::regclass
                                              ELSE 'journal.numbers_e'::regclass END) - d.base
               END AS rank
        FROM unnest(stream_ids, series, days) WITH ORDINALITY AS wanted (stream_id, series, day, ordinal)
        LEFT JOIN LATERAL (SELECT * FROM streams AS s WHERE s.stream_id = wanted.stream_id LIMIT 1) AS s ON true
        JOIN number_days AS d ON d.series = wanted.series AND d.day = wanted.day
        OFFSET 0  -- drawn once, although the rank is read twice
    ) AS drawn
    ORDER BY drawn.ordinal;
END $$;

-- ── followers ───────────────────────────────────────────────────────────────

CREATE TABLE journal.checkpoints (
    name text PRIMARY KEY,
    xid xid8 NOT NULL,
    position bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Seconds for which the oldest writing transaction of the whole server has held followers back.
CREATE FUNCTION journal.fence_age() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = journal, pg_temp AS $$
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - since)), 0)::double precision
    FROM (
        SELECT xact_start AS since FROM pg_stat_activity WHERE backend_xid IS NOT NULL
        UNION ALL
        SELECT prepared FROM pg_prepared_xacts
    ) AS writing;
$$;

REVOKE EXECUTE ON FUNCTION journal.make_partitions(), journal.draw_numbers(uuid[], text[], date[]), journal.fence_age()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal.make_partitions(), journal.fence_age()
    TO cecoia_intake, cecoia_notifier, cecoia_query;
GRANT EXECUTE ON FUNCTION journal.draw_numbers(uuid[], text[], date[]) TO cecoia_intake, cecoia_notifier;
GRANT SELECT ON journal.streams, journal.events, journal.checkpoints, journal.migrations
    TO cecoia_intake, cecoia_notifier, cecoia_query;
GRANT INSERT, UPDATE, DELETE ON journal.checkpoints TO cecoia_notifier, cecoia_query;
