-- Statistics: what was measured at events, and their sums by second and by hour.

ALTER TABLE event ADD COLUMN age_s INTEGER; -- of the task: of acceptances and cancellations
ALTER TABLE event ADD COLUMN queue_age_s INTEGER; -- since the task entered its queue: of acceptances
ALTER TABLE event ADD COLUMN split_age_s INTEGER; -- the age by which SplitByWaitTime sorts it
ALTER TABLE event ADD COLUMN previous INTEGER; -- the queue or activity that was left
ALTER TABLE event ADD COLUMN spent_ms INTEGER; -- in the activity that was left
ALTER TABLE event ADD COLUMN uncounted INTEGER; -- 1: a task was deleted that had ended before

UPDATE event
SET age_s = max(0, at_ms / 1000 - json_extract(body, '$.task.created_ms') / 1000),
    split_age_s = max(0, at_ms / 1000 - json_extract(body, '$.task.created_ms') / 1000)
WHERE type IN ('reservation.accepted', 'task.canceled');

UPDATE event
SET queue_age_s = max(
    0, at_ms / 1000 - coalesce(json_extract(body, '$.task.entered_ms'), json_extract(body, '$.task.created_ms')) / 1000
)
WHERE type = 'reservation.accepted';

UPDATE event
SET previous = json_extract(body, '$.previous_activity[0]'), spent_ms = json_extract(body, '$.more.previous_ms')
WHERE type = 'worker.activity.update';

UPDATE event SET previous = json_extract(body, '$.previous_queue[0]') WHERE type IN ('task-queue.moved', 'workflow.target-matched');

UPDATE event SET uncounted = 1
WHERE type IN ('task.deleted', 'task.system-deleted') AND json_extract(body, '$.task.status') IN ('completed', 'canceled');

-- By a transfer, if the transfer was completed with it.
UPDATE event SET split_age_s = NULL
WHERE type = 'reservation.accepted' AND EXISTS (
    SELECT 1 FROM event t
    WHERE t.workspace = event.workspace AND t.task = event.task AND t.seq > event.seq AND t.at_ms = event.at_ms
        AND t.type = 'task.transfer-completed'
);

-- With a worker a stay ended that began when its activity had changed last.
UPDATE event SET previous = json_extract(body, '$.worker.activity[0]'), spent_ms = at_ms - (
    SELECT max(w.at_ms) FROM event w
    WHERE w.workspace = event.workspace AND w.worker = event.worker AND w.seq < event.seq
        AND w.type IN ('worker.created', 'worker.activity.update')
)
WHERE type = 'worker.deleted';

CREATE INDEX event_waits ON event (workspace, seq, type, at_ms, queue, workflow, channel, split_age_s)
WHERE split_age_s IS NOT NULL;
CREATE INDEX event_stays ON event (workspace, seq, worker, previous, at_ms, spent_ms) WHERE spent_ms IS NOT NULL;

-- Sums of the events that statistics count. `subject` is the number of a workflow, queue or worker; 0: the workspace.
CREATE TABLE tally (
    workspace INTEGER NOT NULL,
    size_s INTEGER NOT NULL, -- 1 or 3600
    subject INTEGER NOT NULL,
    start_s INTEGER NOT NULL, -- a multiple of the size
    channel INTEGER NOT NULL, -- 0: none
    type TEXT NOT NULL,
    count INTEGER NOT NULL,
    age_s_total INTEGER,
    age_s_least INTEGER,
    age_s_greatest INTEGER,
    queue_age_s_total INTEGER,
    queue_age_s_least INTEGER,
    queue_age_s_greatest INTEGER,
    PRIMARY KEY (workspace, size_s, subject, start_s, channel, type)
) STRICT, WITHOUT ROWID;

CREATE INDEX tally_by_time ON tally (workspace, size_s, start_s); -- to forget old ones

CREATE TABLE roll_up (
    workspace INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL, -- up to here events are summed up
    seconds_from_s INTEGER NOT NULL -- sums of seconds before this are no longer kept
) STRICT;
