"""`export run --due` and `serve`: what is due runs once, what fails is told and tried again."""

import contextlib
import fcntl
import json
import os
import shutil

from cost_exports import PERIOD, ExportFixture
from fleet import make_fleet
from nats_client import NatsClient
from support import main, sqlite, wait_until


class ScheduleTest(ExportFixture):
    def test_a_full_disk_is_told_once(self) -> None:
        out = self.mount_small_disk(self.folder / "out", 65_536)
        (out / "finance").mkdir()
        with contextlib.suppress(OSError), (out / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4_096))
        run = self.run_program("export", "run", "finance")
        self.assertEqual(4, run.code, f"{run}")
        self.assertEqual(1, run.err.count("No space left on device"), f"{run}")
        self.assertIn("dcm-billing: export finance: expected to write ", run.err)
        row = self.listed()
        self.assert_members({"state": "failed", "failures": 1}, row)
        self.assertEqual(1, row["detail"].count("No space left on device"))
        (out / "filler").unlink()
        self.succeed("export", "run", "finance", "--period", PERIOD)

    def test_what_is_due_runs_once(self) -> None:
        self.assert_members({"state": "never", "last_run": None, "rows": 0}, self.listed())
        first = self.succeed("export", "run", "--due")
        self.assertIn(f"finance {PERIOD} open", first.out)
        self.assertNotIn("lines", first.out, "an export without a schedule is not due")
        row = self.listed()
        self.assert_members({"state": "done", "failures": 0, "detail": None}, row)
        self.assertGreater(row["rows"], 0)
        self.assertGreater(row["next_run"], row["last_run"])
        self.assertRegex(row["last_run"], r"T\d\d:\d\d:\d\dZ$")
        self.assertEqual("", self.succeed("export", "run", "--due").out)

    def test_a_failure_is_told_and_tried_again_later(self) -> None:
        self.write("out", "a file where a folder is expected")
        run = self.run_program("export", "run", "--due")
        self.assertEqual(4, run.code, f"{run}")
        self.assertIn("dcm-billing: export finance: expected to open the folder", run.err)
        row = self.listed()
        self.assert_members({"state": "failed", "failures": 1}, row)
        self.assertIn("expected to open the folder", row["detail"])
        self.assertGreater(row["next_run"], row["last_run"])
        self.assertEqual("", self.succeed("export", "run", "--due").out, "it waits")
        os.unlink(self.folder / "out")
        self.export_finance()
        self.assert_members({"state": "overdue", "failures": 0}, self.listed())
        self.succeed("export", "run", "finance")
        self.assert_members({"state": "done", "failures": 0}, self.listed())

    def test_a_month_that_fails_keeps_no_other_from_being_made(self) -> None:
        bad = self.folder / "out/finance/data/BILLING_PERIOD=2026-03"
        bad.parent.mkdir(parents=True)
        bad.write_text("a file where a folder is expected")
        run = self.run_program("export", "run", "finance")
        self.assertEqual(1, run.code, f"{run}")
        self.assertIn("dcm-billing: export finance 2026-03: expected a folder at ", run.err)
        self.assertIn("finance 2026-04 open: ", run.out)
        self.assertFalse((self.folder / "out/finance/.staging").exists())
        self.assert_members({"state": "failed", "failures": 1}, self.listed())
        self.assertIn("2026-03: expected a folder", self.listed()["detail"])
        self.assertEqual("2026-04", min(json.loads(r["body"])["period"] for r in self.records()))
        found = json.loads(self.run_program("doctor", "--format", "json").out)["findings"]
        [told] = [one for one in found if one["check"] == "export finance"]
        self.assertEqual("warn", told["level"])
        self.assertIn("2026-03: expected a folder", told["found"])
        bad.unlink()
        self.succeed("export", "run", "finance")
        self.assert_members({"state": "done", "failures": 0}, self.listed())

    def test_a_run_of_one_month_answers_for_that_month_alone(self) -> None:
        bad = [self.folder / f"out/finance/data/BILLING_PERIOD={month}" for month in ("2026-03", "2026-04")]
        bad[0].parent.mkdir(parents=True)
        for path in bad:
            path.write_text("a file where a folder is expected")
        self.assertEqual(1, self.run_program("export", "run", "finance").code)
        failed = self.listed()
        self.assertIn("2026-04: expected a folder", failed["detail"])
        bad[1].unlink()
        self.succeed("export", "run", "finance", "--period", "2026-04")
        row = self.listed()
        self.assert_members({"state": "failed", "failures": 1, "next_run": failed["next_run"]}, row)
        self.assertIn("2026-03: expected a folder", row["detail"])
        self.assertNotIn("2026-04", row["detail"])
        self.assertEqual(1, self.run_program("export", "run", "finance", "--period", PERIOD).code)
        self.assertEqual(1, self.listed()["detail"].count("2026-03: expected a folder"))
        bad[0].unlink()
        self.export_finance()
        self.assert_members({"state": "overdue", "failures": 0}, self.listed())
        self.succeed("export", "run", "finance")
        self.assert_members({"state": "done", "failures": 0}, self.listed())

    def test_who_is_asked_to_stop_has_not_failed(self) -> None:
        """Stopped while it waits for a checkpoint, which whoever ingests would sign."""
        with (self.folder / "billing.db.lock").open("r+b") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            self.close()
            process = self.start_program("export", "run", "--due")
            wait_until(lambda: (self.folder / "out/finance").exists(), "the export begins")
            run = process.stop()
            self.assertEqual(1, run.code, f"{run}")
            self.assert_members({"state": "never", "failures": 0}, self.listed())
        self.succeed("export", "run", "--due")
        self.assert_members({"state": "done", "failures": 0}, self.listed())

    def test_what_was_run_by_hand_is_not_due_any_more(self) -> None:
        self.succeed("export", "run", "finance")
        self.assertEqual("", self.succeed("export", "run", "--due").out)
        self.assert_members({"state": "done", "due_since": None}, self.listed())

    def test_what_is_overdue_is_listed_so(self) -> None:
        self.succeed("export", "run", "--due")
        sqlite(
            self.database,
            "UPDATE export_run SET answered_at = answered_at - 86400000000 * 3",
            read_only=False,
        )
        row = self.listed()
        self.assertEqual("overdue", row["state"])
        self.assertRegex(row["due_since"], r"T0[01]:30:00Z$")
        table = self.succeed("export", "list").out
        self.assertIn(f"due since {row['due_since']}", table)

    def test_a_failed_export_of_one_month_is_told_in_the_list(self) -> None:
        self.close()
        book = self.folder / "book.yaml"
        book.write_text(book.read_text().replace("EUR", "USD"))
        run = self.run_program("export", "run", "finance", "--period", PERIOD)
        self.assertEqual(1, run.code, f"{run}")
        row = self.listed()
        self.assert_members({"state": "failed", "failures": 1}, row)
        self.assertIn("expected a rule book in EUR", row["detail"])

    def test_another_process_at_work_is_no_failure_of_the_schedule(self) -> None:
        (self.folder / "out/finance").mkdir(parents=True)
        held = os.open(self.folder / "out/finance", os.O_RDONLY)
        self.addCleanup(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX)
        due = self.succeed("export", "run", "--due")
        self.assertEqual(("", ""), (due.out, due.err))
        run = self.run_program("export", "run", "finance")
        self.assertEqual(4, run.code, f"{run}")
        self.assertIn("another process works on the export in ", run.err)
        self.assert_members({"state": "never", "failures": 0, "detail": None}, self.listed())
        fcntl.flock(held, fcntl.LOCK_UN)
        self.assertIn(f"finance {PERIOD} open", self.succeed("export", "run", "--due").out)

    def test_two_processes_answer_a_schedule_once(self) -> None:
        both = [self.start_program("export", "run", "--due") for _ in range(2)]
        runs = [process.wait() for process in both]
        self.assertEqual([0, 0], [run.code for run in runs], f"{runs[0]}\n{runs[1]}")
        self.assertEqual(1, sum(run.out.count(f"finance {PERIOD} open") for run in runs))
        self.assert_members({"state": "done", "failures": 0}, self.listed())

    def test_two_processes_make_one_record_of_each_month(self) -> None:
        both = [self.start_program("export", "run", "finance", "--period", PERIOD) for _ in range(2)]
        codes = sorted(process.wait().code for process in both)
        self.assertIn(codes, ([0, 0], [0, 4]))
        self.assertEqual(1, len(self.records()))
        self.succeed("export", "validate", "out/finance")

    def test_the_daemon_runs_exports_beside_the_stream_and_stops(self) -> None:
        broker = self.start_broker()
        daemon = self.start_program("serve", "--nats", broker.url, "--provision")
        wait_until(lambda: self.manifest_file("finance").exists(), "the export that is due")
        wait_until(lambda: self.records(), "its record")
        stopped = daemon.stop()
        self.assertEqual(0, stopped.code, f"{stopped}")
        self.succeed("export", "validate", "out/finance")
        self.succeed("audit", "verify")

    def test_the_daemon_reads_what_waits_before_it_exports(self) -> None:
        broker = self.start_broker()
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(make_fleet(seed=3, count=3_000).messages)
        daemon = self.start_program("serve", "--nats", broker.url)
        wait_until(self.records, "the export that is due")
        self.assertEqual(0, daemon.stop().code)
        [last] = sqlite(self.database, "SELECT max(seq) FROM v_audit WHERE broker_pos IS NOT NULL")
        for record in self.records():
            self.assertGreater(json.loads(record["body"])["log_size"], int(last))

    def test_the_daemon_fetches_what_an_older_database_lacks_before_it_exports(self) -> None:
        broker = self.start_broker()
        fleet = list(make_fleet(seed=3, count=3_000).messages)
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(fleet[:100])
        self.succeed("consume", "--drain", "--nats", broker.url)
        older = self.folder / "older"
        older.mkdir()
        for path in self.folder.glob(self.database.name + "*"):
            shutil.copy(path, older / path.name)
        with NatsClient(broker.url) as provider:
            provider.publish(fleet[100:])
        self.succeed("consume", "--drain", "--nats", broker.url)
        for path in self.folder.glob(self.database.name + "*"):
            path.unlink()
        for path in older.iterdir():
            shutil.copy(path, self.folder / path.name)
        daemon = self.start_program("serve", "--nats", broker.url)
        wait_until(self.records, "the export that is due")
        self.assertEqual(0, daemon.stop().code)
        self.assertIn("not recorded here", daemon.errors())
        [last] = sqlite(self.database, "SELECT max(seq) FROM v_audit WHERE broker_pos IS NOT NULL")
        for record in self.records():
            self.assertGreater(json.loads(record["body"])["log_size"], int(last))

    def test_the_daemon_does_not_export_while_it_cannot_know_what_waits(self) -> None:
        broker = self.start_broker()
        broker.kill()
        daemon = self.start_program("serve", "--nats", broker.url)
        wait_until(lambda: "trying again" in daemon.errors(), "the broker is missed")
        self.assertEqual(0, daemon.stop().code)
        self.assert_members({"state": "never", "failures": 0}, self.listed())


if __name__ == "__main__":
    main()
