-- name: hash
-- A table's content, whatever the order of its rows: count and sum of row hashes for each of 256 parts.
select left(md5(t::text), 2) as part, count(*) as count,
    sum(('x' || left(md5(t::text), 15))::bit(60)::bigint) as sum
from {schema}.{table} t
group by 1;

-- name: rows
-- The rows of some parts.
select md5(t::text) as hash, left(t::text, 200) as row from {schema}.{table} t
where left(md5(t::text), 2) = any($1);
