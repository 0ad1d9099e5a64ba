-- The tables of Pointsman, for SQLite 3.37 and later.
--
-- Keys are small numbers, so that an index stays small and new rows go to its end. `workspace` is workspace.id
-- everywhere, `no` an entity's number in its workspace, `seq` an event's. Times are Unix milliseconds, bodies are JSON.
--
-- Every index is written on the commit path, so there are few, and most leave out the rows that they do not serve.
-- Measured: WITHOUT ROWID made the tables with long bodies no smaller and a small commit write a quarter more.

CREATE TABLE account (
    sid TEXT PRIMARY KEY,
    auth_token TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The head of a workspace: where its last commit left it.
CREATE TABLE workspace (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    sid TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    version INTEGER NOT NULL,
    token TEXT NOT NULL,
    seq INTEGER NOT NULL,
    next_no INTEGER NOT NULL,
    now_ms INTEGER NOT NULL,
    deadline_ms INTEGER,
    deleted_ms INTEGER
) STRICT;

-- How far event callbacks have got. Beside the workspace, so that sending them never waits for its lock.
CREATE TABLE event_cursor (
    workspace INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT;

CREATE TABLE commit_log (
    workspace INTEGER NOT NULL,
    version INTEGER NOT NULL,
    token TEXT NOT NULL,
    PRIMARY KEY (workspace, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE entity (
    workspace INTEGER NOT NULL,
    no INTEGER NOT NULL,
    kind TEXT NOT NULL,
    sid TEXT NOT NULL,
    live INTEGER NOT NULL,
    body TEXT NOT NULL, -- '' once the entity is gone
    task INTEGER, -- of a reservation
    worker INTEGER, -- of a reservation
    vanish_ms INTEGER,
    version INTEGER NOT NULL, -- the commit that wrote this row
    PRIMARY KEY (workspace, no)
) STRICT;

CREATE INDEX entity_ended_by_task ON entity (workspace, task, no) WHERE live = 0 AND task IS NOT NULL;
CREATE INDEX entity_ended_by_worker ON entity (workspace, worker, no) WHERE live = 0 AND worker IS NOT NULL;
CREATE INDEX entity_ended_other ON entity (workspace, no) WHERE live = 0 AND task IS NULL; -- tasks; no reservations
CREATE INDEX entity_vanish ON entity (vanish_ms) WHERE vanish_ms IS NOT NULL;

CREATE TABLE event (
    workspace INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    at_ms INTEGER NOT NULL, -- never decreases with seq, so a time is found by halving: no index
    body TEXT NOT NULL,
    task INTEGER,
    worker INTEGER,
    reservation INTEGER,
    queue INTEGER,
    workflow INTEGER,
    channel INTEGER,
    PRIMARY KEY (workspace, seq)
) STRICT;

CREATE INDEX event_by_task ON event (workspace, task, seq) WHERE task IS NOT NULL;
CREATE INDEX event_by_worker ON event (workspace, worker, seq) WHERE worker IS NOT NULL;
CREATE INDEX event_by_reservation ON event (workspace, reservation, seq) WHERE reservation IS NOT NULL;

-- The words that events quote: those of entity `no` in their version `text`.
CREATE TABLE snapshot (
    workspace INTEGER NOT NULL,
    no INTEGER NOT NULL,
    text INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (workspace, no, text)
) STRICT;

CREATE TABLE delivery (
    workspace INTEGER NOT NULL,
    kind TEXT NOT NULL, -- 'assignment' or 'event'
    seq INTEGER NOT NULL, -- of the event that it tells of
    url TEXT NOT NULL,
    fallback_url TEXT,
    task INTEGER,
    reservation INTEGER,
    created_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    verdict TEXT, -- NULL while it is not finished
    failed INTEGER NOT NULL,
    warning TEXT,
    attempts TEXT NOT NULL, -- JSON
    finished_ms INTEGER,
    PRIMARY KEY (workspace, seq, kind)
) STRICT;

CREATE INDEX delivery_due ON delivery (due_ms) WHERE verdict IS NULL AND kind = 'assignment';
CREATE INDEX delivery_unfinished ON delivery (workspace) WHERE verdict IS NULL;
CREATE INDEX delivery_finished ON delivery (finished_ms) WHERE finished_ms IS NOT NULL;
CREATE INDEX delivery_failed ON delivery (workspace, seq, kind) WHERE failed = 1;
CREATE INDEX delivery_by_task ON delivery (workspace, task, seq, kind) WHERE task IS NOT NULL;
