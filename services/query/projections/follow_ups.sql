-- name: tables
create table {schema}.follow_ups (
    number text primary key,
    follows text not null
);

create index on {schema}.follow_ups (follows);

-- name: write
insert into {schema}.follow_ups (number, follows)
select * from unnest($1::text[], $2::text[])
on conflict (number) do nothing;

-- name: around
select i.number, i.status, i.requester, i.beneficiary, i.recorded_by, f.number = $1 as is_former
from {schema}.follow_ups f
join {schema}.incidents i on i.number = case when f.number = $1 then f.follows else f.number end
where f.number = $1 or f.follows = $1
order by i.number_rank;
