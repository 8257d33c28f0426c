-- What cost exports did: when each last ran and answered its schedule, and which manifest of each
-- period is in the audit log. The exports themselves are files.

CREATE TABLE export_run (
    name TEXT PRIMARY KEY,
    answered_at INTEGER,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'failed')),
    detail TEXT NOT NULL,
    failures INTEGER NOT NULL,
    retry_at INTEGER
) STRICT;

CREATE TABLE export_period (
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    manifest_sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (name, period)
) STRICT;
