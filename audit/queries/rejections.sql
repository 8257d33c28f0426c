-- Every rejected message by reason, as its latest verdict is.
SELECT
    e.reason,
    e.seq,
    strftime('%Y-%m-%dT%H:%M:%S', a.recorded_at / 1000000, 'unixepoch') || 'Z' AS recorded_at,
    e.service_type,
    e.instance_id,
    e.source,
    e.id,
    a.payload_len
FROM v_event AS e
INNER JOIN v_audit AS a ON a.seq = e.seq
WHERE e.verdict = 'rejected'
ORDER BY e.reason, e.seq;
