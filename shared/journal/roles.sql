-- The roles that the services work as. They belong to the whole server, not to one database, so this may run in several
-- databases at once: whoever comes second finds them made.

-- name: make
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['cecoia_intake', 'cecoia_notifier', 'cecoia_query'] LOOP
        IF to_regrole(role) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        IF NOT pg_has_role(current_user, role, 'SET') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', role);
        END IF;
    END LOOP;
END $$;
