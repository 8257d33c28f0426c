"""A database with all that proves it, to be changed as somebody would who may write every file."""

import base64
import hashlib
import pathlib
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager

from support import leaf_hash

# PKCS #8 of RFC 8410 without the 32 bytes of the seed.
ED25519_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
NAME = "billing.db"
TILE_LEAVES = 256
# Each term takes a second and another piece of memory.
ENDLESS = " + ".join(
    f"length(replace(hex(zeroblob({30_000_000 + i})), '0', 'x'))" for i in range(900)
)
COLUMNS = (
    "recorded_at, kind, actor, subject, tenant, ce_source, ce_id, broker_pos, outcome, reason,"
    " body, payload_commit, payload_len"
)


class Evidence:
    """Database, key, signer's state and anchor file, side by side in one folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.database = folder / NAME
        self.key = folder / f"{NAME}.key"
        self.anchors = folder / f"{NAME}.anchors"
        self.dropped: dict[str, str] = {}  # triggers, and their definitions

    def copy_to(self, folder: pathlib.Path) -> "Evidence":
        folder.mkdir()
        for path in self.folder.glob(f"{NAME}*"):
            shutil.copy2(path, folder)
        copy = Evidence(folder)
        copy.dropped.update(self.dropped)
        return copy

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            connection.create_function("flipped", 1, flipped)
            yield connection

    def run(self, script: str) -> None:
        with self.connection() as connection:
            connection.executescript(script)

    def row(self, query: str) -> tuple:
        with self.connection() as connection:
            return connection.execute(query).fetchone()

    def value(self, query: str) -> object:
        return self.row(query)[0]

    def size(self) -> int:
        return self.value("SELECT count(*) FROM audit_log")

    def drop_triggers(self) -> None:
        with self.connection() as connection:
            triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            for name, sql in connection.execute(triggers).fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
                self.dropped[name] = sql

    def restore_triggers(self) -> None:
        """Those that were dropped, as if they had never been away; but not those of tables that are gone."""
        with self.connection() as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for sql in self.dropped.values():
                if any(f" ON {table}\n" in sql for (table,) in tables):
                    connection.execute(sql)
        self.dropped.clear()

    def set_definition(self, name: str, sql: str) -> None:
        """Edits the schema itself; connections opened afterwards go by it."""
        with self.connection() as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, name))

    def run_as_defined(self, name: str, sql: str, script: str) -> None:
        """Runs a script while a table or index is defined otherwise; nothing of that is left to see."""
        own = self.value(f"SELECT sql FROM sqlite_schema WHERE name = '{name}'")
        self.set_definition(name, sql)
        self.run(script)
        self.set_definition(name, own)

    def run_unchecked(self, table: str, script: str) -> None:
        """Past what the table says of its columns."""
        own = self.value(f"SELECT sql FROM sqlite_schema WHERE name = '{table}'")
        loose = own.replace(" STRICT, WITHOUT", " WITHOUT").replace(" STRICT", "")
        self.run_as_defined(table, loose.replace(" NOT NULL", ""), script)

    def run_behind_an_index(self, table: str, columns: str, script: str) -> None:
        """Runs a script while an index of all columns does not follow, which is there again afterwards."""
        statistics = " ".join(["1000", *["1"] * len(columns.split(",")), "sz=1"])
        self.run(
            f"CREATE INDEX by_all ON {table} ({columns}); ANALYZE;"
            f"UPDATE sqlite_stat1 SET stat = '{statistics}' WHERE idx = 'by_all'"
        )
        row = self.row("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = 'by_all'")
        self.run("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'by_all'")
        self.run(script)
        with self.connection() as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", row)

    def plant(self, kind: str, name: str, sql: str) -> None:
        """A row of the schema that no statement would make."""
        with self.connection() as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(
                "INSERT INTO sqlite_schema VALUES (?, ?, 'audit_payload', 0, ?)", (kind, name, sql)
            )

    def rename_index(self, name: str, sql: str) -> None:
        """An index under a name that no statement may give it."""
        self.run(sql.format("plain_name"))
        with self.connection() as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(
                "UPDATE sqlite_schema SET name = ?, sql = ? WHERE name = 'plain_name'",
                (name, sql.format(name)),
            )

    def add_endless_index(self, table: str, column: str) -> None:
        """By an expression, or of some rows where a column is named. Nothing computes it before it is there."""
        rows = f" WHERE {ENDLESS}" if column else ""
        self.run(f"CREATE INDEX endless ON {table} ({column or '1'}){rows and ' WHERE 0'}")
        self.set_definition("endless", f"CREATE INDEX endless ON {table} ({column or ENDLESS}){rows}")

    def add_endless_condition(self, table: str) -> None:
        own = self.value(f"SELECT sql FROM sqlite_schema WHERE name = '{table}'")
        self.set_definition(table, f"{own[: own.rindex(')')]}, CHECK ({ENDLESS})){own[own.rindex(')') + 1 :]}")

    def write_back(self) -> None:
        """All that lies in the write-ahead log is in the database file, too."""
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def rebuild_tree(self) -> None:
        """Head and tiles to match the rows, whatever they are."""
        with self.connection() as connection:
            rows = connection.execute("SELECT leaf_hex FROM audit_leaf ORDER BY seq").fetchall()
            hashes = [leaf_hash(bytes.fromhex(leaf)) for (leaf,) in rows]
            full = len(hashes) // TILE_LEAVES
            assert full < TILE_LEAVES, "tiles of level 0 only"
            connection.execute("DELETE FROM audit_tile")
            for index in range(full):
                tile = hashes[index * TILE_LEAVES : (index + 1) * TILE_LEAVES]
                connection.execute("INSERT INTO audit_tile VALUES (0, ?, ?)", (index, b"".join(tile)))
            frontier = frontier_of(hashes)
            edge = b"".join(hashes[full * TILE_LEAVES :])
            head = (len(hashes), b"".join(frontier), edge)
            connection.execute("UPDATE audit_head SET size = ?, frontier = ?, edge = ?", head)

    def cut_to(self, size: int) -> None:
        """Takes back all that the database holds beyond a size, as if it had never been there."""
        self.run(
            f"DELETE FROM audit_log WHERE seq >= {size}; DELETE FROM audit_payload WHERE seq >= {size};"
            f"DELETE FROM audit_checkpoint WHERE size > {size}"
        )
        self.rebuild_tree()

    def notes(self) -> list[str]:
        """The notes of the anchor file, oldest first."""
        text = self.anchors.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        ends = [i + 1 for i, line in enumerate(lines) if line.startswith("\u2014 ")]
        starts = [0, *ends[:-1]]
        return ["".join(lines[start:end]) for start, end in zip(starts, ends)]

    def newest_signature(self) -> bytes:
        return signature_of(self.notes()[-1])

    def set_seal(self, key: str) -> None:
        """Seals all records with the key, as a writer does."""
        origin, size, root = self.root_lines()
        signed = self.sign_with(key, f"bal-seal/1\n{origin}\n0\n{size}\n{root}\n")
        self.run(
            f"UPDATE audit_seal SET first = 0, size = {size}, root = X'{base64.b64decode(root).hex()}',"
            f" signature = X'{signature_of(signed).hex()}'"
        )

    def root_lines(self) -> tuple[str, int, str]:
        """Origin, size and root of the records as they are: what a checkpoint says."""
        origin = self.notes()[-1].split("\n")[0]
        size, frontier = self.row("SELECT size, frontier FROM audit_head")
        *parts, root = (frontier[at : at + 32] for at in range(0, len(frontier), 32))
        for part in reversed(parts):
            root = node_hash(part, root)
        return origin, size, base64.b64encode(root).decode()

    def sign(self, text: str) -> str:
        """A note of this text with the log's own key, as one makes who has stolen it."""
        return self.sign_with(self.key.read_text(encoding="ascii"), text)

    def sign_with(self, key: str, text: str) -> str:
        name, key_hash, secret = key.strip().split("+", 4)[2:]
        (self.folder / "stolen.der").write_bytes(ED25519_PKCS8 + base64.b64decode(secret)[1:])
        (self.folder / "text").write_text(text, encoding="utf-8", newline="")
        words = ["openssl", "pkeyutl", "-sign", "-inkey", "stolen.der", "-keyform", "DER", "-rawin"]
        done = subprocess.run(
            [*words, "-in", "text"], cwd=self.folder, capture_output=True, check=True, timeout=60
        )
        signature = base64.b64encode(bytes.fromhex(key_hash) + done.stdout).decode()
        return f"{text}\n\u2014 {name} {signature}\n"


def signature_of(note: str) -> bytes:
    """That on its last line, without the key's hash before it."""
    return base64.b64decode(note.split()[-1])[4:]


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def flipped(value: bytes) -> bytes:
    """One byte of it, whatever it was, is another."""
    return value[:9] + bytes([value[9] ^ 0xFF]) + value[10:]


def frontier_of(hashes: list[bytes]) -> list[bytes]:
    """The roots of the full subtrees, the largest first."""
    frontier: list[tuple[int, bytes]] = []
    for node in hashes:
        size = 1
        while frontier and frontier[-1][0] == size:
            node = node_hash(frontier.pop()[1], node)
            size *= 2
        frontier.append((size, node))
    return [node for _, node in frontier]
