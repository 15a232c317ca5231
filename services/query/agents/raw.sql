-- name: chains
-- The link of each event of an incident ($1).
select e.version, e.chain
from journal.events as e
where e.stream_id = $1
  and e.position >= (select s.origin from journal.streams as s where s.stream_id = $1);
