-- Instance ids are random: an index on them touches another page with nearly every new instance, and
-- that was most of what a large database wrote. They are found like identities instead (migration
-- 0004), through sorted runs that are written once; instances newer than the newest run are read from
-- their table. Of v_event's columns only the flag after_end asked for an instance by its id; the few
-- events that have it get a table of their own.

DROP VIEW v_event;
DROP VIEW v_instance;
DROP VIEW v_usage_interval;

CREATE TABLE instance_by_number (
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
    ended_log_seq INTEGER
) STRICT;

INSERT INTO instance_by_number
SELECT
    instance_no, service_type, instance_id, provider, status, since, events, last_time,
    last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq
FROM instance
ORDER BY instance_no;

DROP TABLE instance;

ALTER TABLE instance_by_number RENAME TO instance;

CREATE TABLE instance_run (
    run INTEGER PRIMARY KEY,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    filter BLOB NOT NULL,
    fence BLOB NOT NULL
) STRICT;

CREATE TABLE instance_chunk (
    run INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (run, chunk)
) STRICT;

-- Events that follow the first end of their instance in order.
CREATE TABLE event_after_end (
    seq INTEGER PRIMARY KEY,
    instance_no INTEGER NOT NULL
) STRICT;

INSERT INTO event_after_end (seq, instance_no)
SELECT e.log_seq, e.instance_no
FROM instance_event AS e
INNER JOIN instance AS i ON i.instance_no = e.instance_no
WHERE i.ended_time IS NOT NULL
    AND (e.event_time, e.stream_seq, e.log_seq)
    > (i.ended_time, i.ended_stream_seq, i.ended_log_seq);

CREATE VIEW v_event (
    seq, service_type, instance_id, provider, status, event_time, store_time, source, id, verdict,
    reason, flags
) AS
SELECT
    m.seq,
    m.service_type,
    m.instance_id,
    coalesce(
        p.provider,
        CASE
            WHEN m.source GLOB 'dcm/providers/?*' AND instr(substr(m.source, 15), '/') = 0
                THEN substr(m.source, 15)
            WHEN m.source GLOB '/dcm/providers/?*' AND instr(substr(m.source, 16), '/') = 0
                THEN substr(m.source, 16)
            ELSE m.source
        END
    ),
    coalesce(s.status, m.word),
    m.event_time,
    coalesce(
        strftime('%Y-%m-%dT%H:%M:%S', (m.stored_us - (m.stored_us % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
        || CASE
            WHEN m.stored_us % 1000000 = 0 THEN ''
            ELSE '.' || rtrim(printf('%06d', (m.stored_us % 1000000 + 1000000) % 1000000), '0')
        END || 'Z',
        m.store_time
    ),
    m.source,
    m.id,
    m.verdict,
    m.reason,
    trim(
        CASE
            WHEN m.verdict = 'accepted' AND EXISTS (SELECT 1 FROM event_after_end AS x WHERE x.seq = m.seq)
                THEN 'after_end,'
            ELSE ''
        END || coalesce(m.flags, ''),
        ','
    )
FROM (
    SELECT
        r.seq,
        CASE WHEN instr(r.subject, '/') > 0 THEN substr(r.subject, 1, instr(r.subject, '/') - 1) END AS service_type,
        CASE WHEN instr(r.subject, '/') > 0 THEN nullif(substr(r.subject, instr(r.subject, '/') + 1), '') END AS instance_id,
        r.source,
        r.id,
        r.verdict,
        r.reason,
        json_extract(r.body, '$.word') AS word,
        json_extract(r.body, '$.event_time') AS event_time,
        json_extract(r.body, '$.store_time') AS store_time,
        replace(trim(json_extract(r.body, '$.flags'), '[]'), '"', '') AS flags,
        -- stream|created_ns|seq|msg_ts_ns, taken apart from its end: a stream may have any name.
        CAST(substr(r.broker_pos, length(r.before_stored) + 1) AS INTEGER) / 1000 AS stored_us
    FROM (
        SELECT
            a.seq,
            coalesce(json_extract(q.body, '$.subject'), a.subject) AS subject,
            a.broker_pos,
            rtrim(a.broker_pos, '-0123456789') AS before_stored,
            coalesce(q.ce_source, a.ce_source) AS source,
            coalesce(q.ce_id, a.ce_id) AS id,
            coalesce(q.outcome, a.outcome) AS verdict,
            CASE WHEN q.seq IS NULL THEN a.reason ELSE q.reason END AS reason,
            coalesce(q.body, a.body) AS body
        FROM audit_log AS a
        LEFT JOIN audit_log AS q
            ON q.seq = (
                SELECT max(l.seq) FROM audit_log AS l
                WHERE l.kind = 'quarantine.retried' AND l.subject = 'seq/' || a.seq
            )
        WHERE a.kind = 'event.received'
    ) AS r
) AS m
LEFT JOIN provider_name AS p ON p.source = m.source
LEFT JOIN status_alias AS s ON s.service_type = m.service_type AND s.word = m.word;

CREATE VIEW v_instance (service_type, instance_id, provider, status, since, last_seen, events) AS
SELECT
    service_type,
    instance_id,
    provider,
    status,
    strftime('%Y-%m-%dT%H:%M:%S', (since - (since % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || CASE
        WHEN since % 1000000 = 0 THEN ''
        ELSE '.' || rtrim(printf('%06d', (since % 1000000 + 1000000) % 1000000), '0')
    END || 'Z',
    strftime('%Y-%m-%dT%H:%M:%S', (last_time - (last_time % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || CASE
        WHEN last_time % 1000000 = 0 THEN ''
        ELSE '.' || rtrim(printf('%06d', (last_time % 1000000 + 1000000) % 1000000), '0')
    END || 'Z',
    events
FROM instance;

CREATE VIEW v_usage_interval (
    service_type, instance_id, provider, tenant, state, started_at, ended_at, opened_by_seq,
    closed_by_seq, flags
) AS
SELECT
    i.service_type,
    i.instance_id,
    u.provider,
    'unassigned',
    u.state,
    strftime('%Y-%m-%dT%H:%M:%S', (u.started_at - (u.started_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || CASE
        WHEN u.started_at % 1000000 = 0 THEN ''
        ELSE '.' || rtrim(printf('%06d', (u.started_at % 1000000 + 1000000) % 1000000), '0')
    END || 'Z',
    strftime('%Y-%m-%dT%H:%M:%S', (u.ended_at - (u.ended_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || CASE
        WHEN u.ended_at % 1000000 = 0 THEN ''
        ELSE '.' || rtrim(printf('%06d', (u.ended_at % 1000000 + 1000000) % 1000000), '0')
    END || 'Z',
    u.opened_by_seq,
    u.closed_by_seq,
    CASE WHEN u.doubtful <> 0 THEN 'doubtful' ELSE '' END
FROM interval AS u
INNER JOIN instance AS i ON i.instance_no = u.instance_no;
