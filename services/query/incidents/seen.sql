-- name: look
-- Writes nothing where nothing is new.
insert into query.seen as s (person, stream_id, version, requester_marks, agent_marks)
select $1, $2, $3, $4, $5
where not exists (
    select from query.seen as k where k.person = $1 and k.stream_id = $2 and k.version >= $3
)
on conflict (person, stream_id) do update set
    version = excluded.version, requester_marks = excluded.requester_marks, agent_marks = excluded.agent_marks
where s.version < excluded.version;
