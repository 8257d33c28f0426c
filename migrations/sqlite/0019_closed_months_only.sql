-- A line is taken only within the range of a month that is there: of an unknown month the test before
-- let negative numbers pass, because it compared them with nothing. And a month is closed once:
-- INSERT OR REPLACE removes the row that has its name, and no delete trigger sees that.

DROP TRIGGER statement_line_next;

CREATE TRIGGER statement_line_next AFTER INSERT ON statement_line
WHEN NOT EXISTS (
        SELECT 1 FROM closed_period
        WHERE period_no = NEW.period_no AND first_line <= NEW.line AND NEW.line < line_end
    )
    OR EXISTS (SELECT 1 FROM statement WHERE period_no = NEW.period_no)
BEGIN
    SELECT RAISE(ABORT, 'statement_line is append-only: not a line of a period that is being closed');
END;

DROP TRIGGER closed_period_next;

CREATE TRIGGER closed_period_next BEFORE INSERT ON closed_period
WHEN NEW.period_no IS NOT (SELECT coalesce(max(period_no), 0) + 1 FROM closed_period)
    OR NEW.first_statement IS NOT (SELECT coalesce(max(statement_end), 1) FROM closed_period)
    OR NEW.first_line IS NOT (SELECT coalesce(max(line_end), 1) FROM closed_period)
    OR NEW.started_at < (SELECT max(ended_at) FROM closed_period)
    OR EXISTS (SELECT 1 FROM closed_period WHERE period = NEW.period)
BEGIN
    SELECT RAISE(FAIL, 'closed_period is append-only: not the next period');
END;
