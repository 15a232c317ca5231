-- name: solve
-- A row for each incident that the journal links to a known error ($2) now, caused by the event of a row ($1); what stands
-- already is left alone. $3: how long each may be tried.
insert into notifier.work (kind, event_id, stream_id, number, xid, position, recipient, give_up_at)
select 'solve', cause.event_id, linked.stream_id, linked.number, cause.xid, cause.position, linked.number,
    clock_timestamp() + $3::interval
from notifier.work as cause
cross join (
    select distinct e.stream_id, e.number from journal.events as e
    where e.type = 'KnownErrorLinked' and e.data ->> 'known_error' = $2
) as linked
where cause.id = $1
on conflict on constraint work_once do nothing;
