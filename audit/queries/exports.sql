-- What was exported, by whom and when; the body holds the hashes of the files.
SELECT
    seq,
    strftime('%Y-%m-%dT%H:%M:%S', recorded_at / 1000000, 'unixepoch') || 'Z' AS recorded_at,
    actor,
    subject,
    outcome,
    reason,
    body
FROM v_audit
WHERE kind = 'export.made'
ORDER BY seq;
