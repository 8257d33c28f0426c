"""Wrong words, files and databases: a clear message on stderr and the documented exit code."""

import os
import re
import subprocess

from errors import BOOK, ErrorsFixture
from support import BINARY, CASES, environment, main, sqlite

READING = (
    ("usage",),
    ("instances",),
    ("report", "--period", "2026-05"),
    ("audit", "verify"),
    ("audit", "checkpoint"),
)


class UsageErrorsTest(ErrorsFixture):
    def test_unknown_commands_and_flags_are_usage_errors(self) -> None:
        for words in (
            ("nonsense",),
            ("usage", "--nonsense"),
            ("audit", "nonsense"),
            ("events",),
            ("events", "check"),
            ("replay",),
            ("usage", "--format", "nonsense"),
            ("report", "--group-by", "nonsense"),
            ("usage", "--from", "yesterday"),
            ("report", "--period", "2026-13"),
            ("usage", "--as-of", "2026-05-01T25:00:00Z"),
            ("usage", "--log-level", "nonsense"),
        ):
            with self.subTest(words=words):
                self.replay_something()
                self.assert_fails(2, *words)

    def test_a_misspelt_word_is_told_with_the_nearest_and_the_help_of_its_command(self) -> None:
        for words, told in (
            (("report", "--perod", "2026-05"), 'unknown flag "--perod"; did you mean --period?; see dcm-billing report --help'),
            (("--databse=x", "usage"), 'unknown flag "--databse=x"; did you mean --database?; see dcm-billing usage --help'),
            (("audit", "verify", "--job", "2"), "did you mean --jobs?; see dcm-billing audit verify --help"),
            (("rules", "chek"), 'unknown command "chek"; did you mean check?'),
            (("version", "of", "what"), 'expected no further argument, got "of"; see dcm-billing version --help'),
            (("explain",), "--instance is required; see dcm-billing explain --help"),
            (("reprot", "--period", "2026-05"), 'unknown command "reprot"; did you mean report?; see dcm-billing --help'),
            (("--perod", "reprot"), 'unknown flag "--perod"'),
            (("audit", "verfy", "--job", "2"), 'unknown command "verfy"; did you mean verify?; see dcm-billing audit --help'),
        ):
            with self.subTest(words=words):
                self.assertIn(told, self.assert_fails(2, *words).err)

    def test_a_value_is_told_with_what_was_expected(self) -> None:
        for words, told in (
            (("statement", "explain", "abc"), 'line: expected a whole number from 1 on, got "abc"'),
            (("audit", "verify", "--jobs", "65"), '--jobs: expected a whole number from 1 to 64, got "65"'),
            (("audit", "prove", "--seq", "-1"), '--seq: expected a whole number from 0 on, got "-1"'),
            (("publish", "--fleet", "1", "--rate", "0"), '--rate: expected a whole number from 1 on, got "0"'),
            (("usage", "--log-level", "inof"), '--log-level: expected one of debug, info, warn, error, got "inof"; did you mean info?'),
        ):
            with self.subTest(words=words):
                self.assertIn(told, self.assert_fails(2, *words).err)

    def test_yaml_is_told_with_what_is_missing(self) -> None:
        self.write("own.yaml", "exports: [a")
        run = self.assert_fails(3, "config", "check", "--config", "own.yaml")
        self.assertIn("own.yaml:1:12: error: expected YAML with a ] for each [, got: end of sequence flow", run.err)

    def test_no_command_tells_where_to_look(self) -> None:
        run = self.run_program()
        self.assertEqual(2, run.code, f"{run}")
        self.assertIn("--help", run.err)

    def test_the_help_of_each_command_shows_an_example(self) -> None:
        waiting: list[tuple[str, ...]] = [()]
        seen = 0
        while waiting:
            words = waiting.pop()
            run = self.succeed(*words, "--help")
            seen += 1
            with self.subTest(command=words):
                self.assertRegex(run.out, r"(?i)example")
                self.assertIn(" ".join(("dcm-billing", *words)), run.out)
            waiting += [(*words, name) for name in subcommands(run.out)]
        self.assertGreater(seen, 15, "the commands were found in the help")

    def test_help_is_asked_for_in_words_too(self) -> None:
        for words in ((), ("report",), ("audit", "verify")):
            with self.subTest(words=words):
                asked = self.succeed("help", *words)
                self.assertEqual(self.succeed(*words, "--help").out, asked.out)

    def test_help_tells_the_formats_and_where_common_options_are(self) -> None:
        for words, formats in (
            (("report",), "table, csv, json, jsonl, html"),
            (("rules", "show"), "table, yaml, json"),
            (("audit", "export"), "jsonl, tiles"),
        ):
            with self.subTest(words=words):
                out = self.succeed(*words, "--help").out
                self.assertRegex(out, rf"--format FORMAT +{formats}\n")
                self.assertIn("(--config, --database, --rules, …): dcm-billing --help", out)
        self.assertIn("html", self.succeed("--help").out)
        self.assertNotIn("--format FORMAT", self.succeed("version", "--help").out)

    def test_a_format_that_a_command_does_not_have_is_refused(self) -> None:
        self.replay_something()
        for words, told in (
            (("audit", "checkpoint"), "expected no --format: checkpoint prints text only"),
            (("rebuild",), "expected no --format: rebuild prints text only"),
            (("version",), "expected no --format: version prints text only"),
            (("replay", CASES / "messages.jsonl"), "expected --format to be one of json, jsonl"),
            (("audit", "verify"), "expected --format to be one of table, json"),
            (("doctor",), "expected --format to be one of table, json"),
            (("report", "doubtful"), "expected --format to be one of table, csv, json, jsonl"),
        ):
            with self.subTest(words=words):
                run = self.assert_fails(2, *words, "--format", "html")
                self.assertIn(f'{told}, got "html"', run.err)
                self.assertEqual(run.err, self.assert_fails(2, "--format", "html", *words).err)
        self.succeed("version", "--format", "table")

    def test_the_verdict_as_json_is_a_format_too(self) -> None:
        self.replay_something()
        asked = self.succeed("audit", "verify", "--format", "json")
        self.assertEqual(self.succeed("audit", "verify", "--json").out, asked.out)

    def test_common_options_stand_before_and_after_the_command_words(self) -> None:
        self.replay_something()
        os.rename(self.folder / "dcm-billing.db", self.folder / "other.db")
        options = ("--database", "sqlite://other.db", "--format", "jsonl")
        before = self.succeed(*options, "usage")
        after = self.succeed("usage", *options)
        between = self.succeed(*options[:2], "usage", *options[2:])
        self.assertTrue(before.jsonl())
        self.assertEqual([before.out] * 2, [after.out, between.out])
        nested = self.succeed(*options[:2], "audit", "checkpoint")
        self.assertEqual(nested.out, self.succeed("audit", "checkpoint", *options[:2]).out)


def subcommands(help_text: str) -> list[str]:
    """The names under the heading of subcommands."""
    _, _, listed = help_text.partition("ubcommands:\n")
    lines = listed.split("\n\n")[0].splitlines()
    return [match.group(1) for line in lines if (match := re.match(r"  ([a-z][a-z-]*)", line))]


class DatabaseErrorsTest(ErrorsFixture):
    def test_a_missing_database_is_told_and_not_created(self) -> None:
        for words in READING:
            with self.subTest(words=words):
                run = self.assert_fails(4, *words, "--database", "sqlite://missing.db")
                self.assertIn("missing.db", run.err)
                self.assertFalse((self.folder / "missing.db").exists())

    def test_a_database_of_another_program_is_refused_and_left_alone(self) -> None:
        path = self.folder / "other.db"
        sqlite(path, "CREATE TABLE customer (name TEXT)", read_only=False)
        before = path.read_bytes()
        writing = ("replay", CASES / "messages.jsonl"), ("migrate", "up")
        for words in (*READING, *writing):
            with self.subTest(words=words):
                self.assert_fails(3, *words, "--database", "sqlite://other.db")
        self.assertEqual(before, path.read_bytes())

    def test_a_file_that_is_no_database_is_refused_and_left_alone(self) -> None:
        path = self.write("text.db", "This is a letter, not a database.\n" * 100)
        before = path.read_bytes()
        for words in (("usage",), ("replay", CASES / "messages.jsonl")):
            with self.subTest(words=words):
                self.assert_fails(3, *words, "--database", "sqlite://text.db")
        self.assertEqual(before, path.read_bytes())

    def test_what_is_no_file_is_told_as_what_it_is(self) -> None:
        (self.folder / "folder").mkdir()
        for words in (("usage",), ("migrate", "up")):
            run = self.assert_fails(4, *words, "--database", "sqlite://folder")
            self.assertIn("expected a file to open at folder, got: a folder", run.err)
        for url, told in (("nope.db", 'got "nope.db"'), ("mysql://me:word@host/x", 'got "mysql://')):
            run = self.assert_fails(3, "usage", "--database", url)
            self.assertIn(f"expected sqlite://<path>, {told}", run.err)
            self.assertNotIn("word", run.err)

    def test_a_truncated_database_is_told_as_damaged(self) -> None:
        self.replay_something()
        whole = (self.folder / "dcm-billing.db").read_bytes()
        (self.folder / "cut.db").write_bytes(whole[:20_000])
        for words in (("usage",), ("report",), ("migrate", "up")):
            with self.subTest(words=words):
                run = self.assert_fails(4, *words, "--database", "sqlite://cut.db")
                self.assertRegex(run.err, "database: expected to .*, got: database disk image is malformed")

    def test_a_database_of_a_newer_version_is_refused(self) -> None:
        self.replay_something()
        path = self.folder / "dcm-billing.db"
        columns = "version, name, sha256, applied_at"
        statement = (
            f"INSERT INTO schema_migration ({columns})"
            " SELECT max(version) + 1, 'from_the_future', sha256, applied_at FROM schema_migration"
        )
        sqlite(path, statement, read_only=False)
        for words in (*READING, ("replay", CASES / "messages.jsonl")):
            with self.subTest(words=words):
                self.assert_fails(3, *words)

    def test_a_database_address_without_meaning_is_malformed(self) -> None:
        for url in ("nonsense", "mysql://a/b", "sqlite://"):
            with self.subTest(url=url):
                self.assert_fails(3, "usage", "--database", url)


class BookErrorsTest(ErrorsFixture):
    def test_a_book_with_errors_names_line_and_column(self) -> None:
        self.replay_something()
        book = self.write("book.yaml", BOOK.replace('price: "1"', "price: 1.5").replace("EUR", "EUX"))
        checked = self.run_program("rules", "check", book)
        self.assertEqual(1, checked.code, f"{checked}")
        text = checked.out + checked.err
        for place in (r"book\.yaml:2:11", r"book\.yaml:8:12"):
            self.assertRegex(text, place)
        for words in (("report", "--period", "2026-05"), ("replay", self.folder / "events.jsonl")):
            with self.subTest(words=words):
                run = self.assert_fails(3, *words, "--rules", book)
                self.assertRegex(run.err, r"book\.yaml:8:12")

    def test_a_good_book_passes_and_a_missing_one_is_told(self) -> None:
        self.succeed("rules", "check", self.write("book.yaml", BOOK))
        self.replay_something()
        run = self.assert_fails(3, "report", "--period", "2026-05", "--rules", "missing.yaml")
        self.assertIn("missing.yaml", run.err)


class StandardOutputTest(ErrorsFixture):
    def read_one_line_of(self, words: str) -> list[str]:
        """What was told on stderr, then the exit code."""
        done = subprocess.run(
            ["bash", "-c", f"'{BINARY}' {words} | head -1; echo ${{PIPESTATUS[0]}} >&2"],
            cwd=self.folder,
            capture_output=True,
            check=False,
            timeout=60,
        )
        self.assertEqual(1, done.stdout.count(b"\n"))
        return done.stderr.decode().splitlines()

    def test_a_reader_that_stops_reading_ends_the_program_quietly(self) -> None:
        # More than a pipe holds, so that a write meets the closed end.
        self.assertEqual(["141"], self.read_one_line_of("publish --fleet 1 --events 50000 --output -"))
        events = self.folder / "events.jsonl"
        self.succeed("publish", "--fleet", "1", "--events", "5000", "--output", events)
        self.succeed("replay", events)
        self.assertEqual(["141"], self.read_one_line_of("usage --format jsonl"))
        rows = "'SELECT seq, body FROM v_audit' --format jsonl"
        self.assertEqual(["141"], self.read_one_line_of(f"audit query {rows}"))

    def test_a_full_output_is_an_error(self) -> None:
        self.succeed("replay", CASES / "messages.jsonl")
        with open("/dev/full", "wb") as full:
            words = [BINARY, "instances", "--format", "jsonl"]
            done = subprocess.run(
                words, cwd=self.folder, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
            )
        self.assertEqual(4, done.returncode)
        self.assertTrue(done.stderr.startswith(b"dcm-billing: "))

    def test_results_and_nothing_else_go_to_standard_output(self) -> None:
        replayed = self.succeed("replay", CASES / "messages.jsonl", "--log-level", "debug")
        self.assertEqual(1, len(replayed.out.splitlines()))
        replayed.summary()


if __name__ == "__main__":
    main()
