-- The statements for SQLite. Booleans are 0 and 1 here, so that conditions are those of the partial indexes. CROSS JOIN
-- is an order to SQLite to go from left to right: it knows nothing of our numbers and otherwise guessed wrong.

-- name: accounts
SELECT /* account */ FROM account ORDER BY created_ms, sid;

-- name: account
SELECT /* account */ FROM account WHERE sid = ?;

-- name: put_account
INSERT INTO account (/* account */) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sid) DO UPDATE SET
    auth_token = excluded.auth_token, friendly_name = excluded.friendly_name,
    secondary_token = excluded.secondary_token, updated_ms = excluded.updated_ms;

-- name: api_keys
SELECT /* api_key */ FROM api_key ORDER BY created_ms, sid;

-- name: put_api_key
INSERT INTO api_key (/* api_key */) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sid) DO UPDATE SET friendly_name = excluded.friendly_name, updated_ms = excluded.updated_ms;

-- name: delete_api_key
DELETE FROM api_key WHERE sid = ?;

-- name: attendances
SELECT /* attendance */ FROM attendance ORDER BY workspace, worker;

-- name: put_attendance
INSERT INTO attendance (/* attendance */) VALUES (?, ?, ?)
ON CONFLICT (workspace, worker) DO UPDATE SET activity = excluded.activity;

-- name: delete_attendance
DELETE FROM attendance WHERE workspace = ? AND worker = ?;

-- name: workspaces
SELECT sid, account, deadline_ms FROM workspace WHERE deleted_ms IS NULL ORDER BY id;

-- name: create_workspace
INSERT INTO workspace (sid, account, version, token, seq, next_no, now_ms, deadline_ms, deleted_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sid) DO NOTHING
RETURNING id;

-- name: head
SELECT id, /* head */ FROM workspace WHERE sid = ? AND deleted_ms IS NULL;

-- name: advance
-- The guard: a commit follows the version that it was made from, or writes nothing.
UPDATE workspace
SET version = ?, token = ?, seq = ?, next_no = ?, now_ms = ?, deadline_ms = ?, deleted_ms = ?
WHERE id = ? AND version = ? AND deleted_ms IS NULL;

-- name: log_commit
INSERT INTO commit_log (workspace, version, token) VALUES (?, ?, ?);

-- name: trim_commit_log
DELETE FROM commit_log WHERE workspace = ? AND version < ?;

-- name: knows
SELECT 1 FROM commit_log WHERE workspace = ? AND version = ? AND token = ?;

-- name: put_entities
INSERT INTO entity (workspace, version, no, kind, sid, live, body, task, worker, vanish_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (workspace, no) DO UPDATE SET
    live = excluded.live, body = excluded.body, task = excluded.task, worker = excluded.worker,
    vanish_ms = excluded.vanish_ms, version = excluded.version;

-- name: put_events
INSERT INTO event (workspace, /* event */)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: put_snapshots
-- The words of one version never change, so what stands is right.
INSERT INTO snapshot (workspace, no, text, body)
VALUES (?, ?, ?, ?)
ON CONFLICT (workspace, no, text) DO NOTHING;

-- name: put_deliveries
INSERT INTO delivery (
    workspace, kind, seq, url, fallback_url, task, reservation, created_ms, due_ms, verdict, failed, warning,
    attempts, finished_ms
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (workspace, seq, kind) DO UPDATE SET
    url = excluded.url, fallback_url = excluded.fallback_url, due_ms = excluded.due_ms,
    verdict = excluded.verdict, failed = excluded.failed, warning = excluded.warning,
    attempts = excluded.attempts, finished_ms = excluded.finished_ms;

-- name: set_event_cursor
INSERT INTO event_cursor (workspace, seq) VALUES (?, ?) ON CONFLICT (workspace) DO UPDATE SET seq = excluded.seq;

-- name: advance_event_cursor
-- Never back: a late report must not have events sent again, nor old ones to a new URL.
UPDATE event_cursor SET seq = ? WHERE workspace = ? AND seq < ?;

-- name: event_cursor
SELECT c.seq FROM workspace w JOIN event_cursor c ON c.workspace = w.id WHERE w.sid = ?;

-- name: workspace_id
SELECT id FROM workspace WHERE sid = ?;

-- name: changes_since
-- Reads the whole workspace: asked only after a commit that succeeded and seemed to fail, so it has no index.
SELECT /* entity */ FROM entity e WHERE e.workspace = ? AND e.version > ? ORDER BY e.no;

-- name: live
SELECT /* entity */ FROM entity e WHERE e.workspace = ? AND e.live = 1 ORDER BY e.no;

-- name: ended
-- Those asked for, the reservations of those that are tasks, the tasks of those that are reservations.
WITH asked (no) AS (SELECT value FROM json_each(:numbers)),
home (id) AS (SELECT id FROM workspace WHERE sid = :workspace),
wanted (workspace, no) AS (
    SELECT home.id, asked.no FROM home CROSS JOIN asked
    UNION
    SELECT home.id, r.no
    FROM home CROSS JOIN asked
    CROSS JOIN entity r ON r.workspace = home.id AND r.task = asked.no AND r.live = 0 AND r.task IS NOT NULL
    UNION
    SELECT home.id, r.task
    FROM home CROSS JOIN asked
    CROSS JOIN entity r ON r.workspace = home.id AND r.no = asked.no
    WHERE r.task IS NOT NULL
)
SELECT /* entity */
FROM wanted
CROSS JOIN entity e ON e.workspace = wanted.workspace AND e.no = wanted.no
LEFT JOIN entity t ON t.workspace = e.workspace AND t.no = e.task
WHERE e.live = 0 AND e.body <> '' AND (e.vanish_ms IS NULL OR e.vanish_ms > :now_ms)
    AND (e.task IS NULL OR t.live = 1 OR (t.body <> '' AND (t.vanish_ms IS NULL OR t.vanish_ms > :now_ms)))
ORDER BY e.no;

-- name: ended_page
SELECT /* entity */
FROM entity e
LEFT JOIN entity t ON t.workspace = e.workspace AND t.no = e.task
WHERE e.workspace = (SELECT id FROM workspace WHERE sid = ?) AND e.live = 0
    AND e.body <> '' AND (e.vanish_ms IS NULL OR e.vanish_ms > ?)
    AND (e.task IS NULL OR t.live = 1 OR (t.body <> '' AND (t.vanish_ms IS NULL OR t.vanish_ms > ?)))
    /* filters */
ORDER BY /* order */
LIMIT ?;

-- name: event_at
-- The first event that is not before a time, by halving: the seq below which all are before it, and the seq from
-- which none is. They differ only where rows are missing in between; both are safe bounds.
WITH RECURSIVE half (low, high) AS (
    SELECT
        coalesce((SELECT min(seq) FROM event WHERE workspace = :workspace), 0),
        coalesce((SELECT max(seq) + 1 FROM event WHERE workspace = :workspace), 0)
    UNION ALL
    SELECT
        CASE WHEN e.at_ms < :at_ms THEN e.seq + 1 ELSE half.low END,
        CASE WHEN e.at_ms < :at_ms THEN half.high ELSE e.seq END
    FROM half
    JOIN event e ON e.workspace = :workspace AND e.seq = (half.low + half.high) / 2
    WHERE half.low < half.high
)
SELECT max(low), min(high) FROM half;

-- name: events_down
SELECT /* event */ FROM event WHERE workspace = ? /* filters */ ORDER BY seq DESC LIMIT ?;

-- name: events_up
SELECT /* event */ FROM event WHERE workspace = ? /* filters */ ORDER BY seq LIMIT ?;

-- name: unsummed
SELECT w.id, coalesce(r.seq, 0), w.seq, w.now_ms / 1000
FROM workspace w LEFT JOIN roll_up r ON r.workspace = w.id
WHERE w.deleted_ms IS NULL AND w.seq > coalesce(r.seq, 0)
ORDER BY w.id;

-- name: roll_up
-- Each event counts for the workspace (0), and for its workflow, queue and worker. What would be forgotten at once is
-- left out.
INSERT INTO tally (workspace, size_s, subject, start_s, channel, type, count, /* tally measures */)
WITH happened AS MATERIALIZED (
    SELECT at_ms / 1000 AS at_s, type, worker, queue, workflow, coalesce(channel, 0) AS channel, previous, /* measures */
    FROM event
    WHERE workspace = :workspace AND seq > :after AND seq <= :until AND type IN (/* counted types */)
        AND at_ms >= :from_s * 1000 AND uncounted IS NULL
),
concerned AS (
    SELECT 0 AS subject, h.* FROM happened h
    UNION ALL
    SELECT workflow, h.* FROM happened h WHERE workflow IS NOT NULL
    UNION ALL
    SELECT /* queue concerned */, h.* FROM happened h WHERE queue IS NOT NULL
    UNION ALL
    SELECT worker, h.* FROM happened h WHERE worker IS NOT NULL
)
SELECT
    :workspace, :size_s, subject, at_s / :size_s * :size_s, channel, type, count(*), /* measures summed */
FROM concerned
WHERE true
GROUP BY subject, at_s / :size_s, channel, type
ON CONFLICT (workspace, size_s, subject, start_s, channel, type) DO UPDATE SET
    count = tally.count + excluded.count, /* add tally measures */;

-- name: set_roll_up
INSERT INTO roll_up (workspace, seq, seconds_from_s) VALUES (?1, ?2, ?3)
ON CONFLICT (workspace) DO UPDATE SET
    seq = excluded.seq, seconds_from_s = max(roll_up.seconds_from_s, excluded.seconds_from_s);

-- name: rolled_up
SELECT seq, seconds_from_s FROM roll_up WHERE workspace = ?1;

-- name: forget_tallies
DELETE FROM tally WHERE (workspace, size_s, subject, start_s, channel, type) IN (
    SELECT workspace, size_s, subject, start_s, channel, type
    FROM tally
    WHERE workspace = ?1 AND size_s = ?2 AND start_s < ?3
    LIMIT ?4
);

-- name: tally_sums
SELECT type, sum(count), /* tally measures summed */
FROM tally
WHERE workspace = ?1 AND size_s = ?2 AND start_s >= ?3 AND start_s < ?4 /* filters */
GROUP BY type;

-- name: event_sums
SELECT type, count(*), /* measures summed */
FROM event
WHERE workspace = ?1 AND seq >= ?2 AND seq < ?3 AND type IN (/* counted types */) AND uncounted IS NULL /* filters */
GROUP BY type;

-- name: event_waits
SELECT type, split_age_s, count(*)
FROM event
WHERE workspace = ?1 AND seq >= ?2 AND seq < ?3 AND split_age_s IS NOT NULL /* filters */
GROUP BY type, split_age_s;

-- name: event_stays
-- Each with what of it lies between two times; those that began later count 0.
SELECT worker, previous, sum(max(0, min(at_ms, ?5) - max(at_ms - spent_ms, ?4))), max(at_ms)
FROM event
WHERE workspace = ?1 AND seq >= ?2 AND seq < ?3 AND spent_ms IS NOT NULL AND at_ms <= ?6 /* filters */
GROUP BY worker, previous;

-- name: sweep_of_tally
DELETE FROM tally WHERE (workspace, size_s, subject, start_s, channel, type) IN (
    SELECT workspace, size_s, subject, start_s, channel, type FROM tally WHERE workspace = ?1 LIMIT ?2
);

-- name: sweep_roll_up
DELETE FROM roll_up WHERE workspace = ?1;
-- name: event_span
SELECT coalesce((SELECT min(e.seq) FROM event e WHERE e.workspace = w.id), w.seq + 1), w.seq
FROM workspace w
WHERE w.sid = ?;

-- name: snapshots
SELECT s.no, s.text, s.body
FROM json_each(:quotes) q
CROSS JOIN snapshot s ON s.workspace = (SELECT id FROM workspace WHERE sid = :workspace)
    AND s.no = json_extract(q.value, '$[0]') AND s.text = json_extract(q.value, '$[1]')
ORDER BY s.no, s.text;

-- name: due_deliveries
SELECT w.sid, /* delivery */, d.rowid
FROM delivery d JOIN workspace w ON w.id = d.workspace
WHERE d.verdict IS NULL AND d.kind = 'assignment' AND d.due_ms <= ?
ORDER BY d.due_ms, d.workspace, d.seq
LIMIT ?;

-- name: lease_deliveries
UPDATE delivery SET due_ms = :due_ms WHERE rowid IN (SELECT value FROM json_each(:rowids));

-- name: deliveries
SELECT w.sid, /* delivery */
FROM workspace w JOIN delivery d ON d.workspace = w.id
WHERE w.sid = ? /* filters */
ORDER BY d.seq DESC, d.kind DESC
LIMIT ?;

-- name: delivery
SELECT w.sid, /* delivery */
FROM workspace w JOIN delivery d ON d.workspace = w.id
WHERE w.sid = ? AND d.seq = ? AND d.kind = ?;

-- name: vanished
SELECT rowid, workspace, no FROM entity WHERE vanish_ms <= ? ORDER BY vanish_ms LIMIT ?;

-- name: sweep_reservations
-- Those of vanished tasks, before the tasks themselves, so that none is left behind.
DELETE FROM entity WHERE rowid IN (
    SELECT r.rowid
    FROM json_each(:tasks) t
    CROSS JOIN entity r ON r.workspace = json_extract(t.value, '$[0]') AND r.task = json_extract(t.value, '$[1]')
    WHERE r.live = 0 AND r.task IS NOT NULL
    LIMIT :limit
);

-- name: sweep_vanished
DELETE FROM entity WHERE rowid IN (SELECT value FROM json_each(?));

-- name: words_until
-- Of entities that are swept away: no event after this quotes them. Words that others have followed know that already.
UPDATE snapshot SET until_ms = :until_ms
WHERE rowid IN (
    SELECT s.rowid
    FROM json_each(:gone) g
    CROSS JOIN snapshot s ON s.workspace = json_extract(g.value, '$[0]') AND s.no = json_extract(g.value, '$[1]')
    WHERE s.until_ms IS NULL
);

-- name: words_followed
-- The versions before new ones.
UPDATE snapshot SET until_ms = :until_ms
WHERE rowid IN (
    SELECT s.rowid
    FROM json_each(:fresh) f
    CROSS JOIN snapshot s ON s.workspace = :workspace
        AND s.no = json_extract(f.value, '$[0]') AND s.text < json_extract(f.value, '$[1]')
    WHERE s.until_ms IS NULL
);

-- name: told_up_to
-- The last event of which nobody has to be told any more.
SELECT min(
    CASE WHEN ?2 THEN (SELECT seq FROM event_cursor WHERE workspace = ?1) ELSE w.seq END,
    coalesce((SELECT min(d.seq) - 1 FROM delivery d WHERE d.workspace = ?1 AND d.verdict IS NULL), w.seq)
)
FROM workspace w
WHERE w.id = ?1;

-- name: old_events
-- The oldest: from the first on, none in between is left out, since times never go back.
SELECT seq, at_ms FROM event WHERE workspace = ? ORDER BY seq LIMIT ?;

-- name: retire_events
DELETE FROM event WHERE workspace = ? AND seq <= ?;

-- name: retire_words
-- Those that no event quotes from the oldest on that is kept.
DELETE FROM snapshot WHERE rowid IN (
    SELECT rowid FROM snapshot WHERE workspace = ? AND until_ms < ? ORDER BY until_ms LIMIT ?
);

-- name: sweep_deliveries
DELETE FROM delivery WHERE rowid IN (
    SELECT rowid FROM delivery WHERE finished_ms <= ? ORDER BY finished_ms LIMIT ?
);

-- name: swept_workspace
-- A deleted workspace that nobody has to be told of any more, or that was deleted too long ago for that.
SELECT w.id
FROM workspace w JOIN event_cursor c ON c.workspace = w.id
WHERE w.deleted_ms < ? OR w.deleted_ms IS NOT NULL AND c.seq >= w.seq
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.workspace = w.id AND d.verdict IS NULL)
ORDER BY w.id
LIMIT 1;

-- name: sweep_of_entity
DELETE FROM entity WHERE rowid IN (SELECT rowid FROM entity WHERE workspace = ? LIMIT ?);

-- name: sweep_of_event
DELETE FROM event WHERE rowid IN (SELECT rowid FROM event WHERE workspace = ? LIMIT ?);

-- name: sweep_of_snapshot
DELETE FROM snapshot WHERE rowid IN (SELECT rowid FROM snapshot WHERE workspace = ? LIMIT ?);

-- name: sweep_of_delivery
DELETE FROM delivery WHERE rowid IN (SELECT rowid FROM delivery WHERE workspace = ? LIMIT ?);

-- name: sweep_of_commit_log
DELETE FROM commit_log WHERE workspace = ?1 AND version IN (
    SELECT version FROM commit_log WHERE workspace = ?1 LIMIT ?2
);

-- name: sweep_cursor
DELETE FROM event_cursor WHERE workspace = ?;

-- name: sweep_workspace
DELETE FROM workspace WHERE id = ?;
