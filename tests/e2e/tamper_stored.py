"""More manipulations: how values are stored, what the schema says, what tables and indexes hold."""

import hashlib
from collections.abc import Callable

from evidence import COLUMNS, Evidence
from tamper_cases import DUPLICATE, NONE, SIZE, Case


def rebuilt_unchecked(assignment: str) -> Callable[[Evidence], None]:
    def change(evidence: Evidence) -> None:
        evidence.run_unchecked("audit_log", "UPDATE audit_log SET " + assignment)
        evidence.rebuild_tree()

    return change


GREATEST = 9223372036854775807
ROW_OF_THE_GREATEST_NUMBER = DUPLICATE.replace("{size}", str(GREATEST))


def unchecked(table: str, assignment: str) -> Callable[[Evidence], None]:
    return lambda evidence: evidence.run_unchecked(table, f"UPDATE {table} SET {assignment}")


def as_blob(column: str, seq: int = 10) -> Case:
    change = unchecked("audit_log", f"{column} = CAST({column} AS BLOB) WHERE seq = {seq}")
    return Case(f"{column} stored as BLOB", change, 1, seq)


# The bytes that are hashed stay as they are; SQL that compares them finds them no more.
STORAGE_CASES = (
    *(as_blob(column) for column in COLUMNS.replace(",", "").split() if column not in ("tenant", "reason")),
    Case(
        "a kind stored as BLOB, a tree to match",
        rebuilt_unchecked("kind = CAST(kind AS BLOB) WHERE seq = 10"),
        1,
        10,
    ),
    Case(
        "a payload stored as text",
        unchecked("audit_payload", "payload = CAST(payload AS TEXT) WHERE seq = 4"),
        1,
        4,
    ),
    Case("a row of the greatest number", ROW_OF_THE_GREATEST_NUMBER, 1, SIZE),
    Case(
        "a payload of the greatest number",
        f"INSERT INTO audit_payload VALUES ({GREATEST}, X'', X'', NULL, NULL)",
        1,
        GREATEST,
    ),
    Case("the frontier stored as text", unchecked("audit_head", "frontier = CAST(frontier AS TEXT)"), 1, NONE),
    Case("the log's name stored as BLOB", unchecked("log_identity", "log_id = CAST(log_id AS BLOB)"), 1, NONE),
    Case("a stored note as BLOB", unchecked("audit_checkpoint", "note = CAST(note AS BLOB)"), 1, NONE),
    Case("no frontier", unchecked("audit_head", "frontier = NULL"), 1, NONE),
    Case("no edge", unchecked("audit_head", "edge = NULL"), 1, NONE),
    Case("no size", unchecked("audit_head", "size = NULL"), 1, 0),
    Case("no root in the seal", unchecked("audit_seal", "root = NULL"), 1, NONE),
    Case("no signature in the seal", unchecked("audit_seal", "signature = NULL"), 1, NONE),
    Case("no hashes in a tile", unchecked("audit_tile", "hashes = NULL"), 1, NONE),
    Case("no name of the log", unchecked("log_identity", "log_id = NULL"), 1, NONE),
    Case("no stored note", unchecked("audit_checkpoint", "note = NULL"), 1, NONE),
)

REBUILD = ("--rebuild",)


def behind_an_index(table: str, columns: str, assignment: str) -> Callable[[Evidence], None]:
    return lambda evidence: evidence.run_behind_an_index(table, columns, f"UPDATE {table} SET {assignment}")


# An index that holds what the table held before: SQLite would answer from it, if it were asked.
INDEX_CASES = (
    Case(
        "a record changed behind an index",
        behind_an_index("audit_log", f"seq, {COLUMNS}", "outcome = 'rejected' WHERE seq = 10"),
        1,
        10,
    ),
    Case(
        "a payload changed behind an index",
        behind_an_index(
            "audit_payload", "seq, salt, payload, subject, headers", "payload = X'7b7d' WHERE seq = 4"
        ),
        1,
        4,
    ),
    Case(
        "the payloads' rows and an index that differ",
        lambda evidence: evidence.run_behind_an_index(
            "audit_payload", "subject", "UPDATE audit_payload SET subject = 'x' WHERE seq = 4"
        ),
        1,
        NONE,
        REBUILD,
    ),
    Case(
        "a tile changed behind an index",
        behind_an_index("audit_tile", "level, tile_index, hashes", "hashes = zeroblob(8192)"),
        1,
        NONE,
    ),
    Case(
        "the head changed behind an index",
        behind_an_index("audit_head", "id, size, frontier, edge", "edge = X''"),
        1,
        NONE,
    ),
    Case(
        "a stored note changed behind an index",
        behind_an_index("audit_checkpoint", "size, note", "note = 'x'"),
        1,
        NONE,
    ),
)


def without_rows(index: str, columns: str) -> Case:
    """An index that holds nothing, under the definition of the one that was there."""
    empty = f"CREATE INDEX {index} ON audit_log ({columns}) WHERE kind = 'nothing'"
    change = lambda evidence: evidence.run_as_defined(index, empty, f"REINDEX {index}")
    return Case(f"index {index} emptied", change, 1, NONE, REBUILD)


def with_a_book_in_use(book: bytes) -> Callable[[Evidence], None]:
    digest = "sha256:" + hashlib.sha256(book).hexdigest()
    return lambda evidence: evidence.run(
        f"INSERT INTO book VALUES ('{digest}', X'{book.hex()}'); UPDATE book_in_use SET digest = '{digest}'"
    )


DERIVED_TABLES = ("instance", "instance_event", "interval", "event_after_end", "instance_run", "instance_chunk")
EMPTY_DERIVED = "".join(f"DELETE FROM {table};" for table in DERIVED_TABLES)
A_GHOST = (
    "INSERT INTO instance VALUES (3, 'vm', 'ghost', 'p', 'RUNNING', 5, 1, 5, 0, 3, NULL, NULL, NULL);"
    "INSERT INTO interval VALUES (3, 5, NULL, 'p', 'RUNNING', 1, NULL, 0);"
)
OTHER_WORDS = "INSERT OR REPLACE INTO status_alias VALUES ('vm', 'RUNNING', 'STOPPED');"

# What follows from nothing: that it reaches no record, or goes by a rule book that is not there.
UNFOLLOWED_CASES = (
    Case(
        "an instance where nothing is projected",
        f"{EMPTY_DERIVED}{A_GHOST} UPDATE projection SET log_size = 0",
        1,
        NONE,
        REBUILD,
    ),
    Case(
        "an instance under an unknown lifecycle where nothing is projected",
        f"{EMPTY_DERIVED}{A_GHOST} UPDATE projection SET log_size = 0, lifecycle_digest = 'x'",
        1,
        NONE,
        REBUILD,
    ),
    *(
        Case(f"{table} filled where nothing is projected", f"{EMPTY_DERIVED}{row} UPDATE projection SET log_size = 0", 1, NONE, REBUILD)
        for table, row in (
            ("instance", A_GHOST.partition(";")[0] + ";"),
            ("interval", A_GHOST.partition(";")[2]),
            ("event_after_end", "INSERT INTO event_after_end VALUES (3, 3);"),
            ("instance_event", "INSERT INTO instance_event VALUES (0, 3, 3, 5, 0, 'p', 'RUNNING');"),
            ("instance_run", "INSERT INTO instance_run VALUES (0, 0, 3, X'', X'');"),
            ("instance_chunk", "INSERT INTO instance_chunk VALUES (0, 0, X'');"),
        )
    ),
    Case(
        "nothing projected, under an unknown lifecycle",
        f"{EMPTY_DERIVED} UPDATE projection SET log_size = 0, lifecycle_digest = 'x'",
        6,
        NONE,
        REBUILD,
    ),
    Case("the rule books deleted", "PRAGMA foreign_keys = OFF; DELETE FROM book", 1, NONE, REBUILD),
    Case(
        "another rule book in use, which is not there",
        f"UPDATE book_in_use SET digest = 'y', lifecycle_digest = 'x'; {OTHER_WORDS}",
        1,
        NONE,
        REBUILD,
    ),
    Case(
        "the rule book in use deleted, and its lifecycle unknown",
        f"PRAGMA foreign_keys = OFF; DELETE FROM book; UPDATE book_in_use SET lifecycle_digest = 'x'; {OTHER_WORDS}",
        1,
        NONE,
        REBUILD,
    ),
    Case("no rule book in use", f"DELETE FROM book_in_use; {OTHER_WORDS}", 1, NONE, REBUILD),
)

DERIVED_CASES = (
    *(
        without_rows(index, columns)
        for index, columns in (
            ("audit_log_rejected", "seq"),
            ("audit_log_not_accepted", "subject"),
            ("audit_log_clamped", "seq"),
        )
    ),
    Case(
        "an index of other rows",
        lambda evidence: evidence.run_as_defined(
            "audit_log_gap", "CREATE INDEX audit_log_gap ON audit_log (seq)", "REINDEX audit_log_gap"
        ),
        1,
        NONE,
        REBUILD,
    ),
    *(
        Case(
            f"{table}.{column} stored as BLOB",
            unchecked(table, f"{column} = CAST({column} AS BLOB)"),
            1,
            NONE,
            REBUILD,
        )
        for table, column in (
            ("instance", "status"),
            ("interval", "state"),
            ("instance_event", "word"),
            ("projection", "lifecycle_digest"),
            ("book_in_use", "digest"),
        )
    ),
    Case("a rule book edited", "UPDATE book SET bytes = CAST(bytes || ' ' AS BLOB)", 1, NONE, REBUILD),
    Case("a rule book that no record names", with_a_book_in_use(b"name: foreign"), 1, NONE, REBUILD),
    Case(
        "another lifecycle in use",
        "UPDATE book_in_use SET lifecycle_digest = replace(lifecycle_digest, 'a', 'b')",
        1,
        NONE,
        REBUILD,
    ),
    Case(
        "an instance of the greatest number",
        "INSERT INTO instance SELECT 9223372036854775807, 'vm', 'x', provider, status, since, events,"
        " last_time, last_stream_seq, last_log_seq, NULL, NULL, NULL FROM instance LIMIT 1",
        1,
        NONE,
        REBUILD,
    ),
    Case(
        "an interval of the greatest number",
        "INSERT INTO interval SELECT 9223372036854775807, started_at, ended_at, provider, state,"
        " opened_by_seq, closed_by_seq, doubtful FROM interval LIMIT 1",
        1,
        NONE,
        REBUILD,
    ),
)

GUARD = "CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN SELECT 1; END"
THIEF = (
    "CREATE TRIGGER {0} AFTER INSERT ON audit_payload BEGIN INSERT INTO book VALUES"
    " (hex(NEW.seq), NEW.payload); END"
)


def planted(kind: str, name: str, sql: str) -> Callable[[Evidence], None]:
    return lambda evidence: evidence.plant(kind, name, sql.format(name))


def without_guard(name: str) -> Callable[[Evidence], None]:
    return lambda evidence: evidence.dropped.pop(name)


def with_weak_guard(evidence: Evidence) -> None:
    evidence.dropped["audit_log_no_update"] = GUARD.replace(" BEGIN", "\nBEGIN")


SCHEMA_CASES = (
    Case("a view redefined", "DROP VIEW v_event; CREATE VIEW v_event AS SELECT 1 AS seq", 1, NONE),
    Case("a view dropped", "DROP VIEW audit_leaf", 1, NONE),
    Case("an index dropped", "DROP INDEX audit_log_rejected", 1, NONE),
    Case("a guard dropped", without_guard("audit_log_no_update"), 1, NONE),
    Case("a guard that refuses nothing", with_weak_guard, 1, NONE),
    Case("a table made loose", "DROP TABLE export_run; CREATE TABLE export_run (name TEXT)", 1, NONE),
    Case("a table of the billing data dropped", "DROP TABLE interval", 1, NONE, REBUILD),
    *(
        Case(name, lambda evidence, sql=sql: evidence.run(sql), 1, NONE)
        for name, sql in (
            ("an index by an expression", "CREATE INDEX by_year ON audit_log (substr(body, 16, 4))"),
            ("an index of some rows", "CREATE INDEX \"it's\" ON audit_seal (size) WHERE size > 5"),
        )
    ),
    Case("a trigger added", lambda evidence: evidence.run(THIEF.format("thief")), 1, NONE),
    Case("a trigger under a name of SQLite's", planted("trigger", "sqlite_x", THIEF), 1, NONE),
    Case("a trigger under the name of statistics", planted("trigger", "sqlite_stat1", THIEF), 1, NONE),
    Case(
        "an index under a name of SQLite's",
        lambda evidence: evidence.rename_index("sqlite_by_kind", "CREATE INDEX {0} ON audit_log (kind)"),
        1,
        NONE,
    ),
)
