"""`backup`: a copy that proves itself, made while a consumer writes, and a restore that is noticed."""

import pathlib
import shutil

from faults_test import limit_files_to
from fleet import make_fleet
from nats_client import NatsClient
from support import CASES, ProductTest, Run, main, sqlite, wait_until

SMALL_COMMITS = {"DCM_BILLING_INGEST_COMMIT_EVENTS": "100"}
EVENTS = 6_000


def count(database: pathlib.Path) -> int:
    try:
        return int(sqlite(database, "SELECT count(*) FROM v_audit")[0])
    except AssertionError:
        return 0  # no schema yet


class BackupTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "dcm-billing.db"
        self.copy = self.folder / "copy.db"

    def verify_alone(self) -> Run:
        """As another machine would: the copy, its checkpoint and the verifier key."""
        key = self.succeed("audit", "key", "show").out.strip()
        words = ("--database", f"sqlite://{self.copy}", "--anchor", f"{self.copy}.checkpoint")
        return self.run_program("audit", "verify", *words, "--vkey", key)

    def files(self) -> set[str]:
        """All but SQLite's own beside the database, which every reader makes."""
        own = {"dcm-billing.db-wal", "dcm-billing.db-shm"}
        return {path.name for path in self.folder.iterdir()} - own

    def test_a_copy_made_while_a_consumer_writes_is_one_state_and_proves_itself(self) -> None:
        broker = self.start_broker()
        messages = make_fleet(seed=21, count=EVENTS).messages
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(messages[: EVENTS // 2])
            consumer = self.start_program("consume", "--nats", broker.url, **SMALL_COMMITS)
            signed = "SELECT count(*) FROM audit_checkpoint"
            wait_until(lambda: count(self.database) > 500 and sqlite(self.database, signed) != ["0"], "work")
            # The consumer has had work for as long as the backup ran: the last message comes after it.
            backup = self.start_program("backup", self.copy)
            sent = EVENTS // 2
            while backup.running() and sent < EVENTS - 1:
                provider.publish(messages[sent : sent + 1])
                sent += 1
            self.assertEqual(0, backup.wait().code, "the copy is made")
            provider.publish(messages[sent:])
        self.assertLess(count(self.copy), EVENTS, "the copy was made in the middle of the work")
        verified = self.verify_alone()
        self.assertEqual(0, verified.code, f"{verified}")
        self.succeed("usage", "--database", f"sqlite://{self.copy}")
        wait_until(lambda: count(self.database) == EVENTS, "the consumer was not held up")
        self.assertEqual(0, consumer.stop().code)
        self.succeed("audit", "verify")

    def test_the_copy_is_its_owners_and_nothing_else_is_left(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        before = self.files()
        told = self.succeed("backup", "copy.db").out
        self.assertEqual({"copy.db", "copy.db.checkpoint"}, self.files() - before)
        self.assertIn(f"{count(self.copy)} records in copy.db", told)
        self.assertEqual(0o600, self.copy.stat().st_mode & 0o777)
        self.assertEqual(
            self.succeed("audit", "checkpoint").out, (self.folder / "copy.db.checkpoint").read_text()
        )

    def test_a_log_that_was_never_signed_is_copied_without_a_checkpoint(self) -> None:
        self.succeed("migrate", "up")
        self.assertIn("no checkpoint", self.succeed("backup", "copy.db").out)
        self.assertFalse((self.folder / "copy.db.checkpoint").exists())

    def test_existing_files_and_links_are_never_written_to(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        kept = self.write("kept", "something of value\n")
        for name in ("copy.db", "copy.db.checkpoint", "copy.db.partial"):
            for make in (shutil.copy, lambda _, to: to.symlink_to(kept), lambda _, to: to.symlink_to("x")):
                path = self.folder / name
                make(kept, path)
                with self.subTest(name=name, link=path.is_symlink()):
                    before = self.files()
                    run = self.run_program("backup", "copy.db")
                    self.assertEqual(4, run.code, f"{run}")
                    self.assertIn(name, run.err)
                    self.assertEqual(before, self.files())
                    self.assertEqual("something of value\n", kept.read_text())
                path.unlink()

    def test_a_full_disk_and_a_missing_database_leave_no_half_copy(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        before = self.files()
        for words, limit in (
            (("backup", "copy.db"), limit_files_to(100_000)),
            (("backup", "copy.db", "--database", "sqlite://missing.db"), None),
            (("backup", "no-such-folder/copy.db"), None),
        ):
            with self.subTest(words=words):
                run = self.run_program(*words, preexec_fn=limit)
                self.assertEqual(4, run.code, f"{run}")
                self.assertEqual(before, self.files())

    def test_fault_23_a_restored_copy_older_than_what_was_signed_is_recognised(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        self.succeed("backup", "copy.db")
        self.succeed("replay", CASES / "messages.jsonl")
        for left_over in ("-wal", "-shm"):
            pathlib.Path(f"{self.database}{left_over}").unlink(missing_ok=True)
        shutil.copy(self.copy, self.database)
        restored = self.database.read_bytes()

        self.assertEqual(5, self.run_program("audit", "verify").code)
        broker = self.start_broker()
        with NatsClient(broker.url) as provider:
            provider.create_stream()
        for words in (
            ("replay", CASES / "messages.jsonl"),
            ("consume", "--drain", "--nats", broker.url),
        ):
            with self.subTest(words=words):
                run = self.run_program(*words)
                self.assertEqual(5, run.code, f"{run}")
                self.assertIn("restored from a backup", run.err)
        examined = self.run_program("doctor", "--nats", broker.url)
        self.assertEqual(4, examined.code, f"{examined}")
        self.assertRegex(examined.out, r"fail  log: .*rolled back")
        self.assertEqual(restored, self.database.read_bytes(), "nothing was written to it")

    def test_a_restored_copy_of_all_that_was_signed_goes_on(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        self.succeed("backup", "copy.db")
        for left_over in ("-wal", "-shm"):
            pathlib.Path(f"{self.database}{left_over}").unlink(missing_ok=True)
        shutil.copy(self.copy, self.database)
        self.succeed("replay", CASES / "messages.jsonl")
        self.succeed("audit", "verify")


if __name__ == "__main__":
    main()
