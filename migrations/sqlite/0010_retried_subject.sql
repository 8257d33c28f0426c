-- A retried verdict may understand more of a message than the first one did: which service type and
-- instance it is about. The body of such a record names them as `subject`, and the view reads it there.

DROP VIEW v_event;

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
            WHEN m.verdict = 'accepted' AND i.ended_time IS NOT NULL
                AND (rtrim(m.event_time, 'Z'), m.stream_seq, m.seq) > (
                    strftime('%Y-%m-%dT%H:%M:%S', (i.ended_time - (i.ended_time % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
                    || CASE
                        WHEN i.ended_time % 1000000 = 0 THEN ''
                        ELSE '.' || rtrim(printf('%06d', (i.ended_time % 1000000 + 1000000) % 1000000), '0')
                    END,
                    i.ended_stream_seq,
                    i.ended_log_seq
                )
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
        CAST(substr(r.broker_pos, length(r.before_stored) + 1) AS INTEGER) / 1000 AS stored_us,
        coalesce(
            CAST(substr(r.broker_pos, length(rtrim(substr(r.before_stored, 1, length(r.before_stored) - 1), '0123456789')) + 1) AS INTEGER),
            json_extract(r.body, '$.stream_seq'),
            0
        ) AS stream_seq
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
LEFT JOIN status_alias AS s ON s.service_type = m.service_type AND s.word = m.word
LEFT JOIN instance AS i ON i.service_type = m.service_type AND i.instance_id = m.instance_id;
