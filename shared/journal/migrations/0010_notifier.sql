-- The notifier's rows of work. PostgreSQL owns the work; the broker only carries hints about it.
-- Nothing personal stands here: addresses and texts are read from the journal when a mail is written.

create schema if not exists notifier;

create table notifier.work (
    id bigint generated always as identity primary key,
    -- route: choose the group; mail: one mail to one recipient; offer: announce to the programs of a group
    kind text not null check (kind in ('route', 'mail', 'offer')),
    -- the event that caused it, and where that event stands
    event_id uuid not null,
    stream_id uuid not null,
    number text,
    xid xid8 not null,
    position bigint not null,
    -- tells apart what one event causes several times: 'requester' or 'beneficiary' for mails, '' otherwise
    recipient text not null default '',
    attempts integer not null default 0,
    -- moved into the future when the row is claimed, so that a worker that dies leaves a back-off behind it
    due_at timestamptz not null default clock_timestamp(),
    -- who holds the row; a message or worker that names another lease has lost it
    lease uuid,
    lease_until timestamptz,
    -- temporary failures after this instant are final
    give_up_at timestamptz not null,
    done_at timestamptz,
    dead_at timestamptz,
    last_error text,
    created_at timestamptz not null default clock_timestamp(),
    constraint work_once unique (kind, event_id, recipient),
    constraint work_one_end check (done_at is null or dead_at is null)
);

-- What the dispatcher looks for: open rows in the order in which they may be given out.
create index work_due on notifier.work (kind, (greatest(due_at, lease_until)))
    where done_at is null and dead_at is null;
-- How much of a kind is in flight.
create index work_leased on notifier.work (kind, lease_until)
    where done_at is null and dead_at is null and lease_until is not null;
-- What the follower wakes when an incident is taken.
create index work_open_stream on notifier.work (stream_id) where done_at is null and dead_at is null;
create index work_dead on notifier.work (dead_at) where dead_at is not null;
create index work_done on notifier.work (done_at) where done_at is not null;

grant usage on schema notifier to cecoia_notifier;
grant select, insert, update, delete on notifier.work to cecoia_notifier;
