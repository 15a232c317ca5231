-- The read side. Each generation of a projection lives in a schema of its own, e.g. tracking_3; this schema holds
-- what is common to them: which generation is read, how French text is searched, and what people have seen.

create schema if not exists query;
create extension if not exists unaccent with schema query;

-- French words by their stem, without case and accents: « Échec » finds « echecs ».
create text search configuration query.french (copy = pg_catalog.french);
alter text search configuration query.french
    alter mapping for hword, hword_part, word with query.unaccent, french_stem;

-- Words as they are written, without case and accents, for what somebody is still typing.
create text search configuration query.plain (copy = pg_catalog.simple);
alter text search configuration query.plain
    alter mapping for hword, hword_part, word with query.unaccent, simple;

create table query.generations (
    projection text not null check (projection ~ '^[a-z]{1,30}$'),
    generation integer not null check (generation > 0),
    -- building: not read yet; current: the one that is read and followed; retired: dropped after a grace
    state text not null check (state in ('building', 'current', 'retired')),
    started_at timestamptz not null default clock_timestamp(),
    retired_at timestamptz,
    primary key (projection, generation)
);

create unique index generations_current on query.generations (projection) where state = 'current';

-- A convenience, not a truth: what stood in an incident when somebody last opened it. Nothing can rebuild it.
create table query.seen (
    person uuid not null,
    stream_id uuid not null,
    version integer not null,
    requester_marks integer not null,
    agent_marks integer not null,
    primary key (person, stream_id)
);

-- The schema of a generation belongs to the role that fills and drops it, which may make no other.
create function query.make_schema(projection text, generation integer) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if projection !~ '^[a-z]{1,30}$' or generation < 1 then
        raise exception 'no name of a generation: % %', projection, generation;
    end if;
    execute format('create schema %I authorization cecoia_query', projection || '_' || generation);
end $$;
revoke all on function query.make_schema(text, integer) from public;

grant usage on schema query to cecoia_query;
grant select, insert, update, delete on query.generations, query.seen to cecoia_query;
grant execute on function query.make_schema(text, integer) to cecoia_query;

-- Somebody who was named by address only and signs in for the first time must find their incidents.
grant execute on function keys.find_or_make(bytea, bytea, uuid, bytea) to cecoia_query;
