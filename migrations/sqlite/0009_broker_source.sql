-- What was found out about the broker beside the positions of migration 0005: which streams of a name
-- have been seen, how far each durable's sequences are accounted for, and which gaps are told. A
-- finding is one record of the log for ever, so what was told is kept here.

CREATE TABLE broker_stream (
    stream TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    -- The greatest sequence recorded when the stream was last found to end before it; 0 is never.
    rewound_from INTEGER NOT NULL,
    PRIMARY KEY (stream, created_ns)
) STRICT, WITHOUT ROWID;

INSERT INTO broker_stream (stream, created_ns, rewound_from)
SELECT DISTINCT stream, created_ns, 0 FROM broker_epoch;

-- Up to complete_to each sequence is recorded, told as a gap, or older than what this database began
-- with. shared: other members of the durable's group record some messages elsewhere.
CREATE TABLE broker_durable (
    stream TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    durable TEXT NOT NULL,
    complete_to INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    PRIMARY KEY (stream, created_ns, durable)
) STRICT, WITHOUT ROWID;

CREATE TABLE broker_gap (
    stream TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    PRIMARY KEY (stream, created_ns, first_sequence)
) STRICT, WITHOUT ROWID;
