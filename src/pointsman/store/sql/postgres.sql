-- The statements for PostgreSQL. Many rows come as one array a column: a statement, and a round trip, for all of them.
--
-- Locks are taken in one order, so that no two transactions wait for each other: the workspace, then rows by number,
-- then deliveries by (seq, kind), then the cursor.

-- name: accounts
SELECT /* account */ FROM account ORDER BY created_ms, sid;

-- name: now_ms
SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint;

-- name: account
SELECT /* account */ FROM account WHERE sid = $1;

-- name: put_account
INSERT INTO account (/* account */) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (sid) DO UPDATE SET
    auth_token = excluded.auth_token, friendly_name = excluded.friendly_name,
    secondary_token = excluded.secondary_token, updated_ms = excluded.updated_ms;

-- name: api_keys
SELECT /* api_key */ FROM api_key ORDER BY created_ms, sid;

-- name: put_api_key
INSERT INTO api_key (/* api_key */) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (sid) DO UPDATE SET friendly_name = excluded.friendly_name, updated_ms = excluded.updated_ms;

-- name: delete_api_key
DELETE FROM api_key WHERE sid = $1;

-- name: attendances
SELECT /* attendance */ FROM attendance ORDER BY workspace, worker;

-- name: put_attendance
INSERT INTO attendance (/* attendance */) VALUES ($1, $2, $3)
ON CONFLICT (workspace, worker) DO UPDATE SET activity = excluded.activity;

-- name: delete_attendance
DELETE FROM attendance WHERE workspace = $1 AND worker = $2;

-- name: workspaces
SELECT sid, account, deadline_ms FROM workspace WHERE deleted_ms IS NULL ORDER BY id;

-- name: create_workspace
-- At the version before its first commit, which follows in the same transaction.
INSERT INTO workspace (sid, account, version, token, seq, next_no, now_ms)
VALUES ($1, $2, $3, '', 0, 0, 0)
ON CONFLICT (sid) DO NOTHING
RETURNING id;

-- name: head
SELECT id, /* head */ FROM workspace WHERE sid = $1 AND deleted_ms IS NULL;

-- name: lock
-- A statement of its own: rows read by the statement that waited for the lock would be those from before the wait.
SELECT id, /* head */ FROM workspace WHERE sid = $1 AND deleted_ms IS NULL FOR NO KEY UPDATE;

-- name: lock_even_deleted
SELECT id FROM workspace WHERE sid = $1 FOR NO KEY UPDATE;

-- name: commit
-- Everything but deliveries, if the workspace is at the version before; else nothing, and no row is returned.
WITH head AS (
    UPDATE workspace
    SET version = $2, token = $3, seq = $4, next_no = $5, now_ms = $6, deadline_ms = $7, deleted_ms = $8
    WHERE id = $1 AND version = $2 - 1 AND deleted_ms IS NULL
    RETURNING id
),
logged AS (
    INSERT INTO commit_log (workspace, version, token, numbers)
    SELECT head.id, $2, $3, $9::bigint[] FROM head
),
entities AS (
    INSERT INTO entity (workspace, version, no, kind, sid, live, body, task, worker, vanish_ms)
    SELECT head.id, $2, r.*
    FROM head CROSS JOIN unnest(
        $9::bigint[], $10::text[], $11::text[], $12::boolean[], $13::text[], $14::bigint[], $15::bigint[],
        $16::bigint[]
    ) r
    ON CONFLICT (workspace, no) DO UPDATE SET
        live = excluded.live, body = excluded.body, task = excluded.task, worker = excluded.worker,
        vanish_ms = excluded.vanish_ms, version = excluded.version
),
events AS (
    INSERT INTO event (workspace, /* event */)
    SELECT head.id, r.*
    FROM head CROSS JOIN unnest(
        $17::bigint[], $18::text[], $19::bigint[], $20::text[], $21::bigint[], $22::bigint[], $23::bigint[],
        $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[], $30::bigint[],
        $31::bigint[], $32::bigint[]
    ) r
),
snapshots AS (
    -- The words of one version never change, so what stands is right.
    INSERT INTO snapshot (workspace, no, text, body)
    SELECT head.id, r.* FROM head CROSS JOIN unnest($33::bigint[], $34::bigint[], $35::text[]) r
    ON CONFLICT (workspace, no, text) DO NOTHING
)
SELECT id FROM head;

-- name: trim_commit_log
DELETE FROM commit_log WHERE workspace = $1 AND version < $2;

-- name: knows
SELECT 1 FROM commit_log WHERE workspace = $1 AND version = $2 AND token = $3;

-- name: changes_since
-- By the numbers in the commit log: an index by version would be written with every row of every commit.
SELECT /* entity */
FROM entity e
WHERE e.workspace = $1 AND e.version > $2 AND e.no = ANY (ARRAY(
    SELECT DISTINCT unnest(numbers) FROM commit_log WHERE workspace = $1 AND version > $2
))
ORDER BY e.no;

-- name: changes_since_long_ago
-- Further back than the log is sure to reach.
SELECT /* entity */ FROM entity e WHERE e.workspace = $1 AND e.version > $2 ORDER BY e.no;

-- name: set_event_cursor
INSERT INTO event_cursor (workspace, seq) VALUES ($1, $2) ON CONFLICT (workspace) DO UPDATE SET seq = excluded.seq;

-- name: advance_event_cursor
-- Never back: a late report must not have events sent again, nor old ones to a new URL.
UPDATE event_cursor SET seq = $1 WHERE workspace = $2 AND seq < $3;

-- name: event_cursor
SELECT c.seq FROM workspace w JOIN event_cursor c ON c.workspace = w.id WHERE w.sid = $1;

-- name: live
SELECT /* entity */ FROM entity e WHERE e.workspace = $1 AND e.live ORDER BY e.no;

-- name: ended
-- Those asked for, the reservations of those that are tasks, the tasks of those that are reservations.
WITH home AS (SELECT id FROM workspace WHERE sid = $1),
asked AS (SELECT no FROM unnest($2::bigint[]) r (no)),
wanted AS (
    SELECT home.id, asked.no FROM home CROSS JOIN asked
    UNION
    SELECT home.id, r.no
    FROM home CROSS JOIN asked
    JOIN entity r ON r.workspace = home.id AND r.task = asked.no AND NOT r.live
    UNION
    SELECT home.id, r.task
    FROM home CROSS JOIN asked
    JOIN entity r ON r.workspace = home.id AND r.no = asked.no
    WHERE r.task IS NOT NULL
)
SELECT /* entity */
FROM wanted
JOIN entity e ON e.workspace = wanted.id AND e.no = wanted.no
LEFT JOIN entity t ON t.workspace = e.workspace AND t.no = e.task
WHERE NOT e.live AND e.body <> '' AND (e.vanish_ms IS NULL OR e.vanish_ms > $3)
    AND (e.task IS NULL OR t.live OR (t.body <> '' AND (t.vanish_ms IS NULL OR t.vanish_ms > $3)))
ORDER BY e.no;

-- name: ended_page
SELECT /* entity */
FROM entity e
LEFT JOIN entity t ON t.workspace = e.workspace AND t.no = e.task
WHERE e.workspace = (SELECT id FROM workspace WHERE sid = $1) AND NOT e.live
    AND e.body <> '' AND (e.vanish_ms IS NULL OR e.vanish_ms > $2)
    AND (e.task IS NULL OR t.live OR (t.body <> '' AND (t.vanish_ms IS NULL OR t.vanish_ms > $2)))
    /* filters */
ORDER BY /* order */
LIMIT $3;

-- name: event_at
-- The first event that is not before a time, by halving: the seq below which all are before it, and the seq from
-- which none is. They differ only where rows are missing in between; both are safe bounds.
WITH RECURSIVE half (low, high) AS (
    SELECT
        coalesce((SELECT min(seq) FROM event WHERE workspace = $1), 0::bigint),
        coalesce((SELECT max(seq) + 1 FROM event WHERE workspace = $1), 0::bigint)
    UNION ALL
    SELECT
        CASE WHEN e.at_ms < $2::bigint THEN e.seq + 1 ELSE half.low END,
        CASE WHEN e.at_ms < $2::bigint THEN half.high ELSE e.seq END
    FROM half
    JOIN event e ON e.workspace = $1 AND e.seq = (half.low + half.high) / 2
    WHERE half.low < half.high
)
SELECT max(low), min(high) FROM half;

-- name: events_down
SELECT /* event */ FROM event WHERE workspace = $1 /* filters */ ORDER BY seq DESC LIMIT $2;

-- name: events_up
SELECT /* event */ FROM event WHERE workspace = $1 /* filters */ ORDER BY seq LIMIT $2;

-- name: unsummed
SELECT w.id
FROM workspace w LEFT JOIN roll_up r ON r.workspace = w.id
WHERE w.deleted_ms IS NULL AND w.seq > coalesce(r.seq, 0)
ORDER BY w.id;

-- name: begin_roll_up
INSERT INTO roll_up (workspace, seq, seconds_from_s) VALUES ($1, 0, 0) ON CONFLICT (workspace) DO NOTHING;

-- name: hold_unsummed
SELECT r.seq, w.seq, w.now_ms / 1000
FROM workspace w JOIN roll_up r ON r.workspace = w.id
WHERE w.id = $1 AND w.seq > r.seq
FOR NO KEY UPDATE OF r SKIP LOCKED;

-- name: roll_up
-- Each event counts for the workspace (0), and for its workflow, queue and worker. What would be forgotten at once is
-- left out.
INSERT INTO tally (workspace, size_s, subject, start_s, channel, type, count, /* tally measures */)
WITH happened AS MATERIALIZED (
    SELECT at_ms / 1000 AS at_s, type, worker, queue, workflow, coalesce(channel, 0) AS channel, previous, /* measures */
    FROM event
    WHERE workspace = $1::bigint AND seq > $2::bigint AND seq <= $3::bigint AND type IN (/* counted types */)
        AND at_ms >= $5::bigint * 1000 AND uncounted IS NULL
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
    $1::bigint, $4::bigint, subject, at_s / $4::bigint * $4::bigint, channel, type, count(*), /* measures summed */
FROM concerned
WHERE true
GROUP BY subject, at_s / $4::bigint, channel, type
ON CONFLICT (workspace, size_s, subject, start_s, channel, type) DO UPDATE SET
    count = tally.count + excluded.count, /* add tally measures */;

-- name: set_roll_up
INSERT INTO roll_up (workspace, seq, seconds_from_s) VALUES ($1, $2, $3)
ON CONFLICT (workspace) DO UPDATE SET
    seq = excluded.seq, seconds_from_s = greatest(roll_up.seconds_from_s, excluded.seconds_from_s);

-- name: rolled_up
SELECT seq, seconds_from_s FROM roll_up WHERE workspace = $1;

-- name: forget_tallies
DELETE FROM tally WHERE (workspace, size_s, subject, start_s, channel, type) IN (
    SELECT workspace, size_s, subject, start_s, channel, type
    FROM tally
    WHERE workspace = $1 AND size_s = $2 AND start_s < $3
    LIMIT $4
);

-- name: tally_sums
SELECT type, sum(count), /* tally measures summed */
FROM tally
WHERE workspace = $1 AND size_s = $2 AND start_s >= $3 AND start_s < $4 /* filters */
GROUP BY type;

-- name: event_sums
SELECT type, count(*), /* measures summed */
FROM event
WHERE workspace = $1 AND seq >= $2 AND seq < $3 AND type IN (/* counted types */) AND uncounted IS NULL /* filters */
GROUP BY type;

-- name: event_waits
SELECT type, split_age_s, count(*)
FROM event
WHERE workspace = $1 AND seq >= $2 AND seq < $3 AND split_age_s IS NOT NULL /* filters */
GROUP BY type, split_age_s;

-- name: event_stays
-- Each with what of it lies between two times; those that began later count 0.
SELECT
    worker, previous, sum(greatest(0, least(at_ms, $5::bigint) - greatest(at_ms - spent_ms, $4::bigint))), max(at_ms)
FROM event
WHERE workspace = $1 AND seq >= $2 AND seq < $3 AND spent_ms IS NOT NULL AND at_ms <= $6 /* filters */
GROUP BY worker, previous;

-- name: sweep_of_tally
DELETE FROM tally WHERE (workspace, size_s, subject, start_s, channel, type) IN (
    SELECT workspace, size_s, subject, start_s, channel, type FROM tally WHERE workspace = $1 LIMIT $2
);

-- name: sweep_roll_up
DELETE FROM roll_up WHERE workspace = $1;
-- name: event_span
SELECT coalesce((SELECT min(e.seq) FROM event e WHERE e.workspace = w.id), w.seq + 1), w.seq
FROM workspace w
WHERE w.sid = $1;

-- name: snapshots
SELECT s.no, s.text, s.body
FROM unnest($2::bigint[], $3::bigint[]) q (no, text)
JOIN snapshot s ON s.workspace = (SELECT id FROM workspace WHERE sid = $1) AND s.no = q.no AND s.text = q.text
ORDER BY s.no, s.text;

-- name: claim_deliveries
WITH due AS (
    SELECT d.workspace, d.seq, d.kind, d.due_ms AS was
    FROM delivery d
    WHERE d.verdict IS NULL AND d.kind = 'assignment' AND d.due_ms <= $1
    ORDER BY d.due_ms, d.workspace, d.seq
    LIMIT $2
    FOR UPDATE SKIP LOCKED
),
taken AS (
    UPDATE delivery t
    SET due_ms = $3
    FROM due
    WHERE t.workspace = due.workspace AND t.seq = due.seq AND t.kind = due.kind
    RETURNING t.*, due.was
)
SELECT w.sid, /* delivery */
FROM taken d JOIN workspace w ON w.id = d.workspace
ORDER BY d.was, d.workspace, d.seq;

-- name: hold_workspaces
-- Held only against being swept away; commits go on.
SELECT sid, id FROM workspace WHERE sid = ANY ($1::text[]) ORDER BY id FOR KEY SHARE;

-- name: put_deliveries
INSERT INTO delivery (
    workspace, kind, seq, url, fallback_url, task, reservation, created_ms, due_ms, verdict, failed, warning,
    attempts, finished_ms
)
SELECT * FROM unnest(
    $1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::bigint[], $10::text[], $11::boolean[], $12::text[], $13::text[], $14::bigint[]
)
ON CONFLICT (workspace, seq, kind) DO UPDATE SET
    url = excluded.url, fallback_url = excluded.fallback_url, due_ms = excluded.due_ms,
    verdict = excluded.verdict, failed = excluded.failed, warning = excluded.warning,
    attempts = excluded.attempts, finished_ms = excluded.finished_ms;

-- name: deliveries
SELECT w.sid, /* delivery */
FROM workspace w JOIN delivery d ON d.workspace = w.id
WHERE w.sid = $1 /* filters */
ORDER BY d.seq DESC, d.kind DESC
LIMIT $2;

-- name: delivery
SELECT w.sid, /* delivery */
FROM workspace w JOIN delivery d ON d.workspace = w.id
WHERE w.sid = $1 AND d.seq = $2 AND d.kind = $3;

-- name: try_sweep_lock
-- One node sweeps at a time; the others have nothing to do.
SELECT pg_try_advisory_xact_lock($1);

-- name: vanished
SELECT workspace, no FROM entity WHERE vanish_ms <= $1 ORDER BY vanish_ms LIMIT $2;

-- name: sweep_reservations
-- Those of vanished tasks, before the tasks themselves, so that none is left behind.
DELETE FROM entity WHERE ctid = ANY (ARRAY(
    SELECT r.ctid
    FROM unnest($1::bigint[], $2::bigint[]) t (workspace, no)
    JOIN entity r ON r.workspace = t.workspace AND r.task = t.no
    WHERE NOT r.live
    LIMIT $3
));

-- name: sweep_vanished
DELETE FROM entity WHERE (workspace, no) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[])) AND vanish_ms <= $3;

-- name: words_until
-- Of entities that are swept away: no event after this quotes them. Words that others have followed know that already.
UPDATE snapshot s
SET until_ms = $3
FROM unnest($1::bigint[], $2::bigint[]) g (workspace, no)
WHERE s.workspace = g.workspace AND s.no = g.no AND s.until_ms IS NULL;

-- name: words_followed
-- The versions before new ones.
UPDATE snapshot s
SET until_ms = $4
FROM unnest($2::bigint[], $3::bigint[]) f (no, text)
WHERE s.workspace = $1 AND s.no = f.no AND s.text < f.text AND s.until_ms IS NULL;

-- name: told_up_to
-- The last event of which nobody has to be told any more.
SELECT least(
    CASE WHEN $2::boolean THEN (SELECT seq FROM event_cursor WHERE workspace = $1) ELSE w.seq END,
    coalesce((SELECT min(d.seq) - 1 FROM delivery d WHERE d.workspace = $1 AND d.verdict IS NULL), w.seq)
)
FROM workspace w
WHERE w.id = $1;

-- name: old_events
-- The oldest: from the first on, none in between is left out, since times never go back.
SELECT seq, at_ms FROM event WHERE workspace = $1 ORDER BY seq LIMIT $2;

-- name: retire_events
DELETE FROM event WHERE workspace = $1 AND seq <= $2;

-- name: retire_words
-- Those that no event quotes from the oldest on that is kept.
DELETE FROM snapshot WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM snapshot WHERE workspace = $1 AND until_ms < $2 ORDER BY until_ms LIMIT $3
));

-- name: sweep_deliveries
DELETE FROM delivery WHERE ctid = ANY (ARRAY(SELECT ctid FROM delivery WHERE finished_ms <= $1 ORDER BY finished_ms LIMIT $2));

-- name: swept_workspace
-- A deleted workspace that nobody has to be told of any more, or that was deleted too long ago for that.
SELECT w.id
FROM workspace w JOIN event_cursor c ON c.workspace = w.id
WHERE w.deleted_ms < $1 OR w.deleted_ms IS NOT NULL AND c.seq >= w.seq
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.workspace = w.id AND d.verdict IS NULL)
ORDER BY w.id
LIMIT 1
FOR UPDATE OF w;

-- name: sweep_of_entity
DELETE FROM entity WHERE ctid = ANY (ARRAY(SELECT ctid FROM entity WHERE workspace = $1 LIMIT $2));

-- name: sweep_of_event
DELETE FROM event WHERE ctid = ANY (ARRAY(SELECT ctid FROM event WHERE workspace = $1 LIMIT $2));

-- name: sweep_of_snapshot
DELETE FROM snapshot WHERE ctid = ANY (ARRAY(SELECT ctid FROM snapshot WHERE workspace = $1 LIMIT $2));

-- name: sweep_of_delivery
DELETE FROM delivery WHERE ctid = ANY (ARRAY(SELECT ctid FROM delivery WHERE workspace = $1 LIMIT $2));

-- name: sweep_of_commit_log
DELETE FROM commit_log WHERE ctid = ANY (ARRAY(SELECT ctid FROM commit_log WHERE workspace = $1 LIMIT $2));

-- name: sweep_cursor
DELETE FROM event_cursor WHERE workspace = $1;

-- name: sweep_workspace
DELETE FROM workspace WHERE id = $1;

-- name: workspace_id
SELECT id FROM workspace WHERE sid = $1;
