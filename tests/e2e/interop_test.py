"""What Go's sumdb packages, which know nothing of this program, make of its log."""

import pathlib
import subprocess

from support import BINARY, CASES, ROOT, ProductTest, environment, main, sqlite, wait_until

GO_PACKAGES = "/usr/share/gocode"  # where Debian puts golang-golang-x-mod-dev


class InteropTest(ProductTest):
    checker: pathlib.Path
    root_of: pathlib.Path

    @classmethod
    def setUpClass(cls) -> None:
        """Built once, and again only when it changed: Go keeps what it compiled."""
        folder = pathlib.Path(BINARY).resolve().parents[1] / "go"
        cls.checker, cls.root_of = folder / "interop", folder / "root"
        env = environment(
            GO111MODULE="off",
            GOFLAGS="",
            GOPATH=GO_PACKAGES,
            GOCACHE=str(folder / "cache"),
            GOPROXY="off",
        )
        for program, source in (
            (cls.checker, ROOT / "tests/e2e/interop/main.go"),
            (cls.root_of, ROOT / "docs/examples/root.go"),
        ):
            subprocess.run(["go", "build", "-o", program, source], env=env, check=True, timeout=300)

    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.succeed("replay", CASES / "messages.jsonl", *self.place())
        self.old = self.checkpoint("old.note")
        self.succeed("replay", CASES / "messages.jsonl", *self.place())
        self.new = self.checkpoint("new.note")
        self.vkey = self.succeed("audit", "key", "show", *self.place()).out.strip()

    def place(self) -> tuple[str, str]:
        return ("--database", f"sqlite://{self.database}")

    def checkpoint(self, name: str) -> pathlib.Path:
        return self.write(name, self.succeed("audit", "checkpoint", *self.place()).out)

    def size_of(self, note: pathlib.Path) -> int:
        return int(note.read_text().splitlines()[1])

    def check(self, accepted: bool, *words: object, stdin: str = "") -> None:
        command = [str(self.checker), *map(str, words)]
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, check=False, timeout=120
        )
        self.assertEqual(0 if accepted else 1, done.returncode, f"{command}\n{done.stderr}")
        self.assertEqual(accepted, done.stdout != "")

    def leaves(self) -> str:
        return "\n".join(sqlite(self.database, "SELECT leaf_hex FROM audit_leaf ORDER BY seq"))

    def test_the_view_of_leaves_gives_the_root_of_the_note(self) -> None:
        leaves = self.leaves()
        self.check(True, "leaves", self.vkey, self.new, stdin=leaves)
        self.check(False, "leaves", self.vkey, self.old, stdin=leaves)
        self.check(False, "leaves", self.vkey, self.new, stdin=leaves.replace("A", "B", 1))
        other = self.vkey.replace("+A", "+B")
        self.check(False, "leaves", other, self.new, stdin=leaves)

    def test_the_program_of_the_documents_prints_the_root_of_the_note(self) -> None:
        done = subprocess.run(
            self.root_of, input=self.leaves(), capture_output=True, text=True, check=True, timeout=120
        )
        self.assertEqual(self.new.read_text().splitlines()[2] + "\n", done.stdout)

    def test_inclusion_proofs_are_accepted_for_their_leaf_only(self) -> None:
        lines = self.leaves().splitlines()
        leaf, neighbour = self.write("leaf", lines[300]), self.write("neighbour", lines[301])
        proof = self.succeed("audit", "prove", "--seq", 300, *self.place()).out
        path = self.write("proof", proof)
        self.check(True, "proof", self.vkey, path, leaf)
        self.check(False, "proof", self.vkey, path, neighbour)

    def test_consistency_proofs_are_accepted_for_their_trees_only(self) -> None:
        old, new = self.size_of(self.old), self.size_of(self.new)
        self.assertLess(old, new)
        proof = self.succeed("audit", "prove", "--consistency", old, new, *self.place()).out
        path = self.write("proof", proof)
        self.check(True, "consistency", self.vkey, self.old, self.new, path)
        self.check(False, "consistency", self.vkey, self.new, self.old, path)
        self.check(
            False, "consistency", self.vkey, self.old, self.new, self.write("short", proof[45:])
        )

    def cosigned(self) -> tuple[pathlib.Path, str]:
        """The newest note with the cosignature of a witness, and the witness's key."""
        words = ("--name", "example.com/w1", "--key", "w1.key", "--state", "w1.state")
        listen = ("--listen", "127.0.0.1:0", "--log", self.vkey)
        witness = self.start_program("audit", "witness", *words, *listen)
        witness_key, url = wait_until(
            lambda: len(lines := witness.output().splitlines()) == 2 and lines, "it serves"
        )
        anchor = f'{{witness: "{url}", vkey: "{witness_key}"}}'
        config = self.write("witnessed.yaml", f"audit: {{anchors: [{anchor}]}}\n")
        self.succeed("replay", CASES / "messages.jsonl", *self.place(), "--config", config)
        (note,) = self.folder.glob("billing.db.witness-*")
        return note, witness_key

    def test_a_cosigned_note_is_opened_by_the_keys_of_log_and_witness(self) -> None:
        note, witness_key = self.cosigned()
        self.check(True, "leaves", self.vkey, note, stdin=self.leaves())
        self.check(True, "cosigned", self.vkey, note, witness_key)
        self.check(False, "cosigned", self.vkey, self.new, witness_key)
        text = note.read_text(encoding="utf-8")
        name, _, key = witness_key.split("+", 2)
        foreign = self.vkey.replace(self.vkey.split("+")[0], name)
        self.check(False, "cosigned", self.vkey, note, foreign)
        self.assertEqual(1, text.count(f"\u2014 {name} "))
        at = text.index(f"\u2014 {name} ") + len(f"\u2014 {name} ")
        for place in (at + 9, at + 14, at + 40):  # twice the time, then the signature
            changed = text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]
            path = self.write("changed.note", changed)
            self.check(False, "cosigned", self.vkey, path, witness_key)

    def test_a_proof_under_a_cosigned_note_is_accepted(self) -> None:
        note, _ = self.cosigned()
        leaf = self.write("leaf", self.leaves().splitlines()[300])
        proof = self.succeed("audit", "prove", "--seq", 300, *self.place()).out
        head, _, own = proof.partition("\n\n")
        cosigned = note.read_text(encoding="utf-8")
        self.assertTrue(cosigned.startswith(own))
        path = self.write("cosigned.proof", f"{head}\n\n{cosigned}")
        self.check(True, "proof", self.vkey, path, leaf)
        self.succeed("audit", "check-proof", path, "--leaf", leaf, "--vkey", self.vkey)

    def test_the_note_of_a_rotation_is_opened_by_both_keys(self) -> None:
        rotated = self.succeed("audit", "key", "rotate", *self.place()).out.strip()
        note = self.checkpoint("rotated.note")
        self.check(True, "both", self.vkey, note, rotated)
        self.check(False, "both", self.vkey, self.new, rotated)

    def test_fault_94_exported_tiles_are_read_and_any_changed_one_is_found(self) -> None:
        folder = self.folder / "tiles"
        self.succeed("audit", "export", folder, "--format", "tiles", *self.place())
        self.check(True, "tiles", self.vkey, folder)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            with self.subTest(path=path.relative_to(folder)):
                content = path.read_bytes()
                path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
                self.check(False, "tiles", self.vkey, folder)
                path.write_bytes(content)
        self.check(True, "tiles", self.vkey, folder)


if __name__ == "__main__":
    main()
