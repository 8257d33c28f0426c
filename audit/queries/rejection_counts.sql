-- How many messages were rejected for each reason, and which was the first and the last.
SELECT reason, count(*) AS messages, min(seq) AS first_seq, max(seq) AS last_seq
FROM v_event
WHERE verdict = 'rejected'
GROUP BY reason
ORDER BY messages DESC, reason;
