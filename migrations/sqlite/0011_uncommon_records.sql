-- Finds what is uncommon in the log without reading all of it: the quarantine in the order of
-- recording, the messages about an instance that were not accepted, and clamped event times. An
-- ordinary accepted event is in none of them and costs no page.

CREATE INDEX audit_log_rejected ON audit_log (seq)
WHERE kind = 'event.received' AND outcome = 'rejected';

CREATE INDEX audit_log_not_accepted ON audit_log (subject)
WHERE kind = 'event.received' AND outcome <> 'accepted';

CREATE INDEX audit_log_clamped ON audit_log (seq) WHERE instr(body, '"time_clamped"') > 0;
