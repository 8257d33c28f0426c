"""The surroundings fail: no broker, a read-only folder, a full disk, a second writer."""

import contextlib
import fcntl
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import termios
import time

from fleet import make_fleet
from nats_client import NatsClient
from preloaded import preloaded
from support import (
    BINARY,
    CASES,
    NatsServer,
    ProductTest,
    Run,
    cpu_seconds,
    environment,
    main,
    read_cases,
    sqlite,
    wait_until,
)

DRAIN_SECONDS_MAX = 90
# Enough for the schema and the first commits, too little for 5,000 events.
DISK_BYTES = 1_500_000
# Room for the schema, its write-ahead log and 5,000 events, if nothing else is there.
SMALL_DISK_BYTES = 40_000_000


def limit_files_to(size_bytes: int):
    """A disk that is full, for one process: no file of it grows beyond the size."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))

    return limit


def is_full(pipe: int) -> bool:
    held = fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4)
    return int.from_bytes(held, sys.byteorder) >= fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)


def acknowledged(broker: NatsServer) -> int:
    """Up to which sequence the broker needs to deliver nothing any more."""
    return broker.durable().get("ack_floor", {}).get("stream_seq", 0)


class FaultsTest(ProductTest):
    def test_fault_45_without_a_thread_to_be_had_a_file_is_replayed(self) -> None:
        events = self.folder / "events.jsonl"
        self.succeed("publish", "--fleet", "45", "--events", "500", "--output", events)
        run = self.run_program("replay", events, env=preloaded("no_threads"))
        self.assertEqual((0, 500), (run.code, run.summary()["received"]), f"{run}")
        self.succeed("audit", "verify", "--rebuild")

    def test_a_command_that_has_nothing_to_finish_is_ended_by_a_signal(self) -> None:
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        writer = os.open(fifo, os.O_RDWR)
        self.addCleanup(os.close, writer)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            reader = self.start_program("events", "check", fifo)
            files = pathlib.Path(f"/proc/{reader.pid}/fd")
            wait_until(lambda: str(fifo) in map(os.readlink, files.iterdir()), "it reads")  # noqa: B023
            self.assertEqual(-number, reader.stop(number).code)

    def test_a_signal_ends_the_wait_for_a_pipe_that_nobody_opens(self) -> None:
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        waiting = self.start_program("replay", fifo)
        wait_until((self.folder / "dcm-billing.db").exists, "it is at work")
        stopped = waiting.stop()
        self.assertEqual((0, 0), (stopped.code, stopped.summary()["received"]), f"{stopped}")

    def test_a_pipe_is_replayed_when_its_writer_comes_late(self) -> None:
        events = self.folder / "events.jsonl"
        self.succeed("publish", "--fleet", "3", "--events", "500", "--output", events)
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        waiting = self.start_program("replay", fifo)
        wait_until((self.folder / "dcm-billing.db").exists, "it is at work")
        fifo.write_bytes(events.read_bytes())
        run = waiting.wait()
        self.assertEqual((0, 500), (run.code, run.summary()["received"]), f"{run}")

    def test_a_signal_ends_a_write_that_nobody_reads(self) -> None:
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        words = [BINARY, "publish", "--fleet", "3", "--events", "100000", "--output", "-"]
        with subprocess.Popen(words, stdout=writer, stderr=subprocess.PIPE, env=environment()) as printing:
            os.close(writer)
            wait_until(lambda: is_full(reader), "the pipe is full")
            printing.terminate()
            self.assertEqual(4, printing.wait(60))
            self.assertIn(b"does not read", printing.stderr.read())

    def assert_environment_error(self, run: Run, *expected: str) -> None:
        self.assertEqual(4, run.code, f"{run}")
        self.assertEqual("", run.out, f"{run}")
        self.assertIn("dcm-billing: ", run.err)
        for text in expected:
            self.assertIn(text, run.err)

    def test_a_drain_without_a_broker_ends_with_an_error_within_a_bound(self) -> None:
        broker = self.start_broker()
        broker.kill()
        began = time.monotonic()
        words = ("consume", "--drain", "--nats", broker.url)
        run = self.run_program(*words, timeout=DRAIN_SECONDS_MAX)
        self.assert_environment_error(run, broker.url.removeprefix("nats://"))
        self.assertLess(time.monotonic() - began, DRAIN_SECONDS_MAX)

    def test_publish_without_a_broker_ends_with_an_error(self) -> None:
        broker = self.start_broker()
        broker.kill()
        words = ("publish", "--nats", broker.url, CASES / "messages.jsonl")
        self.assert_environment_error(self.run_program(*words, timeout=DRAIN_SECONDS_MAX))

    def test_a_server_without_jetstream_is_told(self) -> None:
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
        url = told[0].read_text().split('"')[3]
        words = ("consume", "--drain", "--nats", url)
        run = self.run_program(*words, timeout=DRAIN_SECONDS_MAX)
        self.assert_environment_error(run, "JetStream")

    def test_a_read_only_folder_is_an_error_with_its_name(self) -> None:
        program = shutil.copy(BINARY, self.folder / "dcm-billing")
        events = shutil.copy(CASES / "messages.jsonl", self.folder / "events.jsonl")
        os.chmod(self.folder, 0o555)
        os.chmod(events, 0o444)

        database = f"sqlite://{self.folder}/new.db"
        run = self.run_as_nobody(program, "replay", events, "--database", database)
        os.chmod(self.folder, 0o755)
        self.assert_environment_error(run, "new.db")

    def test_a_replay_onto_a_full_disk_fails_and_a_repeat_loses_nothing(self) -> None:
        fleet = make_fleet(seed=11, count=5_000)
        lines = [
            {"subject": s, "payload": b.decode(), "stream_seq": n, "store_time": "2026-06-15T00:00:00Z"}
            for n, (s, b) in enumerate(fleet.messages, 1)
        ]
        path = self.write_lines("events.jsonl", lines)
        self.succeed("migrate", "up")
        run = self.run_program("replay", path, preexec_fn=limit_files_to(DISK_BYTES))
        self.assert_environment_error(run)
        self.check_log_is_whole()
        self.succeed("usage")
        first = self.recorded("accepted")
        again = self.succeed("replay", path).summary()
        expected = fleet.expected(len(fleet.messages))
        self.assertEqual(expected["received"], again["received"])
        self.assertEqual(expected["accepted"], first + again["accepted"])
        self.check_log_is_whole()
        self.succeed("rebuild")

    def recorded(self, verdict: str) -> int:
        database = self.folder / "dcm-billing.db"
        rows = sqlite(database, f"SELECT count(*) FROM v_event WHERE verdict = '{verdict}'")
        return int(rows[0])

    def check_log_is_whole(self) -> None:
        verified = self.run_program("audit", "verify")
        self.assertIn(verified.code, (0, 6), f"{verified}")

    def test_a_consumer_on_a_full_disk_acknowledges_nothing_it_has_not_kept(self) -> None:
        broker = self.start_broker()
        fleet = make_fleet(seed=12, count=5_000)
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(fleet.messages)
        words = [BINARY, "consume", "--nats", broker.url]
        errors = self.folder / "errors"
        with open(errors, "wb") as stderr:
            consumer = subprocess.Popen(
                words,
                cwd=self.folder,
                env=environment(),
                preexec_fn=limit_files_to(DISK_BYTES),
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
            self.addCleanup(consumer.kill)
            wait_until(
                lambda: "trying again" in errors.read_text() or consumer.poll() is not None,
                "the consumer tells that it cannot write",
            )
            consumer.kill()
            consumer.wait()
        self.succeed("consume", "--drain", "--nats", broker.url)
        expected = fleet.expected(len(fleet.messages))
        for verdict in ("accepted", "duplicate", "rejected"):
            self.assertEqual(expected[verdict], self.recorded(verdict), verdict)
        self.check_log_is_whole()

    def test_fault_42_a_running_consumer_waits_for_room_and_goes_on(self) -> None:
        """A small file system of its own, filled up and emptied again under the consumer."""
        disk = self.mount_small_disk(self.folder / "disk", SMALL_DISK_BYTES)
        broker = self.start_broker()
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(make_fleet(seed=42, count=100).messages)
        database = f"sqlite://{disk}/billing.db"
        consumer = self.start_program("consume", "--nats", broker.url, "--database", database)
        wait_until(lambda: acknowledged(broker) == 100, "the first events are acknowledged")
        with open(disk / "filler", "wb", buffering=0) as filler:
            with contextlib.suppress(OSError):
                while filler.write(bytes(65_536)):
                    pass
        with NatsClient(broker.url) as provider:
            provider.publish(make_fleet(seed=43, count=5_000).messages)
        wait_until(lambda: consumer.errors().count("trying again") >= 3, "it tells that it cannot write")
        used = cpu_seconds(consumer.pid)
        held = acknowledged(broker)
        self.assertLess(held, 5_100)
        wait_until(lambda: consumer.errors().count("trying again") >= 5, "it goes on trying")
        self.assertLess(cpu_seconds(consumer.pid) - used, 2.0, "waiting costs little")
        self.assertEqual(held, acknowledged(broker), "what has no room is not acknowledged")
        (disk / "filler").unlink()
        wait_until(lambda: acknowledged(broker) == 5_100, "it goes on in the same process", seconds=120)
        stopped = consumer.stop()
        self.assertEqual(0, stopped.code, f"{stopped}")
        self.assertEqual(5_100, stopped.summary()["received"])
        verified = self.run_program("audit", "verify", "--database", database)
        self.assertIn(verified.code, (0, 6), f"{verified}")

    def test_fault_44_a_damaged_database_is_given_up_with_advice(self) -> None:
        broker, database = self.consumed_once()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            page_size = connection.execute("PRAGMA page_size").fetchone()[0]
            statement = "SELECT rootpage FROM sqlite_master WHERE name = 'audit_payload'"
            page = connection.execute(statement).fetchone()[0]
        with open(database, "r+b") as file:
            file.seek((page - 1) * page_size)
            file.write(b"\xff" * 16)
        self.check_given_up(broker, "database disk image is malformed")

    def test_fault_44_a_foreign_trigger_that_refuses_records_is_given_up(self) -> None:
        broker, database = self.consumed_once()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute(
                "CREATE TRIGGER theirs BEFORE INSERT ON audit_payload "
                "BEGIN SELECT RAISE(ABORT, 'by an administrator'); END"
            )
        self.check_given_up(broker, "by an administrator")

    def consumed_once(self) -> tuple[NatsServer, pathlib.Path]:
        broker = self.start_broker()
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(make_fleet(seed=44, count=2_000).messages)
        self.succeed("consume", "--drain", "--nats", broker.url)
        return broker, self.folder / "dcm-billing.db"

    def check_given_up(self, broker: NatsServer, reason: str) -> None:
        with NatsClient(broker.url) as provider:
            provider.publish(make_fleet(seed=45, count=10).messages)
        ended = self.start_program("consume", "--nats", broker.url).wait(seconds=120)
        self.assertEqual(4, ended.code, f"{ended}")
        self.assertIn(reason, ended.err)
        self.assertIn("times in a row: given up", ended.err)
        self.assertEqual(2_000, acknowledged(broker), "what was not recorded is at the broker")

    def test_a_second_ingesting_process_is_refused_and_readers_are_not(self) -> None:
        broker = self.start_broker()
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(make_fleet(seed=13, count=100).messages)
        consumer = self.start_program("consume", "--nats", broker.url)
        self.wait_for_rows(100)
        second = self.run_program("replay", CASES / "messages.jsonl")
        self.assert_environment_error(second, "dcm-billing.db")
        self.succeed("usage")
        self.succeed("instances")
        self.check_log_is_whole()
        self.assertEqual(0, consumer.stop().code)
        self.succeed("replay", CASES / "messages.jsonl")

    def wait_for_rows(self, count: int) -> None:
        def there() -> bool:
            try:
                return sum(map(self.recorded, ("accepted", "duplicate", "rejected"))) >= count
            except AssertionError:
                return False  # no schema yet

        wait_until(there, f"{count} records")

    def test_the_lock_of_a_killed_process_holds_nobody_up(self) -> None:
        broker = self.start_broker()
        with NatsClient(broker.url) as provider:
            provider.create_stream()
            provider.publish(make_fleet(seed=14, count=100).messages)
        consumer = self.start_program("consume", "--nats", broker.url)
        self.wait_for_rows(100)
        consumer.kill()
        self.succeed("replay", CASES / "messages.jsonl")

    def test_a_file_that_is_not_there_is_told(self) -> None:
        run = self.run_program("replay", "missing.jsonl")
        self.assertIn(run.code, (3, 4), f"{run}")
        self.assertIn("missing.jsonl", run.err)

    def test_reading_commands_leave_the_database_as_it_is(self) -> None:
        """Reading commands never change a database: the bytes stay."""
        case = read_cases("sequences.jsonl")[0]
        self.succeed("replay", self.write_lines("events.jsonl", case["messages"]))
        database = pathlib.Path(self.folder / "dcm-billing.db")
        before = database.read_bytes()
        for words in (("usage",), ("instances",), ("report", "--period", "2026-05")):
            self.succeed(*words)
        self.assertEqual(before, database.read_bytes())


if __name__ == "__main__":
    main()
