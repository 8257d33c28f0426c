-- Hours in which a source reported a status far more often than it usually does.
-- param times = 5: how many times the average of its other hours
-- param at_least = 20: fewer reports in an hour are never unusual
WITH hourly AS (
    SELECT source, status, substr(event_time, 1, 13) || ':00:00Z' AS hour, count(*) AS reports
    FROM v_event
    WHERE verdict = 'accepted'
    GROUP BY source, status, hour
),
usual AS (
    SELECT source, status, sum(reports) AS reports, count(*) AS hours
    FROM hourly
    GROUP BY source, status
)
SELECT
    h.source,
    h.status,
    h.hour,
    h.reports,
    (u.reports - h.reports) / (u.hours - 1) AS usual_reports,
    u.hours
FROM hourly AS h
INNER JOIN usual AS u ON u.source = h.source AND u.status = h.status
WHERE
    u.hours > 1
    AND h.reports >= CAST(:at_least AS INTEGER)
    AND h.reports * (u.hours - 1) > (u.reports - h.reports) * CAST(:times AS INTEGER)
ORDER BY h.source, h.hour, h.status;
