-- The Merkle tree over the log: its head, compared and set in every appending transaction, the full
-- tiles, the signed checkpoints, and the name by which this log is known in them.

CREATE TABLE log_identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    log_id TEXT NOT NULL
) STRICT;

INSERT INTO log_identity (id, log_id) VALUES (1, lower(hex(randomblob(8))));

CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    -- Leaf hashes of the tile that is not full yet: with them a changed record at the end of the log
    -- is found exactly.
    edge BLOB NOT NULL
) STRICT;

INSERT INTO audit_head (id, size, frontier, edge) VALUES (1, 0, X'', X'');

CREATE TABLE audit_tile (
    level INTEGER NOT NULL,
    tile_index INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, tile_index)
) STRICT;

CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
) STRICT;
