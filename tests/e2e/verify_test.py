"""`audit verify` with several threads, from where it ended last, and with the derived tables."""

import hashlib
import json
import shutil

from fleet import make_fleet
from nats_client import NatsClient
from support import CASES, ProductTest, Run, main, sqlite, wait_until
from tamper_stored import A_GHOST, DERIVED_TABLES, EMPTY_DERIVED

EVENTS = 6_000
BOOK = """version: 1
currency: EUR
timezone: UTC
lifecycle:
  vm:
    ?: none
    STOPPED: none
rates:
  - {id: vm, meter: compute, match: {service_type: vm, state: RUNNING}, price: "0.05", unit: hour}
"""


class VerifyFixture(ProductTest):
    """A log of some thousand records, and what is done to it; has no test of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.grow(1)

    def grow(self, seed: int) -> None:
        words = ("--fleet", seed, "--events", EVENTS, "--period", f"2026-{seed:02}", "--output", "-")
        self.write("events.jsonl", self.succeed("publish", *words).out)
        self.succeed("replay", "events.jsonl", *self.place())

    def place(self) -> tuple[str, str]:
        return ("--database", f"sqlite://{self.database}")

    def verify(self, *words: object) -> Run:
        return self.run_program("audit", "verify", "--json", *self.place(), *words)

    def verdict(self, exit_code: int, *words: object) -> dict:
        run = self.verify(*words)
        self.assertEqual(exit_code, run.code, f"{run}")
        return json.loads(run.out)

    def change(self, statement: str) -> None:
        """As an administrator, who drops the triggers first and puts them back."""
        triggers = "FROM sqlite_schema WHERE type = 'trigger'"
        names = sqlite(self.database, f"SELECT name {triggers}")
        definitions = "\n".join(sqlite(self.database, f"SELECT sql || ';' {triggers}"))
        drops = "".join(f'DROP TRIGGER "{name}";' for name in names)
        sqlite(self.database, f"{drops} {statement}; {definitions}", read_only=False)

    def size(self) -> int:
        return int(sqlite(self.database, "SELECT size FROM audit_head")[0])


class TextTest(VerifyFixture):
    def test_the_record_that_is_wrong_comes_first_and_the_notes_behind_it_in_one_line(self) -> None:
        self.grow(2)
        notes = int(sqlite(self.database, "SELECT count(*) FROM audit_checkpoint WHERE size > 5")[0])
        self.assertGreater(notes, 1)
        self.change("UPDATE audit_log SET actor = 'x' WHERE seq = 5")
        run = self.run_program("audit", "verify", *self.place())
        self.assertEqual(1, run.code, f"{run}")
        findings = [line for line in run.out.splitlines() if line.startswith("finding: ")]
        self.assertRegex(findings[0], "^finding: tampered, seq 5: .*record 5")
        self.assertEqual(1, len([line for line in findings if "signs the root" in line]))
        # Each is in the database and in the anchor beside it.
        self.assertIn(f"; {2 * notes - 1} more signed notes behind it do not fit either", findings[-1])
        self.assertTrue(run.out.endswith(f"no anchor agrees with any of the {self.size()} records\n"))


class JobsTest(VerifyFixture):
    def test_the_verdict_does_not_depend_on_the_number_of_threads(self) -> None:
        for statement, exit_code in (
            ("SELECT 1", 0),
            ("UPDATE audit_payload SET payload = x'00' WHERE seq IN (4095, 4097)", 1),
            ("UPDATE audit_log SET body = '{}' WHERE seq IN (5000, 100)", 1),
            ("DELETE FROM audit_log WHERE seq = 3000", 1),
            ("UPDATE audit_head SET size = size + 9", 1),
        ):
            with self.subTest(statement=statement):
                self.change(statement)
                verdicts = [self.verify("--jobs", jobs) for jobs in (1, 2, 7)]
                self.assertEqual([exit_code] * 3, [run.code for run in verdicts], f"{verdicts[0]}")
                self.assertEqual(verdicts[0].out, verdicts[1].out)
                self.assertEqual(verdicts[0].out, verdicts[2].out)
        self.assertEqual(100, json.loads(verdicts[0].out)["first_bad_seq"])

    def test_a_number_of_threads_is_between_1_and_64(self) -> None:
        for jobs in ("0", "65", "-1", "x"):
            self.assertEqual(2, self.verify("--jobs", jobs).code)


class SinceLastTest(VerifyFixture):
    def test_the_second_run_reads_what_is_new(self) -> None:
        first = self.verdict(0, "--since-last")
        self.assert_members({"verified_before": 0, "records_checked": self.size()}, first)
        again = self.verdict(0, "--since-last")
        self.assert_members({"verified_before": first["size"], "records_checked": 0}, again)
        self.grow(2)
        second = self.verdict(0, "--since-last")
        self.assert_members({"verified_before": first["size"], "size": self.size()}, second)
        self.assertEqual(self.verdict(0)["root"], second["root"])

    def test_what_was_verified_before_is_not_read_and_said_to_be_so(self) -> None:
        self.verdict(0, "--since-last")
        self.change("UPDATE audit_log SET body = '{}' WHERE seq = 17")
        run = self.run_program("audit", "verify", "--since-last", *self.place())
        self.assertEqual(0, run.code, f"{run}")
        self.assertIn(f"not read again: {self.size()} records verified before", run.out)
        self.assertEqual(17, self.verdict(1)["first_bad_seq"])

    def test_rows_that_were_verified_before_are_still_there(self) -> None:
        self.verdict(0, "--since-last")
        whole = self.database.read_bytes()
        for statement in (
            "DELETE FROM audit_log WHERE seq < 5",
            "DELETE FROM audit_log WHERE seq = 17",
            "UPDATE audit_log SET seq = -1 WHERE seq = 17",
        ):
            with self.subTest(statement=statement):
                self.database.write_bytes(whole)
                self.change(statement)
                self.assertIn("as were verified before", json.dumps(self.verdict(1, "--since-last")))

    def test_a_change_behind_it_is_found(self) -> None:
        self.verdict(0, "--since-last")
        verified = self.size()
        self.grow(2)
        for statement, first_bad in (
            (f"UPDATE audit_log SET body = '{{}}' WHERE seq = {verified}", verified),
            (f"DELETE FROM audit_log WHERE seq = {verified + 9}", verified + 9),
            ("UPDATE audit_head SET frontier = zeroblob(length(frontier))", None),
        ):
            with self.subTest(statement=statement):
                kept = self.folder / "kept.db"
                shutil.copy(self.database, kept)
                self.change(statement)
                verdict = self.verdict(1, "--since-last")
                if first_bad is not None:
                    self.assertEqual(first_bad, verdict["first_bad_seq"])
                shutil.copy(kept, self.database)
        self.assertEqual(verified, self.verdict(0, "--since-last")["verified_before"])

    def test_a_database_restored_from_before_is_a_rollback(self) -> None:
        older = self.folder / "older.db"
        shutil.copy(self.database, older)
        self.grow(2)
        self.verdict(0, "--since-last", "--state", "kept.verified")
        shutil.copy(older, self.database)
        anchor = self.folder / "none.anchors"
        verdict = self.verdict(5, "--since-last", "--state", "kept.verified", "--anchor", anchor)
        self.assertIn("were verified before", json.dumps(verdict))

    def test_a_state_that_is_damaged_or_of_another_log_is_not_used(self) -> None:
        self.verdict(0, "--since-last")
        state = self.folder / "billing.db.verified"
        whole = state.read_text()
        for text in (whole.replace("size ", "size 1"), "", whole[:-2], whole + "\n", "\0" * 1000):
            with self.subTest(text=text[:40]):
                state.write_text(text)
                run = self.verify("--since-last")
                self.assertEqual(0, run.code, f"{run}")
                self.assertEqual(self.size(), json.loads(run.out)["records_checked"])
                self.assertIn("everything is read", run.err)
                self.assertEqual(whole, state.read_text(), "and it is written again")
        other = ("--database", "sqlite://other.db")
        self.succeed("replay", CASES / "messages.jsonl", *other)
        words = ("audit", "verify", "--since-last", "--state", state)
        run = self.run_program(*words, *other)
        self.assertEqual(0, run.code, f"{run}")
        self.assertIn("everything is read", run.err)

    def test_nothing_is_remembered_of_a_log_that_was_tampered_with(self) -> None:
        self.change("UPDATE audit_log SET body = '{}' WHERE seq = 17")
        self.verdict(1, "--since-last")
        self.assertFalse((self.folder / "billing.db.verified").exists())

    def test_a_state_that_cannot_be_written_hides_no_verdict(self) -> None:
        run = self.verify("--since-last", "--state", "no/such/folder")
        self.assertEqual(0, run.code, f"{run}")
        self.assertIn("the next run reads all again", run.err)

    def test_an_anchor_below_what_was_verified_still_speaks(self) -> None:
        note = self.succeed("audit", "checkpoint", *self.place()).out
        self.write("old.note", note)
        self.grow(2)
        self.verdict(0, "--since-last")
        self.assertEqual("agrees", self.verdict(0, "--since-last", "--anchor", "old.note")["anchors"][0]["state"])
        self.change("UPDATE audit_tile SET hashes = zeroblob(8192) WHERE level = 0 AND tile_index < 20")
        self.assertEqual(1, self.verify("--since-last", "--anchor", "old.note").code)


class AnchorTest(VerifyFixture):
    def test_one_file_is_one_anchor_under_whatever_name(self) -> None:
        file = self.folder / "billing.db.anchors"
        link = self.folder / "linked.anchors"
        link.hardlink_to(file)
        copy = self.folder / "copied.anchors"
        shutil.copy(file, copy)
        two = self.write("two.yaml", "audit: {anchors: [{file: a}, {file: b}], quorum: 2}\n")
        for names, code in (((file, copy), 0), ((file, file), 6), ((file, "./" + file.name), 6), ((file, link), 6)):
            with self.subTest(names=names):
                words = [word for name in names for word in ("--anchor", name)]
                run = self.run_program("audit", "verify", "--config", two, *self.place(), *words)
                self.assertEqual(code, run.code, f"{run}")


class RebuildTest(VerifyFixture):
    def test_derived_tables_that_are_right_pass(self) -> None:
        self.verdict(0, "--rebuild")
        self.verdict(0, "--rebuild", "--jobs", 1)

    def test_a_changed_derived_table_is_tampering(self) -> None:
        for statement, told in (
            ("UPDATE interval SET state = 'FREE'", "interval"),
            ("DELETE FROM instance WHERE instance_no = 3", "instance"),
            ("UPDATE status_alias SET status = 'X'", "status_alias"),
        ):
            with self.subTest(statement=statement):
                self.change(statement)
                self.verdict(0)
                verdict = self.verdict(1, "--rebuild")
                self.assertIn(told, json.dumps(verdict["findings"]))
                self.assertEqual(1, self.run_program("rebuild", *self.place()).code)
                self.verdict(0, "--rebuild")

    def test_an_unknown_rule_book_is_not_passed_over(self) -> None:
        self.change("UPDATE projection SET lifecycle_digest = 'x'")
        self.verdict(6, "--rebuild")

    def test_how_far_instances_and_intervals_follow_is_told(self) -> None:
        size = self.size()
        self.assertNotIn("derived", self.verdict(0))
        whole = {"compared": True, "records": size, "follows_book_in_use": True}
        self.assertEqual(whole, self.verdict(0, "--rebuild")["derived"])
        self.change(EMPTY_DERIVED + "UPDATE projection SET log_size = 0")
        self.assertEqual(whole | {"records": 0}, self.verdict(0, "--rebuild")["derived"])
        run = self.succeed("audit", "verify", "--rebuild", *self.place())
        told = f"derived tables: instances and intervals follow 0 of {size} records; the rest is derived when it is asked for\n"
        self.assertIn(told, run.out)

    def test_an_instance_without_events_is_refused(self) -> None:
        self.grow(2)
        self.change(EMPTY_DERIVED + A_GHOST + "UPDATE projection SET lifecycle_digest = 'x'")
        for words in (("instances", "--instance", "ghost"), ("usage",), ("replay", "events.jsonl")):
            run = self.run_program(*words, *self.place())
            self.assertEqual(3, run.code, f"{run}")
            self.assertIn("no event of the instance \"vm/ghost\"; run `dcm-billing rebuild`", run.err)


class RuleBookTest(VerifyFixture):
    """A log in which one rule book took the place of another."""

    def setUp(self) -> None:
        super().setUp()
        self.first = self.folder / "first.db"
        shutil.copy(self.database, self.first)
        self.books = [self.write(f"{name}.yaml", BOOK.replace("?", name.upper())) for name in ("second", "forged")]
        self.change_book(self.books[0])

    def change_book(self, book: object) -> None:
        self.write("more.jsonl", self.succeed("publish", "--fleet", 9, "--events", 40, "--output", "-").out)
        self.succeed("replay", "more.jsonl", "--rules", book, *self.place())

    def take_projection_from(self, other: object) -> None:
        tables = ("projection", *DERIVED_TABLES)
        copies = "".join(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM other.{table};" for table in tables)
        self.change(f"ATTACH '{other}' AS other; {copies}")

    def findings(self, exit_code: int) -> str:
        return json.dumps(self.verdict(exit_code, "--rebuild")["findings"])

    def test_a_projection_that_lags_may_follow_the_book_before(self) -> None:
        size = int(sqlite(self.first, "SELECT size FROM audit_head")[0])
        self.take_projection_from(self.first)
        told = {"compared": True, "records": size, "follows_book_in_use": False}
        self.assertEqual(told, self.verdict(0, "--rebuild")["derived"])
        run = self.succeed("audit", "verify", "--rebuild", *self.place())
        self.assertIn("follow another rule book than the one in use", run.out)

    def test_a_book_that_no_record_names_is_not_followed_any_further(self) -> None:
        self.succeed("rebuild", "--rules", self.books[1], *self.place())
        self.assertIn("is not kept in the database", self.findings(6))
        # In place of the first one, whose name is in no record.
        forged = self.books[1].read_bytes()
        digest = "sha256:" + hashlib.sha256(forged).hexdigest()
        self.change(
            "DELETE FROM book WHERE digest <> (SELECT digest FROM book_in_use);"
            f"INSERT INTO book VALUES ('{digest}', X'{forged.hex()}')"
        )
        self.assertIn("that no record names", self.findings(1))

    def test_a_book_of_before_is_not_followed_any_further(self) -> None:
        self.change_book(self.books[1])
        self.assertEqual([], self.verdict(0, "--rebuild")["findings"])
        self.succeed("rebuild", "--rules", self.books[0], *self.place())
        self.assertIn("that is not in use any more", self.findings(6))

    def test_a_book_that_a_record_names_is_there(self) -> None:
        self.change_book(self.books[1])
        self.change(
            "PRAGMA foreign_keys = OFF; DELETE FROM book WHERE digest = "
            "(SELECT subject FROM audit_log WHERE kind = 'ruleset.changed' ORDER BY seq LIMIT 1)"
        )
        self.assertIn("which a record names, is not there", self.findings(1))


class BesideAConsumerTest(ProductTest):
    """fault 31: verifying at full speed never raises a false alarm."""

    def test_fault_31_no_false_alarm_while_a_consumer_writes(self) -> None:
        broker = self.start_broker()
        common = ("--nats", broker.url, "--database", "sqlite://billing.db")
        fleet = make_fleet(seed=31, count=20_000)
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(fleet.messages)
        small = {"DCM_BILLING_INGEST_COMMIT_EVENTS": "50", "DCM_BILLING_NATS_BATCH": "50"}
        consumer = self.start_program("consume", *common, **small)
        wait_until((self.folder / "billing.db.anchors").exists, "something is anchored", seconds=120)
        ways = (
            (),
            ("--since-last",),
            ("--jobs", "3"),
            ("--rebuild",),
            ("--since-last", "--rebuild", "--jobs", "2"),
        )
        sizes = []
        while not sizes or sizes[-1] < len(fleet.messages):
            words = ways[len(sizes) % len(ways)]
            run = self.run_program("audit", "verify", "--json", *common[2:], *words)
            self.assertEqual(0, run.code, f"{run}")
            sizes.append(json.loads(run.out)["size"])
        stopped = consumer.stop()
        self.assertEqual(0, stopped.code, f"{stopped}")
        self.assertEqual(sorted(sizes), sizes, "the log only grows")
        self.assertLess(sizes[0], sizes[-1], "it was written to meanwhile")
        self.assertGreaterEqual(len(sizes), len(ways), "each way was tried")


if __name__ == "__main__":
    main()
