"""Proofs: printed by the program and checked by it without a database, and by RFC 9162 of our own."""

import base64
import hashlib
import json
import pathlib

from support import CASES, ProductTest, Run, leaf_hash, main, merkle_root, sqlite, sqlite_rows


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2: the root that an inclusion proof leads to."""
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise AssertionError("the path is too long")
        if place % 2 == 1 or place == last:
            root = node(sibling, root)
            while place % 2 == 0 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            root = node(root, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise AssertionError("the path is too short")
    return root


class ProofTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.replay(CASES / "messages.jsonl")
        self.vkey = self.succeed("audit", "key", "show", *self.place()).out.strip()

    def place(self) -> tuple[str, str]:
        return ("--database", f"sqlite://{self.database}")

    def replay(self, path: pathlib.Path) -> None:
        self.succeed("replay", path, *self.place())

    def prove(self, *words: object) -> str:
        return self.succeed("audit", "prove", *words, *self.place()).out

    def leaf(self, seq: int) -> pathlib.Path:
        hex_lines = sqlite(self.database, f"SELECT leaf_hex FROM audit_leaf WHERE seq = {seq}")
        return self.write(f"{seq}.leaf", hex_lines[0] + "\n")

    def record(self, seq: int, **changed: object) -> pathlib.Path:
        row = sqlite_rows(self.database, f"SELECT * FROM v_audit WHERE seq = {seq}")[0]
        return self.write(f"{seq}.json", json.dumps(row | changed))

    def check(self, code: int, proof: str, *words: object) -> Run:
        """Offline: in an empty folder, with the proof on standard input."""
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        words = ("audit", "check-proof", "--vkey", self.vkey, *words)
        run = self.run_program(*words, stdin=proof, cwd=elsewhere)
        self.assertEqual(code, run.code, f"{run}")
        self.assertEqual([], list(elsewhere.iterdir()), "it leaves nothing behind")
        return run

    def size(self) -> int:
        return int(sqlite(self.database, "SELECT count(*) FROM v_audit")[0])

    def test_an_inclusion_proof_leads_to_the_root_of_the_newest_checkpoint(self) -> None:
        note = self.succeed("audit", "checkpoint", *self.place()).out
        root = base64.b64decode(note.splitlines()[2])
        for seq in (0, 1, 255, 256, self.size() - 1):
            proof = self.prove("--seq", seq)
            head, _, own_note = proof.partition("\n\n")
            self.assertEqual(note, own_note)
            lines = head.splitlines()
            self.assertEqual(["c2sp.org/tlog-proof@v1", f"index {seq}"], lines[:2])
            path = [base64.b64decode(line, validate=True) for line in lines[2:]]
            leaf = bytes.fromhex(self.leaf(seq).read_text())
            self.assertEqual(root, root_from_path(leaf_hash(leaf), seq, self.size(), path))
            self.assertIn(f"record {seq} is in", self.check(0, proof, "--leaf", self.leaf(seq)).out)
            self.check(0, proof, "--record", self.record(seq))

    def test_fault_27_a_proof_holds_for_nothing_else(self) -> None:
        proof = self.prove("--seq", 7)
        lines = proof.splitlines(keepends=True)
        self.check(1, proof, "--leaf", self.leaf(8))
        self.check(1, proof, "--record", self.record(7, outcome="accepted "))
        self.check(1, proof.replace("index 7", "index 8"), "--leaf", self.leaf(8))
        self.check(1, "".join(lines[:3] + lines[4:]), "--leaf", self.leaf(7))  # a hash too few
        self.check(1, "".join(lines[:3] + lines[2:]), "--leaf", self.leaf(7))  # one too many
        self.check(1, "".join([*lines[:2], lines[3], lines[2], *lines[4:]]), "--leaf", self.leaf(7))
        size = self.size()
        self.check(1, proof.replace(f"\n{size}\n", f"\n{size - 1}\n"), "--leaf", self.leaf(7))

    def test_a_proof_under_another_key_is_not_proven(self) -> None:
        proof = self.prove("--seq", 7)
        leaf = self.leaf(7)
        other = self.folder / "other.db"
        self.succeed("replay", CASES / "messages.jsonl", "--database", f"sqlite://{other}")
        self.vkey = self.succeed(
            "audit", "key", "show", "--database", f"sqlite://{other}"
        ).out.strip()
        self.check(1, proof, "--leaf", leaf)

    def test_what_is_malformed_is_told_so(self) -> None:
        proof = self.prove("--seq", 7)
        leaf = self.leaf(7)
        for broken in (
            *("", "\n", "index 7\n", proof.replace("@v1", "@v2"), proof.replace("\n", "\r\n")),
            *(proof[:-1], proof.replace("index 7", "index 07"), proof.partition("\n\n")[0] + "\n"),
            proof.replace("\n\n", "\n\nno note\n"),
        ):
            with self.subTest(broken=broken[:60]):
                self.check(3, broken, "--leaf", leaf)
        self.check(3, proof, "--leaf", self.write("no.leaf", "xyz\n"))
        self.check(3, proof, "--record", self.write("no.json", "{}"))
        self.check(4, proof, "--leaf", self.folder / "missing.leaf")
        self.check(2, proof)
        self.check(2, proof, "--leaf", leaf, "--old-note", leaf)
        self.check(2, proof, "--old-note", leaf)
        self.vkey = "no+key"
        self.check(3, proof, "--leaf", leaf)

    def test_a_consistency_proof_joins_two_checkpoints(self) -> None:
        old_note = self.write("old.note", self.succeed("audit", "checkpoint", *self.place()).out)
        old = self.size()
        self.replay(CASES / "messages.jsonl")
        new_note = self.write("new.note", self.succeed("audit", "checkpoint", *self.place()).out)
        new = self.size()
        proof = self.prove("--consistency", old, new)
        both = ("--old-note", old_note, "--new-note", new_note)
        self.check(0, proof, *both)
        self.check(1, proof, "--old-note", new_note, "--new-note", old_note)
        self.check(1, self.prove("--consistency", old - 1, new), *both)
        self.check(1, proof.split("\n", 1)[1], *both)
        self.check(1, "", *both)
        self.check(3, proof + "x\n", *both)
        self.check(3, proof, "--old-note", old_note, "--new-note", self.write("bad.note", "x\n"))
        self.assertEqual("", self.prove("--consistency", 0, new))
        self.assertEqual("", self.prove("--consistency", new, new))
        self.check(0, "", "--old-note", new_note, "--new-note", new_note)

    def test_an_event_is_found_by_source_and_id(self) -> None:
        row = sqlite_rows(
            self.database,
            "SELECT seq, ce_source, ce_id FROM v_audit WHERE outcome = 'accepted' ORDER BY seq DESC",
        )[0]
        proof = self.prove("--event", row["ce_source"], row["ce_id"])
        self.assertIn(f"\nindex {row['seq']}\n", proof)
        run = self.run_program("audit", "prove", "--event", "x'--", "1", *self.place())
        self.assertEqual((1, ""), (run.code, run.out), f"{run}")

    def test_what_cannot_be_proven_is_told(self) -> None:
        size = self.size()
        for code, words in (
            (1, ("--seq", size)),
            (1, ("--consistency", 1, size + 1)),
            (2, ("--consistency", 3, 2)),
            (2, ("--seq", -1)),
            (2, ()),
            (2, ("--seq", 1, "--consistency", 1, 2)),
        ):
            with self.subTest(words=words):
                run = self.run_program("audit", "prove", *words, *self.place())
                self.assertEqual((code, ""), (run.code, run.out), f"{run}")
        run = self.run_program("audit", "prove", "--seq", 1, "--database", "sqlite://none.db")
        self.assertEqual(4, run.code, f"{run}")

    def test_no_proof_is_printed_for_what_was_tampered_with(self) -> None:
        for change in (
            "DROP TRIGGER audit_log_no_update; UPDATE audit_log SET outcome = 'x' WHERE seq = 7",
            "UPDATE audit_tile SET hashes = zeroblob(8192)",
            "UPDATE audit_checkpoint SET note = replace(note, char(10) || size || char(10),"
            " char(10) || (size - 1) || char(10)), size = size - 1",
        ):
            with self.subTest(change=change):
                copy = self.folder / "copy.db"
                copy.write_bytes(self.database.read_bytes())
                sqlite(copy, change, read_only=False)
                run = self.run_program(
                    "audit", "prove", "--seq", 7, "--database", f"sqlite://{copy}"
                )
                self.assertEqual((1, ""), (run.code, run.out), f"{run}")

    def test_the_tree_of_every_size_is_the_one_of_its_leaves(self) -> None:
        lines = sqlite(self.database, "SELECT leaf_hex FROM audit_leaf ORDER BY seq")
        leaves = [bytes.fromhex(line) for line in lines]
        # The first hash for size 2^k + 1 → its double is not the old root: the proof leaves out what
        # the old note says. For size 2^k the last hash is the right half.
        proof = self.prove("--consistency", 256, len(leaves)).split()
        self.assertEqual(
            merkle_root(leaves),
            node(merkle_root(leaves[:256]), base64.b64decode(proof[-1])),
        )


if __name__ == "__main__":
    main()
