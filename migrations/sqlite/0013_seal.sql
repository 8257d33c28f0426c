-- What the log's writers put their name to (docs/formats/seal.md, ADR 20): one row, set in every
-- transaction that appends. The records of a log that is brought up to date here lie under its
-- checkpoints only, until it is written to: an empty signature says so.

CREATE TABLE audit_seal (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    first INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;

INSERT INTO audit_seal (id, first, size, root, signature)
SELECT 1, size, size, X'', X''
FROM audit_head;
