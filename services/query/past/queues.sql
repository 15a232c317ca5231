-- name: open_around
-- The incidents that were open for some groups ($3) at some time from $1 to $2.
select distinct s.stream_id
from {schema}.spells s
join {schema}.cells c using (cell)
where ((s.until < 'infinity' and tstzrange(s.since, s.until) && tstzrange($1, $2, '[]'))
    or (s.until = 'infinity' and s.since <= $2)) and c.group_code = any($3);
