"""Every manipulation of a real database and its evidence that we could think of, one at a time."""

import json
import pathlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing

import tamper_cases
import tamper_pages
import tamper_stored
from evidence import NAME, Evidence
from support import CASES, ProductTest, Run, main, read_cases
from tamper_cases import LAST, NONE, SIZE, Case


class TamperTableTest(ProductTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.base_folder = pathlib.Path(tempfile.mkdtemp(prefix="dcm-billing-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.base_folder, ignore_errors=True)
        cls.whole: Evidence | None = None

    def setUp(self) -> None:
        super().setUp()
        self.copies = 0
        if self.whole is None:
            self.make_evidence()

    def make_evidence(self) -> None:
        """Once for all tests: `older` after one replay, `whole` after two, `other` of another log."""
        growing = Evidence(self.base_folder / "growing")
        growing.folder.mkdir()
        self.replay(growing, CASES / "messages.jsonl")
        growing.write_back()
        self.keep("older", growing)
        case = next(case for case in read_cases("sequences.jsonl") if case["name"] == "all-states")
        self.replay(growing, self.write_lines("more.jsonl", case["messages"]))
        growing.write_back()
        self.keep("whole", growing)
        other = Evidence(self.base_folder / "unrelated")
        other.folder.mkdir()
        self.replay(other, CASES / "messages.jsonl")
        other.write_back()
        self.keep("other", other)

    def keep(self, name: str, evidence: Evidence) -> None:
        setattr(type(self), name, evidence.copy_to(self.base_folder / name))

    def replay(self, evidence: Evidence, path: pathlib.Path) -> None:
        self.succeed("replay", path, "--database", f"sqlite://{evidence.database}")

    def copy(self) -> Evidence:
        self.copies += 1
        return self.whole.copy_to(self.folder / str(self.copies))

    def verify(self, evidence: Evidence, *words: object) -> Run:
        if evidence.dropped:
            evidence.restore_triggers()
        url = f"sqlite://{evidence.database}"
        return self.run_program("audit", "verify", "--json", "--database", url, *words)

    def assert_verdict(self, code: int, first_bad: int | str, run: Run) -> None:
        self.assertEqual(code, run.code, f"{run}")
        verdict = json.loads(run.out)
        self.assertEqual(code, verdict["exit"])
        self.assertEqual(code != 0, bool(verdict["findings"]), f"{run}")
        size = self.whole.size()
        places: dict[object, int | None] = {SIZE: size, LAST: size - 1, NONE: None}
        self.assertEqual(places.get(first_bad, first_bad), verdict["first_bad_seq"], f"{run}")

    def check(self, cases: Iterable[Case]) -> None:
        size = self.whole.size()
        for case in cases:
            with self.subTest(case.name):
                evidence = self.copy()
                evidence.drop_triggers()
                if callable(case.change):
                    case.change(evidence)
                else:
                    with evidence.connection() as connection:
                        before = connection.total_changes
                        connection.executescript(case.change.format(size=size, last=size - 1))
                        changed = connection.total_changes > before
                    self.assertTrue(changed or "DROP" in case.change, "nothing was changed")
                run = self.verify(evidence, *case.words)
                self.assert_verdict(case.exit_code, case.first_bad, run)

    def test_what_is_whole_is_proven_good(self) -> None:
        """Else the other tests would show nothing."""
        evidence = self.copy()
        evidence.drop_triggers()
        self.assert_verdict(0, NONE, self.verify(evidence, "--rebuild"))
        evidence.rebuild_tree()
        self.assert_verdict(0, NONE, self.verify(evidence))
        evidence.run("DELETE FROM audit_checkpoint")
        self.assert_verdict(0, NONE, self.verify(evidence))
        evidence.anchors.write_text(evidence.sign(evidence.notes()[-1].split("\n\n")[0] + "\n"))
        self.assert_verdict(0, NONE, self.verify(evidence))

    def test_each_hashed_column(self) -> None:
        self.check(tamper_cases.COLUMN_CASES)

    def test_rows(self) -> None:
        self.check(tamper_cases.ROW_CASES)

    def test_how_values_are_stored(self) -> None:
        self.check(tamper_stored.STORAGE_CASES)

    def test_what_lies_behind_an_index(self) -> None:
        self.check(tamper_stored.INDEX_CASES)

    def test_what_leads_to_the_rows(self) -> None:
        self.check(tamper_pages.cases())

    def test_the_schema(self) -> None:
        self.check(tamper_stored.SCHEMA_CASES)

    def test_what_an_administrator_adds_is_told_and_no_fault(self) -> None:
        evidence = self.copy()
        evidence.run(
            "CREATE VIEW mine AS SELECT count(*) FROM v_event; CREATE TABLE notes (x PRIMARY KEY);"
            "CREATE TABLE pragma_table_info (name, cid); CREATE VIEW pragma_index_list AS SELECT 1 AS name;"
            "CREATE INDEX by_outcome ON audit_log (outcome); ANALYZE"
        )
        run = self.verify(evidence, "--rebuild")
        self.assertEqual(0, run.code, f"{run}")
        objects = ("index by_outcome", "table notes", "table pragma_table_info", "view mine", "view pragma_index_list")
        added = [f"{name}: not ours" for name in objects]
        self.assertEqual(added, json.loads(run.out)["schema"])
        for object_added in added:
            self.assertIn(f"schema: {object_added}\n", run.err)

    def test_nothing_is_computed_that_somebody_else_wrote(self) -> None:
        """Whatever is added to a table that SQLite is asked to check: it would take for ever."""
        for name, change in (
            ("an index", lambda e: e.add_endless_index("audit_head", "")),
            ("an index of some rows", lambda e: e.add_endless_index("audit_log", "seq")),
            ("a column's condition", lambda e: e.add_endless_condition("audit_head")),
        ):
            for words in ((), ("--rebuild",)):
                with self.subTest(name, words=words):
                    evidence = self.copy()
                    change(evidence)
                    url = f"sqlite://{evidence.database}"
                    run = self.run_program("audit", "verify", "--json", "--database", url, *words, timeout=60)
                    self.assert_verdict(1, NONE, run)

    def test_a_missing_guard_decides_only_where_nothing_else_does(self) -> None:
        for change, code in ((lambda e: e.cut_to(e.size() - 3), 5), (lambda e: e.anchors.unlink(), 6)):
            evidence = self.copy()
            evidence.drop_triggers()
            evidence.dropped.clear()
            self.assert_verdict(1, NONE, self.verify(evidence))
            change(evidence)
            run = self.verify(evidence)
            self.assert_verdict(code, NONE, run)
            self.assertIn("trigger audit_log_no_update: missing", json.loads(run.out)["schema"])

    def test_what_the_log_gives(self) -> None:
        self.check(tamper_stored.DERIVED_CASES)

    def test_what_the_log_does_not_give(self) -> None:
        self.check(tamper_stored.UNFOLLOWED_CASES)

    def test_a_log_that_is_wrong_is_told_with_what_follows_from_it_too(self) -> None:
        self.check(tamper_cases.REBUILT_CASES)
        evidence = self.copy()
        evidence.drop_triggers()
        evidence.run("UPDATE audit_log SET body = 'xxx' WHERE seq = 7")
        run = self.verify(evidence, "--rebuild")
        self.assertEqual({"compared": False}, json.loads(run.out)["derived"])
        url = f"sqlite://{evidence.database}"
        run = self.run_program("audit", "verify", "--rebuild", "--database", url)
        self.assertIn("derived tables: not compared, the findings say why\n", run.out)

    def test_a_record_before_the_first_is_no_number_to_prove(self) -> None:
        evidence = self.copy()
        evidence.drop_triggers()
        event = evidence.row("SELECT ce_source, ce_id FROM audit_log WHERE seq = 7")
        evidence.run("UPDATE audit_log SET seq = -1 WHERE seq = 7")
        url = f"sqlite://{evidence.database}"
        run = self.run_program("audit", "prove", "--event", *event, "--database", url)
        self.assertEqual(1, run.code, f"{run}")

    def test_tiles_and_head(self) -> None:
        self.check(tamper_cases.TREE_CASES)

    def test_fault_8_what_no_writer_sealed(self) -> None:
        self.check(tamper_cases.SEAL_CASES)

    def test_fault_8_a_seal_from_elsewhere(self) -> None:
        """That of another log, and that of this one when it was smaller."""
        for source, first_bad in ((self.other, NONE), (self.older, self.older.size())):
            with self.subTest(source=source.folder.name):
                evidence = self.copy()
                evidence.run(
                    f"ATTACH '{source.database}' AS other;"
                    "UPDATE audit_seal SET first = o.first, size = o.size, root = o.root,"
                    " signature = o.signature FROM other.audit_seal AS o"
                )
                self.assert_verdict(1, first_bad, self.verify(evidence))

    def test_fault_8_nothing_is_recorded_or_signed_behind_what_no_writer_sealed(self) -> None:
        evidence = self.copy()
        evidence.drop_triggers()
        tamper_cases.forge(evidence)
        notes = evidence.notes()
        url = f"sqlite://{evidence.database}"
        for words in (
            ("replay", CASES / "messages.jsonl"),
            ("audit", "redact", "--seq", 0, "--legal-ref", "R-1"),
            ("quarantine", "retry", "--all"),
        ):
            with self.subTest(words=words[0]):
                run = self.run_program(*words, "--database", url)
                self.assertEqual(1, run.code, f"{run}")
                self.assertIn(f"record {self.whole.size()} is under no seal", run.err)
        self.assertEqual(notes, evidence.notes())
        self.assert_verdict(1, SIZE, self.verify(evidence))

    def test_what_was_signed_is_looked_at_before_anything_is_written(self) -> None:
        """The quick form of verify: what it finds ends every command that would write."""
        for name, change, code in (
            ("the end removed", lambda e: e.cut_to(e.size() - 3), 5),
            ("the last record changed", "UPDATE audit_log SET body = '{}' WHERE seq = {last}", 1),
            ("the last record removed", "DELETE FROM audit_log WHERE seq = {last}", 1),
            ("a record behind the head", tamper_cases.DUPLICATE, 1),
            ("a record of the greatest number", tamper_stored.ROW_OF_THE_GREATEST_NUMBER, 1),
            ("the head edited", tamper_cases.TREE_CASES[8].change, 1),
            ("a stored note edited", tamper_cases.CHECKPOINT_CASES[0].change, 1),
            ("the tiles deleted", "DELETE FROM audit_tile", 1),
        ):
            with self.subTest(name):
                evidence = self.copy()
                evidence.drop_triggers()
                if callable(change):
                    change(evidence)
                else:
                    size = evidence.size()
                    evidence.run(change.replace("{size}", str(size)).replace("{last}", str(size - 1)))
                rows = evidence.size()
                url = f"sqlite://{evidence.database}"
                for words in (
                    ("replay", CASES / "messages.jsonl"),
                    ("audit", "redact", "--seq", 0, "--legal-ref", "R-1"),
                ):
                    run = self.run_program(*words, "--database", url)
                    self.assertEqual(code, run.code, f"{run}")
                    self.assertIn("nothing was written", run.err)
                self.assertEqual(rows, evidence.size())

    def test_an_empty_database_in_place_of_the_log_is_not_written_to(self) -> None:
        evidence = self.copy()
        evidence.database.unlink()
        run = self.run_program(
            "replay", CASES / "messages.jsonl", "--database", f"sqlite://{evidence.database}"
        )
        self.assertEqual(5, run.code, f"{run}")

    def test_the_name_of_the_log(self) -> None:
        self.check(tamper_cases.IDENTITY_CASES)

    def test_an_empty_database_made_anew_is_a_rollback(self) -> None:
        evidence = self.copy()
        evidence.database.unlink()
        run = self.run_program("migrate", "up", "--database", f"sqlite://{evidence.database}")
        self.assertEqual(5, run.code, f"{run}")
        self.assert_verdict(5, NONE, self.verify(evidence))

    def test_payloads(self) -> None:
        self.check(tamper_cases.PAYLOAD_CASES)

    def test_anchors(self) -> None:
        self.check(tamper_cases.NOTE_CASES)

    def test_stored_checkpoints(self) -> None:
        self.check(tamper_cases.CHECKPOINT_CASES)

    def test_a_view_that_lies_hides_nothing(self) -> None:
        for view in ("v_audit", "audit_leaf"):
            with self.subTest(view=view):
                evidence = self.copy()
                evidence.drop_triggers()
                evidence.run(
                    f"CREATE TABLE kept AS SELECT * FROM {view}; DROP VIEW {view};"
                    f"CREATE VIEW {view} AS SELECT * FROM kept;"
                    "UPDATE audit_log SET outcome = 'rejected' WHERE seq = 20"
                )
                self.assert_verdict(1, 20, self.verify(evidence))

    def test_other_databases(self) -> None:
        evidence = self.copy()
        shutil.copy(self.older.database, evidence.database)
        self.assert_verdict(5, NONE, self.verify(evidence))
        shutil.copy(self.other.database, evidence.database)
        self.assertEqual(1, self.verify(evidence).code)
        evidence.database.write_bytes(b"")
        self.assert_verdict(5, NONE, self.verify(evidence))
        evidence.database.unlink()
        with closing(sqlite3.connect(evidence.database)) as connection:
            connection.execute("CREATE TABLE t (x)")
        self.assertEqual(3, self.verify(evidence).code)

    def test_a_database_that_stores_texts_otherwise_is_told_as_what_it_is(self) -> None:
        evidence = self.copy()
        other = evidence.folder / "other.db"
        with evidence.connection() as source, closing(sqlite3.connect(other)) as copy:
            copy.executescript("PRAGMA encoding = 'UTF-16le';" + "\n".join(source.iterdump()))
        other.rename(evidence.database)
        for words in (("audit", "verify", "--rebuild"), ("doctor",), ("replay", CASES / "messages.jsonl")):
            run = self.run_program(*words, "--database", f"sqlite://{evidence.database}")
            self.assertIn("its texts are stored in UTF-16le", run.err + run.out, f"{run}")
        self.assertEqual(3, self.verify(evidence).code)

    def test_a_lost_write_ahead_log_is_a_rollback(self) -> None:
        evidence = self.older.copy_to(self.folder / "growing")
        with evidence.connection() as reader:
            # As long as somebody reads, what is written stays in the write-ahead log.
            reader.executescript("PRAGMA wal_autocheckpoint = 0; BEGIN")
            reader.execute("SELECT count(*) FROM audit_log").fetchone()
            self.replay(evidence, CASES / "messages.jsonl")
            self.assertTrue(list(evidence.folder.glob("*-wal")))
            whole, torn = (evidence.copy_to(self.folder / name) for name in ("whole", "torn"))
        self.assert_verdict(0, NONE, self.verify(whole))
        for left_over in torn.folder.glob(f"{NAME}-*"):
            left_over.unlink()
        self.assert_verdict(5, NONE, self.verify(torn))

    def test_fault_21_a_retired_key(self) -> None:
        """Who still has it can sign neither a checkpoint nor a record any more."""
        rotated = self.copy()
        retired = rotated.key.read_text(encoding="ascii")
        url = f"sqlite://{rotated.database}"
        old_vkey = self.succeed("audit", "key", "show", "--database", url).out.strip()
        self.succeed("audit", "key", "rotate", "--database", url)
        self.replay(rotated, CASES / "messages.jsonl")
        rotated.write_back()
        rotated.drop_triggers()
        newest = rotated.key.read_text(encoding="ascii")

        def anchored(evidence: Evidence) -> None:
            note = evidence.sign_with(retired, "{}\n{}\n{}\n".format(*evidence.root_lines()))
            evidence.anchors.write_text(note, encoding="utf-8")

        def stored(evidence: Evidence) -> None:
            note = evidence.sign_with(retired, "{}\n{}\n{}\n".format(*evidence.root_lines()))
            newest_size = "(SELECT max(size) FROM audit_checkpoint)"
            evidence.run(f"UPDATE audit_checkpoint SET note = '{note}' WHERE size = {newest_size}")

        def sealed(evidence: Evidence) -> None:
            tamper_cases.forge(evidence)
            evidence.set_seal(retired)

        def sealed_by_the_newest(evidence: Evidence) -> None:
            evidence.set_seal(newest)

        for change, code in ((anchored, 1), (stored, 1), (sealed, 1), (sealed_by_the_newest, 0)):
            for words in ((), ("--vkey", old_vkey)):
                with self.subTest(change=change.__name__, words=words):
                    self.copies += 1
                    evidence = rotated.copy_to(self.folder / str(self.copies))
                    change(evidence)
                    run = self.verify(evidence, *words)
                    self.assertEqual(code, run.code, f"{run}")

    def test_keys(self) -> None:
        evidence = self.copy()
        foreign = self.run_program(
            "audit", "key", "show", "--database", f"sqlite://{self.other.database}"
        ).out.strip()
        name = self.whole.notes()[-1].split("\n")[0]
        self.assertEqual(1, self.verify(evidence, "--vkey", foreign).code)
        self.assertEqual(3, self.verify(evidence, "--vkey", f"{name}+00000000+AAAA").code)
        evidence.anchors.write_bytes(self.other.anchors.read_bytes())
        self.assert_verdict(1, NONE, self.verify(evidence))
        evidence.key.write_text("no key\n", encoding="ascii")
        self.assertEqual(3, self.verify(evidence).code)
        evidence.key.unlink()
        self.assertEqual(6, self.verify(evidence).code)


if __name__ == "__main__":
    main()
