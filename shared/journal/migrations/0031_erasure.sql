-- Forgetting people: who was erased, what was theirs, and how their keys are destroyed.

-- Which incidents did somebody ask for, which were asked for them, which did they take? Who was erased?
-- (An index on a partitioned table cannot be made concurrently; each holds one event of an incident's life at most.)
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_requester ON journal.events ((data -> 'requester' ->> 'id')) WHERE type = 'IncidentCreated';
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_beneficiary ON journal.events ((data -> 'beneficiary' ->> 'id'))
    WHERE type = 'IncidentCreated' AND data -> 'beneficiary' ->> 'id' IS NOT NULL;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_taker ON journal.events ((data -> 'by' ->> 'id')) WHERE type = 'IncidentTaken';
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX events_erased ON journal.events ((data ->> 'person')) WHERE type = 'PersonErased';

-- Destroys the keys of people, and how they were found, as far as the journal says that they were erased; how many keys
-- there were. Nobody else can delete a key, and nobody can without saying so in the journal first.
CREATE FUNCTION keys.forget(erased uuid[]) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = keys, pg_temp AS $$
    WITH gone AS (
        DELETE FROM people AS p
        WHERE p.person = ANY (erased)
          AND EXISTS (SELECT FROM journal.events AS e WHERE e.type = 'PersonErased' AND e.data ->> 'person' = p.person::text)
        RETURNING p.person
    )
    SELECT count(*)::integer FROM gone;
$$;

-- The same for everybody who was ever erased: older keys may have been brought back.
CREATE FUNCTION keys.forget_again() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = keys, pg_temp AS $$
    SELECT forget(array_agg((e.data ->> 'person')::uuid)) FROM journal.events AS e WHERE e.type = 'PersonErased';
$$;

REVOKE EXECUTE ON FUNCTION keys.forget(uuid[]), keys.forget_again() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keys.forget(uuid[]), keys.forget_again() TO cecoia_intake;

-- As before, but for whoever is forgotten at the same moment: they are waited for, and found no more.
CREATE OR REPLACE FUNCTION keys.find_or_make(sub_lookup bytea, email_lookup bytea, fresh uuid, fresh_key bytea) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = keys, pg_temp AS $$
DECLARE
    found_person uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hash)
    FROM (SELECT DISTINCT hashtextextended(encode(lookup, 'hex'), 1) AS hash
          FROM unnest(ARRAY[sub_lookup, email_lookup]) AS lookup WHERE lookup IS NOT NULL ORDER BY 1) AS locks;

    SELECT person INTO found_person FROM identities WHERE lookup = sub_lookup;
    IF found_person IS NULL THEN
        SELECT i.person INTO found_person FROM identities AS i
        WHERE i.lookup = email_lookup
          AND (sub_lookup IS NULL
               OR NOT EXISTS (SELECT FROM identities AS o WHERE o.person = i.person AND o.kind = 'sub'));
    END IF;
    SELECT person INTO found_person FROM people WHERE person = found_person FOR KEY SHARE;
    IF found_person IS NULL THEN
        INSERT INTO people (person, key) VALUES (fresh, fresh_key);
        found_person := fresh;
    END IF;

    INSERT INTO identities (lookup, kind, person)
    SELECT * FROM (VALUES (sub_lookup, 'sub', found_person), (email_lookup, 'email', found_person)) AS known (lookup, kind, person)
    WHERE known.lookup IS NOT NULL
    ON CONFLICT (lookup) DO UPDATE SET person = excluded.person
        WHERE identities.person <> excluded.person AND sub_lookup IS NOT NULL;
    RETURN found_person;
END $$;

-- The planner's statistics are copies of what they were made from; no key may have copies.
ALTER TABLE keys.people ALTER COLUMN key SET STATISTICS 0;
ALTER TABLE keys.identities ALTER COLUMN lookup SET STATISTICS 0;
SELECT pg_clear_attribute_stats('keys', 'people', 'key', false);
SELECT pg_clear_attribute_stats('keys', 'identities', 'lookup', false);

-- Whoever destroys keys also clears away what PostgreSQL keeps of deleted rows, and remembers how far that has come.
GRANT MAINTAIN ON keys.people, keys.identities TO cecoia_intake;
GRANT INSERT, UPDATE ON journal.checkpoints TO cecoia_intake;
