-- name: delivered
INSERT INTO notifier.webhook_health AS health (webhook, last_success_at)
VALUES ($1, clock_timestamp())
ON CONFLICT (webhook) DO UPDATE SET last_success_at = clock_timestamp(), failing_since = NULL;

-- name: too_long
-- Whether sending has failed for longer than $2 without a break; what was before $3 does not count.
SELECT greatest(failing_since, $3) < clock_timestamp() - $2::interval
FROM notifier.webhook_health
WHERE webhook = $1;

-- name: failed
INSERT INTO notifier.webhook_health AS health (webhook, last_failure_at, last_error, failing_since)
VALUES ($1, clock_timestamp(), $2, clock_timestamp())
ON CONFLICT (webhook) DO UPDATE SET
    last_failure_at = clock_timestamp(),
    last_error = $2,
    failing_since = coalesce(health.failing_since, clock_timestamp());

-- name: tested_in_vain
-- A message that somebody asked for to see it arrive says nothing of those that matter.
INSERT INTO notifier.webhook_health AS health (webhook, last_failure_at, last_error)
VALUES ($1, clock_timestamp(), $2)
ON CONFLICT (webhook) DO UPDATE SET last_failure_at = clock_timestamp(), last_error = $2;
