-- name: days
-- The days of the period. `open_days` counts, among the days that lie in the same, those on which the assistance is open.
select *, count(*) filter (where open) over ({calendar}) as open_days
from (
    select *, day = any(:open_days::date[]) as open from {schema}.days where day between :first::date and :last::date
) as days

-- name: facts
-- What counts in the period, as it was known.
select f.*, d.week, d.month, d.year, d.school_year, d.weekday, d.open, d.open_days,
    extract(hour from f.at at time zone 'Europe/Paris')::integer as hour,
    c.subject, nullif(c.group_code, '') as group_code, c.urgency, c.origin, c.kind
from {schema}.facts f
join ({days}) as d on d.day = f.day
join {schema}.cells c on c.cell = f.cell
where f.fact in ({facts}) and f.day between :first::date and :last::date
    and f.known <= :known_at::timestamptz and f.until > :known_at::timestamptz
    and {conditions}

-- name: spells
-- What is open at the end of each stretch of days that figures are split by; the one under way ends now.
select s.stream_id, s.version, s.since as known, s.status, d.day, d.week, d.month, d.year, d.school_year,
    floor(extract(epoch from d.instant - s.created) / 60)::integer as age,
    c.subject, nullif(c.group_code, '') as group_code, c.urgency, c.origin, c.kind
from (
    select *, row_number() over ({calendar} order by day desc) as from_its_end,
        least((day + 1)::timestamp at time zone 'Europe/Paris' - interval '1 microsecond', :now::timestamptz) as instant
    from ({days}) as d
    where day <= (:now::timestamptz at time zone 'Europe/Paris')::date
) as d
join {schema}.spells s on (s.until < 'infinity' and tstzrange(s.since, s.until) @> d.instant)
    or (s.until = 'infinity' and s.since <= d.instant)
join {schema}.cells c on c.cell = s.cell
where d.from_its_end = 1 and {conditions}

-- name: repeats
-- Creations, each with whether its requester had asked about the same subject before in the period.
select *, row_number() over (partition by person{by} order by at, stream_id) = 1 as first_of_person,
    repeated and row_number() over (partition by person, repeated{by} order by at, stream_id) = 1 as first_repeat_of_person
from (
    select *, row_number() over (partition by person, subject order by at, stream_id) > 1 as repeated
    from ({rows}) as created
) as created

-- name: known_errors
-- Links to known errors, each with the working time that its incident had taken or still takes.
select linked.*, explained.stream_id is not null as is_resolved,
    coalesce(explained.worked, waiting.minutes) as lost
from ({rows}) as linked
left join {schema}.facts explained on explained.fact = 'explained' and explained.stream_id = linked.stream_id
    and explained.nth = linked.nth and explained.known <= :known_at::timestamptz
left join unnest(:waiting::uuid[], :minutes::integer[]) as waiting (stream_id, minutes)
    on explained.stream_id is null and waiting.stream_id = linked.stream_id

-- name: waiting
-- Incidents that come of known errors and are not resolved, each with the last spell that it had by then.
select linked.stream_id, spell.since, least(spell.until, :now::timestamptz) as until, spell.worked, spell.status, cell.subject, cell.group_code
from (select distinct stream_id from ({rows}) as linked) as linked
cross join lateral (
    select * from {schema}.spells s
    where s.stream_id = linked.stream_id and s.since <= :now::timestamptz
    order by s.version desc limit 1
) as spell
join {schema}.cells cell on cell.cell = spell.cell
where not exists (
    select from {schema}.facts e
    where e.fact = 'explained' and e.stream_id = linked.stream_id and e.known <= :known_at::timestamptz
)

-- name: figures
select {columns} from ({rows}) as rows {group} {order} limit :most::integer

-- name: detail
-- A page of the rows that a figure is made of, and how many there are in all.
with found as materialized (
    select known, stream_id, version, day, {minutes} as minutes, group_code, subject, urgency
    from ({rows}) as rows
    where {figure}
)
select page.*, (select count(*) from found) as total, e.type, e.recorded_at, s.number
from (
    select * from found where {after} order by known, stream_id, version, day limit :limit::integer
) as page
join journal.streams s on s.stream_id = page.stream_id
join journal.events e on e.stream_id = page.stream_id and e.version = page.version
order by page.known, page.stream_id, page.version, page.day
