"""The table of manipulations: what is done, the exit code of `audit verify`, the first bad record."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from evidence import COLUMNS, Evidence

# These stand for where the records end.
SIZE = "size"
LAST = "last"
NONE = "no single record"


@dataclass(frozen=True)
class Case:
    name: str
    change: str | Callable[[Evidence], None]  # SQL, with {size} and {last} filled in
    exit_code: int
    first_bad: int | str
    words: tuple[str, ...] = ()  # of `audit verify`


def edit(name: str, assignment: str, seq: int = 10, first_bad: int | None = None) -> Case:
    """A row changed; nothing else is."""
    script = f"UPDATE audit_log SET {assignment} WHERE seq = {seq}"
    return Case(name, script, 1, seq if first_bad is None else first_bad)


COLUMN_CASES = (
    edit("seq", "seq = 999999", first_bad=10),
    edit("recorded_at", "recorded_at = recorded_at - 1", 100),
    edit("recorded_at of the first record", "recorded_at = 0", 0),
    edit("kind", "kind = 'event.lost'"),
    edit("actor", "actor = 'user:root'"),
    edit("subject", "subject = 'vm/another'"),
    edit("tenant", "tenant = 'x'"),
    edit("ce_source", "ce_source = '/dcm/providers/other'"),
    edit("ce_id", "ce_id = ce_id || '1'"),
    edit("broker_pos", "broker_pos = 'file|0|1|0'"),
    edit("outcome", "outcome = 'rejected'"),
    edit("reason", "reason = 'bad_time'"),
    edit("body", "body = replace(body, '2026', '2025')"),
    edit("payload_commit", "payload_commit = printf('%064d', 0)"),
    edit("payload_len", "payload_len = payload_len + 1"),
    edit("tenant empty and not NULL", "tenant = ''", 3),
    edit("reason empty and not NULL", "reason = ''"),
    edit("body NULL", "body = NULL"),
    edit("payload_commit NULL", "payload_commit = NULL"),
    edit("payload_len NULL", "payload_len = NULL"),
    edit(
        "text moved over a border",
        "ce_source = ce_source || substr(ce_id, 1, 1), ce_id = substr(ce_id, 2)",
    ),
    edit(
        "text moved from actor to subject",
        "subject = substr(actor, -1) || subject, actor = substr(actor, 1, length(actor) - 1)",
    ),
    edit("a trailing space", "subject = subject || ' '"),
    edit("a line feed", "subject = subject || char(10)"),
    edit("another case of letters", "subject = upper(subject)"),
    edit("a space within JSON", "body = replace(body, ':', ': ')"),
    edit("U+0000", "subject = 'vm/x' || char(0) || 'y'"),
    edit("not UTF-8", "subject = CAST(X'766d2fff' AS TEXT)"),
    Case(
        "a row replaced",
        f"INSERT OR REPLACE INTO audit_log (seq, {COLUMNS}) SELECT 5,"
        f" {COLUMNS.replace('outcome', 'kind')} FROM audit_log WHERE seq = 5",
        1,
        5,
    ),
    edit("a leaf above the limit", "body = printf('%070000d', 0)"),
    )


def renumber(table: str, first: int, step: int) -> str:
    """Moves rows from a number on; by way of negative numbers, so that none are in the way."""
    return (
        f"UPDATE {table} SET seq = -1000 - seq WHERE seq >= {first};"
        f"UPDATE {table} SET seq = -1000 - seq + ({step}) WHERE seq < -999;"
    )


def delete_and_close_up(evidence: Evidence) -> None:
    for table in ("audit_log", "audit_payload"):
        evidence.run(f"DELETE FROM {table} WHERE seq = 100; " + renumber(table, 101, -1))
    evidence.rebuild_tree()


def insert_and_make_room(evidence: Evidence) -> None:
    for table in ("audit_log", "audit_payload"):
        evidence.run(renumber(table, 100, 1))
    evidence.run(
        f"INSERT INTO audit_log (seq, {COLUMNS}) SELECT 100, {WITHOUT_PAYLOAD} FROM audit_log"
        " WHERE seq = 99"
    )
    evidence.rebuild_tree()


SWAP = "".join(
    f"UPDATE {table} SET seq = -7 WHERE seq = 7; UPDATE {table} SET seq = 7 WHERE seq = 8;"
    f"UPDATE {table} SET seq = 8 WHERE seq = -7;"
    for table in ("audit_log", "audit_payload")
)
WITHOUT_PAYLOAD = COLUMNS.replace("payload_commit, payload_len", "NULL, NULL")
DUPLICATE = (
    f"INSERT INTO audit_log (seq, {COLUMNS}) SELECT {{size}}, {WITHOUT_PAYLOAD}"
    " FROM audit_log WHERE seq = {last}"
)


def rebuilt(script: str) -> Callable[[Evidence], None]:
    def change(evidence: Evidence) -> None:
        evidence.run(script)
        evidence.rebuild_tree()

    return change


EMPTY_ALL = (
    "DELETE FROM audit_log; DELETE FROM audit_payload; DELETE FROM audit_tile;"
    "UPDATE audit_head SET size = 0, frontier = X'', edge = X'';"
)

ROW_CASES = (
    Case("a row in the middle deleted", "DELETE FROM audit_log WHERE seq = 100", 1, 100),
    Case("the first row deleted", "DELETE FROM audit_log WHERE seq = 0", 1, 0),
    Case("the last row deleted", "DELETE FROM audit_log WHERE seq = {last}", 1, LAST),
    Case("a tile of rows deleted", "DELETE FROM audit_log WHERE seq < 256", 1, 0),
    Case("all rows deleted", "DELETE FROM audit_log", 1, 0),
    Case("a row deleted, the others moved, a tree to match", delete_and_close_up, 1, 0),
    Case("a row inserted, the others moved, a tree to match", insert_and_make_room, 1, 0),
    Case("two rows swapped", SWAP, 1, 7),
    Case("two rows swapped, a tree to match", rebuilt(SWAP), 1, 0),
    Case("a row changed, a tree to match", rebuilt(COLUMN_CASES[5].change), 1, 0),
    Case("the last row duplicated", DUPLICATE, 1, SIZE),
    Case("a row before the first", DUPLICATE.replace("{size}", "-1"), 1, -1),
    Case("a row far behind the last", DUPLICATE.replace("{size}", "999999"), 1, SIZE),
    Case("the end removed, head and tiles to match", lambda e: e.cut_to(e.size() - 3), 5, NONE),
    Case("everything removed", EMPTY_ALL + "DELETE FROM audit_checkpoint", 5, NONE),
    *(
        Case(f"table {table} dropped", f"DROP TABLE {table}", 1, 0)
        for table in (
            "audit_tile",
            "audit_head",
            "audit_log",
            "audit_payload",
            "audit_checkpoint",
            "audit_seal",
        )
    ),
)

TILE = "UPDATE audit_tile SET "
HEAD = "UPDATE audit_head SET "


def blob(expression: str) -> str:
    return f"CAST({expression} AS BLOB)"


TREE_CASES = (
    Case("a tile edited", TILE + "hashes = flipped(hashes)", 1, NONE),
    Case("a tile cut short", f"{TILE} hashes = substr(hashes, 33)", 1, NONE),
    Case("a tile emptied", f"{TILE} hashes = X''", 1, NONE),
    Case("a tile of zeros", f"{TILE} hashes = zeroblob(8192)", 1, NONE),
    Case("a tile too many", "INSERT INTO audit_tile SELECT 0, 99, hashes FROM audit_tile", 1, NONE),
    Case("a tile at another place", f"{TILE} tile_index = 1", 1, NONE),
    Case("a tile at another level", f"{TILE} level = 1", 1, NONE),
    Case("the tiles deleted", "DELETE FROM audit_tile", 1, NONE),
    Case("the head counts one more", f"{HEAD} size = size + 1", 1, SIZE),
    Case("the head counts one less", f"{HEAD} size = size - 1", 1, LAST),
    Case("the head counts nothing", f"{HEAD} size = 0", 1, 0),
    Case("the head counts less than nothing", f"{HEAD} size = -5", 1, 0),
    Case("the head counts more than can be", f"{HEAD} size = 9223372036854775807", 1, SIZE),
    Case("the frontier edited", HEAD + "frontier = flipped(frontier)", 1, NONE),
    Case("the frontier emptied", f"{HEAD} frontier = X''", 1, NONE),
    Case("the frontier made longer", HEAD + "frontier = " + blob("frontier || X'00'"), 1, NONE),
    Case("the edge edited", HEAD + "edge = flipped(edge)", 1, NONE),
    Case("the edge emptied", f"{HEAD} edge = X''", 1, NONE),
    Case("the head deleted", "DELETE FROM audit_head", 1, 0),
)

# Whatever is wrong with the log, `--rebuild` says so too: what follows from it is not looked at then.
REBUILT_CASES = tuple(
    Case(f"{case.name}, with --rebuild", case.change, case.exit_code, case.first_bad, ("--rebuild",))
    for case in (
        Case("the head counts one less than nothing", f"{HEAD} size = -1", 1, 0),
        Case("the head counts what no memory holds", f"{HEAD} size = 300000000000", 1, SIZE),
        edit("the body of an accepted record is no JSON", "body = 'xxx'", 7),
        edit("the subject of an accepted record", "subject = 'x'", 7),
        *(case for case in TREE_CASES if "the head" in case.name),
        *ROW_CASES[:5],
    )
)

IDENTITY_CASES = (
    Case("the log's name edited", "UPDATE log_identity SET log_id = '0123456789abcdef'", 1, NONE),
    Case("the log's name cut short", "UPDATE log_identity SET log_id = substr(log_id, 2)", 1, NONE),
    Case("the log's name emptied", "UPDATE log_identity SET log_id = ''", 1, NONE),
    Case("the log's name deleted", "DELETE FROM log_identity", 1, NONE),
    Case("the log's name dropped", "DROP TABLE log_identity", 1, 0),
)

BESIDE = "UPDATE audit_payload SET "
PAYLOAD_CASES = (
    Case("a payload deleted", "DELETE FROM audit_payload WHERE seq = 4", 1, 4),
    Case("all payloads deleted", "DELETE FROM audit_payload", 1, 0),
    Case("a payload edited", f"{BESIDE} payload = CAST('x' AS BLOB) WHERE seq = 4", 1, 4),
    Case("a salt edited", f"{BESIDE} salt = randomblob(32) WHERE seq = 4", 1, 4),
    Case("marked as redacted", f"{BESIDE} salt = zeroblob(32), payload = X'' WHERE seq = 4", 1, 4),
    Case(
        "two payloads swapped",
        f"{BESIDE} seq = -4 WHERE seq = 4; {BESIDE} seq = 4 WHERE seq = 5;"
        f"{BESIDE} seq = 5 WHERE seq = -4",
        1,
        4,
    ),
    Case(
        "a payload of no record",
        "INSERT INTO audit_payload VALUES ({size}, X'', X'', NULL, NULL)",
        1,
        SIZE,
    ),
)


def swap_text(evidence: Evidence, old: str, new: str) -> None:
    """In the newest note of the anchor file."""
    *older, newest = evidence.notes()
    assert old in newest, newest
    evidence.anchors.write_text("".join([*older, newest.replace(old, new, 1)]), newline="")


def anchored(change: Callable[[str], str]) -> Callable[[Evidence], None]:
    def rewrite(evidence: Evidence) -> None:
        text = change(evidence.anchors.read_text(encoding="utf-8"))
        evidence.anchors.write_bytes(text.encode("utf-8", "surrogateescape"))

    return rewrite


def signed(change: Callable[[list[str]], list[str]]) -> Callable[[Evidence], None]:
    """The newest note with other lines, signed with the log's own key."""

    def rewrite(evidence: Evidence) -> None:
        lines = evidence.notes()[-1].split("\n\n")[0].split("\n")
        evidence.anchors.write_text(evidence.sign("\n".join(change(lines)) + "\n"), newline="")

    return rewrite


def flip_signature(text: str) -> str:
    at = len(text) - 20
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]


def with_size(size: str) -> Callable[[list[str]], list[str]]:
    return lambda lines: [lines[0], size, *lines[2:]]


def signature_line(text: str) -> str:
    return text[text.rindex("\n\u2014 ") + 1 :]


def forged_before(text: str) -> str:
    """The first line of a key decides: a forged one before the valid one."""
    return text[: -len(signature_line(text))] + flip_signature(signature_line(text)) + signature_line(text)


WRONG_ROOT = base64.b64encode(b"x" * 32).decode()

NOTE_CASES = (
    Case("no anchor file", lambda e: e.anchors.unlink(), 6, NONE),
    Case("an empty anchor file", anchored(lambda text: ""), 6, NONE),
    Case("a note's signature edited", anchored(flip_signature), 1, NONE),
    Case("a note with the size edited", lambda e: swap_text(e, f"\n{e.size()}\n", "\n1\n"), 1, NONE),
    Case("a note of another origin", anchored(lambda text: text.replace("/audit/", "/audit/0")), 1, NONE),
    Case("notes with CRLF", anchored(lambda text: text.replace("\n", "\r\n")), 3, NONE),
    Case("a note cut short", anchored(lambda text: text[:-30]), 3, NONE),
    Case("a note without an end of line", anchored(lambda text: text[:-1]), 3, NONE),
    Case("a note without a signature", anchored(lambda text: text.split("\u2014")[0]), 3, NONE),
    Case("a blank line too many", anchored(lambda text: "\n" + text), 3, NONE),
    Case("no note at all", anchored(lambda text: "not a note\n"), 3, NONE),
    Case("a huge note", anchored(lambda text: "x" * 3_000_000 + "\n" + text), 3, NONE),
    Case("a note with U+0000", anchored(lambda text: "\0" + text), 3, NONE),
    Case("a note that is not UTF-8", anchored(lambda text: "\udcff" + text), 3, NONE),
    Case("a forged signature before the valid one", anchored(forged_before), 1, NONE),
    Case("101 signatures", anchored(lambda text: text + 100 * signature_line(text)), 3, NONE),
    Case("a signature by another name", anchored(lambda text: text.replace("\u2014 ", "\u2014 x")), 1, NONE),
    Case("signed: a size with a zero before", signed(lambda t: with_size("0" + t[1])(t)), 3, NONE),
    Case("signed: a size above 2^63", signed(with_size("9223372036854775808")), 3, NONE),
    Case("signed: a size above 2^64", signed(with_size("18446744073709551617")), 3, NONE),
    Case("signed: a size with a plus", signed(lambda t: with_size("+" + t[1])(t)), 3, NONE),
    Case("signed: a line more", signed(lambda t: [*t[:3], "extension"]), 3, NONE),
    Case("signed: a negative size", signed(with_size("-1")), 3, NONE),
    Case("signed: no size", signed(with_size("")), 3, NONE),
    Case("signed: a short root", signed(lambda t: [*t[:2], "AAAA", *t[3:]]), 3, NONE),
    Case("signed: another root", signed(lambda t: [*t[:2], WRONG_ROOT, *t[3:]]), 1, NONE),
    Case("signed: another root of nothing", signed(lambda t: [t[0], "0", WRONG_ROOT]), 1, NONE),
    Case("signed: more records than there are", signed(with_size("999999")), 5, NONE),
    Case("signed: another origin", signed(lambda t: ["x/audit/0", *t[1:]]), 1, NONE),
)

SEAL = "UPDATE audit_seal SET "


def forge(evidence: Evidence, sealing: str = "") -> None:
    """A record at the end, with head and tiles to match, by somebody who has no key."""
    size = evidence.size()
    evidence.run(DUPLICATE.format(size=size, last=size - 1))
    evidence.rebuild_tree()
    evidence.run(sealing)


def forged(sealing: str) -> Callable[[Evidence], None]:
    return lambda evidence: forge(evidence, sealing)


def forge_with_a_note(evidence: Evidence) -> None:
    """The signature of the newest checkpoint in place of a seal's."""
    signature = evidence.newest_signature().hex()
    forge(evidence, f"{SEAL} size = size + 1, signature = X'{signature}'")


UNSEALED = f"{SEAL} first = (SELECT size FROM audit_head), size = first, root = X'', signature = X''"
SEAL_CASES = (
    Case("a record forged at the end", forge, 1, SIZE),
    Case("the same, the seal's size to match", forged(f"{SEAL} size = size + 1"), 1, SIZE),
    Case("the same, a checkpoint's signature as seal", forge_with_a_note, 1, SIZE),
    Case("the same, the seal deleted", forged("DELETE FROM audit_seal"), 1, SIZE),
    Case("the same, as if there had been no seals yet", forged(UNSEALED), 1, SIZE),
    Case("the seal deleted", "DELETE FROM audit_seal", 1, NONE),
    Case("the seal of a longer batch", f"{SEAL} first = 0", 1, NONE),
    Case("the seal's size edited", f"{SEAL} size = size - 1", 1, NONE),
    Case("the seal's root edited", f"{SEAL} root = zeroblob(32)", 1, NONE),
    Case("the seal's signature edited", f"{SEAL} signature = zeroblob(64)", 1, NONE),
    Case("as if there had been no seals yet", UNSEALED, 6, NONE),
    Case("the end removed, the seal left", lambda e: e.cut_to(e.size() - 1), 5, NONE),
)


def delete_all_notes(evidence: Evidence) -> None:
    evidence.run("DELETE FROM audit_checkpoint")
    evidence.anchors.unlink()


STORED = "UPDATE audit_checkpoint SET "
CHECKPOINT_CASES = (
    Case("a stored note's root", f"{STORED} note = replace(note, '=', 'A')", 3, NONE),
    Case("a stored note's origin", f"{STORED} note = 'x' || note", 1, NONE),
    Case("a stored note that is none", f"{STORED} note = 'x'", 3, NONE),
    Case("a stored note with CRLF", f"{STORED} note = replace(note, char(10), char(13, 10))", 3, NONE),
    Case(
        "checkpoints deleted, a row changed, a tree to match",
        rebuilt("DELETE FROM audit_checkpoint; " + str(COLUMN_CASES[5].change)),
        1,
        0,
    ),
    Case("checkpoints and anchor deleted", delete_all_notes, 6, NONE),
    Case("a stored note at another size", f"{STORED} size = size - 1", 1, NONE),
)
