"""Closing billing months: what is refused, what is frozen, what late events do, and processes that
die or meet while they close."""

import json
import sqlite3
import subprocess
from contextlib import closing

from periods import BOOK, OWNERS, PeriodFixture, event
from support import BINARY, environment, main, sqlite, sqlite_rows


class PeriodTest(PeriodFixture):
    def setUp(self) -> None:
        super().setUp()
        self.replay(
            ("a", "RUNNING", "2024-05-02T00:00:00Z"),
            ("b", "RUNNING", "2024-05-30T00:00:00Z"),
            ("a", "ERROR", "2024-05-02T10:00:00Z"),
            ("b", "DELETED", "2024-06-02T00:00:00Z"),
        )

    def test_an_instance_that_is_stored_twice_is_refused_and_not_billed_twice(self) -> None:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            columns = [row[1] for row in connection.execute("PRAGMA table_info(instance)")]
            copied = ", ".join(c for c in columns if c != "instance_no")
            connection.execute(
                f"INSERT INTO instance (instance_no, {copied}) SELECT 77, {copied} FROM instance WHERE instance_id = 'a'"
            )
        close = self.close(3, "2024-05")
        report = self.run_program("report", "--period", "2024-05", *self.common())
        usage = self.run_program("usage", *self.common())
        self.assertEqual((3, 3), (report.code, usage.code))
        for run in (close, report, usage):
            self.assertIn('instance "vm/a" is stored twice; run `dcm-billing rebuild`', run.err)
        self.assertEqual(1, self.run_program("rebuild", *self.common()).code)
        self.close(0, "2024-05")

    def test_a_closed_month_says_what_the_report_said(self) -> None:
        before = self.statement("2024-05")
        self.assert_members({"state": "open", "closed_at": None, "record": None}, before)
        self.close(0, "2024-05")
        after = self.statement("2024-05")
        self.assertEqual(before["lines"], after["lines"])
        self.assertEqual(before["statements"], after["statements"])
        self.assert_members({"state": "closed", "record": 4, "timezone": "UTC"}, after)
        for tenant, total in self.totals("2024-05").items():
            self.assertEqual(self.report("2024-05", tenant)["total_rounded"], total)
        lines = sqlite_rows(self.database, "SELECT * FROM v_statement_line ORDER BY line")
        self.assertEqual([line["line"] for line in lines], list(range(1, len(lines) + 1)))
        self.assertEqual(["3.33", "15.98"], list(self.totals("2024-05").values()))
        self.assertEqual(
            ["rounding"] * 2, [line["rate"] for line in lines if line["service_type"] is None]
        )
        self.verify()

    def test_the_record_is_that_of_the_statement_and_a_checkpoint_covers_both(self) -> None:
        self.close(0, "2024-05")
        (record,) = self.records("period.closed")
        show = ("statement", "show", "2024-05", "--format", "jsonl", *self.common())
        text = self.succeed(*show).out
        digest = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)
        self.assertEqual(digest.stdout.decode().split()[0], record["body"]["lines_sha256"])
        statement = self.statement("2024-05")
        self.assertEqual(statement["log"], record["body"]["log"])
        self.assertEqual("4", statement["checkpoint"].splitlines()[1])
        self.assertEqual(statement["log"]["root"], statement["checkpoint"].splitlines()[2])
        newest = self.succeed("audit", "checkpoint", "--database", f"sqlite://{self.database}").out
        self.assertEqual("5", newest.splitlines()[1])

    def test_a_report_of_a_closed_month_says_what_was_billed(self) -> None:
        def shown(*words: object) -> str:
            return self.succeed("report", "--period", "2024-05", *words, *self.common()).out

        self.assertNotIn("billed  ", shown())
        self.assertNotIn("billed: ", shown("--format", "html"))
        self.close(0, "2024-05")
        closed_at = self.statement("2024-05")["closed_at"]
        self.replay(("a", "STOPPED", "2024-05-02T05:00:00Z"))
        computed = json.loads(shown("--format", "json"))["total_rounded"]
        self.assertEqual("17.65", computed)
        told = f"19.31 EUR for 2024-05, closed {closed_at}, in 2 statements: "
        of_acme = f"3.33 EUR for 2024-05, closed {closed_at}, in 1 statement: "
        show = "dcm-billing statement show 2024-05"
        self.assertIn(f"\nbilled   {told}{show}\n", shown())
        self.assertIn(f"\nbilled   {of_acme}{show} --tenant acme\n", shown("--tenant", "acme"))
        self.assertIn(f"<p>billed: {told}{show}</p>", shown("--format", "html"))
        self.assertIn(f"\nbilled   {told}{show}\n", shown("--compare", "2024-06"))
        self.assertIn(f"\nbilled   {told}{show}\n", shown("--as-of", "2024-06-01"))
        for narrowed in (
            ("--service-type", "vm"),
            ("--provider", "p"),
            ("--instance", "a"),
            ("--state", "RUNNING"),
            ("--as-of", "2024-05-31"),
        ):
            self.assertNotIn("billed  ", shown(*narrowed))
            self.assertNotIn("billed: ", shown(*narrowed, "--format", "html"))
        for bounds in (("--from", "2024-05-02"), ("--to", "2024-05-31")):
            part = self.succeed("report", *bounds, *self.common()).out
            self.assertNotIn("billed  ", part)
        self.assertNotIn("billed", shown("--format", "csv").replace("billed_seconds", ""))
        june = self.succeed("report", "--period", "2024-06", *self.common()).out
        self.assertNotIn("billed  ", june)

    def test_people_see_all_digits_of_the_minor_unit_and_programs_none_too_many(self) -> None:
        self.replay(("c", "RUNNING", "2024-05-04T00:00:00Z"), ("c", "DELETED", "2024-05-04T13:20:24Z"))
        run = self.close(0, "2024-05", "--dry-run")
        self.assertIn("3 statements, 23.75 EUR", run.out)
        words = ("report", "--period", "2024-05", "--instance", "c")
        self.assertIn(", rounded 4.44\n", self.succeed(*words, *self.common()).out)
        self.book.write_text(BOOK.format(currency="EUR", timezone="UTC").replace("0.333", "0.3"))
        self.assertIn(", rounded 4.00\n", self.succeed(*words, *self.common()).out)
        page = self.succeed(*words, "--format", "html", *self.common()).out
        self.assertIn('<p class="total">4.00 EUR</p>', page)
        answer = json.loads(self.succeed(*words, "--format", "json", *self.common()).out)
        self.assertEqual("4", answer["total_rounded"])
        self.close(0, "2024-05")
        listed = self.succeed("period", "list", *self.common()).out
        self.assertIn(" 21.40  EUR ", listed)
        rows = self.succeed("period", "list", "--format", "jsonl", *self.common()).jsonl()
        self.assertEqual("21.4", rows[0]["total"])

    def test_periods_are_listed_closed_and_open(self) -> None:
        self.close(0, "2024-05")
        rows = self.succeed("period", "list", "--format", "jsonl", *self.common()).jsonl()
        self.assert_members(
            {"period": "2024-05", "state": "closed", "statements": 2, "total": "19.31"}, rows[0]
        )
        self.assertEqual(("2024-06", "open"), (rows[1]["period"], rows[1]["state"]))
        self.assertEqual({"open"}, {row["state"] for row in rows[1:]})

    def test_what_stands_against_closing_is_told_at_once_and_recorded_when_accepted(self) -> None:
        self.replay(
            ("a", "SPINNING", "2024-05-03T00:00:00Z"),
            ("a", "PAUSED", "2024-05-04T00:00:00Z"),
            ("a", "DELETED", "2024-05-04T01:00:00Z"),
        )
        refused = self.close(1, "2024-05", "--grace", "4000d", "--nats", "nats://127.0.0.1:1")
        for name in ("quarantine", "unrated", "grace", "backlog"):
            self.assertIn(f"  {name}: ", refused.err)
        self.assertEqual("", refused.out)
        self.assertEqual([], self.records("period.closed"))
        # The list that the refusal names has the one message, which was received today.
        list_of_month = ("quarantine", "list", "--period", "2024-05")
        self.assertIn(f"1 message of the month rejected: see {' '.join(list_of_month)}", refused.err)
        listed = self.succeed(*list_of_month, "--format", "jsonl", *self.common()).jsonl()
        self.assertEqual(["2024-05-03T00:00:00Z"], [row["event_time"] for row in listed])
        other = ("quarantine", "list", "--period", "2024-06", "--format", "jsonl", *self.common())
        self.assertEqual([], self.succeed(*other).jsonl())
        dry = self.close(1, "2024-05", "--dry-run")
        self.assertIn("2024-05 would not be closed:\n  quarantine: ", dry.err)
        words = ("--accept", "quarantine", "--accept", "unrated")
        self.assertIn("grace: ", self.close(1, "2024-05", "--grace", "4000d", *words).err)
        self.assertIn("accepted quarantine", self.close(0, "2024-05", *words, "--dry-run").out)
        self.assertEqual([], self.records("period.closed"))
        self.close(0, "2024-05", *words)
        (record,) = self.records("period.closed")
        accepted = [entry["reason"] for entry in record["body"]["accepted"]]
        self.assertEqual(["quarantine", "unrated"], accepted)
        self.assertIn("did you mean gaps", self.close(2, "2024-06", "--accept", "gap").err)

    def test_a_grace_that_reaches_beyond_all_times_is_not_over(self) -> None:
        for grace in ("2914000d", "106731000d", "106751990d"):
            with self.subTest(grace=grace):
                told = self.close(1, "2024-05", "--grace", grace).err
                self.assertIn("late events are waited for until 9999-12-31T23:59:59.999999Z", told)

    def test_months_close_in_order_when_they_are_over(self) -> None:
        self.assertIn("2024-05 is open still", self.close(1, "2024-06").err)
        self.assertIn("is not over yet", self.close(1, "2999-01").err)
        self.close(2, "2024-13")
        self.assertIn("  early: no usage is known before 2024-05-02T", self.close(1, "2014-05").err)
        self.close(0, "2024-05")
        self.assertIn("it lies before 2024-05", self.close(1, "2024-04").err)

    def test_a_month_without_any_usage_is_not_the_first_that_closes_unasked(self) -> None:
        self.database = self.folder / "empty.db"
        self.run_program("migrate", "up", *self.common())
        self.assertIn("  early: no usage is known, and every month", self.close(1, "2006-08").err)
        self.close(0, "2006-08", "--accept", "early")

    def test_another_currency_or_zone_is_refused_once_a_month_is_closed(self) -> None:
        self.close(0, "2024-05")
        right = self.book
        for name, book in (
            ("currency", BOOK.format(currency="USD", timezone="UTC")),
            ("zone", BOOK.format(currency="EUR", timezone="Europe/Berlin")),
        ):
            self.book = self.write(f"{name}.yaml", book)
            for words in (
                ("period", "close", "2024-06"),
                ("statement", "show", "2024-06"),
                ("report", "--period", "2024-06"),
                ("report", "doubtful", "--period", "2024-06"),
                ("explain", "--service-type", "vm", "--instance", "a"),
                ("usage", "--period", "2024-05"),
                ("instances",),
                ("quarantine", "list", "--period", "2024-05"),
                ("quarantine", "show", 0),
                ("quarantine", "retry", "--all"),
                ("rules", "simulate", "--candidate", right, "--period", "2024-05"),
                ("rebuild",),
                ("doctor",),
                ("replay", self.folder / "events.jsonl"),
            ):
                with self.subTest(book=name, words=words):
                    run = self.run_program(*words, *self.common())
                    self.assertEqual(3, run.code, f"{run}")
                    self.assertIn("2024-05 is closed", run.err + run.out)
        other_zone, self.book = self.book, right
        self.succeed("rules", "simulate", "--candidate", other_zone, "--period", "2024-05", *self.common())


class CorrectionTest(PeriodFixture):
    """A chain over several months, each closing followed by something that comes late."""

    def setUp(self) -> None:
        super().setUp()
        self.replay(("a", "RUNNING", "2024-05-02T00:00:00Z"), ("a", "ERROR", "2024-05-02T10:00:00Z"))
        self.close(0, "2024-05")

    def corrections(self, month: str) -> list[tuple]:
        lines = self.statement(month)["lines"]
        return [
            (x["line"], x["kind"], x["tenant"], x["charge_start"][5:13], x["cost"], x["corrects"])
            for x in lines
            if x["kind"] in ("reversal", "correction")
        ]

    def charged(self, month: str) -> str:
        """What all closed statements together charge for a month, to the last digit."""
        return sqlite(
            self.database,
            "SELECT printf('%.3f', coalesce(sum(cost), 0)) FROM v_statement_line "
            f"WHERE substr(charge_start, 1, 7) = '{month}' AND service_type IS NOT NULL",
        )[0]

    def test_a_chain_of_late_events_adds_up(self) -> None:
        closed = self.statement("2024-05")
        # It stopped earlier than was known: a decrease.
        self.replay(("a", "ERROR", "2024-05-02T04:00:00Z"))
        expected = [
            (3, "reversal", "acme", "05-02T00", "-3.33", 1),
            (4, "correction", "acme", "05-02T00", "1.332", 1),
        ]
        self.assertEqual(expected, self.corrections("2024-06"))
        self.assertEqual([], self.corrections("2024-07"), "in the earliest open month alone")
        self.assertEqual({"acme": "-2"}, self.totals("2024-06"))
        self.close(0, "2024-06")
        self.assertEqual(expected, self.corrections("2024-06"))
        self.assertEqual([], self.corrections("2024-07"), "never twice")
        (made,) = self.records("correction.made")
        self.assert_members({"subject": "2024-05", "tenant": "acme", "outcome": "done"}, made)
        self.assertEqual(
            {"currency": "EUR", "lines": 2, "period": "2024-06", "total": "-1.998"}, made["body"]
        )
        # Again, and in another month: it ran for longer, from June into May.
        self.replay(("a", "ERROR", "2024-05-02T02:00:00Z"), ("a", "RUNNING", "2024-05-31T23:00:00Z"))
        self.replay(("a", "DELETED", "2024-06-01T02:00:00Z"))
        self.assertEqual(
            [
                (6, "reversal", "acme", "05-02T00", "-1.332", 4),
                (7, "correction", "acme", "05-02T00", "0.666", 4),
                (8, "correction", "acme", "05-31T23", "0.333", None),
                (9, "correction", "acme", "06-01T00", "0.666", None),
            ],
            self.corrections("2024-07"),
        )
        self.close(0, "2024-07")
        self.close(0, "2024-08")
        self.assertEqual([], self.corrections("2024-08"))
        self.assertEqual(("0.999", "0.666"), (self.charged("2024-05"), self.charged("2024-06")))
        for month in ("2024-05", "2024-06"):
            self.assertEqual(self.charged(month), self.report(month, "acme")["total"])
        self.assertEqual(closed["lines"], self.statement("2024-05")["lines"])
        self.assertIn("correction.made", self.named("corrections"))
        self.verify()

    def named(self, name: str) -> str:
        query = ("audit", "query", "--name", name, "--database", f"sqlite://{self.database}")
        return self.succeed(*query).out

    def test_a_corrected_resource_moves_usage_to_another_tenant(self) -> None:
        self.write("owners.csv", OWNERS.replace("acme", "initech"))
        self.assertEqual(
            [
                (3, "reversal", "acme", "05-02T00", "-3.33", 1),
                (5, "correction", "initech", "05-02T00", "3.33", 1),
            ],
            self.corrections("2024-06"),
        )
        self.close(0, "2024-06")
        self.assertEqual([], self.corrections("2024-07"))
        self.assertEqual({"acme": "-3.33", "initech": "3.33"}, self.totals("2024-06"))

    def test_a_new_price_changes_nothing_that_is_closed(self) -> None:
        self.book.write_text(self.book.read_text().replace("0.333", "9"), encoding="utf-8")
        self.replay(("b", "RUNNING", "2024-05-03T00:00:00Z"), ("b", "DELETED", "2024-05-03T01:00:00Z"))
        self.assertEqual(
            [(3, "correction", "umbrella", "05-03T00", "0.333", None)], self.corrections("2024-06")
        )

    def test_a_retried_message_corrects_the_month_it_is_of(self) -> None:
        small = environment(DCM_BILLING_INGEST_MAX_PAYLOAD_BYTES="64")
        lines = [
            event(90, "b", "RUNNING", "2024-05-03T00:00:00Z"),
            event(91, "b", "DELETED", "2024-05-03T01:00:00Z"),
        ]
        late = self.write_lines("late.jsonl", lines)
        self.succeed("replay", late, *self.common(), env=small)
        self.assertEqual([], self.corrections("2024-06"))
        self.succeed("quarantine", "retry", "--all", *self.common())
        self.assertEqual(
            [(3, "correction", "umbrella", "05-03T00", "0.333", None)], self.corrections("2024-06")
        )

    def test_usage_before_the_first_closed_month_is_a_correction_too(self) -> None:
        self.replay(("b", "RUNNING", "2024-03-03T00:00:00Z"), ("b", "DELETED", "2024-03-03T01:00:00Z"))
        self.assertEqual(
            [(3, "correction", "umbrella", "03-03T00", "0.333", None)], self.corrections("2024-06")
        )
        refused = self.run_program("statement", "show", "2024-03", *self.common())
        self.assertEqual(2, refused.code, f"{refused}")
        self.assertIn("a correction in the earliest open month", refused.err)
        self.close(0, "2024-06")
        self.assertEqual([], self.corrections("2024-07"))


class ProcessTest(PeriodFixture):
    """Fault 83: processes that close the same month, and one that is killed while it does."""

    def setUp(self) -> None:
        super().setUp()
        self.replay(
            *(
                (f"i-{number}", status, f"2024-05-{day:02}T{hour}:00:00Z")
                for number in range(60)
                for day in range(1, 20)
                for hour, status in (("08", "RUNNING"), ("18", "ERROR"))
            )
        )

    def test_fault_83_two_processes_close_once(self) -> None:
        closing = ("period", "close", "2024-05", *self.common())
        processes = [self.start_program(*closing) for _ in range(4)]
        for process in processes:
            run = process.wait()
            self.assertEqual(0, run.code, f"{run}")
        self.assertEqual(1, len(self.records("period.closed")))
        self.assertEqual({"unassigned": "3796.2"}, self.totals("2024-05"))
        self.verify()

    def test_fault_83_killed_at_any_moment_nothing_or_all_is_there(self) -> None:
        common = tuple(map(str, self.common()))
        command = [BINARY, "period", "close", "2024-05", *common]
        for moment in range(24):
            with subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as process:
                try:
                    process.wait(timeout=0.03 * moment)
                except subprocess.TimeoutExpired:
                    process.kill()
            closed = len(self.records("period.closed"))
            self.assertIn(closed, (0, 1))
            self.assertEqual([str(closed)], sqlite(self.database, "SELECT count(*) FROM closed_period"))
            lines = sqlite(self.database, "SELECT count(*) FROM v_statement_line")
            self.assertEqual([str(1141 * closed)], lines)
        self.close(0, "2024-05")
        self.assertEqual(1, len(self.records("period.closed")))
        self.assertEqual({"unassigned": "3796.2"}, self.totals("2024-05"))
        self.verify()


if __name__ == "__main__":
    main()
