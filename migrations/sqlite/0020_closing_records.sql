-- Finds the records of closed months and of corrections without reading all of the log. An ordinary
-- record is not in it and costs no page.

CREATE INDEX audit_log_closing ON audit_log (seq) WHERE kind IN ('period.closed', 'correction.made');
