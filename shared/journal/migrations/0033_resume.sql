-- One more kind of work: resume, an incident whose hold ends at a date. Rows that stand fit the longer list, so that none
-- is looked at.
ALTER TABLE notifier.work
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT work_kind_check,
    ADD CONSTRAINT work_kind_check CHECK (kind IN ('route', 'mail', 'offer', 'resume')) NOT VALID;
