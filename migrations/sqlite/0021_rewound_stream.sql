-- Where a stream was last found to have lost its end. What was recorded before, in the log below
-- rewound_at, is what the stream holds up to same_to; the sequences behind that are used again.

ALTER TABLE broker_stream ADD COLUMN rewound_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broker_stream ADD COLUMN same_to INTEGER NOT NULL DEFAULT 0;
