-- name: tables
-- Nothing personal stands here either: followers are pseudonyms.
create table {schema}.news (
    stream_id uuid primary key,
    version integer not null,
    title text not null,
    text text not null,
    subjects text[] not null,
    until timestamptz,
    published_at timestamptz not null,
    withdrawn_at timestamptz,
    withdrawn_text text,
    search tsvector not null generated always as (
        to_tsvector('query.french', title || E'\n' || text) || to_tsvector('query.plain', title || E'\n' || text)) stored
);

create index on {schema}.news (published_at, stream_id);

create table {schema}.followers (
    news uuid not null,
    person uuid not null,
    primary key (news, person)
);

-- name: publish
insert into {schema}.news (stream_id, version, title, text, subjects, until, published_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing;

-- name: withdraw
update {schema}.news set version = $2, withdrawn_at = $3, withdrawn_text = $4 where stream_id = $1;

-- name: follow
insert into {schema}.followers (news, person) select * from unnest($1::uuid[], $2::uuid[]) on conflict do nothing;

-- name: page
-- Newest first. $1: the reader, $2: now, $3: whether those that hold, or null for all, $4: a subject or null, $5: words or
-- null, and $6, $7, $8 for them (see search.py); $9, $10: the last one of the page before, or null; $11: how many.
select n.*,
    (select count(*) from {schema}.followers f where f.news = n.stream_id) as followers,
    exists (select from {schema}.followers f where f.news = n.stream_id and f.person = $1) as followed
from {schema}.news n
where ($3::boolean is null or $3 = (n.withdrawn_at is null and (n.until is null or n.until > $2::timestamptz)))
    and ($4::text is null or $4 = any(n.subjects) or n.subjects = '{}')
    and ($5::text is null or n.search @@ {news_words})
    and ($9::timestamptz is null or (n.published_at, n.stream_id) < ($9, $10::uuid))
order by n.published_at desc, n.stream_id desc
limit $11;

-- name: one
-- $1: the reader, $2: which.
select n.*,
    (select count(*) from {schema}.followers f where f.news = n.stream_id) as followers,
    exists (select from {schema}.followers f where f.news = n.stream_id and f.person = $1) as followed
from {schema}.news n
where n.stream_id = $2;
