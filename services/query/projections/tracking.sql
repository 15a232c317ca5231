-- name: tables
-- One row an incident, the fold of its events (see fold.State).
create table {schema}.incidents (
    stream_id uuid primary key,
    number text not null,
    version integer not null,
    subject text not null,
    status text not null,
    urgency text not null,
    origin text not null,
    excerpt text not null,
    recorded_at timestamptz not null,
    updated_at timestamptz not null,
    requester uuid not null,
    requester_name text not null,
    beneficiary uuid,
    beneficiary_name text,
    recorded_by uuid not null,
    responsible uuid,
    responsible_name text,
    group_code text,
    documents integer not null,
    requester_marks integer not null,
    agent_marks integer not null,
    last_word text,
    -- of an incident on hold: what it waits for, and when it resumes by itself
    hold text,
    hold_until timestamptz,
    -- the time that counts for its targets, when they run out, and the next of these instants
    clocks jsonb not null,
    take_due_at timestamptz,
    resolve_due_at timestamptz,
    due_at timestamptz,
    -- the order of what is due; what is not, comes last
    due_order timestamptz not null generated always as (
        coalesce(due_at, timestamptz '9999-12-31 00:00:00+00')) stored,
    -- the order of numbers, which their text is not once a day has more than 9,999
    number_rank bigint not null generated always as (
        case when number ~ '^1[0-9]{6}_[0-9]{4,9}$'
            then substr(number, 2, 6)::bigint * 1000000000 + substr(number, 9)::bigint
            else 0 end) stored,
    -- 0 is the most pressing
    pressing smallint not null generated always as (
        case urgency when 'critical' then 0 when 'high' then 1 when 'normal' then 2 else 3 end) stored,
    -- the order in which an incident lives
    status_rank smallint not null generated always as (
        case status when 'to_handle' then 0 when 'in_progress' then 1 when 'on_hold' then 2 when 'resolved' then 3
            when 'closed' then 4 when 'cancelled' then 5 else 6 end) stored
) with (fillfactor = 80);

create unique index on {schema}.incidents (number);
create index on {schema}.incidents (requester, updated_at);
create index on {schema}.incidents (beneficiary, updated_at) where beneficiary is not null;
-- with the status, because those who answer the phone record thousands, of which few still run
create index on {schema}.incidents (recorded_by, status) where recorded_by <> requester;
create index on {schema}.incidents (responsible) where responsible is not null;
create index on {schema}.incidents (updated_at, stream_id);
-- what helped others, the newest first
create index on {schema}.incidents (subject, updated_at) where status in ('resolved', 'closed');
create index on {schema}.incidents (recorded_at, stream_id);
create index on {schema}.incidents (number_rank, stream_id);
create index on {schema}.incidents (group_code, due_order, pressing, recorded_at, stream_id)
    where status in ('to_handle', 'in_progress', 'on_hold');

-- What can be searched: only what the requester may read. Apart from the rows, which change more often.
create table {schema}.texts (
    stream_id uuid primary key,
    names text not null,
    body text not null,
    search tsvector not null generated always as (
        to_tsvector('query.french', names || E'\n' || body) || to_tsvector('query.plain', names || E'\n' || body)) stored
);

create index on {schema}.texts using gin (search);

-- The planner's statistics are copies that an erasure would not reach.
alter table {schema}.incidents
    alter column excerpt set statistics 0, alter column requester_name set statistics 0,
    alter column beneficiary_name set statistics 0, alter column responsible_name set statistics 0;
alter table {schema}.texts
    alter column names set statistics 0, alter column body set statistics 0, alter column search set statistics 0;

-- name: read_rows
select stream_id, number, version, subject, status, urgency, origin, excerpt, recorded_at, updated_at, requester,
    requester_name, beneficiary, beneficiary_name, recorded_by, responsible, responsible_name, group_code, documents,
    requester_marks, agent_marks, last_word, hold, hold_until, clocks, take_due_at, resolve_due_at, due_at
from {schema}.incidents
where stream_id = any($1);

-- name: write_rows
insert into {schema}.incidents (stream_id, number, version, subject, status, urgency, origin, excerpt, recorded_at,
    updated_at, requester, requester_name, beneficiary, beneficiary_name, recorded_by, responsible, responsible_name,
    group_code, documents, requester_marks, agent_marks, last_word, hold, hold_until, clocks, take_due_at,
    resolve_due_at, due_at)
select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::timestamptz[], $11::uuid[], $12::text[], $13::uuid[], $14::text[], $15::uuid[],
    $16::uuid[], $17::text[], $18::text[], $19::integer[], $20::integer[], $21::integer[], $22::text[],
    $23::text[], $24::timestamptz[], $25::jsonb[], $26::timestamptz[], $27::timestamptz[], $28::timestamptz[])
on conflict (stream_id) do update set
    version = excluded.version, subject = excluded.subject, status = excluded.status, urgency = excluded.urgency,
    updated_at = excluded.updated_at, responsible = excluded.responsible,
    responsible_name = excluded.responsible_name, group_code = excluded.group_code, documents = excluded.documents,
    requester_marks = excluded.requester_marks, agent_marks = excluded.agent_marks, last_word = excluded.last_word,
    hold = excluded.hold, hold_until = excluded.hold_until, clocks = excluded.clocks,
    take_due_at = excluded.take_due_at, resolve_due_at = excluded.resolve_due_at, due_at = excluded.due_at;

-- name: write_texts
-- $4: how many characters of an incident can be searched.
insert into {schema}.texts (stream_id, names, body)
select stream_id, names, left(body, $4) from unnest($1::uuid[], $2::text[], $3::text[]) as new (stream_id, names, body)
on conflict (stream_id) do update set body = left(texts.body || excluded.body, $4);

-- name: erase_texts
-- Of the incidents that erased people ($1) asked for, nothing can be searched.
delete from {schema}.texts where stream_id in (select stream_id from {schema}.incidents where requester = any($1));

-- name: erase_rows
-- What stands in place of what they wrote and are called is $2, as it is for whoever reads the journal anew.
update {schema}.incidents set
    excerpt = case when requester = any($1) then $2 else excerpt end,
    requester_name = case when requester = any($1) then $2 else requester_name end,
    beneficiary_name = case when beneficiary = any($1) then $2 else beneficiary_name end,
    responsible_name = case when responsible = any($1) then $2 else responsible_name end
where requester = any($1) or beneficiary = any($1) or responsible = any($1);

-- name: erase_names
-- Incidents that others asked for them are found by the names that are left.
update {schema}.texts t set names = concat_ws(E'\n', nullif(i.requester_name, $2), nullif(i.beneficiary_name, $2))
from {schema}.incidents i where i.stream_id = t.stream_id and i.beneficiary = any($1);

-- name: page
-- What stands in braces is made of constants of rows.py and cursors.py; $1 is the reader.
select i.*, {keys}, coalesce(i.due_at <= now(), false) as late, s.label as subject_label, s.kind, g.label as group_label,
    coalesce(v.requester_marks, 0) as seen_requester_marks, coalesce(v.agent_marks, 0) as seen_agent_marks
from (
    select i.* from {source} i
    left join {schema}.subjects s on s.subject = i.subject
    where {conditions}
    order by {order}
    limit {limit}
) i
left join {schema}.subjects s on s.subject = i.subject
left join {schema}.groups g on g.group_code = i.group_code
left join query.seen v on v.person = $1 and v.stream_id = i.stream_id
order by {order};

-- name: of_person
-- The incidents of a person ($1), oldest first, and whether they are asked for by them or for them.
select stream_id, number, requester = $1 or coalesce(beneficiary = $1, false) as own
from {schema}.incidents
where requester = $1 or beneficiary = $1 or (recorded_by = $1 and recorded_by <> requester)
order by number_rank, stream_id;

-- name: last_of_requester
-- The incident of somebody ($1) that changed last.
select stream_id from {schema}.incidents where requester = $1 order by updated_at desc, stream_id limit 1;

-- name: count
-- Exact up to the limit.
select count(*) from (select 1 from {source} i where {conditions} limit {limit}) as counted;

-- name: goes_beyond
-- Whether there are more than $1 incidents.
select exists (select from {schema}.incidents offset $1);

-- name: count_open
-- Of the incidents of a person ($1), those in some statuses ($2); exact up to $3.
select count(*) from (select 1 from {schema}.incidents i where {own} and i.status = any($2) limit $3) as counted;

-- name: queue_counts
-- $1: groups, $2: reader.
select g.group_code, g.label,
    count(*) filter (where i.status = 'to_handle') as to_handle,
    count(*) filter (where i.status = 'in_progress') as in_progress,
    count(*) filter (where i.responsible = $2) as mine,
    count(i.stream_id) as total,
    count(*) filter (where i.due_at <= now()) as late,
    min(i.recorded_at) filter (where i.status = 'to_handle') as oldest_at
from {schema}.groups g
left join {schema}.incidents i
    on i.group_code = g.group_code and i.status in ('to_handle', 'in_progress', 'on_hold')
where g.group_code = any($1)
group by g.group_code, g.label, g.rank
order by g.rank;

-- name: newest_subjects
-- Of the incidents that were recorded last ($1: how many).
select number, subject, recorded_at from {schema}.incidents order by recorded_at desc, stream_id desc limit $1;
