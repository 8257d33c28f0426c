-- Closed billing periods, one statement for each tenant, and their lines. What is here was billed: it is
-- written when a period is closed, in one transaction, and never changed. Lines count on from 1 over
-- all periods; each period and each statement names the stretch of lines that is its own, so that
-- nothing can be added to it afterwards.

CREATE TABLE closed_period (
    period_no INTEGER PRIMARY KEY,
    period TEXT NOT NULL UNIQUE,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    timezone TEXT NOT NULL,
    currency TEXT NOT NULL,
    book_digest TEXT NOT NULL REFERENCES book (digest),
    tzdata TEXT NOT NULL,
    log_size INTEGER NOT NULL,
    log_root TEXT NOT NULL,
    checkpoint TEXT,
    closed_at INTEGER NOT NULL,
    closed_by_seq INTEGER NOT NULL,
    first_statement INTEGER NOT NULL,
    statement_end INTEGER NOT NULL,
    first_line INTEGER NOT NULL,
    line_end INTEGER NOT NULL,
    lines_sha256 TEXT NOT NULL
) STRICT;

CREATE TABLE statement (
    statement_no INTEGER PRIMARY KEY,
    period_no INTEGER NOT NULL REFERENCES closed_period (period_no),
    tenant TEXT NOT NULL,
    total TEXT NOT NULL,
    total_rounded TEXT NOT NULL,
    first_line INTEGER NOT NULL,
    line_end INTEGER NOT NULL,
    UNIQUE (period_no, tenant)
) STRICT;

-- A rounding line is about no instance. Of a line with an allowance, tiers or spend limits the cost is
-- not quantity × unit price, and there is none.
CREATE TABLE statement_line (
    line INTEGER PRIMARY KEY,
    period_no INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('usage', 'reversal', 'correction', 'rounding')),
    tenant TEXT NOT NULL,
    provider TEXT,
    service_type TEXT,
    instance_id TEXT,
    meter TEXT NOT NULL,
    rate TEXT NOT NULL,
    state TEXT,
    charge_start INTEGER NOT NULL,
    charge_end INTEGER NOT NULL,
    billed INTEGER NOT NULL,
    quantity TEXT,
    unit TEXT,
    unit_price TEXT,
    cost TEXT NOT NULL,
    corrects INTEGER
) STRICT;

-- Lines of closed periods that later ones corrected; no other row is in it.
CREATE INDEX statement_line_corrects ON statement_line (corrects) WHERE corrects IS NOT NULL;

CREATE INDEX statement_line_correction ON statement_line (charge_start) WHERE kind = 'correction';

-- What stands against closing a period, and is uncommon.
CREATE INDEX audit_log_gap ON audit_log (seq) WHERE kind = 'source.gap';

CREATE TRIGGER closed_period_next BEFORE INSERT ON closed_period
WHEN NEW.period_no IS NOT (SELECT coalesce(max(period_no), 0) + 1 FROM closed_period)
    OR NEW.first_statement IS NOT (SELECT coalesce(max(statement_end), 1) FROM closed_period)
    OR NEW.first_line IS NOT (SELECT coalesce(max(line_end), 1) FROM closed_period)
    OR NEW.started_at < (SELECT max(ended_at) FROM closed_period)
BEGIN
    SELECT RAISE(FAIL, 'closed_period is append-only: not the next period');
END;

CREATE TRIGGER closed_period_no_update BEFORE UPDATE ON closed_period
BEGIN
    SELECT RAISE(ABORT, 'closed_period is append-only: no update');
END;

CREATE TRIGGER closed_period_no_delete BEFORE DELETE ON closed_period
BEGIN
    SELECT RAISE(ABORT, 'closed_period is append-only: no delete');
END;

CREATE TRIGGER statement_next BEFORE INSERT ON statement
WHEN NEW.statement_no IS NOT (SELECT coalesce(max(statement_no), 0) + 1 FROM statement)
    OR NEW.statement_no >= coalesce(
        (SELECT statement_end FROM closed_period WHERE period_no = NEW.period_no), 0
    )
    OR EXISTS (SELECT 1 FROM statement WHERE period_no = NEW.period_no AND tenant = NEW.tenant)
BEGIN
    SELECT RAISE(FAIL, 'statement is append-only: not the next one of its period');
END;

CREATE TRIGGER statement_no_update BEFORE UPDATE ON statement
BEGIN
    SELECT RAISE(ABORT, 'statement is append-only: no update');
END;

CREATE TRIGGER statement_no_delete BEFORE DELETE ON statement
BEGIN
    SELECT RAISE(ABORT, 'statement is append-only: no delete');
END;

CREATE TRIGGER statement_line_next BEFORE INSERT ON statement_line
WHEN NEW.line IS NOT (SELECT coalesce(max(line), 0) + 1 FROM statement_line)
    OR NEW.line >= coalesce(
        (SELECT line_end FROM closed_period WHERE period_no = NEW.period_no), 0
    )
BEGIN
    SELECT RAISE(FAIL, 'statement_line is append-only: not the next line of its period');
END;

CREATE TRIGGER statement_line_no_update BEFORE UPDATE ON statement_line
BEGIN
    SELECT RAISE(ABORT, 'statement_line is append-only: no update');
END;

CREATE TRIGGER statement_line_no_delete BEFORE DELETE ON statement_line
BEGIN
    SELECT RAISE(ABORT, 'statement_line is append-only: no delete');
END;

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
    CASE WHEN l.billed < 0 THEN '-' ELSE '' END || abs(l.billed) / 1000000
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
