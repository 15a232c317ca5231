-- name: tables
-- Who asked for an incident, or for whom one was asked: how they were called last, to be found again by a few letters.
create table {schema}.people (
    person uuid primary key,
    name text not null,
    email text not null,
    search tsvector not null generated always as (
        to_tsvector('query.plain', name || ' ' || email || ' ' || translate(email, '@._-+', '     '))) stored
);

create index on {schema}.people using gin (search);

-- The planner's statistics are copies that an erasure would not reach.
alter table {schema}.people
    alter column name set statistics 0, alter column email set statistics 0, alter column search set statistics 0;

-- name: write_people
insert into {schema}.people (person, name, email)
select * from unnest($1::uuid[], $2::text[], $3::text[])
on conflict (person) do update set name = excluded.name, email = excluded.email
where (people.name, people.email) <> (excluded.name, excluded.email);

-- name: erase_people
delete from {schema}.people where person = any($1);

-- name: find_people
-- Those who fit all words ($1), sorted among the first $2 that are found, so that a frequent beginning costs no more.
select p.person, p.name, p.email
from (select * from {schema}.people where search @@ to_tsquery('query.plain', $1) limit $2) p
order by p.name, p.email, p.person
limit $3;

-- name: known_person
select person, name, email from {schema}.people where person = $1;
