"""Rule books as their authors handle them: checked, shown, tried on their own cases and on history."""

import csv
import hashlib
import io
import json

from support import ROOT, ProductTest, main

HEAD = "version: 1\ncurrency: EUR\ntimezone: UTC\n"
BOOK = (
    HEAD
    + """rates:
  - {id: vm, meter: compute, match: {service_type: vm, state: RUNNING}, price: "0.05", unit: hour}
"""
)
# Acme pays less, and an hour that was begun counts whole.
CANDIDATE = (
    HEAD
    + """lifecycle:
  vm:
    STOPPED: {charge: RUNNING}
resources:
  - file: owners.csv
rates:
  - {id: acme, meter: compute, match: {tenant: acme}, price: "0.02", unit: hour}
  - {id: vm, meter: compute, match: {service_type: vm, state: RUNNING}, price: "0.05", unit: hour, granularity: 1h}
"""
)
OWNERS = "service_type,instance,tenant\nvm,a,acme\n"


def event(number: int, instance: str, time: str, status: str) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"e-{number}",
            "source": "dcm/providers/p",
            "type": "dcm.status.vm",
            "time": time,
            "data": {"id": instance, "status": status},
        }
    )


class RulesTest(ProductTest):
    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def test_warnings_become_errors_when_they_are_asked_for(self) -> None:
        book = self.write("book.yaml", BOOK.replace("RUNNING", "RUNING"))
        checked = self.run_program("rules", "check", book)
        self.assertEqual(0, checked.code, checked)
        lines = checked.out.splitlines()
        self.assertEqual(
            "book.yaml:5:37: warning: expected a rate that matches a state some lifecycle charges, "
            'got "vm", whose state is "RUNING"; did you mean "RUNNING"?',
            lines[-2],
        )
        # Eight states that the standard lifecycle charges, and the rate for none of them.
        self.assertEqual(9, checked.out.count(": warning: "))
        self.assertTrue(lines[-1].startswith("book is valid: 1 rate, 9 warnings, sha256:"), lines)
        strict = self.run_program("rules", "check", "--strict", book)
        self.assertEqual(1, strict.code, strict)
        self.assertEqual(9, strict.out.count(": error: "))
        self.assertEqual(0, strict.out.count(": warning: "))
        self.assertEqual(
            "book is refused: --strict makes errors of 9 warnings", strict.out.splitlines()[-1]
        )
        # Warnings keep no book from being used.
        self.assertEqual(0, self.run_program("replay", "-", "--rules", book).code)

    def test_a_tenant_or_label_that_nobody_has_is_warned_of(self) -> None:
        book = self.write("candidate.yaml", CANDIDATE)
        self.write("owners.csv", OWNERS)
        told = "expected a tenant that an entry of the resource files has"
        self.assertNotIn(told, self.succeed("rules", "check", book).out)
        self.write("candidate.yaml", CANDIDATE.replace("tenant: acme", "tenant: acne"))
        self.assertIn(
            f'candidate.yaml:10:48: warning: {told}, got "acne"; did you mean "acme"?\n',
            self.succeed("rules", "check", book).out,
        )
        self.assertEqual(1, self.run_program("rules", "check", "--strict", book).code)

    def test_what_is_shown_is_a_book_that_means_the_same(self) -> None:
        self.write("owners.csv", OWNERS)
        for path in (self.write("candidate.yaml", CANDIDATE), *self.shipped()):
            with self.subTest(book=path):
                shown = self.succeed("rules", "show", path)
                (self.folder / "owners.csv").write_text(OWNERS)
                (self.folder / "cost-centres.csv").write_text(
                    (ROOT / "rules/books/cost-centres.csv").read_text()
                )
                again = self.succeed("rules", "show", self.write("shown.yaml", shown.out))
                self.assertEqual(shown.out.splitlines()[1:], again.out.splitlines()[1:])
                whole = json.loads(self.succeed("rules", "show", path, "--format", "json").out)
                self.assertEqual(1, whole["version"])
                self.assertEqual({"charge": "RUNNING"}, whole["lifecycle"]["vm"]["RUNNING"])
        self.assertEqual(2, self.run_program("rules", "show", "--format", "csv").code)
        self.assertEqual(3, self.run_program("rules", "show", "absent.yaml").code)

    def shipped(self) -> list:
        paths = sorted((ROOT / "rules/books").glob("*.yaml"))
        self.assertGreaterEqual(len(paths), 4)
        return paths

    def test_the_books_that_ship_keep_what_their_cases_promise(self) -> None:
        for path in self.shipped():
            with self.subTest(book=path.name):
                self.succeed("rules", "check", "--strict", path)
                tried = json.loads(self.succeed("rules", "test", path, "--format", "json").out)
                self.assertEqual(0, tried["failed"])
                self.assertGreaterEqual(tried["count"], 6)

    def test_a_case_that_fails_is_told_with_its_place(self) -> None:
        # 90 minutes of 0.05 an hour are 0.075, or 0.08.
        case = """cases:
  - name: ninety minutes
    service_type: vm
    events:
      - {time: 2026-05-01T00:00:00Z, status: RUNNING}
      - {time: 2026-05-01T01:30:00Z, status: STOPPED}
    period: 2026-05
    expect: {compute: "AMOUNT"}
"""
        book = self.write("book.yaml", BOOK + case.replace("AMOUNT", "0.08"))
        self.assertEqual(
            "ok    ninety minutes\n1 case, 0 failed\n", self.succeed("rules", "test", book).out
        )
        self.write("book.yaml", BOOK + case.replace("AMOUNT", "0.07"))
        failed = self.run_program("rules", "test", book)
        self.assertEqual(1, failed.code, failed)
        self.assertEqual(
            "FAIL  ninety minutes  (book.yaml:7:5)\n"
            "  meter    expected   got\n"
            "  compute      0.07  0.08  differs, exactly 0.075\n"
            # What is stopped has no rate: 31 days less 90 minutes.
            "  unrated: 2673000 s\n"
            "1 case, 1 failed\n",
            failed.out,
        )
        self.write("book.yaml", BOOK.replace("rates", "rats"))
        self.assertEqual(3, self.run_program("rules", "test", book).code)


class SimulateTest(ProductTest):
    """a runs from 00:00 to 02:00 and is stopped until 03:00, b runs for 90 minutes, c in June."""

    def setUp(self) -> None:
        super().setUp()
        for name, text in (("book", BOOK), ("candidate", CANDIDATE)):
            (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        (self.folder / "owners.csv").write_text(OWNERS)
        events = (
            ("a", "2026-05-01T00:00:00Z", "RUNNING"),
            ("a", "2026-05-01T02:00:00Z", "STOPPED"),
            ("a", "2026-05-01T03:00:00Z", "DELETED"),
            ("b", "2026-05-01T00:00:00Z", "RUNNING"),
            ("b", "2026-05-01T01:30:00Z", "DELETED"),
            ("c", "2026-06-01T00:00:00Z", "RUNNING"),
            ("c", "2026-06-01T01:00:00Z", "DELETED"),
        )
        lines = "\n".join(event(number, *each) for number, each in enumerate(events))
        done = self.run_program("replay", "-", "--rules", "book.yaml", stdin=lines + "\n")
        self.assertEqual(0, done.code, done)

    def simulate(self, *words: object):
        common = ("--rules", "book.yaml", "--candidate", "candidate.yaml", "--period", "2026-05")
        return self.run_program("rules", "simulate", *common, *words)

    def digest(self) -> str:
        return hashlib.sha256((self.folder / "dcm-billing.db").read_bytes()).hexdigest()

    def test_history_is_priced_by_both_books_and_nothing_is_written(self) -> None:
        before = self.digest()
        done = self.simulate("--format", "csv")
        self.assertEqual(0, done.code, done)
        rows = list(csv.DictReader(io.StringIO(done.out)))
        figures = [
            [row[key] for key in ("tenant", "rate", "current_cost", "candidate_cost", "difference")]
            for row in rows
        ]
        # Now 2 h and 1.5 h of 0.05, of nobody; then 3 h of 0.02 for acme, and 2 h of 0.05.
        self.assertEqual(
            [
                ["acme", "acme", "", "0.06", "0.06"],
                ["unassigned", "vm", "0.175", "0.1", "-0.075"],
            ],
            figures,
        )
        whole = json.loads(self.simulate("--format", "json").out)
        self.assertEqual("0.175", whole["current"]["total"])
        self.assertEqual("0.16", whole["candidate"]["total"])
        self.assertEqual("-0.015", whole["difference"])
        # The candidate charges what is stopped; the present book has no rate for it.
        self.assertEqual("3600", whole["current"]["unrated_seconds"])
        self.assertEqual("0", whole["candidate"]["unrated_seconds"])
        table = self.simulate()
        self.assertEqual(0, table.code, table)
        self.assertIn("difference -0.015 EUR\n", table.out)
        self.assertEqual(2, len(self.simulate("--format", "jsonl").jsonl()))
        one = self.simulate("--format", "csv", "--tenant", "acme")
        self.assertEqual(2, len(one.out.splitlines()), one)
        self.assertEqual(before, self.digest())
        self.assertEqual(0, self.run_program("audit", "verify").code)

    def test_each_side_is_what_its_report_says(self) -> None:
        whole = json.loads(self.simulate("--format", "json").out)
        for side in ("current", "candidate"):
            book = {"current": "book.yaml", "candidate": "candidate.yaml"}[side]
            words = ("--rules", book, "--period", "2026-05", "--format", "json")
            report = json.loads(self.succeed("report", *words).out)
            self.assertEqual(report["total"], whole[side]["total"])
            self.assertEqual(report["unrated_seconds"], whole[side]["unrated_seconds"])

    def test_what_cannot_be_compared_is_told(self) -> None:
        (self.folder / "dollars.yaml").write_text(BOOK.replace("EUR", "USD"))
        (self.folder / "bad.yaml").write_text(BOOK.replace("rates", "rats"))
        for code, words in (
            (2, ()),
            (2, ("--candidate", "candidate.yaml", "--format", "html")),
            (3, ("--candidate", "absent.yaml")),
            (3, ("--candidate", "bad.yaml")),
            (3, ("--candidate", "dollars.yaml")),
            (4, ("--candidate", "candidate.yaml", "--database", "sqlite://absent.db")),
        ):
            with self.subTest(words=words):
                done = self.run_program("rules", "simulate", "--rules", "book.yaml", *words)
                self.assertEqual(code, done.code, done)
                self.assertTrue(done.err.startswith("dcm-billing: "), done)
                self.assertEqual("", done.out)


if __name__ == "__main__":
    main()
