-- The append-only log and what lies beside it: every message and every act, one row each. The row is
-- the leaf of a Merkle tree (docs/formats/record.md), so nothing in it is ever changed or removed.

CREATE TABLE audit_log (
    seq INTEGER PRIMARY KEY,
    recorded_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    tenant TEXT,
    ce_source TEXT,
    ce_id TEXT,
    broker_pos TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    body TEXT,
    payload_commit TEXT,
    payload_len INTEGER
) STRICT;

-- UPDATE and DELETE triggers alone are passed by INSERT OR REPLACE; demanding the next seq stops it.
CREATE TRIGGER audit_log_next_seq BEFORE INSERT ON audit_log
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM audit_log)
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only: seq is not the next one');
END;

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only: no update');
END;

CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only: no delete');
END;

-- Finds the latest verdict of a message; no other row is in it.
CREATE INDEX audit_log_retried ON audit_log (subject) WHERE kind = 'quarantine.retried';

-- Outside the leaf, so that it can be erased while every proof holds.
CREATE TABLE audit_payload (
    seq INTEGER PRIMARY KEY,
    salt BLOB NOT NULL,
    payload BLOB NOT NULL,
    subject TEXT,
    headers TEXT
) STRICT;

CREATE VIEW v_audit_payload (seq, salt, payload, subject, headers) AS
SELECT seq, salt, payload, subject, headers
FROM audit_payload;

CREATE VIEW v_audit (
    seq, recorded_at, kind, actor, subject, tenant, ce_source, ce_id, broker_pos, outcome, reason,
    body, payload_commit, payload_len
) AS
SELECT
    seq, recorded_at, kind, actor, subject, tenant, ce_source, ce_id, broker_pos, outcome, reason,
    body, payload_commit, payload_len
FROM audit_log;

-- The leaf data of bal/1 in hex, in plain SQL: each field as `<byte length>:<bytes>`, NULL as `-`, and
-- a line feed after it.
CREATE VIEW audit_leaf (seq, leaf_hex) AS
SELECT
    seq,
    hex(
        'bal/1' || char(10)
        || length(seq) || ':' || seq || char(10)
        || length(recorded_at) || ':' || recorded_at || char(10)
        || length(CAST(kind AS BLOB)) || ':' || kind || char(10)
        || length(CAST(actor AS BLOB)) || ':' || actor || char(10)
        || length(CAST(subject AS BLOB)) || ':' || subject || char(10)
        || coalesce(length(CAST(tenant AS BLOB)) || ':' || tenant, '-') || char(10)
        || coalesce(length(CAST(ce_source AS BLOB)) || ':' || ce_source, '-') || char(10)
        || coalesce(length(CAST(ce_id AS BLOB)) || ':' || ce_id, '-') || char(10)
        || coalesce(length(CAST(broker_pos AS BLOB)) || ':' || broker_pos, '-') || char(10)
        || length(CAST(outcome AS BLOB)) || ':' || outcome || char(10)
        || coalesce(length(CAST(reason AS BLOB)) || ':' || reason, '-') || char(10)
        || coalesce(length(CAST(body AS BLOB)) || ':' || body, '-') || char(10)
        || coalesce(length(CAST(payload_commit AS BLOB)) || ':' || payload_commit, '-') || char(10)
        || coalesce(length(payload_len) || ':' || payload_len, '-') || char(10)
    )
FROM audit_log;
