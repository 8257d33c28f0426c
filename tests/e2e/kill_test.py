"""`kill -9` at every step of closing a month and of exporting it: nothing of it is there, or all."""

import hashlib
import json
import pathlib
import shutil
import subprocess
from collections.abc import Iterable
from itertools import count

from cost_exports import PERIOD, ExportFixture
from preloaded import preloaded
from support import BINARY, main, sqlite

STEPS_MAX = 1_000
CLOSE = ("period", "close", PERIOD)
EXPORT = ("export", "run", "finance", "--period", PERIOD)
# Nothing of a closing, or all: periods, statements, lines, records.
CLOSED = (
    "SELECT (SELECT count(*) FROM closed_period), (SELECT count(*) FROM statement),"
    " (SELECT count(*) FROM statement_line),"
    " (SELECT count(*) FROM audit_log WHERE kind = 'period.closed')"
)
NOTHING_CLOSED = ["0|0|0|0"]


class KillTest(ExportFixture):
    """Method: the command again and again from the same files, killed before the first, second, …
    call that changes a file, until it comes to its end. After each it is run once more."""

    def prepared(self) -> pathlib.Path:
        """A copy of what lies here, in its own folder; an undisturbed run happens beside it."""
        self.succeed("audit", "verify")
        kept = self.folder.with_name(self.folder.name + "-kept")
        self.addCleanup(shutil.rmtree, kept, ignore_errors=True)
        shutil.copytree(self.folder, kept)
        return kept

    def killed_everywhere(self, kept: pathlib.Path, words: Iterable[str]) -> Iterable[int]:
        """The step before which it was just killed; the last one is behind its end."""
        for step in count(1):
            self.assertLess(step, STEPS_MAX)
            shutil.rmtree(self.folder)
            shutil.copytree(kept, self.folder)
            was_killed = self.run_killed(step, words)
            yield step
            if not was_killed:
                self.assertGreater(step, 20)
                return

    def run_killed(self, step: int, words: Iterable[str]) -> bool:
        done = subprocess.run(
            [BINARY, *words],
            cwd=self.folder,
            env=preloaded("killed_call", DCM_KILLED_CALL=str(step)),
            capture_output=True,
            check=False,
            timeout=120,
        )
        self.assertIn(done.returncode, (0, -9), done.stderr.decode(errors="replace"))
        return done.returncode != 0

    def test_fault_83_killed_before_each_call_nothing_or_all_is_closed(self) -> None:
        kept = self.prepared()
        self.succeed(*CLOSE)
        whole = sqlite(self.database, CLOSED)
        statement = self.statement_lines()
        found = []
        for step in self.killed_everywhere(kept, CLOSE):
            with self.subTest(step=step):
                found.append(sqlite(self.database, CLOSED))
                self.assertIn(found[-1], (NOTHING_CLOSED, whole))
                self.succeed(*CLOSE)
                self.assertEqual(whole, sqlite(self.database, CLOSED))
                self.assertEqual(statement, self.statement_lines())
                self.succeed("audit", "verify")
        self.assertIn(NOTHING_CLOSED, found)
        self.assertGreater(found.count(whole), 1, "also killed after it was committed")

    def statement_lines(self) -> str:
        return self.succeed("statement", "show", PERIOD, "--format", "jsonl").out

    def test_fault_91_killed_before_each_call_one_whole_export_is_there_or_none(self) -> None:
        self.export_finance()
        before = self.manifest("finance")
        self.close()
        kept = self.prepared()
        self.succeed(*EXPORT)
        after = self.manifest("finance")
        data = self.data_file("finance", "csv").read_bytes()
        found = []
        for step in self.killed_everywhere(kept, EXPORT):
            with self.subTest(step=step):
                found.append(self.published_content())
                self.assertIn(found[-1], (None, content(before), content(after)))
                self.succeed(*EXPORT)
                self.assertEqual(content(after), self.published_content())
                self.assertEqual(data, self.data_file("finance", "csv").read_bytes())
                states = [json.loads(record["body"])["state"] for record in self.records()]
                self.assertEqual(["open", "closed"], states)
                self.assert_one_file_each()
                self.succeed("audit", "verify")
        for state in (None, content(before), content(after)):
            self.assertIn(state, found)

    def published_content(self) -> dict | None:
        """What the manifest says of the data; the file it names is there, whole."""
        if not self.manifest_file("finance").exists():
            return None
        manifest = self.manifest("finance")
        data = self.data_file("finance", "csv").read_bytes()
        self.assertEqual(hashlib.sha256(data).hexdigest(), manifest["files"][0]["sha256"])
        return content(manifest)

    def assert_one_file_each(self) -> None:
        files = {p for p in (self.folder / "out").rglob("*") if p.is_file()}
        self.assertEqual({self.data_file("finance", "csv"), self.manifest_file("finance")}, files)


def content(manifest: dict) -> dict:
    """Without what depends on the moment it was computed at."""
    return {name: manifest[name] for name in ("state", "files", "totals", "total", "columns")}


if __name__ == "__main__":
    main()
