-- Two more kinds of work: webhook, an event for one webhook; alarm, a mail that a webhook was disabled. Which kinds there
-- are stands in the notifier's code alone from now on. Rows that stand fit, so that none is looked at.
ALTER TABLE notifier.work
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT work_kind_check,
    ADD CONSTRAINT work_kind_check CHECK (kind ~ '^[a-z]+$') NOT VALID;

-- How sending to each webhook went last. What a webhook is stands in the journal; this only tells supervisors how it does,
-- and since when it fails without a break.
CREATE TABLE notifier.webhook_health (
    webhook uuid PRIMARY KEY,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_error text,
    failing_since timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON notifier.webhook_health TO cecoia_notifier;
GRANT USAGE ON SCHEMA notifier TO cecoia_query;
GRANT SELECT ON notifier.webhook_health TO cecoia_query;
