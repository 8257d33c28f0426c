"""`report --compare`: two months beside each other, each as its own report has it."""

import csv
import io
import json
from decimal import ROUND_HALF_UP, Decimal

from periods import BOOK, OWNERS, PeriodFixture
from support import main


class CompareTest(PeriodFixture):
    def setUp(self) -> None:
        super().setUp()
        self.replay(
            ("a", "RUNNING", "2024-05-02T00:00:00Z"),
            ("a", "ERROR", "2024-05-02T03:00:00Z"),
            ("b", "RUNNING", "2024-05-31T20:00:00Z"),
            ("b", "DELETED", "2024-06-01T06:00:00Z"),
            ("c", "RUNNING", "2024-06-02T00:00:00Z"),
            ("c", "PAUSED", "2024-06-02T01:00:00Z"),
            ("c", "DELETED", "2024-06-02T01:30:00Z"),
        )

    def compare(self, *words: object) -> str:
        months = ("report", "--period", "2024-06", "--compare", "2024-05")
        return self.succeed(*months, *words, *self.common()).out

    def alone(self, month: str, *words: object) -> dict:
        words = ("report", "--period", month, "--format", "json", *words, *self.common())
        return json.loads(self.succeed(*words).out)

    def test_each_side_is_what_its_own_report_says(self) -> None:
        fixed = ("--group-by", "tenant,instance", "--as-of", "2024-08-01")
        told = json.loads(self.compare("--format", "json", *fixed))
        june, may = self.alone("2024-06", *fixed), self.alone("2024-05", *fixed)
        self.assert_members({k: v for k, v in june.items() if k != "lines"}, told)
        sums = ("unrated_seconds", "total", "total_rounded")
        self.assert_members({k: may[k] for k in ("from", "to", *sums)}, told["compared"])
        amounts = ("usage_seconds", "billed_seconds", "cost")
        of = {
            month["from"]: {(x["tenant"], x["instance"]): x for x in month["lines"]}
            for month in (june, may)
        }
        keys = [(line["tenant"], line["instance"]) for line in told["lines"]]
        self.assertEqual([("acme", "a"), ("umbrella", "b"), ("unassigned", "c")], keys)
        nothing = dict.fromkeys(amounts, "0")
        for key, line in zip(keys, told["lines"], strict=True):
            with self.subTest(key=key):
                here, there = (of[month["from"]].get(key, nothing) for month in (june, may))
                self.assert_members({name: here[name] for name in amounts}, line)
                self.assert_members({name: there[name] for name in amounts}, line["compared"])
                self.check_difference(here["cost"], there["cost"], line)
        self.check_difference(june["total"], may["total"], told)

    def check_difference(self, cost: str, other: str, told: dict) -> None:
        difference = Decimal(cost) - Decimal(other)
        self.assertEqual(difference, Decimal(told["difference"]))
        if Decimal(other) == 0:
            self.assertIsNone(told["percent"])
        else:
            percent = 100 * difference / abs(Decimal(other))
            rounded = percent.quantize(Decimal("0.01"), ROUND_HALF_UP)
            self.assertEqual(rounded, Decimal(told["percent"]))

    def test_the_table_has_the_months_side_by_side_and_fits(self) -> None:
        table = self.compare("--group-by", "tenant", "--as-of", "2024-08-01")
        self.assertEqual(
            [
                "tenant      2024-05  2024-06  difference  percent  currency",
                "acme          0.999        0      -0.999     -100  EUR",
                "umbrella      1.332    1.998       0.666       50  EUR",
                "unassigned        0    0.333       0.333           EUR",
                "",
                "total    2.331 EUR, rounded 2.33",
                "2024-05  2.331 EUR, rounded 2.33",
                "differs  0 EUR, 0 %",
                "unrated  1800 s; in 2024-05 0 s",
                "against  2024-05-01T00:00:00Z to 2024-06-01T00:00:00Z",
                "from     2024-06-01T00:00:00Z to 2024-07-01T00:00:00Z, days in UTC",
                "as of    2024-08-01T00:00:00Z",
            ],
            table.splitlines()[:12],
        )

    def assert_fits(self, width: int, *words: object) -> None:
        """No line is wider, but for one that is one word behind its name: a digest is not broken."""
        with self.subTest(width=width, words=words):
            lines = self.on_terminal(width, *words).splitlines()
            self.assertGreater(len(lines), 4)
            self.assertEqual([], [x for x in lines if len(x) > width and len(x.split()) > 2])

    def test_tables_fit_a_terminal(self) -> None:
        for words in (
            ("report", "--period", "2024-06", "--compare", "2024-05", "--group-by", "tenant,rate"),
            ("report", "--period", "2024-06", "--group-by", "tenant,provider,instance,rate,state"),
            ("report", "doubtful", "--period", "2024-06"),
            ("statement", "show", "2024-06"),
            ("period", "list"),
        ):
            self.assert_fits(80, *words)

    def test_what_is_told_of_closed_months_fits_a_terminal(self) -> None:
        book = BOOK.format(currency="EUR", timezone="America/Argentina/ComodRivadavia")
        self.book.write_text(book, encoding="utf-8")
        self.write("owners.csv", OWNERS.replace("acme", "a tenant with quite a long name"))
        self.close(0, "2024-05")
        for width in (80, 60):
            for words in (
                ("report", "--period", "2024-05", "--tenant", "a tenant with quite a long name"),
                ("report", "--period", "2024-06", "--compare", "2024-05", "--group-by", "tenant"),
                ("report", "unrated", "--period", "2024-06"),
                ("statement", "show", "2024-05"),
                ("statement", "explain", "1"),
            ):
                self.assert_fits(width, *words)
        told = self.on_terminal(80, "statement", "explain", "1")
        self.assertIn(max(map(len, told.splitlines())), range(70, 81))

    def test_csv_and_json_lines_have_the_same_members(self) -> None:
        rows = list(csv.DictReader(io.StringIO(self.compare("--format", "csv"))))
        lines = [
            json.loads(line) for line in self.compare("--format", "jsonl").splitlines() if line
        ]
        self.assertEqual([{k: v or "" for k, v in line.items()} for line in lines], rows)
        self.assertEqual(["vm"], [row["service_type"] for row in rows])

    def test_the_page_compares_too(self) -> None:
        page = self.compare("--format", "html")
        self.assertIn("<title>Cost report 2024-06</title>", page)
        self.assertIn(">2024-05 in EUR</th>", page)
        self.assertIn(">-0.999</td>", page)
        self.assertIn("in 2024-05 2.33 EUR; the difference is exactly 0 EUR, 0 %", page)

    def test_filters_choose_on_both_sides(self) -> None:
        told = json.loads(self.compare("--format", "json", "--tenant", "umbrella"))
        self.assertEqual(("1.998", "1.332"), (told["total"], told["compared"]["total"]))

    def test_what_cannot_be_compared_is_refused(self) -> None:
        month = ("--period", "2024-06")
        for words, expected in (
            (("--compare", "2024-05"), "--period"),
            (("--from", "2024-06-01", "--compare", "2024-05"), "--period"),
            ((*month, "--compare", "2024-5"), "expected --compare as a month"),
            ((*month, "--compare", "2024-05", "--group-by", "tenant,day"), "got day"),
            ((*month, "--compare", "2024-05", "--group-by", "month"), "got month"),
            (("unrated", *month, "--compare", "2024-05"), "got report unrated"),
        ):
            with self.subTest(words=words):
                run = self.run_program("report", *words, *self.common())
                self.assertEqual(2, run.code, f"{run}")
                self.assertIn(expected, run.err)
                self.assertEqual("", run.out)


if __name__ == "__main__":
    main()
