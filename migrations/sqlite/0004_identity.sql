-- Which (source, id) were accepted, for ever. An index on them would touch another page with every
-- event; instead accepted events are collected and laid down in sorted runs, each written once. A
-- run's filter says for nearly every new event that it is not there. Everything in here follows from
-- audit_log; the records after the newest run are read from there.

CREATE TABLE identity_run (
    run INTEGER PRIMARY KEY,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    filter BLOB NOT NULL,
    fence BLOB NOT NULL
) STRICT;

CREATE TABLE identity_chunk (
    run INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (run, chunk)
) STRICT;
