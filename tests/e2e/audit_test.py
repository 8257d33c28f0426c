"""The log as an auditor sees it: the sqlite3 program, hashlib and openssl, none of our code."""

import base64
import pathlib
import shutil
import subprocess

from support import CASES, ProductTest, main, merkle_root, read_cases, sqlite, sqlite_rows

# SubjectPublicKeyInfo of RFC 8410 without the 32 bytes of the key.
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")

COLUMNS = (
    *("seq", "recorded_at", "kind", "actor", "subject", "tenant", "ce_source", "ce_id"),
    *("broker_pos", "outcome", "reason", "body", "payload_commit", "payload_len"),
)


class AuditFixture(ProductTest):
    """A database with every shared message in it; has no test of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.replay(CASES / "messages.jsonl")

    def replay(self, path: pathlib.Path) -> None:
        self.succeed("replay", path, "--database", f"sqlite://{self.database}")

    def replay_sequence(self, name: str) -> None:
        case = next(case for case in read_cases("sequences.jsonl") if case["name"] == name)
        self.replay(self.write_lines(f"{name}.jsonl", case["messages"]))

    def audit(self, *words: object):
        return self.run_program("audit", *words, "--database", f"sqlite://{self.database}")

    def checkpoint(self) -> tuple[str, int, bytes]:
        """The newest note with its size and root."""
        run = self.audit("checkpoint")
        self.assertEqual(0, run.code, f"{run}")
        lines = run.out.splitlines()
        return run.out, int(lines[1]), base64.b64decode(lines[2], validate=True)

    def assert_verdict(self, code: int, *words: object) -> None:
        run = self.audit("verify", *words)
        self.assertEqual(code, run.code, f"{run}")


class LeavesTest(AuditFixture):
    def leaves(self) -> list[bytes]:
        lines = sqlite(self.database, "SELECT leaf_hex FROM audit_leaf ORDER BY seq")
        return [bytes.fromhex(line) for line in lines]

    def test_the_view_of_leaves_gives_the_root_of_the_checkpoint(self) -> None:
        _, size, root = self.checkpoint()
        leaves = self.leaves()
        self.assertEqual(len(leaves), size)
        self.assertGreaterEqual(size, len(read_cases("messages.jsonl")))
        self.assertEqual(root, merkle_root(leaves))

    def test_it_stays_so_at_every_size_around_a_full_tile(self) -> None:
        """Small replays move the log on step by step, each with a checkpoint of its own."""
        self.database = self.folder / "steps.db"
        cases = read_cases("messages.jsonl")
        sizes = []
        for first in (*range(0, 256, 64), 256, 257, 258):
            after = 64 + first if first < 256 else first + 1
            self.replay(self.write_lines("step.jsonl", cases[first:after]))
            _, size, root = self.checkpoint()
            self.assertEqual(root, merkle_root(self.leaves()))
            sizes.append(size)
        self.assertEqual(sorted(set(sizes)), sizes, "the log grows with each step")

    def test_sequence_numbers_have_no_gap_and_times_never_decrease(self) -> None:
        rows = sqlite(self.database, "SELECT count(*), min(seq), max(seq) FROM v_audit")
        count, first, last = rows[0].split("|")
        self.assertEqual(("0", str(int(count) - 1)), (first, last))
        times = sqlite(self.database, "SELECT recorded_at FROM v_audit ORDER BY seq")
        self.assertEqual(sorted(times), times)

    def test_each_leaf_is_the_record_in_the_documented_form(self) -> None:
        """Built here from the columns, as audit.md says; no SQL of the product is asked for it."""
        own = []
        for row in sqlite_rows(self.database, f"SELECT {', '.join(COLUMNS)} FROM v_audit ORDER BY seq"):
            self.assertEqual(list(COLUMNS), list(row))
            texts = [None if value is None else str(value).encode() for value in row.values()]
            fields = (b"-" if text is None else b"%d:%s" % (len(text), text) for text in texts)
            own.append(b"bal/1\n" + b"".join(field + b"\n" for field in fields))
        self.assertEqual(own, self.leaves())


class NoteTest(AuditFixture):
    def test_openssl_accepts_the_signature_of_the_checkpoint(self) -> None:
        note, _, _ = self.checkpoint()
        key_line = self.audit("key", "show").out.strip()
        text, _, signatures = note.partition("\n\n")
        name, key_hash, key_text = key_line.split("+", 2)
        key = base64.b64decode(key_text)
        self.assertEqual(1, key[0], "Ed25519")
        mark, signer, signature_text = signatures.splitlines()[0].split(" ")
        self.assertEqual(("\u2014", name), (mark, signer))
        signature = base64.b64decode(signature_text)
        self.assertEqual(key_hash, signature[:4].hex())
        self.assertTrue(self.openssl_accepts(key[1:], text + "\n", signature[4:]))
        self.assertFalse(self.openssl_accepts(key[1:], text + "x\n", signature[4:]))

    def openssl_accepts(self, key: bytes, text: str, signature: bytes) -> bool:
        names = ("key.der", "text", "signature")
        for name, content in zip(names, (ED25519_SPKI + key, text.encode(), signature)):
            (self.folder / name).write_bytes(content)
        words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.der", "-keyform", "DER"]
        words += ["-rawin", "-in", "text", "-sigfile", "signature"]
        done = subprocess.run(words, cwd=self.folder, capture_output=True, check=False, timeout=60)
        return done.returncode == 0

    def test_origin_and_key_are_named_as_documented(self) -> None:
        note, _, _ = self.checkpoint()
        self.assertRegex(note.splitlines()[0], r"^[^/]+/audit/.+$")
        self.assertRegex(self.audit("key", "show").out, r"^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+\n$")

    def test_the_private_key_is_readable_by_its_owner_only(self) -> None:
        mode = pathlib.Path(f"{self.database}.key").stat().st_mode & 0o777
        self.assertEqual(0o600, mode)


class AnchorsTest(AuditFixture):
    def test_with_its_anchors_the_log_is_proven_good(self) -> None:
        self.assert_verdict(0)

    def test_without_anchors_it_is_consistent_but_unproven(self) -> None:
        pathlib.Path(f"{self.database}.anchors").unlink()
        self.assert_verdict(6)

    def test_a_note_kept_elsewhere_is_an_anchor(self) -> None:
        note, _, _ = self.checkpoint()
        path = self.write("kept.note", note)
        pathlib.Path(f"{self.database}.anchors").unlink()
        self.assert_verdict(0, "--anchor", path)
        key = self.audit("key", "show").out.strip()
        pathlib.Path(f"{self.database}.key").unlink()
        self.assert_verdict(0, "--trusted-note", path, "--vkey", key)

    def test_an_older_copy_of_the_database_with_newer_anchors_is_a_rollback(self) -> None:
        sqlite(self.database, "PRAGMA wal_checkpoint(TRUNCATE)", read_only=False)
        copy = self.folder / "copy.db"
        shutil.copy(self.database, copy)
        self.replay_sequence("all-states")
        self.assert_verdict(0)
        for left_over in self.folder.glob("billing.db-*"):
            left_over.unlink()
        shutil.copy(copy, self.database)
        self.assert_verdict(5)

    def test_an_empty_database_with_an_anchor_is_a_rollback(self) -> None:
        for path in [self.database, *self.folder.glob("billing.db-*")]:
            path.unlink()
        self.database.touch()
        self.assert_verdict(5)

    def test_a_note_that_does_not_parse_is_malformed(self) -> None:
        self.assert_verdict(3, "--anchor", self.write("bad.note", "not a note\n"))

    def test_a_note_signed_by_another_key_is_tampering(self) -> None:
        note, _, _ = self.checkpoint()
        text, _, signature = note.partition("\n\n")
        words = signature.split(" ")
        flipped = ("A" if words[2][10] != "A" else "B").join((words[2][:10], words[2][11:]))
        forged = self.write("forged.note", text + "\n\n" + " ".join((*words[:2], flipped)))
        self.assert_verdict(1, "--anchor", forged)

    def test_an_empty_or_missing_anchor_file_is_no_anchor(self) -> None:
        self.assert_verdict(6, "--anchor", self.write("empty.note", ""))
        self.assert_verdict(6, "--anchor", self.folder / "missing.note")


if __name__ == "__main__":
    main()
