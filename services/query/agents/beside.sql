-- name: neighbours
-- What else somebody ($1) asked for, or was asked for them, but for one incident ($2); among the newest $4 of either
-- those in some statuses ($3) first, at most $5. `known` counts them all.
select n.*, coalesce(s.label, n.subject) as subject_label, count(*) over ()::integer as known
from (
    (select * from {schema}.incidents i where i.requester = $1 and i.number <> $2
        order by i.updated_at desc limit $4)
    union all
    (select * from {schema}.incidents i where i.beneficiary = $1 and i.requester <> $1 and i.number <> $2
        order by i.updated_at desc limit $4)
) n
left join {schema}.subjects s on s.subject = n.subject
order by n.status = any($3) desc, n.updated_at desc, n.stream_id
limit $5;

-- name: similar
-- Of the newest $4 that were resolved on a subject ($1), those that share the most words with a text ($3), two at least;
-- not the incident ($2) itself. The words are stems, as in the search.
with words as (
    select tsvector_to_array(to_tsvector('query.french', $3)) as stems
)
select n.*, coalesce(s.label, n.subject) as subject_label, common.words
from (
    select * from {schema}.incidents i
    where i.subject = $1 and i.status in ('resolved', 'closed') and i.number <> $2
    order by i.updated_at desc limit $4
) n
join {schema}.texts t on t.stream_id = n.stream_id
cross join words w
cross join lateral (
    select count(*)::integer as words
    from (select unnest(w.stems) intersect select unnest(tsvector_to_array(t.search))) as shared
) common
left join {schema}.subjects s on s.subject = n.subject
where common.words >= 2
order by common.words desc, n.updated_at desc, n.stream_id
limit $5;
