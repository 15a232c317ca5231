-- name: plan
-- The row of a week, where the journal began before its end; one that stands is left alone. Nothing in the journal caused
-- it, so that it has the place before all events. Patience counts from now.
insert into notifier.work (kind, event_id, stream_id, xid, position, recipient, give_up_at)
select $1, $2, $2, '0', 0, $3, clock_timestamp() + $5::interval
from (select recorded_at from journal.events order by xid, position limit 1) as first
where first.recorded_at < $4
on conflict on constraint work_once do nothing

-- name: last
-- Where the last event stands.
select xid::text::bigint as xid, position from journal.events as e order by e.xid desc, e.position desc limit 1
