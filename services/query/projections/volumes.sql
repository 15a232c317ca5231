-- name: tables
-- What is counted, by day and by all that figures can be split by. Empty text where there is none.
create table {schema}.counts (
    day date not null,
    subject text not null,
    group_code text not null,
    urgency text not null,
    origin text not null,
    kind text not null,
    created integer not null,
    taken integer not null,
    resolved integer not null,
    closed integer not null,
    primary key (day, subject, group_code, urgency, origin, kind)
);

-- What an incident is counted under now, and which of its firsts have been counted.
create table {schema}.incidents (
    stream_id uuid primary key,
    version integer not null,
    day date not null,
    subject text not null,
    group_code text not null,
    urgency text not null,
    origin text not null,
    kind text not null,
    created_urgency text not null,
    created_subject text not null,
    created_group text not null,
    created_kind text not null,
    routed boolean not null,
    taken boolean not null,
    resolved boolean not null,
    closed boolean not null
) with (fillfactor = 80);

-- name: read_rows
select * from {schema}.incidents where stream_id = any($1);

-- name: write_rows
insert into {schema}.incidents
select * from unnest($1::uuid[], $2::integer[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::boolean[], $14::boolean[], $15::boolean[], $16::boolean[])
on conflict (stream_id) do update set
    version = excluded.version, subject = excluded.subject, group_code = excluded.group_code,
    urgency = excluded.urgency, kind = excluded.kind, created_group = excluded.created_group,
    routed = excluded.routed, taken = excluded.taken,
    resolved = excluded.resolved, closed = excluded.closed;

-- name: add
insert into {schema}.counts as c
select * from unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[],
    $8::integer[], $9::integer[], $10::integer[])
on conflict (day, subject, group_code, urgency, origin, kind) do update set
    created = c.created + excluded.created, taken = c.taken + excluded.taken,
    resolved = c.resolved + excluded.resolved, closed = c.closed + excluded.closed;

-- name: sweep
-- A first routing moves a creation to another row; what that leaves empty must not depend on where pages end.
delete from {schema}.counts c
using unnest($1::date[], $2::text[]) as touched (day, subject)
where c.day = touched.day and c.subject = touched.subject
    and c.created = 0 and c.taken = 0 and c.resolved = 0 and c.closed = 0;

-- name: report
-- What stands in braces is made of the expressions of reports/tables.py, none of which comes from the reader.
select {by}coalesce(sum(created), 0)::bigint, coalesce(sum(taken), 0)::bigint, coalesce(sum(resolved), 0)::bigint,
    coalesce(sum(closed), 0)::bigint
from {schema}.counts
where day between $1 and $2
{group}
{order};
