-- Times are microseconds since the epoch. `position` is the record's counter
-- at the last change of the row.

CREATE TABLE migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at TEXT NOT NULL
);

CREATE TABLE counters (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL
);
INSERT INTO counters (one, position) VALUES (1, 0);

-- Small facts as JSON, such as a kernel's environment.
CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE kernels (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    file_extension TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE notebooks (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    kernel_id TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    position INTEGER NOT NULL
);

-- What summaries and plans read; narrow, so that a scan of it is short.
CREATE TABLE executions (
    number INTEGER PRIMARY KEY,
    kernel_id TEXT NOT NULL REFERENCES kernels (id),
    incarnation INTEGER NOT NULL,
    msg_id TEXT NOT NULL,
    repeat INTEGER NOT NULL,
    digest TEXT NOT NULL,
    notebook_id INTEGER REFERENCES notebooks (id),
    cell_id TEXT,
    execution_count INTEGER,
    status TEXT NOT NULL,
    cause TEXT,
    error_name TEXT,
    submitted_at INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    cpu_ms REAL,
    peak_rss_bytes INTEGER,
    -- All that was measured, as an array: see measured.py.
    measured TEXT NOT NULL,
    tool INTEGER NOT NULL,
    truncated INTEGER NOT NULL,
    recovered INTEGER NOT NULL,
    source_head TEXT NOT NULL,
    -- What a notebook shows of it; NULL until it is sealed.
    shown_outputs INTEGER,
    shown_bytes INTEGER,
    shown_sha256 BLOB,
    position INTEGER NOT NULL,
    -- Of the members that an export has: summing up 50,000 of them would take 50 ms.
    members INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    stored_size INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kernel_id, incarnation, msg_id, repeat)
);
CREATE INDEX executions_by_notebook ON executions (notebook_id);

-- All of an execution, as metadata.json has it.
CREATE TABLE details (
    execution INTEGER PRIMARY KEY
        REFERENCES executions (number) ON DELETE CASCADE ON UPDATE CASCADE,
    json TEXT NOT NULL
);

-- Content by SHA-256; `content` is NULL where it is a file.
CREATE TABLE blobs (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    stored_size INTEGER NOT NULL,
    crc32 INTEGER NOT NULL,
    method INTEGER NOT NULL,
    content BLOB
);

-- Repeats what `blobs` knows of the content: sealed content never changes, and
-- a plan is one scan of this table instead of a look-up among blobs for each row.
CREATE TABLE members (
    execution INTEGER NOT NULL
        REFERENCES executions (number) ON DELETE CASCADE ON UPDATE CASCADE,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL REFERENCES blobs (sha256),
    size INTEGER NOT NULL,
    stored_size INTEGER NOT NULL,
    crc32 INTEGER NOT NULL,
    method INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (execution, place)
) WITHOUT ROWID;
CREATE INDEX members_by_content ON members (sha256);

-- `json` is all of a debug session but its stops and events.
CREATE TABLE debug_sessions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kernel_id TEXT NOT NULL,
    notebook_id INTEGER REFERENCES notebooks (id),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    json TEXT NOT NULL,
    position INTEGER NOT NULL
);

-- `kind` is 'stop' or 'event', `execution` the number of what ran then.
CREATE TABLE debug_items (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES debug_sessions (number) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    execution INTEGER,
    json TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX debug_items_by_session ON debug_items (session, id);

CREATE TABLE log_lines (
    id INTEGER PRIMARY KEY,
    log TEXT NOT NULL,
    json TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX log_lines_by_log ON log_lines (log, id);

-- The models of widgets as they stand; `json` is what a notebook's metadata has of one,
-- `size` its length, `executions` a JSON array of the numbers of those that made or changed it.
CREATE TABLE widgets (
    id INTEGER PRIMARY KEY,
    kernel_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    size INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    executions TEXT NOT NULL,
    json TEXT NOT NULL,
    UNIQUE (kernel_id, model_id)
);
CREATE INDEX widgets_by_size ON widgets (size);
