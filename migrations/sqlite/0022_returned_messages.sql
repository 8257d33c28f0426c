-- A stream that lost its end may come to hold again what it held before, as when a copy of the broker's
-- store is put in place and taken away again. Such messages are in the log and are not recorded twice;
-- what is found of them behind same_to is kept here, so that their sequences are accounted for.

CREATE TABLE broker_returned (
    stream TEXT NOT NULL,
    created_ns INTEGER NOT NULL,
    -- Sequences [first, last] are recorded at [first_seq, first_seq + last - first].
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    -- The size of the log when the first of them was found.
    found_at INTEGER NOT NULL,
    PRIMARY KEY (stream, created_ns, first_sequence)
) STRICT, WITHOUT ROWID;

-- Before migration 0021 only rewound_from was kept, and the record told where the stream ended.
UPDATE broker_stream
SET
    rewound_at = coalesce((
        SELECT a.seq + 1 FROM audit_log AS a
        WHERE a.kind = 'source.reset' AND a.reason = 'rewound'
            AND json_extract(a.body, '$.stream') = broker_stream.stream
            AND json_extract(a.body, '$.created') = broker_stream.created_ns
        ORDER BY a.seq DESC LIMIT 1
    ), 0),
    same_to = coalesce((
        SELECT json_extract(a.body, '$.last') FROM audit_log AS a
        WHERE a.kind = 'source.reset' AND a.reason = 'rewound'
            AND json_extract(a.body, '$.stream') = broker_stream.stream
            AND json_extract(a.body, '$.created') = broker_stream.created_ns
        ORDER BY a.seq DESC LIMIT 1
    ), 0)
WHERE rewound_from > 0 AND rewound_at = 0;
