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

-- name: announce
-- A row for each person who follows a news ($2) now, as above.
insert into notifier.work (kind, event_id, stream_id, xid, position, recipient, give_up_at)
select 'bulletin', cause.event_id, followed.stream_id, cause.xid, cause.position, followed.stream_id::text,
    clock_timestamp() + $3::interval
from notifier.work as cause
cross join (
    select e.stream_id from journal.events as e where e.type = 'NewsFollowed' and e.data ->> 'news' = $2
) as followed
where cause.id = $1
on conflict on constraint work_once do nothing;
