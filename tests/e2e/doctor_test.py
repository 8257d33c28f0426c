"""`doctor`: each finding that can be provoked, and that looking changes nothing."""

import hashlib
import json
import os
import subprocess

from fleet import make_fleet
from nats_client import NatsClient
from restart_test import SAFE_DURABLE
from support import CASES, NatsServer, ProductTest, environment, main, sqlite, wait_until

STREAM = {"name": "dcm-status", "subjects": ["dcm.*"], "retention": "limits", "num_replicas": 1}
SECONDS_MAX = 60


class DoctorFixture(ProductTest):
    """A database with a few records, and a broker's address; has no test of its own."""

    url = "nats://127.0.0.1:1"

    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.succeed("replay", CASES / "messages.jsonl", *self.common())

    def common(self) -> tuple[str, ...]:
        return ("--database", f"sqlite://{self.database}", "--nats", self.url)

    def examine(self, code: int, *words: object, **env: str) -> dict[str, list[dict]]:
        """The findings by what was looked at."""
        words = ("doctor", "--format", "json", *self.common(), *words)
        run = self.run_program(*words, timeout=SECONDS_MAX, env=environment(**env))
        self.assertEqual(code, run.code, f"{run}")
        told = json.loads(run.out)
        self.assertEqual(code, told["exit"])
        found: dict[str, list[dict]] = {}
        for finding in told["findings"]:
            found.setdefault(finding["check"], []).append(finding)
        return found

    def assert_finding(self, found: dict, check: str, level: str, *texts: str) -> None:
        matching = [one for one in found.get(check, []) if one["level"] == level]
        self.assertTrue(matching, f"{check}: {found.get(check)}")
        told = " ".join(one["found"] for one in matching)
        for text in texts:
            self.assertIn(text, told)

    def change(self, statement: str) -> None:
        sqlite(self.database, statement, read_only=False)


class FilesTest(DoctorFixture):
    """Without a broker, whose absence is one finding and hides no other."""

    def test_a_broker_that_is_away_hides_nothing_else(self) -> None:
        found = self.examine(4)
        self.assert_finding(found, "broker", "fail", "127.0.0.1:1")
        for check in ("configuration", "rule book", "database file", "key", "log", "checkpoint"):
            self.assert_finding(found, check, "ok")
        self.assert_finding(found, "journal", "ok", "write-ahead")
        self.assert_finding(found, "page size", "ok", "16384")
        self.assert_finding(found, "anchors' place", "warn", "accidents only")
        self.assert_finding(found, "key's place", "warn", "beside the database")

    def test_the_text_has_a_line_for_each_finding(self) -> None:
        found = self.examine(4)
        run = self.run_program("doctor", *self.common())
        lines = run.out.splitlines()
        self.assertEqual(sum(map(len, found.values())), len(lines))
        for line in lines:
            self.assertRegex(line, r"^(ok    |warn  |fail  )[a-z]")

    def test_a_malformed_configuration_or_book_is_exit_3(self) -> None:
        self.write("bad.yaml", "nats: {durabel: x}\n")
        found = self.examine(3, "--config", "bad.yaml")
        self.assert_finding(found, "configuration", "fail", "durabel")
        self.write("book.yaml", "version: 1\n")
        found = self.examine(3, "--rules", "book.yaml")
        self.assert_finding(found, "rule book", "fail", "book.yaml")
        self.assert_finding(found, "log", "ok")

    def test_a_missing_and_a_foreign_database_are_told_and_left_alone(self) -> None:
        self.database = self.folder / "none.db"
        self.assert_finding(self.examine(4), "database file", "fail", "none.db")
        self.assertFalse(self.database.exists())
        self.change("CREATE TABLE customer (name TEXT)")
        self.assert_finding(self.examine(3), "database", "fail")

    def test_an_older_schema_and_another_journal_are_told(self) -> None:
        self.change("PRAGMA journal_mode = DELETE")
        self.assert_finding(self.examine(4), "journal", "warn", "delete")
        self.change(
            "DELETE FROM schema_migration WHERE version = (SELECT max(version) FROM schema_migration)"
        )
        self.assert_finding(self.examine(4), "schema", "fail", "missing migrations: 1")

    def test_a_changed_schema_is_told(self) -> None:
        self.change("DROP TRIGGER audit_log_no_update")
        self.assert_finding(self.examine(4), "schema", "warn", "audit_log_no_update")

    def test_a_folder_is_no_database(self) -> None:
        self.database = self.folder
        self.assert_finding(self.examine(4), "database file", "fail", "is no regular file")

    def test_fault_46_links_to_the_database_are_refused(self) -> None:
        other = self.folder / "other.db"
        os.link(self.database, other)
        self.assert_finding(self.examine(4), "database file", "fail", "2 names")
        other.unlink()
        other.symlink_to(self.database)
        self.database = other
        self.assert_finding(self.examine(4), "database file", "fail", "symbolic link")

    def test_permissions_of_database_key_state_and_anchor(self) -> None:
        for suffix, check, mode, level, code in (
            ("", "database permissions", 0o644, "warn", 4),
            ("", "database permissions", 0o666, "fail", 4),
            ("", "database permissions", 0o640, "ok", 4),
            (".key", "key", 0o644, "fail", 3),
            (".signer", "signer's state", 0o666, "fail", 4),
            (".anchors", "anchor", 0o666, "fail", 4),
        ):
            with self.subTest(suffix=suffix, mode=oct(mode)):
                path = self.folder / ("billing.db" + suffix)
                before = path.stat().st_mode
                path.chmod(mode)
                self.assert_finding(self.examine(code), check, level)
                path.chmod(before)

    def test_files_of_the_evidence_that_are_gone_or_spoilt_are_told(self) -> None:
        for suffix, check in ((".signer", "signer's state"), (".anchors", "anchor"), (".key", "key")):
            path = self.folder / ("billing.db" + suffix)
            kept = path.read_bytes()
            path.write_bytes(b"nothing of the kind\n")
            with self.subTest(spoilt=suffix):
                code = 3 if suffix == ".key" else 4
                self.assert_finding(self.examine(code), check, "fail")
            path.unlink()
            with self.subTest(gone=suffix):
                self.assert_finding(self.examine(4), check, "warn", "there is none")
            path.write_bytes(kept)
            path.chmod(0o600)

    def test_records_that_nobody_signed_and_a_clock_that_is_late_are_told(self) -> None:
        far = 4_102_444_800_000_000  # the year 2100
        self.change(
            "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, outcome)"
            f" SELECT max(seq) + 1, {far}, 'service.stopped', 'a', 's', 'done' FROM audit_log"
        )
        self.assert_finding(self.examine(4), "system clock", "fail", "2100-01-01")
        self.change("UPDATE audit_head SET size = size + 1")
        found = self.examine(4)
        self.assert_finding(found, "checkpoint", "warn", "1 record after")

    def test_an_anchor_that_lags_is_told(self) -> None:
        anchor = self.folder / "billing.db.anchors"
        before = anchor.read_text()
        self.succeed("replay", CASES / "messages.jsonl", *self.common())
        anchor.write_text(before)
        self.assert_finding(self.examine(4), "anchor", "warn", "billing.db.anchors knows")

    def test_an_anchor_of_many_notes_is_judged_by_its_end(self) -> None:
        anchor = self.folder / "billing.db.anchors"
        notes = anchor.read_text()
        anchor.write_text(notes * (1_200_000 // len(notes)) + notes)
        self.assert_finding(self.examine(4), "anchor", "ok", "billing.db.anchors knows")
        # Of this log there is nothing in what is looked at.
        anchor.write_text(notes + "x" * 999_000 + "\n\n" + "y" * 2_000 + "\n")
        self.assert_finding(self.examine(4), "anchor", "fail", "found none in")

    def test_a_log_older_than_what_was_signed_fails(self) -> None:
        older = self.database.read_bytes()
        self.succeed("replay", CASES / "messages.jsonl", *self.common())
        self.database.write_bytes(older)
        for left_over in ("-wal", "-shm"):
            (self.folder / ("billing.db" + left_over)).unlink(missing_ok=True)
        found = self.examine(4)
        self.assert_finding(found, "log", "fail", "signer's state", "billing.db.anchors")

    def test_a_write_ahead_log_out_of_bounds_is_told(self) -> None:
        with open(f"{self.database}-wal", "ab") as wal:
            wal.truncate(2 << 30)  # a hole, no blocks
        self.assert_finding(self.examine(4), "write-ahead log", "warn", "MB")

    def test_an_anchor_on_another_volume_and_a_key_elsewhere_are_fine(self) -> None:
        shared_memory = "/dev/shm"
        anchor = f"{shared_memory}/{self.folder.name}.anchors"
        self.addCleanup(lambda: os.path.exists(anchor) and os.unlink(anchor))
        (self.folder / "keys").mkdir()
        text = f"audit: {{key: keys/audit.key, anchors: [{{file: {anchor}}}]}}\n"
        self.write("own.yaml", text)
        self.database = self.folder / "apart.db"
        words = ("--config", "own.yaml")
        self.succeed("replay", CASES / "messages.jsonl", *self.common(), *words)
        found = self.examine(4, *words)
        self.assert_finding(found, "anchors' place", "ok")
        self.assert_finding(found, "key's place", "ok")
        self.assertEqual(2, len(found["disk space"]), "both volumes are looked at")


class BrokerTest(DoctorFixture):
    def setUp(self) -> None:
        self.broker: NatsServer | None = None
        super().setUp()
        self.broker = self.start_broker()
        self.url = self.broker.url

    def create(self, **changes: object) -> None:
        with NatsClient(self.url) as client:
            client.request("$JS.API.STREAM.CREATE.dcm-status", STREAM | {"storage": "file"} | changes)

    def create_durable(self, **changes: object) -> None:
        with NatsClient(self.url) as client:
            client.create_durable(SAFE_DURABLE | changes)

    def test_a_sound_installation_has_no_failure_and_exits_0(self) -> None:
        self.create()
        self.create_durable()
        with NatsClient(self.url) as client:
            client.publish(make_fleet(seed=1, count=7).messages)
        found = self.examine(0)
        self.assert_finding(found, "server", "ok", "nats-server 2.")
        for check in ("clocks", "stream", "stream storage", "stream limits", "durable"):
            self.assert_finding(found, check, "ok")
        self.assert_finding(found, "backlog", "ok", "7 undelivered, 0 unacknowledged")
        self.assert_finding(found, "stream replicas", "warn", "1")

    def test_a_missing_stream_and_one_without_our_subjects_fail(self) -> None:
        self.assert_finding(self.examine(4), "stream", "fail", "dcm-status")
        self.create(subjects=["other.*"])
        self.assert_finding(self.examine(4), "stream", "fail", "other.*")

    def test_a_stream_that_may_lose_what_was_not_read_is_told(self) -> None:
        self.create(storage="memory", max_age=3_600_000_000_000, max_msgs=10)
        found = self.examine(0)
        self.assert_finding(found, "stream storage", "warn", "memory")
        self.assert_finding(found, "stream limits", "warn", "max_age 3600 s", "max_msgs 10")
        self.assert_finding(found, "durable", "warn", "not there yet")

    def test_a_harmful_durable_fails_and_an_uncomfortable_one_is_a_warning(self) -> None:
        self.create()
        self.create_durable(max_ack_pending=10)
        self.assert_finding(self.examine(0), "durable", "warn", "max_ack_pending")
        self.create_durable(max_ack_pending=10, max_deliver=5)
        self.assert_finding(self.examine(4), "durable", "fail", "max_deliver")

    def test_a_durable_that_begins_behind_what_is_recorded_is_fine_and_else_hides_events(self) -> None:
        self.create()
        self.create_durable(deliver_policy="by_start_sequence", opt_start_seq=6)
        with NatsClient(self.url) as client:
            client.publish(make_fleet(seed=2, count=5).messages)
        self.assert_finding(self.examine(4), "durable", "fail", "deliver_policy")
        with NatsClient(self.url) as client:
            client.request("$JS.API.CONSUMER.DELETE.dcm-status.dcm-billing", {})
        self.succeed("consume", "--drain", *self.common())
        with NatsClient(self.url) as client:
            client.request("$JS.API.CONSUMER.DELETE.dcm-status.dcm-billing", {})
        self.create_durable(deliver_policy="by_start_sequence", opt_start_seq=6)
        self.assert_finding(self.examine(0), "durable", "ok")
        # What another durable recorded ends before this one begins: consume refuses it, too.
        other = {"DCM_BILLING_NATS_DURABLE": "other"}
        self.create_durable(durable_name="other", deliver_policy="by_start_sequence", opt_start_seq=9)
        self.assert_finding(self.examine(4, **other), "durable", "fail", "deliver_policy")
        run = self.run_program("consume", "--drain", *self.common(), env=environment(**other))
        self.assertEqual(4, run.code, f"{run}")

    def test_a_server_without_jetstream_fails(self) -> None:
        ports = self.folder / "plain"
        ports.mkdir()
        server = subprocess.Popen(
            ["nats-server", "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", str(ports)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        told = wait_until(lambda: [p for p in ports.glob("*.ports") if p.stat().st_size], "ports")
        self.url = told[0].read_text().split('"')[3]
        self.assert_finding(self.examine(4), "stream", "fail", "JetStream")

    def test_who_ingests_is_told(self) -> None:
        self.create()
        self.assert_finding(self.examine(0), "ingesting", "ok", "no process")
        consumer = self.start_program("consume", *self.common())
        wait_until(self.broker.durable, "the consumer is at work")
        self.assert_finding(self.examine(0), "ingesting", "ok", "process ")
        self.assertEqual(0, consumer.stop().code)

    def test_looking_changes_nothing(self) -> None:
        self.create()
        before = self.digests()
        self.examine(0)
        self.assertEqual(before, self.digests())
        self.assertEqual({}, self.broker.durable())
        self.assertEqual(0, self.broker.stream()["state"]["consumer_count"])

    def digests(self) -> dict[str, str]:
        """Of all files but SQLite's own beside the database, which every reader makes."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.iterdir()
            if path.is_file() and path.name not in ("billing.db-wal", "billing.db-shm")
        }


if __name__ == "__main__":
    main()
