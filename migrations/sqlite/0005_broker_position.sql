-- Which broker positions are in the log: ranges in which stream sequence and log seq run in step. The
-- time of storing, the fourth part of a position, is compared in audit_log. A recovered stream may use
-- a sequence number again: the second message goes to the next epoch, so ranges of one epoch never
-- overlap.

CREATE TABLE broker_epoch (
    epoch INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    created_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE broker_range (
    epoch INTEGER NOT NULL REFERENCES broker_epoch (epoch),
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    PRIMARY KEY (epoch, first_sequence)
) STRICT, WITHOUT ROWID;
