-- Seals over the whole journal, in the order in which it is followed; see `blocks.py`.

-- A block holds every event after the last one of the block before, up to and including its own last. The previous seal
-- is not repeated here: it stands in the row before.
CREATE TABLE journal.blocks (
    number bigint PRIMARY KEY CHECK (number > 0),
    first_xid xid8 NOT NULL,
    first_position bigint NOT NULL,
    last_xid xid8 NOT NULL,
    last_position bigint NOT NULL,
    events integer NOT NULL CHECK (events > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    sealed_at timestamptz NOT NULL,
    seal bytea NOT NULL CHECK (octet_length(seal) = 32)
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON journal.blocks
    FOR EACH ROW EXECUTE FUNCTION journal.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON journal.blocks
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change();

GRANT USAGE ON SCHEMA journal TO cecoia_sealer;
GRANT SELECT ON journal.streams, journal.events, journal.migrations TO cecoia_sealer;
GRANT SELECT, INSERT ON journal.blocks TO cecoia_sealer;
