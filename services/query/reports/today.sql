-- name: created_within
-- How many incidents of each subject were recorded in each of these stretches. $1: their beginnings, $2: their ends.
select s.rank::integer as rank, i.subject, count(*) as created
from unnest($1::timestamptz[], $2::timestamptz[]) with ordinality as s (since, until, rank)
join {schema}.incidents i on i.recorded_at >= s.since and i.recorded_at < s.until
group by s.rank, i.subject;
