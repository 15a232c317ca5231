-- name: read_open
select stream_id, subject, urgency, clocks
from {schema}.incidents
where status in ('to_handle', 'in_progress', 'on_hold');

-- name: write_dues
-- Only what moved.
update {schema}.incidents i
set take_due_at = new.take_due_at, resolve_due_at = new.resolve_due_at, due_at = new.due_at
from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
    as new (stream_id, take_due_at, resolve_due_at, due_at)
where i.stream_id = new.stream_id and (i.take_due_at, i.resolve_due_at, i.due_at)
    is distinct from (new.take_due_at, new.resolve_due_at, new.due_at);
