-- Corrections to billing periods that were closed, and the closings they follow.
SELECT
    seq,
    strftime('%Y-%m-%dT%H:%M:%S', recorded_at / 1000000, 'unixepoch') || 'Z' AS recorded_at,
    kind,
    actor,
    subject,
    tenant,
    outcome,
    reason,
    body
FROM v_audit
WHERE kind IN ('period.closed', 'correction.made')
ORDER BY seq;
