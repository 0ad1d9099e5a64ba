-- The tables of Pointsman, for PostgreSQL 13 and later.
--
-- Keys are small numbers, so that an index stays small and new rows go to its end. `workspace` is workspace.id
-- everywhere, `no` an entity's number in its workspace, `seq` an event's. Times are Unix milliseconds, bodies are JSON.
--
-- Every index is written on the commit path, so there are few, and most leave out the rows that they do not serve.

CREATE TABLE account (
    sid text PRIMARY KEY,
    auth_token text NOT NULL,
    friendly_name text NOT NULL,
    created_ms bigint NOT NULL
);

-- The head of a workspace: where its last commit left it.
CREATE TABLE workspace (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- never given twice
    sid text NOT NULL UNIQUE,
    account text NOT NULL,
    version bigint NOT NULL,
    token text NOT NULL,
    seq bigint NOT NULL,
    next_no bigint NOT NULL,
    now_ms bigint NOT NULL,
    deadline_ms bigint,
    deleted_ms bigint
) WITH (fillfactor = 50);

-- How far event callbacks have got. Beside the workspace, so that sending them never waits for its lock.
CREATE TABLE event_cursor (
    workspace bigint PRIMARY KEY,
    seq bigint NOT NULL
);

CREATE TABLE commit_log (
    workspace bigint NOT NULL,
    version bigint NOT NULL,
    token text NOT NULL,
    numbers bigint[] NOT NULL, -- the entities that it wrote: what another node reads to catch up
    PRIMARY KEY (workspace, version)
);

CREATE TABLE entity (
    workspace bigint NOT NULL,
    no bigint NOT NULL,
    kind text NOT NULL,
    sid text NOT NULL,
    live boolean NOT NULL,
    body text NOT NULL, -- '' once the entity is gone
    task bigint, -- of a reservation
    worker bigint, -- of a reservation
    vanish_ms bigint,
    version bigint NOT NULL, -- the commit that wrote this row
    PRIMARY KEY (workspace, no)
) WITH (fillfactor = 80); -- room to rewrite a worker's row in place

CREATE INDEX entity_ended_by_task ON entity (workspace, task, no) WHERE NOT live AND task IS NOT NULL;
CREATE INDEX entity_ended_by_worker ON entity (workspace, worker, no) WHERE NOT live AND worker IS NOT NULL;
CREATE INDEX entity_ended_other ON entity (workspace, no) WHERE NOT live AND task IS NULL; -- tasks; no reservations
CREATE INDEX entity_vanish ON entity (vanish_ms) WHERE vanish_ms IS NOT NULL;

CREATE TABLE event (
    workspace bigint NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    at_ms bigint NOT NULL, -- never decreases with seq, so a time is found by halving: no index
    body text NOT NULL,
    task bigint,
    worker bigint,
    reservation bigint,
    queue bigint,
    workflow bigint,
    channel bigint,
    PRIMARY KEY (workspace, seq)
);

CREATE INDEX event_by_task ON event (workspace, task, seq) WHERE task IS NOT NULL;
CREATE INDEX event_by_worker ON event (workspace, worker, seq) WHERE worker IS NOT NULL;
CREATE INDEX event_by_reservation ON event (workspace, reservation, seq) WHERE reservation IS NOT NULL;

-- The words that events quote: those of entity `no` in their version `text`.
CREATE TABLE snapshot (
    workspace bigint NOT NULL,
    no bigint NOT NULL,
    text bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (workspace, no, text)
);

CREATE TABLE delivery (
    workspace bigint NOT NULL,
    kind text COLLATE "C" NOT NULL, -- 'assignment' or 'event'
    seq bigint NOT NULL, -- of the event that it tells of
    url text NOT NULL,
    fallback_url text,
    task bigint,
    reservation bigint,
    created_ms bigint NOT NULL,
    due_ms bigint NOT NULL,
    verdict text, -- NULL while it is not finished
    failed boolean NOT NULL,
    warning text,
    attempts text NOT NULL, -- JSON
    finished_ms bigint,
    PRIMARY KEY (workspace, seq, kind)
);

CREATE INDEX delivery_due ON delivery (due_ms) WHERE verdict IS NULL AND kind = 'assignment';
CREATE INDEX delivery_unfinished ON delivery (workspace) WHERE verdict IS NULL;
CREATE INDEX delivery_finished ON delivery (finished_ms) WHERE finished_ms IS NOT NULL;
CREATE INDEX delivery_failed ON delivery (workspace, seq, kind) WHERE failed;
CREATE INDEX delivery_by_task ON delivery (workspace, task, seq, kind) WHERE task IS NOT NULL;
