-- name: health
SELECT webhook, last_success_at, last_failure_at, last_error, failing_since FROM notifier.webhook_health;
