-- name: current
-- The generation that is read, and how far its follower has come.
select g.generation, g.recipe, c.xid, c.position
from query.generations g
left join journal.checkpoints c on c.name = 'query.' || g.projection || '.' || g.generation
where g.projection = $1 and g.state = 'current';

-- name: lock
-- Held to the end of the transaction by whoever makes a generation or swaps.
select pg_advisory_xact_lock(hashtextextended('query.generations.' || $1, 0));

-- name: begin
insert into query.generations (projection, generation, state, recipe)
select $1, coalesce(max(generation), 0) + 1, 'building', $2 from query.generations where projection = $1
returning generation;

-- name: retire
update query.generations set state = 'retired', retired_at = clock_timestamp()
where projection = $1 and state = 'current';

-- name: promote
update query.generations set state = 'current' where projection = $1 and generation = $2;

-- name: droppable
-- Retired for longer than $2 seconds, or left half built by a rebuild that was stopped ($3).
select generation from query.generations
where projection = $1
    and ((state = 'retired' and retired_at < clock_timestamp() - make_interval(secs => $2)) or (state = 'building' and $3));

-- name: forget
delete from query.generations where projection = $1 and generation = $2;

-- name: forget_checkpoint
delete from journal.checkpoints where name = $1;
