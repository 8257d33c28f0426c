-- A statement seals the lines of its period: they are written before it, and none is added or replaced
-- afterwards. A test behind the insert is cheaper than one before it, which copies the whole row first.

DROP TRIGGER statement_line_next;

CREATE TRIGGER statement_line_next AFTER INSERT ON statement_line
WHEN NEW.line >= coalesce((SELECT line_end FROM closed_period WHERE period_no = NEW.period_no), 0)
    OR NEW.line < (SELECT first_line FROM closed_period WHERE period_no = NEW.period_no)
    OR EXISTS (SELECT 1 FROM statement WHERE period_no = NEW.period_no)
BEGIN
    SELECT RAISE(ABORT, 'statement_line is append-only: not a line of a period that is being closed');
END;
