-- name: tables
-- The catalogue, in every generation that needs its labels; rank is its own order.
create table {schema}.groups (
    group_code text primary key,
    label text not null,
    rank integer not null
);

create table {schema}.subjects (
    subject text primary key,
    label text not null,
    kind text not null,
    group_code text not null,
    retired boolean not null,
    rank integer not null
);

-- name: groups
select group_code, label, rank from {schema}.groups order by rank;

-- name: subjects
select subject, label, kind, group_code, retired, rank from {schema}.subjects order by rank;

-- name: write_groups
insert into {schema}.groups (group_code, label, rank)
select * from unnest($1::text[], $2::text[], $3::integer[])
on conflict (group_code) do update set label = excluded.label;

-- name: write_subjects
insert into {schema}.subjects (subject, label, kind, group_code, retired, rank)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::integer[])
on conflict (subject) do update set
    label = excluded.label, kind = excluded.kind, group_code = excluded.group_code, retired = excluded.retired;
