-- name: insert
-- New rows; those that stand already are left alone, so that a page handled twice plans nothing twice. Patience
-- counts from when the work is due, but whatever is found late still gets an hour of tries.
insert into notifier.work (kind, event_id, stream_id, number, xid, position, recipient, due_at, give_up_at)
select kind, event_id, stream_id, number, xid::text::xid8, position, recipient, coalesce(due_at, clock_timestamp()),
    greatest(coalesce(due_at, recorded_at) + $8::interval, clock_timestamp() + interval '1 hour')
from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[], $9::text[],
    $10::timestamptz[]) as new (kind, event_id, stream_id, xid, position, recipient, recorded_at, number, due_at)
on conflict on constraint work_once do nothing

-- name: wake_offers
-- Look at the offers of these incidents now: they were taken, moved or ended.
update notifier.work
set due_at = clock_timestamp()
where stream_id = any($1::uuid[]) and kind = 'offer' and done_at is null and dead_at is null

-- name: wake_targets
-- Look at all targets and at who is silent now: what they are reckoned from has changed. A closing that was announced
-- keeps its date.
update notifier.work
set due_at = clock_timestamp()
where (kind = 'target' or (kind = 'silence' and recipient = 'reminder')) and done_at is null and dead_at is null

-- name: wake
update notifier.work
set due_at = clock_timestamp()
where id = any($1::bigint[]) and lease is null and done_at is null and dead_at is null

-- name: forget_errors
-- Mail servers have a way of repeating whom they refuse: of mails about incidents that these people asked for, or that were
-- asked for them, only the state stays.
update notifier.work as work
set last_error = null
where last_error is not null and exists (
    select from journal.events as created
    where created.stream_id = work.stream_id and created.version = 1 and created.type = 'IncidentCreated'
        and (created.data -> 'requester' ->> 'id' = any($1::text[])
            or created.data -> 'beneficiary' ->> 'id' = any($1::text[])))

-- name: lease
-- Give out due rows of a kind under a lease, as long as fewer than $2 are in flight.
with flying as (
    select count(*) as rows
    from notifier.work
    where kind = $1 and lease_until > clock_timestamp() and done_at is null and dead_at is null
), due as (
    select id
    from notifier.work
    where kind = $1 and done_at is null and dead_at is null and greatest(due_at, lease_until) <= clock_timestamp()
    order by greatest(due_at, lease_until)
    limit (select least($3::bigint, greatest(0, $2::bigint - rows)) from flying)
    for update skip locked
)
update notifier.work as work
set lease = $4, lease_until = clock_timestamp() + $5::interval
from due
where work.id = due.id
returning work.id

-- name: claim
-- Take rows for a worker: only under the lease it was told, only once. The attempt counts from here, and the next
-- one is already due with a back-off that doubles from 5 s to an hour, whatever becomes of this worker.
with mine as (
    select id
    from notifier.work
    where id = any($1::bigint[]) and lease = $2 and done_at is null and dead_at is null
    order by id
    for update skip locked
)
update notifier.work as work
set lease = $3,
    lease_until = clock_timestamp() + $4::interval,
    attempts = attempts + 1,
    due_at = clock_timestamp()
        + least(3600, 5 * 2 ^ least(attempts, 10)) * (0.8 + 0.4 * random()) * interval '1 second'
from mine
where work.id = mine.id
returning work.id, work.event_id, work.stream_id, work.xid::text::bigint as xid, work.position, work.recipient,
    work.attempts, work.give_up_at <= clock_timestamp() as last_try

-- name: done
update notifier.work
set done_at = clock_timestamp(), lease = null, lease_until = null, last_error = null
where id = any($1::bigint[]) and lease = $2 and done_at is null
returning id

-- name: again
-- Give a row back: due after $3, or when its back-off says if that is sooner (NULL: in any case).
update notifier.work
set lease = null, lease_until = null, due_at = least(due_at, clock_timestamp() + $3::interval),
    last_error = $4
where id = $1 and lease = $2 and done_at is null and dead_at is null

-- name: later
-- Put rows off: due after $3, no sooner. What is put off for long still gets an hour of tries.
update notifier.work
set lease = null, lease_until = null, due_at = clock_timestamp() + $3::interval,
    give_up_at = greatest(give_up_at, clock_timestamp() + $3::interval + interval '1 hour')
where id = any($1::bigint[]) and lease = $2 and done_at is null and dead_at is null

-- name: dead
update notifier.work
set dead_at = clock_timestamp(), lease = null, lease_until = null, last_error = $3
where id = $1 and lease = $2 and done_at is null
returning id

-- name: counts
select kind, case
        when done_at is not null then 'done'
        when dead_at is not null then 'dead'
        when lease_until > clock_timestamp() then 'leased'
        when due_at <= clock_timestamp() then 'due'
        else 'waiting'
    end as state, count(*) as rows
from notifier.work
group by 1, 2
order by 1, 2

-- name: dead_rows
select id, kind, event_id, stream_id, number, recipient, attempts, dead_at, coalesce(last_error, '') as last_error
from notifier.work
where dead_at is not null
order by dead_at, id

-- name: retry
-- Dead rows are due again and get all their time anew; null retries every one.
update notifier.work
set dead_at = null, due_at = clock_timestamp(), give_up_at = clock_timestamp() + $2::interval
where dead_at is not null and ($1::bigint is null or id = $1)
returning id

-- name: forget
-- Remove rows that ended long ago; the journal itself keeps a mail from being sent again.
with old as (
    select id from notifier.work where done_at < clock_timestamp() - $1::interval limit 5000 for update skip locked
)
delete from notifier.work using old where notifier.work.id = old.id
