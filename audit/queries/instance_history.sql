-- Who reported what about one instance, when, and what became of it.
-- param service_type: such as vm
-- param instance: the instance's id
SELECT
    e.seq,
    strftime('%Y-%m-%dT%H:%M:%S', a.recorded_at / 1000000, 'unixepoch') || 'Z' AS recorded_at,
    a.actor AS recorded_by,
    e.source,
    e.id,
    e.status,
    e.event_time,
    e.verdict,
    e.reason,
    e.flags
FROM v_event AS e
INNER JOIN v_audit AS a ON a.seq = e.seq
WHERE a.kind = 'event.received' AND a.subject = :service_type || '/' || :instance
ORDER BY e.seq;
