-- Whose payload was erased, by whom, when and why.
SELECT
    seq,
    strftime('%Y-%m-%dT%H:%M:%S', recorded_at / 1000000, 'unixepoch') || 'Z' AS recorded_at,
    actor,
    CAST(substr(subject, 5) AS INTEGER) AS redacted_seq,
    json_extract(body, '$.legal_ref') AS legal_ref
FROM v_audit
WHERE kind = 'payload.redacted'
ORDER BY seq;
