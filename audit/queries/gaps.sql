-- What the stream lost, repeated or began again (docs/formats/record.md).
SELECT
    seq,
    strftime('%Y-%m-%dT%H:%M:%S', recorded_at / 1000000, 'unixepoch') || 'Z' AS recorded_at,
    kind,
    substr(subject, 8) AS stream,
    reason,
    json_extract(body, '$.first') AS first_sequence,
    json_extract(body, '$.last') AS last_sequence,
    json_extract(body, '$.last') - json_extract(body, '$.first') + 1 AS messages,
    body
FROM v_audit
WHERE kind IN ('source.gap', 'source.reset', 'source.divergence')
ORDER BY seq;
