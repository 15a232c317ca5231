-- The roles that the services work as. Each may log in, so that a service need not come as the owner of everything;
-- where the server asks for passwords, nobody can until the operator sets one. They belong to the whole server, not to
-- one database, so this may run in several databases at once: whoever comes second finds them made.

-- name: make
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['cecoia_intake', 'cecoia_notifier', 'cecoia_query', 'cecoia_sealer'] LOOP
        IF to_regrole(role) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = role AND NOT rolcanlogin) THEN
            EXECUTE format('ALTER ROLE %I LOGIN', role);
        END IF;
        IF NOT pg_has_role(current_user, role, 'SET') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', role);
        END IF;
    END LOOP;
END $$;
