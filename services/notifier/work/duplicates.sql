-- name: added
-- What goes on in these incidents; found by an index of such events alone, of which there are few.
select stream_id, version, data
from journal.events
where type = 'DuplicatesAdded' and stream_id = any($1::uuid[])
