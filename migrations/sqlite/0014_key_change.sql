-- Finds the records by which the log changed its key (docs/formats/keys.md) without reading all of it. An
-- ordinary record is not in it and costs no page.

CREATE INDEX audit_log_key_change ON audit_log (seq) WHERE kind IN ('key.rotated', 'log.forked');
