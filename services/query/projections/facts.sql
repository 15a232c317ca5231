-- name: tables
-- What figures are split by; the number of a cell is a digest of its words. Empty text where no group is known.
create table {schema}.cells (
    cell bigint primary key,
    subject text not null,
    group_code text not null,
    urgency text not null,
    origin text not null,
    kind text not null
);

-- Days, with the names that reports give to what they lie in. A table, so that the planner knows that each is there once.
create table {schema}.days (
    day date primary key,
    week text not null,
    month text not null,
    year text not null,
    school_year text not null,
    weekday integer not null
);
insert into {schema}.days
select day, to_char(day, 'IYYY-"W"IW'), to_char(day, 'YYYY-MM'), to_char(day, 'YYYY'),
    to_char(day - interval '8 months', 'YYYY') || '-' || to_char(day + interval '4 months', 'YYYY'),
    extract(isodow from day)::integer
from (select day::date from generate_series(date '2000-01-01', date '2099-12-31', interval '1 day') as day) as days;
analyze {schema}.days;

-- What counts, once each; times in minutes. A row tells what holds from `known` up to `until`.
create table {schema}.facts (
    stream_id uuid not null,
    person uuid not null,
    at timestamptz not null,
    known timestamptz not null,
    until timestamptz not null default 'infinity',
    cell bigint not null,
    nth integer not null,
    version integer not null,
    day date not null,
    worked integer,
    elapsed integer,
    late integer,
    fact text not null,
    detail text,
    primary key (fact, stream_id, nth)
) partition by list (fact);

create table {schema}.facts_created partition of {schema}.facts for values in ('created');
create table {schema}.facts_taken partition of {schema}.facts for values in ('taken');
create table {schema}.facts_resolved partition of {schema}.facts for values in ('resolved');
create table {schema}.facts_closed partition of {schema}.facts for values in ('closed');
create table {schema}.facts_transferred partition of {schema}.facts for values in ('transferred');
create table {schema}.facts_first_contact partition of {schema}.facts for values in ('first_contact');
create table {schema}.facts_refused partition of {schema}.facts for values in ('refused');
create table {schema}.facts_reopened partition of {schema}.facts for values in ('reopened');
create table {schema}.facts_linked partition of {schema}.facts for values in ('linked');
create table {schema}.facts_explained partition of {schema}.facts for values in ('explained');
create table {schema}.facts_sent partition of {schema}.facts for values in ('sent');
create table {schema}.facts_failed partition of {schema}.facts for values in ('failed');
create table {schema}.facts_bounced partition of {schema}.facts for values in ('bounced');
create table {schema}.facts_rated partition of {schema}.facts for values in ('rated');
create table {schema}.facts_commented partition of {schema}.facts for values in ('commented');
create index on {schema}.facts (day);

-- From when to when an incident was open, in one status and cell; `worked` is the working time before.
create table {schema}.spells (
    stream_id uuid not null,
    since timestamptz not null,
    until timestamptz not null,
    created timestamptz not null,
    cell bigint not null,
    worked interval,
    version integer not null,
    status text not null,
    primary key (stream_id, version)
) with (fillfactor = 90);
-- The open ones apart: as ranges without end they would be spread over all of the other index, for ever.
create index on {schema}.spells using gist (tstzrange(since, until)) where until < 'infinity';
create index on {schema}.spells (since) where until = 'infinity';

-- When the events happened that a mail may tell of.
create table {schema}.causes (
    event_id uuid primary key,
    at timestamptz not null
);

-- What the next event of an incident is counted with.
create table {schema}.lives (
    stream_id uuid primary key,
    life json not null
) with (fillfactor = 70);

-- name: read_lives
select stream_id, life from {schema}.lives where stream_id = any($1);

-- name: write_lives
insert into {schema}.lives
select * from unnest($1::uuid[], $2::json[])
on conflict (stream_id) do update set life = excluded.life;

-- name: read_causes
select event_id, at from {schema}.causes where event_id = any($1);

-- name: write_causes
insert into {schema}.causes
select * from unnest($1::uuid[], $2::timestamptz[])
on conflict do nothing;

-- name: write_cells
insert into {schema}.cells
select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
on conflict do nothing;

-- name: write_facts
insert into {schema}.facts
    (stream_id, person, at, known, cell, nth, version, day, worked, elapsed, late, fact, detail)
select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::integer[],
    $7::integer[], $8::date[], $9::integer[], $10::integer[], $11::integer[], $12::text[], $13::text[]);

-- name: replace_fact
-- The one before no longer holds.
update {schema}.facts set until = $4 where fact = $1 and stream_id = $2 and nth = $3::integer - 1;

-- name: write_spells
insert into {schema}.spells (stream_id, version, since, created, cell, worked, status, until)
select stream_id, version, since, created, cell, worked, status, coalesce(until, 'infinity')
from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::interval[], $7::text[],
    $8::timestamptz[]) as spell (stream_id, version, since, created, cell, worked, status, until);

-- name: end_spells
update {schema}.spells s set until = ended.until
from unnest($1::uuid[], $2::integer[], $3::timestamptz[]) as ended (stream_id, version, until)
where s.stream_id = ended.stream_id and s.version = ended.version;
