"""A database that an earlier version wrote is brought up to date, and still proves what it proved.

`schema_12` is what the last version without seals left behind, which kept its signer's state as
`signer/1`: the database as `sqlite3 .dump` prints it, what lay beside it, and what it reported.
"""

import gzip
import json
import pathlib
import shutil
import sqlite3
from contextlib import closing

from support import CASES, ProductTest, main, sqlite, sqlite_rows

LEFT_BEHIND = pathlib.Path(__file__).with_name("schema_12")
BESIDE = ("billing.db.key", "billing.db.signer", "billing.db.anchors")


class UpgradeTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        script = gzip.decompress((LEFT_BEHIND / "billing.sql.gz").read_bytes()).decode()
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL;" + script)
        for name in BESIDE:
            shutil.copy(LEFT_BEHIND / name, self.folder)
        (self.folder / "billing.db.key").chmod(0o600)
        shutil.copy(self.folder / "billing.db.anchors", self.folder / "kept.notes")
        self.vkey = self.run_program("audit", "key", "show", *self.place()).out.strip()

    def place(self) -> tuple[str, str]:
        return ("--database", f"sqlite://{self.database}")

    def verdict(self, code: int, *words: object) -> dict:
        run = self.run_program("audit", "verify", "--json", *self.place(), *words)
        self.assertEqual(code, run.code, f"{run}")
        return json.loads(run.out)

    def versions(self) -> list[str]:
        return sqlite(self.database, "SELECT max(version) FROM schema_migration")

    def assert_proven(self) -> dict:
        """By the anchor of the earlier version and by what is signed now, with all that is derived."""
        kept = ("--trusted-note", "kept.notes", "--vkey", self.vkey)
        self.assertEqual("agrees", self.verdict(0, *kept)["anchors"][0]["state"])
        return self.verdict(0, "--rebuild")

    def test_a_reader_changes_nothing_and_says_what_to_do(self) -> None:
        self.assertEqual(["12"], self.versions())
        before = self.database.read_bytes()
        for words in (("audit", "verify"), ("report",), ("audit", "prove", "--seq", 0)):
            with self.subTest(words=words):
                run = self.run_program(*words, *self.place())
                self.assertEqual(3, run.code, f"{run}")
                self.assertIn("migrate up", run.err)
        self.assertIn("to apply", self.succeed("migrate", "status", *self.place()).out)
        self.assertEqual(before, self.database.read_bytes())

    def test_after_the_migration_all_is_as_it_was(self) -> None:
        rows = sqlite_rows(self.database, "SELECT * FROM v_audit")
        leaves = sqlite(self.database, "SELECT leaf_hex FROM audit_leaf ORDER BY seq")
        self.assertGreater(len(rows), 256, "a tile is full")
        self.succeed("migrate", "up", *self.place())
        self.assertEqual(rows, sqlite_rows(self.database, "SELECT * FROM v_audit"))
        self.assertEqual(leaves, sqlite(self.database, "SELECT leaf_hex FROM audit_leaf ORDER BY seq"))
        self.assertEqual(len(rows), self.assert_proven()["size"])
        reported = self.succeed("usage", "--as-of", "2026-06-01", "--format", "jsonl", *self.place())
        self.assertEqual((LEFT_BEHIND / "usage.jsonl").read_text(encoding="utf-8"), reported.out)
        redacted = self.succeed("audit", "query", "--name", "redactions", "--format", "csv", *self.place())
        self.assertIn("GDPR-2026-17", redacted.out)

    def test_it_goes_on_and_proves_all_of_it(self) -> None:
        self.succeed("migrate", "up", *self.place())
        before = self.assert_proven()["size"]
        self.succeed("replay", CASES / "messages.jsonl", *self.place())
        self.assertGreater(self.assert_proven()["size"], before)
        self.succeed("rebuild", *self.place())
        for seq in (0, before - 1, before):
            proof = self.write("proof", self.succeed("audit", "prove", "--seq", seq, *self.place()).out)
            (leaf,) = sqlite(self.database, f"SELECT leaf_hex FROM audit_leaf WHERE seq = {seq}")
            words = ("--leaf", self.write("leaf", leaf), "--vkey", self.vkey)
            self.succeed("audit", "check-proof", proof, *words)

    def test_a_command_that_writes_brings_it_up_to_date_itself(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl", *self.place())
        self.assert_proven()

    def test_what_was_changed_before_is_not_sealed(self) -> None:
        """Else an upgrade would make it good."""
        for statement, seq in (
            ("UPDATE audit_log SET body = '{}' WHERE seq = 17", 17),
            ("UPDATE audit_log SET body = '{}' WHERE seq = (SELECT size - 1 FROM audit_head)", None),
        ):
            with self.subTest(statement=statement):
                kept = self.folder / "kept.db"
                shutil.copy(self.database, kept)
                sqlite(self.database, f"DROP TRIGGER audit_log_no_update; {statement}", read_only=False)
                self.run_program("migrate", "up", *self.place())
                verdict = self.verdict(1)
                if seq is not None:
                    self.assertEqual(seq, verdict["first_bad_seq"])
                shutil.copy(kept, self.database)

    def test_an_emptied_log_is_a_rollback(self) -> None:
        statement = (
            "DROP TRIGGER audit_log_no_delete; DELETE FROM audit_log;"
            "DELETE FROM audit_payload; DELETE FROM audit_tile; DELETE FROM audit_checkpoint;"
            "UPDATE audit_head SET size = 0, frontier = X'', edge = X''"
        )
        sqlite(self.database, statement, read_only=False)
        run = self.run_program("migrate", "up", *self.place())
        self.assertEqual(5, run.code, f"{run}")
        self.verdict(5)


if __name__ == "__main__":
    main()
