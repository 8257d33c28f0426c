"""`audit redact`: what goes, what stays, and a consumer that goes on meanwhile."""

import json
import pathlib
import shutil

from fleet import make_fleet
from nats_client import NatsClient
from support import CASES, ProductTest, Run, main, sqlite, sqlite_rows, wait_until

SECRET = "hunter2-hunter2"


class RedactFixture(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"

    def place(self) -> tuple[str, str]:
        return ("--database", f"sqlite://{self.database}")

    def redact(self, code: int, *words: object) -> Run:
        run = self.run_program("audit", "redact", *words, *self.place())
        self.assertEqual(code, run.code, f"{run}")
        self.assertEqual(code == 0, run.out != "", f"{run}")
        return run

    def verdict(self, code: int) -> dict:
        run = self.run_program("audit", "verify", "--json", *self.place())
        self.assertEqual(code, run.code, f"{run}")
        return json.loads(run.out)

    def bytes_on_disk(self) -> bytes:
        files = sorted(filter(pathlib.Path.is_file, self.folder.glob("billing.db*")))
        return b"".join(path.read_bytes() for path in files)


class RedactTest(RedactFixture):
    def setUp(self) -> None:
        super().setUp()
        case = {
            "subject": "dcm.vm",
            "headers": {"authorization": SECRET + "-header"},
            "payload": json.dumps({"not": "an event", "password": SECRET}),
        }
        lines = (CASES / "messages.jsonl").read_text(encoding="utf-8")
        self.replayed = self.write("in.jsonl", json.dumps(case) + "\n" + lines)
        self.succeed("replay", self.replayed, *self.place())

    def test_fault_29_with_a_record_verify_proofs_and_rebuild_hold(self) -> None:
        leaf = sqlite(self.database, "SELECT leaf_hex FROM audit_leaf WHERE seq = 0")
        size = self.verdict(0)["size"]
        self.assertIn(SECRET.encode(), self.bytes_on_disk())
        run = self.redact(0, "--seq", 0, "--legal-ref", "GDPR-2026-17")
        self.assertIn("nothing of it is left in the database's files", run.out)
        self.assertNotIn(SECRET.encode(), self.bytes_on_disk())
        self.assertEqual(size + 1, self.verdict(0)["size"], "a checkpoint covers the record")
        self.assertEqual(leaf, sqlite(self.database, "SELECT leaf_hex FROM audit_leaf WHERE seq = 0"))
        row = sqlite_rows(self.database, "SELECT * FROM v_audit ORDER BY seq DESC LIMIT 1")[0]
        self.assert_members(
            {
                "kind": "payload.redacted",
                "subject": "seq/0",
                "outcome": "done",
                "body": '{"legal_ref":"GDPR-2026-17"}',
            },
            row,
        )
        self.assertRegex(row["actor"], "^user:.+")
        self.assertEqual([], sqlite(self.database, "SELECT seq FROM v_audit_payload WHERE seq = 0"))
        self.succeed("audit", "prove", "--seq", 0, *self.place())
        self.assertIn("identical", self.succeed("rebuild", *self.place()).out)
        # The same messages again: identities are known still.
        before = self.succeed("usage", "--format", "jsonl", *self.place()).out
        summary = self.succeed("replay", self.replayed, *self.place()).summary()
        self.assertEqual(0, summary["accepted"])
        self.assertEqual(before, self.succeed("usage", "--format", "jsonl", *self.place()).out)
        self.verdict(0)

    def test_fault_29_undone_it_is_tampering(self) -> None:
        columns = ("salt", "payload", "subject", "headers")
        quoted = " || ', ' || ".join(f"'{name} = ' || quote({name})" for name in columns)
        before = sqlite(self.database, f"SELECT {quoted} FROM audit_payload WHERE seq = 0")[0]
        self.redact(0, "--seq", 0, "--legal-ref", "R-1")
        whole = self.database.read_bytes()
        for assignment in (before, "subject = 'dcm.vm'", "payload = X'61'", "headers = '{}'"):
            with self.subTest(assignment=assignment):
                self.database.write_bytes(whole)
                change = f"UPDATE audit_payload SET {assignment} WHERE seq = 0"
                sqlite(self.database, change, read_only=False)
                self.assertEqual(0, self.verdict(1)["first_bad_seq"])

    def test_fault_29_without_a_record_it_is_tampering(self) -> None:
        sqlite(self.database, "DELETE FROM audit_payload WHERE seq = 0", read_only=False)
        self.assertEqual(0, self.verdict(1)["first_bad_seq"])
        run = self.redact(1, "--seq", 0, "--legal-ref", "R")
        self.assertIn("no record says why", run.err)

    def test_what_is_not_there_or_is_gone_already_is_told(self) -> None:
        size = self.verdict(0)["size"]
        self.redact(0, "--seq", 5, "--legal-ref", "first")
        again = self.redact(1, "--seq", 5, "--legal-ref", "second")
        self.assertIn(f'already, by record {size} (legal ref "first")', again.err)
        self.assertIn(
            f"the log has {size + 1} records",
            self.redact(1, "--seq", 99999, "--legal-ref", "R").err,
        )
        self.assertIn("not about a message", self.redact(1, "--seq", size, "--legal-ref", "R").err)
        self.assertEqual(size + 1, self.verdict(0)["size"], "a refusal records nothing")

    def test_fault_23_a_database_put_back_is_not_written_to(self) -> None:
        for path in self.folder.glob("billing.db*"):
            shutil.copy(path, self.folder / f"old-{path.name}")
        later = {"subject": "dcm.vm", "payload": "later"}
        self.succeed("replay", self.write("later.jsonl", json.dumps(later) + "\n"), *self.place())
        shutil.copy(self.folder / "old-billing.db", self.database)
        self.verdict(5)
        for words in (
            ("audit", "redact", "--seq", 0, "--legal-ref", "R"),
            ("quarantine", "retry", "--all"),
        ):
            run = self.run_program(*words, *self.place())
            self.assertEqual(5, run.code, f"{run}")
            self.assertIn("rolled back or restored", run.err)
        self.verdict(5)

    def test_a_lock_file_that_cannot_be_is_told_before_anything_is_recorded(self) -> None:
        lock = self.folder / "billing.db.lock"
        lock.unlink()
        lock.mkdir()
        run = self.redact(4, "--seq", 0, "--legal-ref", "R")
        self.assertIn("billing.db.lock", run.err)
        self.assertIn(SECRET.encode(), self.bytes_on_disk())

    def test_wrong_words_change_nothing(self) -> None:
        for words in (
            ("--seq", 1),
            ("--legal-ref", "R"),
            ("--seq", "x", "--legal-ref", "R"),
            ("--seq", -1, "--legal-ref", "R"),
            ("--seq", 1, "--legal-ref", ""),
            ("--seq", 1, "--legal-ref", "two\nlines"),
            ("--seq", 1, "--legal-ref", "C1 \u009b2J"),
            ("--seq", 1, "--legal-ref", "turned \u202e"),
            ("--seq", 1, "--legal-ref", "x" * 257),
        ):
            with self.subTest(words=words):
                self.redact(2, *words)
        self.redact(0, "--seq", 1, "--legal-ref", "x" * 256)
        missing = self.run_program(
            *("audit", "redact", "--seq", 1, "--legal-ref", "R", "--database", "sqlite://no.db")
        )
        self.assertEqual(4, missing.code, f"{missing}")
        self.assertFalse((self.folder / "no.db").exists())


class BesideConsumerTest(RedactFixture):
    def recorded(self) -> int:
        try:
            return int(sqlite(self.database, "SELECT count(*) FROM v_event")[0])
        except AssertionError:
            return 0  # no database or no schema yet

    def test_a_consumer_goes_on_while_payloads_are_redacted(self) -> None:
        broker = self.start_broker()
        fleet = make_fleet(seed=3, count=400)
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(fleet.messages[:200])
            consumer = self.start_program("consume", "--nats", broker.url, *self.place())
            wait_until(lambda: self.recorded() >= 200, "the first half is recorded")
            for number in range(10):
                provider.publish(fleet.messages[200 + 20 * number : 220 + 20 * number])
                run = self.redact(0, "--seq", number, "--legal-ref", f"R-{number}")
                self.assertIn("until the ingesting process stops", run.out)
        wait_until(lambda: self.recorded() == 400, "all is recorded")
        stopped = consumer.stop()
        self.assertEqual(0, stopped.code, f"{stopped}")
        self.assertEqual(410, self.verdict(0)["size"])
        self.assertIn("identical", self.succeed("rebuild", *self.place()).out)


if __name__ == "__main__":
    main()
