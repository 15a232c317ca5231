-- name: tables
-- The catalogue, in every generation that needs its labels: the event that defined each last; rank is its own order.
create table {schema}.calendars (
    calendar text primary key,
    rank integer not null,
    definition jsonb not null
);

create table {schema}.groups (
    group_code text primary key,
    rank integer not null,
    definition jsonb not null,
    label text not null generated always as (definition ->> 'label') stored
);

create table {schema}.subjects (
    subject text primary key,
    rank integer not null,
    retired boolean not null,
    definition jsonb not null,
    label text not null generated always as (definition ->> 'label') stored,
    kind text not null generated always as (definition ->> 'kind') stored
);

create table {schema}.canned_texts (
    canned text primary key,
    rank integer not null,
    definition jsonb not null
);

-- name: calendars
select definition from {schema}.calendars order by rank;

-- name: groups
select definition from {schema}.groups order by rank;

-- name: subjects
select subject, retired, definition from {schema}.subjects order by rank;

-- name: canned_texts
select definition from {schema}.canned_texts order by rank;

-- name: write_calendars
insert into {schema}.calendars (calendar, definition, rank)
select * from unnest($1::text[], $2::jsonb[]) with ordinality
on conflict (calendar) do update set definition = excluded.definition;

-- name: write_groups
insert into {schema}.groups (group_code, definition, rank)
select * from unnest($1::text[], $2::jsonb[]) with ordinality
on conflict (group_code) do update set definition = excluded.definition;

-- name: write_subjects
insert into {schema}.subjects (subject, retired, definition, rank)
select * from unnest($1::text[], $2::boolean[], $3::jsonb[]) with ordinality
on conflict (subject) do update set retired = excluded.retired, definition = excluded.definition;

-- name: drop_canned_texts
-- All but those that are still offered ($1).
delete from {schema}.canned_texts where canned <> all($1);

-- name: write_canned_texts
-- What comes after one that was retired moves up.
insert into {schema}.canned_texts (canned, definition, rank)
select * from unnest($1::text[], $2::jsonb[]) with ordinality
on conflict (canned) do update set rank = excluded.rank, definition = excluded.definition;
