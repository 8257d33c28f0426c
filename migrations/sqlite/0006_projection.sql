-- Instances and intervals as derived from the log. They follow it up to projection.log_size, under the
-- lifecycle named there; `rebuild` drops and derives them again.

CREATE TABLE projection (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    log_size INTEGER NOT NULL,
    lifecycle_digest TEXT NOT NULL
) STRICT;

INSERT INTO projection (id, log_size, lifecycle_digest) VALUES (1, 0, '');

-- instance_no is the log seq of the event that was recorded first. ended_*: the first `end` in order.
CREATE TABLE instance (
    instance_no INTEGER PRIMARY KEY,
    service_type TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    status TEXT NOT NULL,
    since INTEGER NOT NULL,
    events INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    last_stream_seq INTEGER NOT NULL,
    last_log_seq INTEGER NOT NULL,
    ended_time INTEGER,
    ended_stream_seq INTEGER,
    ended_log_seq INTEGER,
    UNIQUE (service_type, instance_id)
) STRICT;

-- The accepted events an instance is folded from, as recorded. A segment is a stretch of the log: its
-- rows are written together and lie together, however many instances there are.
CREATE TABLE instance_event (
    segment INTEGER NOT NULL,
    instance_no INTEGER NOT NULL,
    log_seq INTEGER NOT NULL,
    event_time INTEGER NOT NULL,
    stream_seq INTEGER NOT NULL,
    source TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (segment, instance_no, log_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE interval (
    instance_no INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    provider TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_by_seq INTEGER NOT NULL,
    closed_by_seq INTEGER,
    doubtful INTEGER NOT NULL,
    PRIMARY KEY (instance_no, started_at)
) STRICT, WITHOUT ROWID;
