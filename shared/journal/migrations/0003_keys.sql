-- The keys of persons, apart from what they seal: deleting a person here makes their texts unreadable everywhere.

CREATE SCHEMA keys;

CREATE TABLE keys.people (
    person uuid PRIMARY KEY,
    key bytea NOT NULL CHECK (octet_length(key) = 32)
);

-- How a person is found again: keyed hashes of what the identity provider or a form says, never the words themselves.
CREATE TABLE keys.identities (
    lookup bytea PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('sub', 'email')),
    person uuid NOT NULL REFERENCES keys.people ON DELETE CASCADE
);

CREATE INDEX identities_person ON keys.identities (person);

-- The installation's secret, under which those hashes are made: 488 random bits.
CREATE TABLE keys.secret (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    secret bytea NOT NULL
);

INSERT INTO keys.secret (secret) VALUES (sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
));

-- Finds a person by account, else by e-mail address, else makes one with the given id and key.
--
-- Somebody known by address only (named by another as beneficiary) becomes the person of the account that first signs in with
-- that address. An address that already belongs to an account is not shared: addresses are given to new people, incidents are
-- not. From then on it finds the account that used it last.
CREATE FUNCTION keys.find_or_make(sub_lookup bytea, email_lookup bytea, fresh uuid, fresh_key bytea) RETURNS uuid
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

GRANT USAGE ON SCHEMA keys TO cecoia_intake, cecoia_notifier, cecoia_query;
GRANT SELECT ON keys.people, keys.identities, keys.secret TO cecoia_intake, cecoia_notifier, cecoia_query;
REVOKE EXECUTE ON FUNCTION keys.find_or_make(bytea, bytea, uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keys.find_or_make(bytea, bytea, uuid, bytea) TO cecoia_intake, cecoia_notifier;
