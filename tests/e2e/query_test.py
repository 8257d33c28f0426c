"""`audit query`: what an auditor asks in SQL, and what nobody gets by it."""

import csv
import hashlib
import io
import json
import os
import signal

from support import CASES, ProductTest, Run, main, read_cases, sqlite, sqlite_rows, wait_until

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"
LONG = ("--deadline", "10m")  # another limit is tried, however busy the machine is
# One call that compares long texts for hours; of a row, so that it is not computed beforehand.
SLOW = (
    "SELECT instr(printf('%.*c', 8000000 + length(kind), 'a'), printf('%.*c', 4000000, 'a') || 'b')"
    " FROM v_audit"
)


class QueryTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.succeed("replay", CASES / "messages.jsonl", *self.place())

    def place(self) -> tuple[str, str]:
        return ("--database", f"sqlite://{self.database}")

    def ask(self, code: int, *words: object) -> Run:
        run = self.run_program("audit", "query", *words, *self.place())
        self.assertEqual(code, run.code, f"{run}")
        return run

    def digest(self) -> str:
        return hashlib.sha256(self.database.read_bytes()).hexdigest()

    def test_an_answer_is_what_sqlite3_gives(self) -> None:
        for view in ("v_audit", "v_event", "v_instance", "v_usage_interval", "audit_leaf"):
            with self.subTest(view=view):
                columns = sqlite(
                    self.database, f"SELECT group_concat(name) FROM pragma_table_info('{view}')"
                )[0]
                sql = f"SELECT {columns} FROM {view} ORDER BY 1, 2"
                rows = sqlite_rows(self.database, sql)
                self.assertGreater(len(rows), 0)
                self.assertEqual(rows, self.ask(0, sql, "--format", "jsonl").jsonl())
                self.assertEqual(rows, json.loads(self.ask(0, sql, "--format", "json").out))
                table = csv.DictReader(io.StringIO(self.ask(0, sql, "--format", "csv").out, newline=""))
                self.assertEqual(columns.split(","), table.fieldnames)
                self.assertEqual(len(rows), len(list(table)))

    def test_parameters_are_values_and_never_sql(self) -> None:
        sql = "SELECT count(*) AS n FROM v_event WHERE source = :source"
        source = sqlite(self.database, "SELECT source FROM v_event WHERE source <> '' LIMIT 1")[0]
        known = self.ask(0, sql, "--param", f"source={source}", "--format", "jsonl").jsonl()
        self.assertGreater(known[0]["n"], 0)
        for hostile in ("' OR 1=1 --", "x'; DROP TABLE audit_log; --", "="):
            rows = self.ask(0, sql, "--param", f"source={hostile}", "--format", "jsonl").jsonl()
            self.assertEqual([{"n": 0}], rows)
        self.ask(2, sql)
        self.ask(2, sql, "--param", "source")
        self.ask(2, sql, "--param", "source=a", "--param", "source=b")
        self.ask(2, sql, "--param", "source=a", "--param", "other=b")

    def test_fault_86_what_is_refused_changes_no_byte_and_says_why(self) -> None:
        self.ask(0, "SELECT 1")  # a reader of a database leaves SQLite's -wal and -shm beside it
        before = self.digest()
        files = sorted(os.listdir(self.folder))
        for sql, reason in (
            ("ATTACH 'other.db' AS o", "ATTACH"),
            ("PRAGMA writable_schema = ON", "PRAGMA"),
            ("SELECT name FROM pragma_table_info('audit_log')", "a table that SQLite makes up"),
            ("SELECT load_extension('x')", "load_extension"),
            ("SELECT readfile('/etc/passwd')", "readfile"),
            ("SELECT writefile('x', 'y')", "writefile"),
            ("DELETE FROM audit_payload", "audit_payload"),
            ("CREATE TEMP TABLE t (a)", "change"),
            ("VACUUM INTO 'copy.db'", "expected a SELECT"),
            ("BEGIN EXCLUSIVE", "transaction"),
            ("SELECT 1; DROP TABLE audit_log", "change"),
            ("SELECT 1; SELECT 2", "one statement"),
            ("SELECT nope FROM v_audit", "no such column"),
        ):
            with self.subTest(sql=sql):
                run = self.ask(2, sql)
                self.assertEqual("", run.out)
                self.assertIn(reason, run.err)
        self.assertEqual(before, self.digest())
        self.assertEqual(files, sorted(os.listdir(self.folder)))

    def test_fault_86_what_takes_too_long_or_too_much_is_cut(self) -> None:
        before = self.digest()
        run = self.ask(4, COUNT.format("i"), "--format", "jsonl", *LONG)
        self.assertEqual(10_000, len(run.jsonl()))
        self.assertIn("more than 10000 rows", run.err)
        run = self.ask(4, COUNT.format("i"), "--rows", 3, "--format", "csv", *LONG)
        self.assertEqual("i\r\n1\r\n2\r\n3\r\n", run.out)
        self.ask(0, COUNT.format("i") + " LIMIT 3", "--rows", 3)
        run = self.ask(
            4, COUNT.format("i") + " WHERE i < 3", "--deadline", "200ms", "--format", "json"
        )
        self.assertEqual([{"i": 1}, {"i": 2}], json.loads(run.out))
        self.assertIn("more than 0.2 seconds", run.err)
        run = self.ask(4, "SELECT 'a' AS a, zeroblob(1000000000) AS b", *LONG)
        self.assertIn("no value of more than 16 MiB", run.err)
        run = self.ask(4, COUNT.format("zeroblob(8388608) AS z"), "--format", "jsonl", *LONG)
        self.assertIn("no result of more than 64 MiB", run.err)
        self.assertEqual(8, len(run.jsonl()))
        self.assertEqual(before, self.digest())

    def test_a_single_step_without_end_is_cut_with_the_rows_before_it(self) -> None:
        """SQLite looks at no clock inside one function."""
        sql = f"SELECT 1 AS a UNION ALL {SLOW}"
        run = self.ask(4, sql, "--deadline", "500ms", "--format", "csv")
        self.assertEqual("a\r\n1\r\n", run.out)
        self.assertIn("more than 0.5 seconds", run.err)

    def test_a_signal_cuts_the_answer_also_inside_a_step(self) -> None:
        first = "SELECT printf('%.*c', 70000, 'x') AS x UNION ALL "
        for endless in (f"SELECT count(*) FROM ({COUNT.format('i')})", SLOW):
            with self.subTest(endless=endless):
                words = ("audit", "query", first + endless, "--deadline", "1h", "--format", "csv")
                process = self.start_program(*words, *self.place())
                wait_until(lambda: process.printed_bytes() > 70_000, "the first row is printed")
                run = process.stop(signal.SIGINT)
                self.assertEqual(4, run.code, f"{run}")
                self.assertIn("the answer is cut: a signal asked to stop", run.err)

    def test_a_sort_without_bounds_stays_within_its_memory(self) -> None:
        sql = COUNT.format("i, printf('%.*c', 1000000, 'x') AS x") + " ORDER BY x, i"
        run = self.ask(4, sql, *LONG)
        self.assertIn("more than 512 MiB of memory", run.err)

    def test_fault_87_a_hostile_schema_is_not_asked(self) -> None:
        """In a file that somebody handed over."""
        original = self.database
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        for change in (
            f"DROP VIEW v_instance; CREATE VIEW v_instance AS {endless} SELECT i FROM n",
            "CREATE VIEW extra AS SELECT load_extension('x')",
            "CREATE TRIGGER extra AFTER INSERT ON audit_log BEGIN DELETE FROM audit_payload; END",
            "CREATE VIRTUAL TABLE extra USING fts5(a)",
            "CREATE INDEX extra ON audit_log (hex(kind))",
            "DROP TABLE schema_migration; CREATE VIEW schema_migration"
            f" (version, name, sha256, applied_at) AS {endless} SELECT i, 'a', 'b', 'c' FROM n",
            "DELETE FROM schema_migration",
        ):
            with self.subTest(change=change):
                self.database = self.folder / "handed-over.db"
                self.database.write_bytes(original.read_bytes())
                sqlite(self.database, change, read_only=False)
                before = self.digest()
                run = self.ask(3, "SELECT 1")
                self.assertEqual("", run.out)
                self.assertEqual(before, self.digest())

    def test_fault_92_cells_are_safe_on_a_terminal_and_in_a_spreadsheet(self) -> None:
        hostile = "=1+1\x1b[2J\u202e"
        sql = "SELECT :x AS x"
        words = ("--param", f"x={hostile}")
        self.assertEqual("x\n=1+1\\x1b[2J\\u202e\n", self.ask(0, sql, *words).out)
        self.assertEqual(
            "x\r\n'=1+1\\x1b[2J\\u202e\r\n",
            self.ask(0, sql, *words, "--format", "csv").out,
        )
        self.assertEqual([{"x": hostile}], self.ask(0, sql, *words, "--format", "jsonl").jsonl())

    def test_the_questions_that_come_with_the_program(self) -> None:
        listed = self.ask(0, "--list", "--format", "jsonl").jsonl()
        names = [query["name"] for query in listed]
        for query in listed:
            words = []
            for parameter in query["parameters"].split():
                words += [] if "=" in parameter else ["--param", f"{parameter}=x"]
            self.ask(0, "--name", query["name"], *words)
            self.assertIn(query["name"], self.ask(0, "--list").out)
        self.assertEqual(sorted(names), names)
        self.assertIn("did you mean rejections?", self.ask(2, "--name", "rejection").err)
        self.ask(2, "--name", "instance_history")
        self.ask(2, "--name", "gaps", "--param", "x=1")
        self.ask(2, "SELECT 1", "--name", "gaps")
        self.ask(2)

    def test_rejections_are_those_of_the_cases(self) -> None:
        expected: dict[str, int] = {}
        for row in sqlite_rows(self.database, "SELECT reason FROM v_event WHERE verdict = 'rejected'"):
            expected[row["reason"]] = expected.get(row["reason"], 0) + 1
        counts = self.ask(0, "--name", "rejection_counts", "--format", "jsonl").jsonl()
        self.assertEqual(expected, {row["reason"]: row["messages"] for row in counts})
        rows = self.ask(0, "--name", "rejections", "--format", "jsonl").jsonl()
        self.assertEqual(sum(expected.values()), len(rows))
        self.assertEqual(sorted(row["reason"] for row in rows), [row["reason"] for row in rows])

    def test_the_history_of_an_instance_says_who_reported_what_when(self) -> None:
        case = next(case for case in read_cases("sequences.jsonl") if len(case["messages"]) > 2)
        path = self.write_lines("sequence.jsonl", case["messages"])
        self.succeed("replay", path, *self.place())
        row = sqlite_rows(
            self.database,
            "SELECT service_type, instance_id, count(*) AS n FROM v_event"
            " WHERE instance_id IS NOT NULL GROUP BY 1, 2 ORDER BY n DESC LIMIT 1",
        )[0]
        history = self.ask(
            *(0, "--name", "instance_history", "--format", "jsonl"),
            *("--param", f"service_type={row['service_type']}"),
            *("--param", f"instance={row['instance_id']}"),
        ).jsonl()
        self.assertEqual(row["n"], len(history))
        self.assertTrue(all(event["recorded_by"].startswith("svc:") for event in history))

    def test_a_burst_of_one_source_is_unusual(self) -> None:
        def message(number: int, hour: int) -> dict:
            data = {"id": f"i-{number}", "status": "RUNNING"}
            event = {"specversion": "1.0", "id": str(number), "source": "dcm/providers/burst"}
            event |= {"type": "dcm.status.vm", "time": f"2026-05-01T{hour:02}:00:00Z", "data": data}
            return event

        hours = [hour for hour in range(10) for _ in range(4)] + [11] * 40
        path = self.write_lines("burst.jsonl", [message(n, hour) for n, hour in enumerate(hours)])
        self.succeed("replay", path, *self.place())
        rows = self.ask(0, "--name", "unusual_rates", "--format", "jsonl").jsonl()
        burst = [row for row in rows if row["source"] == "dcm/providers/burst"]
        self.assertEqual(1, len(burst), rows)
        self.assert_members(
            {"hour": "2026-05-01T11:00:00Z", "reports": 40, "usual_reports": 4}, burst[0]
        )
        words = ("--name", "unusual_rates", "--format", "jsonl", "--param", "times=11")
        self.assertEqual([], [r for r in self.ask(0, *words).jsonl() if r in burst])

    def test_a_question_without_its_flag_is_told(self) -> None:
        for word, name in (("exports", "exports"), ("corection", "corrections")):
            with self.subTest(word=word):
                run = self.ask(2, word)
                self.assertEqual(
                    f'dcm-billing: expected a SELECT, got "{word}"; did you mean --name {name}?\n',
                    run.err,
                )
        # One word, and no name.
        self.assertIn("syntax error", self.ask(2, "nonsense").err)
        self.ask(0, "VALUES(1)")

    def test_wrong_limits_are_told(self) -> None:
        for words in (
            *(("--rows", 0), ("--rows", 10_000_001), ("--deadline", "0s"), ("--deadline", "61m")),
            *(("--deadline", "soon"), ("--format", "xml")),
        ):
            with self.subTest(words=words):
                self.ask(2, "SELECT 1", *words)
        self.ask(0, "SELECT 1", "--rows", 10_000_000, "--deadline", "1h")
        self.database = self.folder / "none.db"
        self.ask(4, "SELECT 1")


if __name__ == "__main__":
    main()
