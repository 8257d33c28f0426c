"""What root does on a database of another user, and what that user's service finds afterwards."""

import os
import pathlib
import shutil
import unittest
from datetime import UTC, datetime

from periods import event
from support import BINARY, NOBODY, ProductTest, Run, drop_privileges, main

CONFIG = """
audit: {anchors: [{file: anchors/a}, {file: anchors/b}], quorum: 2}
exports: [{name: finance, format: lines, destination: made/exports}]
"""


@unittest.skipUnless(os.geteuid() == 0, "needs root, to act on what belongs to another user")
class RootTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.folder.chmod(0o755)
        self.program = shutil.copy(BINARY, self.folder / "dcm-billing")
        self.place = self.folder / "service"
        (self.place / "anchors").mkdir(parents=True)
        (self.place / "dcm-billing.yaml").write_text(CONFIG, encoding="utf-8")
        month = f"{datetime.now(UTC):%Y-%m}"
        refused = event(2, "web", "NO SUCH", f"{month}-01T00:00:00Z")
        lines = [event(1, "web", "RUNNING", f"{month}-01T00:00:00Z"), refused]
        self.events = self.write_lines("events.jsonl", lines)
        self.give(self.place)

    def give(self, folder: pathlib.Path) -> None:
        for path in (folder, *folder.rglob("*")):
            os.lchown(path, NOBODY, NOBODY)

    def as_root(self, *words: object) -> Run:
        return self.succeed(*words, program=self.program, cwd=self.place)

    def as_owner(self, *words: object) -> Run:
        return self.succeed(
            *words, program=self.program, cwd=self.place, preexec_fn=drop_privileges
        )

    def assert_all_belongs_to(self, user: int, folder: pathlib.Path) -> None:
        owners = {
            str(path.relative_to(folder)): (path.lstat().st_uid, path.lstat().st_gid)
            for path in folder.rglob("*")
        }
        self.assertEqual(dict.fromkeys(owners, (user, user)), owners)

    def assert_the_service_goes_on(self) -> None:
        self.assert_all_belongs_to(NOBODY, self.place)
        self.as_owner("replay", self.events)
        self.as_owner("export", "run", "finance")
        self.as_owner("audit", "verify")

    def test_what_root_does_once_does_not_lock_the_service_out(self) -> None:
        self.as_owner("replay", self.events)
        for words in (
            ("quarantine", "retry", "--all"),
            ("export", "run", "finance"),
            ("audit", "key", "rotate"),
            ("replay", self.events),
            ("audit", "verify", "--since-last"),
            ("audit", "export", "evidence"),
            ("backup", "copy.db"),
        ):
            with self.subTest(words):
                self.as_root(*words)
                self.assert_the_service_goes_on()

    def test_what_root_begins_in_a_folder_of_the_service_is_the_service_s(self) -> None:
        self.as_root("replay", self.events)
        self.as_root("export", "run", "finance")
        self.assert_the_service_goes_on()

    def test_a_file_that_is_replaced_keeps_its_owner_whosever_the_folder(self) -> None:
        self.as_owner("replay", self.events)
        os.chown(self.place, 0, NOBODY)
        self.place.chmod(0o2770)
        self.as_root("audit", "key", "rotate")
        self.assert_the_service_goes_on()

    def test_where_all_is_root_s_it_stays_so(self) -> None:
        for path in (self.place, *self.place.rglob("*")):
            os.lchown(path, 0, 0)
        self.as_root("replay", self.events)
        self.as_root("export", "run", "finance")
        self.assert_all_belongs_to(0, self.place)


if __name__ == "__main__":
    main()
