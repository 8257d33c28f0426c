"""`audit export`: records as JSON Lines and as static tiles."""

import base64
import hashlib
import json
import os
import pathlib

from support import CASES, ProductTest, Run, leaf_hash, main, merkle_root, sqlite, sqlite_rows

TILE_WIDTH = 256


class ExportTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.succeed("replay", CASES / "messages.jsonl", *self.place())
        self.target = self.folder / "export"

    def place(self) -> tuple[str, str]:
        return ("--database", f"sqlite://{self.database}")

    def export(self, code: int, *words: object) -> Run:
        run = self.run_program("audit", "export", *words, *self.place())
        self.assertEqual(code, run.code, f"{run}")
        return run

    def leaves(self) -> list[bytes]:
        lines = sqlite(self.database, "SELECT leaf_hex FROM audit_leaf ORDER BY seq")
        return [bytes.fromhex(line) for line in lines]

    def test_lines_are_the_rows_of_the_view_exactly(self) -> None:
        rows = sqlite_rows(self.database, "SELECT * FROM v_audit ORDER BY seq")
        self.assertEqual(rows, self.export(0, "--format", "jsonl").jsonl())
        run = self.export(0, self.target, "--format", "jsonl")
        self.assertIn(f"{len(rows)} records in ", run.out)
        lines = (self.target / "records.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertEqual(rows, [json.loads(line) for line in lines])
        note = self.succeed("audit", "checkpoint", *self.place()).out
        self.assertEqual(note, (self.target / "checkpoint").read_text(encoding="utf-8"))
        self.assertEqual(["checkpoint", "records.jsonl"], sorted(os.listdir(self.target)))

    def test_a_line_is_what_a_proof_is_checked_with(self) -> None:
        line = self.export(0, "--format", "jsonl").out.splitlines()[7]
        proof = self.succeed("audit", "prove", "--seq", 7, *self.place()).out
        vkey = self.succeed("audit", "key", "show", *self.place()).out.strip()
        words = ("audit", "check-proof", "--vkey", vkey, "--record", self.write("7.json", line))
        self.succeed(*words, stdin=proof)

    def test_with_payloads_each_line_holds_what_its_record_commits_to(self) -> None:
        self.succeed("audit", "redact", "--seq", 3, "--legal-ref", "R", *self.place())
        seen = 0
        for record in self.export(0, "--format", "jsonl", "--payloads").jsonl():
            if "beside" not in record:
                self.assertTrue(record["seq"] == 3 or record["payload_commit"] is None)
                continue
            seen += 1
            beside = record["beside"]
            salt, payload = (base64.b64decode(beside[name]) for name in ("salt", "payload"))
            commit = hashlib.sha256(salt + payload).hexdigest()
            self.assertEqual(record["payload_commit"], commit)
            self.assertEqual(record["payload_len"], len(payload))
        self.assertGreater(seen, 400)

    def test_tiles_hold_every_hash_and_entry(self) -> None:
        self.export(0, self.target, "--format", "tiles")
        leaves = self.leaves()
        hashes = b"".join(map(leaf_hash, leaves))
        rest = len(leaves) - TILE_WIDTH
        self.assertTrue(0 < rest < TILE_WIDTH, "the cases fill one tile")
        expected = {
            "tile/0/000": hashes[: TILE_WIDTH * 32],
            f"tile/0/001.p/{rest}": hashes[TILE_WIDTH * 32 :],
            "tile/1/000.p/1": merkle_root(leaves[:TILE_WIDTH]),
            "tile/entries/000": b"".join(
                len(leaf).to_bytes(2, "big") + leaf for leaf in leaves[:TILE_WIDTH]
            ),
            f"tile/entries/001.p/{rest}": b"".join(
                len(leaf).to_bytes(2, "big") + leaf for leaf in leaves[TILE_WIDTH:]
            ),
            "checkpoint": self.succeed("audit", "checkpoint", *self.place()).out.encode(),
        }
        files = [path for path in self.target.rglob("*") if path.is_file()]
        self.assertEqual(
            expected, {str(path.relative_to(self.target)): path.read_bytes() for path in files}
        )

    def test_only_what_is_signed_is_exported(self) -> None:
        size = len(self.leaves())
        newest = "(SELECT max(size) FROM audit_checkpoint)"
        self.succeed("replay", CASES / "messages.jsonl", *self.place())
        sqlite(self.database, f"DELETE FROM audit_checkpoint WHERE size = {newest}", read_only=False)
        run = self.export(0, "--format", "jsonl")
        self.assertEqual(size, len(run.jsonl()))
        self.assertRegex(run.err, r"\d+ records after the newest checkpoint are left out")

    def test_fault_90_nothing_that_exists_is_followed_or_overwritten(self) -> None:
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        (self.folder / "file").write_text("mine")
        (self.folder / "link").symlink_to(elsewhere)
        (self.folder / "dangling").symlink_to(self.folder / "nowhere")
        (self.folder / "third.partial").symlink_to(elsewhere)
        for name in ("elsewhere", "elsewhere/", "file", "link", "dangling", "third"):
            for form in ("jsonl", "tiles"):
                with self.subTest(name=name, form=form):
                    run = self.export(4, f"{self.folder}/{name}", "--format", form)
                    self.assertIn("it is there already", run.err)
        self.assertEqual([], list(elsewhere.iterdir()))
        self.assertEqual("mine", (self.folder / "file").read_text())
        self.assertFalse((self.folder / "nowhere").exists())
        self.export(4, self.folder / "missing" / "export", "--format", "tiles")

    def test_fault_91_a_log_that_is_not_the_signed_one_leaves_no_folder(self) -> None:
        sqlite(self.database, "DROP TRIGGER audit_log_no_update", read_only=False)
        for change in (
            "SET actor = 'x'",
            "SET body = printf('%.*c', 70000, 'x')",  # longer than any leaf
            "SET subject = 'a' || char(0) || 'b'",
        ):
            sqlite(self.database, f"UPDATE audit_log {change} WHERE seq = 9", read_only=False)
            for form in ("jsonl", "tiles"):
                with self.subTest(change=change, form=form):
                    run = self.export(1, self.target, "--format", form)
                    self.assertEqual("", run.out)
                    self.assertIn("do not give the root", run.err)
        self.assertEqual([], list(self.folder.glob("export*")))
        self.export(1, "--format", "jsonl")

    def test_a_folder_can_be_named_with_a_slash_and_is_made_again_with_the_same_bytes(self) -> None:
        contents = []
        for name in ("one", "two"):
            self.export(0, f"{self.folder}/{name}/", "--format", "tiles")
            folder = self.folder / name
            contents.append(
                {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
            )
        self.assertEqual(*contents)
        self.assertEqual([], list(self.folder.glob("*.partial")))

    def test_wrong_words_make_nothing(self) -> None:
        for code, words in (
            (2, (self.target, "--format", "csv")),
            (2, ("--format", "tiles")),
            (2, (self.target, "--format", "tiles", "--payloads")),
        ):
            with self.subTest(words=words):
                self.export(code, *words)
        self.database = pathlib.Path("none.db")
        self.export(4, self.target, "--format", "tiles")
        self.assertFalse(self.target.exists())


if __name__ == "__main__":
    main()
