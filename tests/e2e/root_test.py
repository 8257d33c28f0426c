"""What root does on a database of another user, and what that user's service finds afterwards."""

import os
import pathlib
import shutil
import unittest
from datetime import UTC, datetime

from periods import event
from preloaded import preloaded
from support import BINARY, NOBODY, ProductTest, Run, drop_privileges, main, wait_until

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

    def test_what_the_service_s_user_puts_in_a_file_s_place_changes_nothing_of_root_s(self) -> None:
        """By a link, or by another name for the file where the system lets anybody make one."""
        self.as_owner("replay", self.events)
        secret = self.folder / "secret"
        for name, found in (
            ("dcm-billing.db.lock", "a link"),
            ("dcm-billing.db.lock", "another name"),
            ("dcm-billing.db.lock", "something else"),
            ("anchors/a", "a link"),
            ("anchors/a", "another name"),
        ):
            with self.subTest(name, found=found):
                secret.write_text("root's own\n", encoding="utf-8")
                place = self.place / name
                kept = place.rename(self.folder / "kept")
                if found == "a link":
                    place.symlink_to(secret)
                elif found == "another name":
                    place.hardlink_to(secret)
                else:
                    os.mkfifo(place)
                run = self.run_program(
                    "replay", self.events, program=self.program, cwd=self.place, timeout=30
                )
                self.assertEqual("root's own\n", secret.read_text(encoding="utf-8"))
                told = f"expected a file of its own to write in at .*{name}, found .*{found}"
                self.assertRegex(run.err, told)
                self.assertEqual(4, run.code, f"{run}")
                kept.rename(place)
        self.assert_the_service_goes_on()

    def test_what_sqlite_would_write_to_is_no_file_of_root_s(self) -> None:
        self.as_owner("replay", self.events)
        for suffix in ("wal", "shm"):
            with self.subTest(suffix):
                secret = self.folder / f"secret-{suffix}"
                secret.write_bytes(b"root's own")
                place = self.place / f"dcm-billing.db-{suffix}"
                place.unlink(missing_ok=True)
                place.hardlink_to(secret)
                run = self.run_program("replay", self.events, program=self.program, cwd=self.place)
                self.assertEqual(4, run.code, f"{run}")
                self.assertEqual((b"root's own", 0), (secret.read_bytes(), secret.stat().st_uid))
                place.unlink()
        self.assert_the_service_goes_on()

    def test_the_group_of_a_database_of_root_s_reads_it_while_root_does(self) -> None:
        for path in (self.place, *self.place.rglob("*")):
            os.lchown(path, 0, NOBODY)
        self.as_root("replay", self.events)
        os.chown(self.place / "dcm-billing.db", 0, NOBODY)
        consumer = self.start_program(
            "consume", "--nats", "nats://127.0.0.1:1", "--database", f"sqlite://{self.place}/dcm-billing.db"
        )
        log = self.place / "dcm-billing.db-wal"
        wait_until(lambda: consumer.running() and log.exists(), "root's consumer has the database open")
        for suffix in ("wal", "shm"):
            facts = (self.place / f"dcm-billing.db-{suffix}").stat()
            self.assertEqual((0, NOBODY), (facts.st_uid, facts.st_gid), suffix)
        self.assertEqual(0, consumer.stop().code)

    def test_what_root_makes_in_a_folder_of_its_own_stays_root_s(self) -> None:
        """Though the service's user turns the way there into that to its own folder, right then."""
        database = ("--database", "sqlite://data/billing.db")
        replay = ("replay", self.events, *database)
        for made, words in (
            ("billing.db", replay),
            ("billing.db.lock", replay),
            ("billing.db.key.new", replay),
            ("billing.db.signer.new", replay),
            ("anchor", replay),
            ("verified.new", ("audit", "verify", "--since-last", *database)),
            ("copy.db.partial.new", ("backup", "data/copy.db", *database)),
            ("evidence.partial", ("audit", "export", "data/evidence", *database)),
        ):
            with self.subTest(made):
                roots, place = (self.folder / made / name for name in ("roots", "service"))
                (place / "own").mkdir(parents=True)
                roots.mkdir()
                (place / "data").symlink_to("../roots")
                (place / "dcm-billing.yaml").write_text(
                    "audit: {anchors: [{file: data/anchor}], quorum: 1}", encoding="utf-8"
                )
                self.give(place)
                if words is not replay:
                    self.succeed(*replay, program=self.program, cwd=place)
                self.run_turned(place, {"AFTER": made}, words)
                self.assert_all_belongs_to(0, roots)

    def test_what_sqlite_makes_in_a_folder_of_root_s_stays_root_s(self) -> None:
        """It asks whose the database is, and makes what lies beside it: in between all is turned."""
        for made in ("billing.db-journal", "billing.db-wal", "billing.db-shm"):
            self.assert_nothing_comes_into_a_folder_of_root_s("BEFORE", made)

    def test_what_is_the_service_s_gets_no_name_in_a_folder_of_root_s(self) -> None:
        self.assert_nothing_comes_into_a_folder_of_root_s("WITHIN", "billing.db.key.new")

    def assert_nothing_comes_into_a_folder_of_root_s(self, moment: str, name: str) -> None:
        """Though the way to the service's folder is turned into that to root's."""
        with self.subTest(name):
            roots, place = (self.folder / name / which for which in ("roots", "service"))
            (place / "data").mkdir(parents=True)
            roots.mkdir()
            (place / "own").symlink_to("../roots")
            self.give(place)
            words = ("replay", self.events, "--database", "sqlite://data/billing.db")
            self.run_turned(place, {moment: name}, words)
            self.assert_all_belongs_to(0, roots)

    def run_turned(
        self, place: pathlib.Path, moment: dict[str, str], words: tuple[object, ...]
    ) -> None:
        """As root, while the names `own` and `data` are exchanged at that moment."""
        was_link = (place / "own").is_symlink()
        turned = moment | {"ONE": str(place / "own"), "OTHER": str(place / "data")}
        env = preloaded("turned_folder", **{f"DCM_TURNED_{name}": turned[name] for name in turned})
        self.run_program(*words, program=self.program, cwd=place, env=env)
        self.assertNotEqual(was_link, (place / "own").is_symlink(), f"expected {moment} to come")


if __name__ == "__main__":
    main()
