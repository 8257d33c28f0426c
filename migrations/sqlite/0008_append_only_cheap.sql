-- The same refusal as before, at half the price. A trigger that may abort a statement makes SQLite copy
-- every page the statement touches beforehand, so that it can be put back: one page per record. Failing
-- stops the row just as well, and the transaction is rolled back by who began it.

DROP TRIGGER audit_log_next_seq;

CREATE TRIGGER audit_log_next_seq BEFORE INSERT ON audit_log
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM audit_log)
BEGIN
    SELECT RAISE(FAIL, 'audit_log is append-only: seq is not the next one');
END;
