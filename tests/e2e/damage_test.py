"""Damage below SQL: bytes of the files flipped, torn and lost; and what the surroundings of a
verifier and of a reader of numbers must not change."""

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing

from fleet import make_fleet
from preloaded import preloaded
from support import BINARY, ProductTest, Run, environment, main, sqlite

FILES = ("billing.db", "billing.db-wal", "billing.db-shm")


class DamageFixture(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"

    def common(self) -> tuple[str, ...]:
        return ("--database", f"sqlite://{self.database}")

    def replay(self, seed: int, count: int = 400) -> None:
        fleet = make_fleet(seed=seed, count=count)
        lines = ({"subject": subject, "payload": body.decode()} for subject, body in fleet.messages)
        self.succeed("replay", self.write_lines(f"{seed}.jsonl", lines), *self.common())

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            connection.execute(statement)

    def verify(self, **options) -> Run:
        return self.run_program("audit", "verify", "--json", *self.common(), **options)


class DatabaseFileTest(DamageFixture):
    def test_fault_3_a_byte_of_a_record_flipped_in_the_file_is_tampering(self) -> None:
        self.replay(seed=3)
        body = sqlite(self.database, "SELECT body FROM audit_log WHERE seq = 200")[0]
        image = bytearray(self.database.read_bytes())
        at = image.find(body.encode())
        self.assertGreater(at, 0, "the record lies in the database file")
        image[at + 2] ^= 0x01
        self.database.write_bytes(image)
        self.assertEqual(["ok"], sqlite(self.database, "PRAGMA integrity_check"))
        run = self.verify()
        self.assertEqual(1, run.code, f"{run}")
        self.assertEqual(200, json.loads(run.out)["first_bad_seq"])

    def test_fault_3_a_page_of_the_log_that_sqlite_cannot_read_is_never_proven(self) -> None:
        self.replay(seed=4)
        page_size = int(sqlite(self.database, "PRAGMA page_size")[0])
        of_log = "SELECT rootpage FROM sqlite_schema WHERE name = 'audit_log'"
        root = int(sqlite(self.database, of_log)[0])
        image = bytearray(self.database.read_bytes())
        image[(root - 1) * page_size : root * page_size] = bytes(page_size)
        self.database.write_bytes(image)
        run = self.verify()
        self.assertIn(run.code, (1, 3, 4), f"{run}")
        self.assertNotIn('"exit":0', run.out)

    def test_a_page_that_cannot_be_read_does_not_hide_a_changed_record_before_it(self) -> None:
        self.replay(seed=5, count=6000)
        page_size = int(sqlite(self.database, "PRAGMA page_size")[0])
        image = bytearray(self.database.read_bytes())
        early, late = sqlite(self.database, "SELECT body FROM audit_log WHERE seq IN (57, 5900)")
        image[image.find(early.encode()) + 2] ^= 0x01
        whole = bytes(image)
        page = image.find(late.encode()) // page_size
        image[page * page_size] = 0x77
        self.database.write_bytes(image)
        run = self.verify()
        self.assertEqual(1, run.code, f"{run}")
        told = json.loads(run.out)
        self.assertEqual(57, told["first_bad_seq"])
        self.assertIn("unreadable", [finding["kind"] for finding in told["findings"]])
        image = bytearray(whole)
        image[image.find(early.encode()[3:]) - 1] ^= 0x01
        image[page * page_size] = 0x77
        self.database.write_bytes(image)
        alone = self.verify()
        self.assertEqual(4, alone.code, f"{alone}")
        self.assertEqual("unreadable", json.loads(alone.out)["verdict"])

    def test_a_derived_row_out_of_the_way_stops_nothing(self) -> None:
        self.replay(seed=6)
        instance = sqlite(self.database, "SELECT instance_id FROM instance WHERE instance_no = 0")[0]
        self.change(
            "INSERT INTO instance_event SELECT 9223372036854775807, instance_no, log_seq,"
            " event_time, stream_seq, source, word FROM instance_event LIMIT 1",
        )
        explained = self.run_program("explain", "--instance", instance, *self.common())
        self.assertIn(explained.code, (0, 3), f"{explained}")

    def test_an_interval_that_is_not_what_the_events_give_is_refused(self) -> None:
        self.replay(seed=7)
        self.change("UPDATE interval SET ended_at = 9223372036854775807 WHERE instance_no = 0")
        instance = sqlite(self.database, "SELECT instance_id FROM instance WHERE instance_no = 0")[0]
        explained = self.run_program("explain", "--instance", instance, *self.common())
        self.assertEqual(3, explained.code, f"{explained}")
        self.assertIn("run `dcm-billing rebuild`", explained.err)


class WriteAheadLogTest(DamageFixture):
    """The second replay is signed, and lies in the write-ahead log: a reader keeps it from being
    moved. What a crash leaves is then damaged."""

    def setUp(self) -> None:
        super().setUp()
        self.replay(seed=41)
        with closing(sqlite3.connect(self.database)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM v_audit").fetchall()
            self.replay(seed=42)
            self.image = {name: (self.folder / name).read_bytes() for name in FILES[:2]}
        self.assertGreater(len(self.image["billing.db-wal"]), 100_000)
        self.wal = self.image["billing.db-wal"]
        self.restore(self.wal)
        self.assertEqual(0, self.verify().code, "undamaged, it is proven")

    def restore(self, wal: bytes | None) -> None:
        """The files as after the crash, with this write-ahead log; None: without it."""
        for name in FILES:
            (self.folder / name).unlink(missing_ok=True)
        self.database.write_bytes(self.image["billing.db"])
        if wal is not None:
            (self.folder / "billing.db-wal").write_bytes(wal)

    def assert_recognised(self, wal: bytes | None) -> None:
        self.restore(wal)
        run = self.verify()
        self.assertEqual(5, run.code, f"{run}")
        again = self.run_program("replay", self.folder / "41.jsonl", *self.common())
        self.assertEqual(5, again.code, f"{again}")
        self.assertIn("rolled back", again.err)

    def test_fault_41_a_deleted_write_ahead_log_is_recognised(self) -> None:
        self.assert_recognised(None)

    def test_fault_41_a_torn_write_ahead_log_is_recognised(self) -> None:
        for kept in (0, 20, len(self.wal) // 2):
            with self.subTest(kept=kept):
                self.assert_recognised(self.wal[:kept])

    def test_fault_41_a_bit_flipped_in_the_write_ahead_log_is_recognised(self) -> None:
        wal = bytearray(self.wal)
        wal[len(wal) // 3] ^= 0x10
        self.assert_recognised(bytes(wal))

    def test_fault_41_a_damaged_index_of_the_write_ahead_log_is_made_anew(self) -> None:
        self.restore(self.wal)
        (self.folder / "billing.db-shm").write_bytes(b"\xa5" * 32_768)
        self.assertEqual(0, self.verify().code)


class RollbackJournalTest(DamageFixture):
    """Of a database that has none of its own once it is made. SQLite would put back what is in it,
    whosever it is."""

    def journal_of_another_database(self) -> bytes:
        """Of one that is written to in the same pages, and then left by a killed program."""
        other = self.folder / "other.db"
        with closing(sqlite3.connect(other, isolation_level=None)) as writer:
            writer.execute("PRAGMA page_size = 16384")
            writer.execute("CREATE TABLE t (a)")
            for _ in range(40):
                writer.execute("INSERT INTO t VALUES (randomblob(9000))")
            writer.execute("PRAGMA cache_size = 2")
            writer.execute("BEGIN")
            writer.execute("UPDATE t SET a = randomblob(9000)")
            return (self.folder / "other.db-journal").read_bytes()

    def test_fault_41_a_rollback_journal_of_another_database_is_never_put_back(self) -> None:
        self.replay(seed=42)
        before = self.database.read_bytes()
        journal = self.folder / "billing.db-journal"
        journal.write_bytes(self.journal_of_another_database())
        kept = journal.read_bytes()
        for words in (
            ("audit", "verify"),
            ("replay", self.folder / "42.jsonl"),
            ("migrate", "up"),
            ("rebuild",),
            ("report",),
        ):
            with self.subTest(words):
                run = self.run_program(*words, *self.common())
                self.assertEqual(4, run.code, f"{run}")
                self.assertIn(f"found {journal}", run.err)
                self.assertIn("copy both", run.err)
                self.assertEqual((before, kept), (self.database.read_bytes(), journal.read_bytes()))
        journal.unlink()
        os.mkfifo(journal)
        run = self.run_program("audit", "verify", *self.common(), timeout=30)
        self.assertEqual(4, run.code, f"a pipe is not waited for: {run}")
        journal.unlink()
        self.replay(seed=42)
        self.assertEqual(0, self.verify().code)

    def test_fault_41_a_database_that_was_killed_while_it_was_made_is_made(self) -> None:
        """Killed before each call that changes a file. SQLite makes the first page with a journal."""
        with_journal = 0
        step = 0
        was_killed = True
        while was_killed:
            step += 1
            self.assertLess(step, 1_000)
            for path in self.folder.glob("billing.db*"):
                path.unlink()
            env = preloaded("killed_call", DCM_KILLED_CALL=str(step))
            words = (BINARY, "migrate", "up", *self.common())
            done = subprocess.run(words, env=env, capture_output=True, check=False, timeout=120)
            self.assertIn(done.returncode, (0, -9), done.stderr.decode(errors="replace"))
            was_killed = done.returncode != 0
            journal = self.folder / "billing.db-journal"
            if journal.exists() and journal.read_bytes()[:1] not in (b"", b"\0"):
                with_journal += 1
                read = self.run_program("audit", "verify", *self.common())
                self.assertEqual(4, read.code, f"{read}")
                self.assertIn("run `dcm-billing migrate up`", read.err)
            with self.subTest(step=step):
                self.succeed("migrate", "up", *self.common())
                self.succeed("migrate", "status", *self.common())
        self.assertGreater(with_journal, 0)
        self.assertGreater(step, 20)


class ForeignFolderTest(DamageFixture):
    """An auditor, who may write neither the database nor beside it."""

    def setUp(self) -> None:
        super().setUp()
        self.replay(seed=9)
        self.program = shutil.copy(BINARY, self.folder / "dcm-billing")
        self.folder.chmod(0o755)
        self.vkey = self.succeed("audit", "key", "show", *self.common()).out.strip()
        self.backup = self.folder / "backup"
        self.backup.mkdir()

    def keep(self, *names: str) -> None:
        for name in (*names, "billing.db.anchors"):
            shutil.copy(self.folder / name, self.backup)
            (self.backup / name).chmod(0o444)
        self.backup.chmod(0o555)
        self.addCleanup(self.backup.chmod, 0o755)

    def verify_as_auditor(self) -> Run:
        words = ("--database", f"sqlite://{self.backup}/billing.db", "--vkey", self.vkey)
        anchors = f"{self.backup}/billing.db.anchors"
        return self.run_as_nobody(self.program, "audit", "verify", *words, "--anchor", anchors)

    def test_a_backup_is_verified_without_a_file_beside_it(self) -> None:
        self.keep("billing.db")
        run = self.verify_as_auditor()
        self.assertEqual(0, run.code, f"{run}")
        self.assertEqual(["billing.db", "billing.db.anchors"], sorted(p.name for p in self.backup.iterdir()))

    def test_a_write_ahead_log_wants_a_file_beside_it(self) -> None:
        with closing(sqlite3.connect(self.database)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM v_audit").fetchall()
            self.replay(seed=10)
            shared = (self.folder / "billing.db-shm").read_bytes()
            self.keep("billing.db", "billing.db-wal")
        run = self.verify_as_auditor()
        self.assertEqual(4, run.code, f"{run}")
        self.assertIn(f"expected to make {self.backup}/billing.db-shm", run.err)
        self.backup.chmod(0o755)
        (self.backup / "billing.db-shm").write_bytes(shared)
        self.backup.chmod(0o555)
        self.assertEqual(0, self.verify_as_auditor().code)

    def test_a_rollback_journal_is_never_passed_over(self) -> None:
        journal = self.backup / "billing.db-journal"
        journal.write_bytes(bytes(1_000))
        self.keep("billing.db")
        self.assertEqual(0, self.verify_as_auditor().code, "one that is done with says nothing")
        self.backup.chmod(0o755)
        journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(1_000))
        journal.chmod(0o444)
        self.backup.chmod(0o555)
        run = self.verify_as_auditor()
        self.assertEqual(4, run.code, f"{run}")
        self.assertIn(f"found {journal}", run.err)

    def test_a_link_is_followed_to_what_lies_beside_the_file(self) -> None:
        with closing(sqlite3.connect(self.database)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM v_audit").fetchall()
            self.replay(seed=10)
            self.keep("billing.db", "billing.db-wal", "billing.db-shm")
        real = self.verify_as_auditor()
        links = self.folder / "links"
        links.mkdir()
        (links / "first.db").symlink_to("second.db")
        (links / "second.db").symlink_to("../backup/billing.db")
        links.chmod(0o555)
        self.addCleanup(links.chmod, 0o755)
        words = ("audit", "verify", "--database", f"sqlite://{links}/first.db", "--vkey", self.vkey)
        anchors = f"{self.backup}/billing.db.anchors"
        run = self.run_as_nobody(self.program, *words, "--anchor", anchors)
        self.assertEqual((0, real.out), (run.code, run.out), f"{run}")


class LinkTest(DamageFixture):
    def test_a_link_to_what_is_not_there_yet_leads_to_where_it_is_made(self) -> None:
        """Through a folder that is a link, too: what is above it is what is above the real folder."""
        (self.folder / "far" / "folder").mkdir(parents=True)
        (self.folder / "near").symlink_to("far/folder")
        self.database.symlink_to("near/../real.db")
        self.replay(seed=7)
        self.assertEqual(
            {f"real.db{suffix}" for suffix in ("", ".anchors", ".key", ".lock", ".signer")} | {"folder"},
            {path.name for path in (self.folder / "far").iterdir()},
        )
        self.assertEqual(0o640, (self.folder / "far" / "real.db").stat().st_mode & 0o777)
        self.assertEqual(0, self.verify().code)
        self.replay(seed=8)
        direct = self.succeed("audit", "verify", "--json", "--database", "sqlite://near/../real.db")
        self.assertEqual(json.loads(self.verify().out)["root"], json.loads(direct.out)["root"])

    def test_a_link_that_leads_to_itself_is_none(self) -> None:
        self.database.symlink_to("billing.db")
        for words in (("audit", "verify"), ("report",)):
            run = self.run_program(*words, *self.common())
            self.assertEqual(4, run.code, f"{run}")


class SurroundingsTest(DamageFixture):
    def test_fault_32_zone_and_locale_change_no_verdict_and_no_report(self) -> None:
        self.replay(seed=32)
        report = ("report", "--as-of", "2030-01-01", "--format", "json", *self.common())
        plain = (self.verify().out, self.succeed(*report).out)
        self.assertEqual(0, json.loads(plain[0])["exit"])
        for words in (
            {"TZ": "Asia/Tokyo"},
            {"TZ": "Australia/Lord_Howe", "LC_ALL": "tr_TR.UTF-8"},
            {"LC_ALL": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"},
        ):
            with self.subTest(words=words):
                surroundings = {"env": environment(**words)}
                told = (self.verify(**surroundings).out, self.succeed(*report, **surroundings).out)
                self.assertEqual(plain, told)


class NumbersTest(DamageFixture):
    def test_fault_93_no_number_is_one_that_a_reader_could_round(self) -> None:
        source = "line\u2028separator"
        event = {"specversion": "1.0", "id": "1", "source": source, "type": "dcm.status.vm"}
        event |= {"time": "2026-05-01T00:00:00.000001Z", "data": {"id": "a", "status": "RUNNING"}}
        envelope = {"subject": "dcm.vm", "payload": json.dumps(event, ensure_ascii=False)}
        envelope |= {"stream_seq": 2**53 + 1, "store_time": "2026-05-01T00:00:01Z"}
        self.succeed("replay", self.write_lines("one.jsonl", [envelope]), *self.common())
        bounds = ("--period", "2026-05", "--as-of", "2026-05-31T23:59:59.999999Z")
        for words in (
            ("usage", *bounds, "--format", "jsonl"),
            ("instances", "--format", "jsonl"),
            ("report", *bounds, "--format", "json"),
            ("report", *bounds, "--format", "jsonl"),
            ("report", "doubtful", *bounds, "--format", "json"),
            ("explain", "--instance", "a", *bounds, "--format", "json"),
            ("audit", "query", "SELECT seq, body FROM v_audit", "--format", "jsonl"),
        ):
            with self.subTest(words=words):
                lines = self.succeed(*words, *self.common()).out.removesuffix("\n").split("\n")
                for line in lines:
                    told = json.loads(line, parse_float=self.fail, parse_int=self.small)
                    self.assertIsInstance(told, dict)

    def small(self, text: str) -> int:
        self.assertLessEqual(abs(int(text)), 2**53 - 1)
        return int(text)


if __name__ == "__main__":
    main()
