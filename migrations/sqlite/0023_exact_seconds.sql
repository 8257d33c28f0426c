-- billed_seconds was no exact decimal where a length has a fraction of a second: || binds more strongly
-- than /, so that two texts were divided, in binary floating point.

DROP VIEW v_statement_line;

CREATE VIEW v_statement_line (
    period, line, tenant, provider, service_type, instance_id, meter, rate, state, charge_start,
    charge_end, billed_seconds, quantity, unit, unit_price, cost, currency, corrects
) AS
SELECT
    p.period,
    l.line,
    l.tenant,
    l.provider,
    l.service_type,
    l.instance_id,
    l.meter,
    l.rate,
    l.state,
    strftime('%Y-%m-%dT%H:%M:%S', (l.charge_start - (l.charge_start % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || CASE
        WHEN l.charge_start % 1000000 = 0 THEN ''
        ELSE '.' || rtrim(printf('%06d', (l.charge_start % 1000000 + 1000000) % 1000000), '0')
    END || 'Z',
    strftime('%Y-%m-%dT%H:%M:%S', (l.charge_end - (l.charge_end % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch')
    || CASE
        WHEN l.charge_end % 1000000 = 0 THEN ''
        ELSE '.' || rtrim(printf('%06d', (l.charge_end % 1000000 + 1000000) % 1000000), '0')
    END || 'Z',
    CASE WHEN l.billed < 0 THEN '-' ELSE '' END || (abs(l.billed) / 1000000)
    || CASE
        WHEN l.billed % 1000000 = 0 THEN ''
        ELSE '.' || rtrim(printf('%06d', abs(l.billed) % 1000000), '0')
    END,
    l.quantity,
    l.unit,
    l.unit_price,
    l.cost,
    p.currency,
    l.corrects
FROM statement_line AS l
INNER JOIN closed_period AS p ON p.period_no = l.period_no;
