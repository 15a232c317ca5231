-- name: behind
-- How many events stand after a position, counted up to $3, and for how many seconds the oldest of them has waited.
select count(*) as events,
    coalesce(greatest(0, extract(epoch from clock_timestamp() - min(waiting.recorded_at))), 0)::double precision as seconds
from (
    select e.recorded_at from journal.events e
    where (e.xid, e.position) > ($1::xid8, $2::bigint)
    order by e.xid, e.position
    limit $3
) as waiting;
