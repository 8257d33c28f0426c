-- When another rule book came into force, by its digest, and who ran it.
SELECT
    seq,
    strftime('%Y-%m-%dT%H:%M:%S', recorded_at / 1000000, 'unixepoch') || 'Z' AS recorded_at,
    actor,
    subject AS book
FROM v_audit
WHERE kind = 'ruleset.changed'
ORDER BY seq;
