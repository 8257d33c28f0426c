"""`audit key generate|rotate`, `audit fork`: how a log comes to a key, to the next, and to another name."""

import json
import pathlib
import shutil

from broker import BrokerFixture
from support import CASES, ProductTest, Run, main, read_cases, sqlite, wait_until


class KeysTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "dcm-billing.db"
        self.key = self.folder / "dcm-billing.db.key"
        self.anchors = self.folder / "dcm-billing.db.anchors"
        cases = {case["name"]: case for case in read_cases("sequences.jsonl")}
        self.more = self.write_lines("more.jsonl", cases["all-states"]["messages"])

    def verdict(self, code: int, *words: object) -> dict:
        run = self.run_program("audit", "verify", "--json", *words)
        self.assertEqual(code, run.code, f"{run}")
        return json.loads(run.out)

    def vkey(self) -> str:
        return self.succeed("audit", "key", "show").out.strip()

    def test_a_key_is_made_before_the_first_record_and_never_again(self) -> None:
        made = self.succeed("audit", "key", "generate")
        self.assertIn("dcm-billing.db.key", made.err)
        self.assertEqual(made.out.strip(), self.vkey())
        self.assertEqual(0o600, self.key.stat().st_mode & 0o777)
        content = self.key.read_bytes()
        again = self.run_program("audit", "key", "generate")
        self.assertEqual(4, again.code, f"{again}")
        self.assertIn("never overwritten", again.err)
        self.assertEqual(content, self.key.read_bytes())
        self.succeed("replay", CASES / "messages.jsonl")
        self.verdict(0, "--vkey", made.out.strip())

    def test_a_lost_key_is_not_made_again(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        self.key.unlink()
        run = self.run_program("audit", "key", "generate")
        self.assertEqual(3, run.code, f"{run}")
        self.assertIn("restore it", run.err)
        self.assertFalse(self.key.exists())

    def test_fault_21_a_rotated_key(self) -> None:
        """Either key verifies all of the log; each counts at its own sizes only."""
        self.succeed("replay", CASES / "messages.jsonl")
        old, secret = self.vkey(), self.key.read_bytes()
        rotated = self.succeed("audit", "key", "rotate")
        new = rotated.out.strip()
        self.assertNotEqual(old, new)
        self.assertEqual(new, self.vkey())
        self.assertEqual(0o600, self.key.stat().st_mode & 0o777)
        note = self.succeed("audit", "checkpoint").out
        self.assertEqual(2, note.count("\u2014 "))
        self.verdict(0)
        self.succeed("replay", self.more)
        for vkey in (old, new):
            self.verdict(0, "--vkey", vkey)
        self.assertEqual(
            ["key.rotated"],
            sqlite(self.database, "SELECT kind FROM v_audit WHERE kind LIKE 'key.%'"),
        )
        self.key.write_bytes(secret)
        self.assertEqual(3, self.run_program("replay", self.more).code)
        self.verdict(0)

    def test_fault_21_a_change_that_the_old_key_does_not_vouch_for(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        old = self.vkey()
        self.succeed("audit", "key", "rotate")
        self.succeed("replay", self.more)
        # The old key's line is taken from the checkpoint of the change.
        text = self.anchors.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        marks = [i for i, line in enumerate(lines) if line.startswith("\u2014 ")]
        pairs = [i for i in marks if i + 1 in marks]
        self.assertEqual(1, len(pairs))
        for which in (0, 1):
            kept = [line for i, line in enumerate(lines) if i != pairs[0] + which]
            self.anchors.write_text("".join(kept), encoding="utf-8")
            for words in ((), ("--vkey", old)):
                self.verdict(1, *words)
        self.anchors.write_text(text, encoding="utf-8")
        self.verdict(0, "--vkey", old)

    def test_a_proof_over_a_rotation_takes_the_keys_of_both_sides(self) -> None:
        """Who holds the first key learns the others from a verification, then needs no database."""
        self.succeed("replay", CASES / "messages.jsonl")
        first = self.vkey()
        old_note = self.write("old.note", self.succeed("audit", "checkpoint").out)
        old_proof = self.succeed("audit", "prove", "--seq", 7).out
        self.succeed("audit", "key", "rotate")
        self.succeed("replay", self.more)
        new_note = self.write("new.note", self.succeed("audit", "checkpoint").out)
        new_proof = self.succeed("audit", "prove", "--seq", 7).out
        (change,) = self.verdict(0, "--vkey", first)["key_changes"]
        self.assertEqual(self.vkey(), change["new_key"])
        told = self.succeed("audit", "verify", "--vkey", first).out
        self.assertIn(f"key: record {change['seq']} changed the log's key to {self.vkey()}\n", told)
        keys = {"old": first, "new": change["new_key"]}
        sizes = (note.read_text(encoding="utf-8").splitlines()[1] for note in (old_note, new_note))
        growth = self.succeed("audit", "prove", "--consistency", *sizes).out
        (leaf,) = sqlite(self.database, "SELECT leaf_hex FROM audit_leaf WHERE seq = 7")
        self.database.unlink()
        about_leaf = ("--leaf", self.write("leaf", leaf))
        about_notes = ("--old-note", old_note, "--new-note", new_note)
        for given, codes in ((("old",), (0, 1, 1)), (("new",), (1, 0, 1)), (("old", "new"), (0, 0, 0))):
            words = [word for key in given for word in ("--vkey", keys[key])]
            for proof, about, code in zip(
                (old_proof, new_proof, growth), (about_leaf, about_leaf, about_notes), codes
            ):
                with self.subTest(given=given, about=about):
                    run = self.run_program("audit", "check-proof", *words, *about, stdin=proof)
                    self.assertEqual(code, run.code, f"{run}")

    def test_a_copy_from_before_a_change_of_keys_is_a_rollback(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        old, old_key = self.vkey(), self.key.read_bytes()
        self.write("old.note", self.succeed("audit", "checkpoint").out)
        copy = self.folder / "copy.db"
        self.succeed("backup", copy)
        self.succeed("audit", "key", "rotate")
        self.succeed("replay", self.more)
        for left_over in self.folder.glob("dcm-billing.db-*"):
            left_over.unlink()
        shutil.copy(copy, self.database)
        verdict = self.verdict(5)
        self.assertIn("before a change of keys", json.dumps(verdict["findings"]))
        self.verdict(0, "--vkey", old, "--trusted-note", "old.note")
        self.assertEqual(5, self.run_program("replay", self.more).code)
        fork = ("audit", "fork", "--from-backup", "--reason", "x")
        for key in (self.key.read_bytes(), old_key):
            self.key.write_bytes(key)
            run = self.run_program(*fork)
            self.assertEqual(3, run.code, f"{run}")
            self.assertIn("from before a change of keys", run.err)
            self.assertFalse((self.folder / "dcm-billing.db.key.next").exists())

    def test_a_key_is_not_rotated_under_a_process_that_ingests(self) -> None:
        broker = self.start_broker()
        self.succeed("replay", CASES / "messages.jsonl")
        old = self.vkey()
        consumer = self.start_program("consume", "--provision", "--nats", broker.url)
        self.addCleanup(consumer.stop)
        wait_until(broker.durable, "the consumer holds the database")
        run = self.run_program("audit", "key", "rotate")
        self.assertEqual(4, run.code, f"{run}")
        self.assertEqual(old, self.vkey())


class ForkTest(BrokerFixture):
    """A restored backup is refused until somebody says why the log goes on from it."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.publish(20)
        self.drain()
        self.succeed("backup", "copy.db", *self.common())
        self.old_key = self.succeed("audit", "key", "show", *self.common()).out.strip()
        self.publish(20)
        self.drain()
        self.newest = self.write(
            "newest.note", self.succeed("audit", "checkpoint", *self.common()).out
        )
        for left_over in ("-wal", "-shm"):
            pathlib.Path(f"{self.database}{left_over}").unlink(missing_ok=True)
        shutil.copy(self.folder / "copy.db", self.database)

    def verify(self, code: int, *words: object) -> dict:
        run = self.run_program("audit", "verify", "--json", *self.common(), *words)
        self.assertEqual(code, run.code, f"{run}")
        return json.loads(run.out)

    def fork(self, reason: str = "disk lost, INC-17") -> Run:
        return self.run_program(
            "audit", "fork", "--from-backup", "--reason", reason, *self.common()
        )

    def test_fault_23_a_restored_backup_goes_on_after_a_fork(self) -> None:
        refused = self.run_program("consume", "--drain", *self.common())
        self.assertEqual(5, refused.code, f"{refused}")
        self.assertIn("audit fork", refused.err)
        self.verify(5)

        forked = self.fork()
        self.assertEqual(0, forked.code, f"{forked}")
        self.drain()
        verdict = self.verify(0)
        (fork,) = verdict["forks"]
        self.assertEqual("disk lost, INC-17", fork["reason"])
        self.assertLess(fork["seq"], fork["lost_size"])
        self.assertEqual(
            [f"{fork['seq']}|log.forked"],
            sqlite(self.database, "SELECT seq, kind FROM v_audit WHERE kind LIKE 'log.%'"),
        )
        told = self.run_program("audit", "verify", *self.common())
        self.assertIn(f"fork: record {fork['seq']}", told.out)
        # Who knows the old key only is led to the new one; the note of what was lost proves nothing.
        self.assertEqual(verdict["forks"], self.verify(0, "--vkey", self.old_key)["forks"])
        lost = self.verify(6, "--trusted-note", self.newest, "--vkey", self.old_key)
        self.assertEqual("forked", lost["anchors"][0]["state"])
        self.assertEqual(1, self.fork("again").code)

    def test_only_who_says_why_forks(self) -> None:
        for words in ((), ("--reason", "x"), ("--from-backup",), ("--from-backup", "--reason", "")):
            run = self.run_program("audit", "fork", *words, *self.common())
            self.assertEqual(2, run.code, f"{run}")
        self.verify(5)


if __name__ == "__main__":
    main()
