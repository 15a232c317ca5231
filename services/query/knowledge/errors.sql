-- name: tables
-- Nothing personal stands here: the house speaks, and incidents are named by their streams alone.
create table {schema}.errors (
    stream_id uuid primary key,
    number text not null unique,
    version integer not null,
    title text not null,
    symptoms text not null,
    workaround text not null,
    subjects text[] not null,
    state text not null,
    published_at timestamptz not null,
    ended_at timestamptz,
    ended_text text,
    -- by their stem, A for words of the title and B for those of the symptoms; as they are written, D, for the search
    search tsvector not null generated always as (
        setweight(to_tsvector('query.french', title), 'A') || setweight(to_tsvector('query.french', symptoms), 'B')
        || to_tsvector('query.plain', title || E'\n' || symptoms)) stored
);

create index on {schema}.errors (published_at, stream_id);

create table {schema}.links (
    number text not null,
    stream_id uuid not null,
    primary key (number, stream_id)
);

-- name: publish
insert into {schema}.errors
    (stream_id, number, version, title, symptoms, workaround, subjects, state, published_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing;

-- name: retire
update {schema}.errors set version = $2, state = $3, ended_at = $4, ended_text = $5 where stream_id = $1;

-- name: link
insert into {schema}.links (number, stream_id) select * from unnest($1::text[], $2::uuid[]) on conflict do nothing;

-- name: page
-- Newest first. $1: states, $2: a subject or null, $3: a number or null, $4: words or null, and $5, $6, $7 for them (see
-- search.py); $8, $9: the last one of the page before, or null; $10: how many.
select e.*, (select count(*) from {schema}.links l where l.number = e.number) as incidents
from {schema}.errors e
where e.state = any($1)
    and ($2::text is null or $2 = any(e.subjects))
    and ($3::text is null or e.number = $3)
    and ($4::text is null or e.search @@ {words})
    and ($8::timestamptz is null or (e.published_at, e.stream_id) < ($8, $9::uuid))
order by e.published_at desc, e.stream_id desc
limit $10;

-- name: named
-- Those with these numbers ($1), in their order.
select e.*, (select count(*) from {schema}.links l where l.number = e.number) as incidents
from unnest($1::text[]) with ordinality as wanted (number, rank)
join {schema}.errors e on e.number = wanted.number
order by wanted.rank;

-- name: suggest
-- Of what still holds, those that concern a subject ($2, or null) or have three points in common with a text ($1), most
-- points first. A word of the symptoms is worth one, a word of the title two, the subject as much: two words that people
-- always write, such as « depuis hier », are not enough. $3: numbers to leave out, $4: how many.
with typed as materialized (
    select array(select lexeme from unnest(to_tsvector('query.french', $1))) as words
)
select e.*, (select count(*) from {schema}.links l where l.number = e.number) as incidents
from typed, {schema}.errors e
cross join lateral (
    select coalesce(sum(case when 'A' = any(shared.weights) then 2 else 1 end), 0) as points
    from unnest(e.search) as shared
    where shared.lexeme = any(typed.words) and shared.weights && array['A', 'B']
) as common
cross join lateral (select coalesce($2 = any(e.subjects), false) as concerns) as subject
where e.state = 'open' and e.number <> all($3::text[]) and (common.points >= 3 or subject.concerns)
order by common.points + case when subject.concerns then 2 else 0 end desc, e.published_at desc, e.stream_id desc
limit $4;
