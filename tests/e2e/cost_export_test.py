"""`export`: what is written for finance sums up, is checked, recorded and refused."""

import base64
import hashlib
import json
import shutil
from decimal import Decimal

from cost_exports import CONFIG, PERIOD, ExportFixture, event, rows_of, sums
from support import main, sqlite


class ExportTest(ExportFixture):
    def test_the_sum_of_the_rows_is_the_rounded_total_of_the_report(self) -> None:
        self.export_finance()
        found = sums(rows_of(self.data_file("finance", "csv")), "BillingAccountId", "BilledCost")
        self.assertEqual({"acme", "globex"}, set(found))
        for tenant, total in found.items():
            report = self.succeed(
                "report", "--period", PERIOD, "--tenant", tenant, "--format", "json"
            )
            self.assertEqual(Decimal(json.loads(report.out)["total_rounded"]), total, tenant)
        manifest = self.manifest("finance")
        self.assertEqual(
            found, {total["tenant"]: Decimal(total["total"]) for total in manifest["totals"]}
        )
        self.assertEqual(sum(found.values()), Decimal(manifest["total"]))

    def test_price_times_quantity_is_cost_to_the_last_digit(self) -> None:
        self.export_finance()
        usage = [r for r in rows_of(self.data_file("finance", "csv")) if r["ChargeCategory"] == "Usage"]
        self.assertEqual(3, len(usage))
        for row in usage:
            product = Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"])
            self.assertEqual(Decimal(row["ListCost"]), product)
            self.assertEqual(row["ListCost"], row["BilledCost"])

    def test_manifest_hash_and_record_agree_and_a_second_run_touches_nothing(self) -> None:
        run = self.export_finance()
        self.assertIn(f"finance {PERIOD} open: ", run.out)
        data = self.data_file("finance", "csv").read_bytes()
        manifest = self.manifest("finance")
        self.assertEqual(hashlib.sha256(data).hexdigest(), manifest["files"][0]["sha256"])
        self.assertEqual(len(data), manifest["files"][0]["bytes"])
        [record] = self.records()
        body = json.loads(record["body"])
        text = self.manifest_file("finance").read_bytes()
        self.assertEqual(f"finance/{PERIOD}", record["subject"])
        self.assertEqual(hashlib.sha256(text).hexdigest(), body["manifest_sha256"])
        self.assertEqual(manifest["files"][0]["sha256"], body["files"][0]["sha256"])
        again = self.export_finance()
        self.assertIn("unchanged", again.out)
        self.assertEqual(text, self.manifest_file("finance").read_bytes())
        self.assertEqual(1, len(self.records()))
        self.succeed("audit", "verify")

    def test_the_checkpoint_in_the_manifest_proves_the_log(self) -> None:
        self.export_finance()
        manifest = self.manifest("finance")
        note = self.write("export.note", manifest["checkpoint"])
        size = int(manifest["checkpoint"].splitlines()[1])
        self.assertGreaterEqual(size, manifest["log"]["size"])
        self.assertEqual(32, len(base64.b64decode(manifest["log"]["root"])))
        self.succeed("audit", "verify", "--trusted-note", note)

    def test_a_run_that_was_not_recorded_is_recorded_by_the_next(self) -> None:
        self.export_finance()
        sqlite(self.database, "DELETE FROM export_period", read_only=False)
        self.assertIn("unchanged", self.export_finance().out)
        self.assertEqual(2, len(self.records()))
        self.export_finance()
        self.assertEqual(2, len(self.records()))

    def test_every_open_month_is_written_and_old_ones_go(self) -> None:
        self.succeed("export", "run", "json")
        months = sorted(p.name for p in (self.folder / "out/json/metadata").iterdir())
        self.assertEqual(2, len(months))
        self.assertNotIn(f"BILLING_PERIOD={PERIOD}", months)
        self.succeed("export", "validate", "out/json")

    def test_an_old_month_that_was_asked_for_stays_until_the_next_run_of_all(self) -> None:
        self.succeed("export", "run", "json")
        self.succeed("export", "run", "json", "--period", PERIOD)
        self.assertTrue(self.manifest_file("json").exists())
        self.assertEqual(3, self.listed("json")["periods"])
        self.succeed("export", "run", "json")
        self.assertFalse(self.manifest_file("json").exists())
        self.assertEqual(2, self.listed("json")["periods"])

    def test_what_is_published_no_more_is_not_listed(self) -> None:
        """Where a process was killed between removing a month and forgetting it."""
        self.succeed("export", "run", "json")
        sqlite(
            self.database,
            "INSERT INTO export_period SELECT name, '2025-01', state, manifest_sha256, rows, bytes, record"
            " FROM export_period WHERE name = 'json' LIMIT 1",
            read_only=False,
        )
        self.assertEqual(3, self.listed("json")["periods"])
        self.succeed("export", "run", "json")
        self.assertEqual(2, self.listed("json")["periods"])

    def test_a_closed_month_is_written_once_and_supersedes_the_open_one(self) -> None:
        self.export_finance()
        before = hashlib.sha256(self.manifest_file("finance").read_bytes()).hexdigest()
        self.close()
        self.succeed("export", "run", "finance")
        manifest = self.manifest("finance")
        self.assertEqual("closed", manifest["state"])
        self.assertEqual(before, manifest["supersedes"]["manifest_sha256"])
        rows = rows_of(self.data_file("finance", "csv"))
        self.assertEqual({f"{PERIOD}/acme", f"{PERIOD}/globex"}, {r["InvoiceId"] for r in rows})
        statement = self.succeed("statement", "show", PERIOD, "--format", "json")
        totals = {
            s["tenant"]: Decimal(s["total_rounded"]) for s in json.loads(statement.out)["statements"]
        }
        self.assertEqual(totals, sums(rows, "BillingAccountId", "BilledCost"))
        self.succeed("export", "run", "lines")
        self.assertEqual(totals, sums(rows_of(self.data_file("lines", "csv")), "tenant", "cost"))
        run = self.succeed("export", "run", "lines")
        self.assertIn("nothing to export", run.out)
        self.succeed("export", "validate", "out")

    def test_a_late_event_becomes_corrections_in_the_next_month(self) -> None:
        self.close()
        late = event(7, "vm", "web-1", "STOPPED", "2026-03-01T11:00:00Z")
        self.succeed("replay", self.write_lines("late.jsonl", [late]))
        self.succeed("export", "run", "finance", "--period", "2026-04")
        rows = rows_of(self.data_file("finance", "csv", "2026-04"))
        corrections = [row for row in rows if row["ChargeClass"] == "Correction"]
        self.assertEqual({"vm/web-1"}, {row["ResourceId"] for row in corrections})
        self.assertEqual(
            {"2026-03-01T10:00:00Z"}, {row["ChargePeriodStart"] for row in corrections}
        )
        total = sum(Decimal(row["BilledCost"]) for row in corrections)
        self.assertEqual(Decimal("-0.4995"), total)
        self.succeed("export", "validate", "out/finance")

    def test_a_closed_month_that_somebody_changed_or_removed_is_written_again(self) -> None:
        self.close()
        self.close("2026-04")
        self.succeed("export", "run", "lines")
        files = [self.data_file("lines", "csv", month) for month in (PERIOD, "2026-04")]
        before = [path.read_bytes() for path in files]
        for damage in ("length", "content", "manifest"):
            with self.subTest(damage):
                if damage == "length":
                    files[0].write_bytes(before[0] + b"x")
                    files[1].unlink()
                elif damage == "content":
                    files[0].write_bytes(before[0].replace(b"1", b"2"))
                    files[1].write_bytes(before[1])  # later, and the same
                else:
                    manifest = self.manifest_file("lines")
                    manifest.write_text(manifest.read_text().replace("EUR", "USD"))
                run = self.succeed("export", "run", "lines")
                self.assertIn(f"lines {PERIOD} closed: ", run.out)
                self.assertEqual(damage == "length", "lines 2026-04 closed: " in run.out)
                self.succeed("export", "validate", "out/lines")
                self.assertEqual(before, [path.read_bytes() for path in files])
                self.assertIn("nothing to export", self.succeed("export", "run", "lines").out)

    def test_a_closed_month_is_written_again_with_the_issuer_of_when_it_was_closed(self) -> None:
        self.close()
        self.export_finance()
        before = self.data_file("finance", "csv").read_bytes()
        self.assertIn(b"Example Cloud", before)
        book = self.folder / "book.yaml"
        book.write_text(book.read_text().replace("Example Cloud", "Another Cloud"))
        self.assertIn("unchanged", self.export_finance().out)
        self.data_file("finance", "csv").unlink()
        self.export_finance()
        self.assertEqual(before, self.data_file("finance", "csv").read_bytes())
        self.succeed("export", "run", "finance", "--period", "2026-04")
        self.assertIn(b"Another Cloud", self.data_file("finance", "csv", "2026-04").read_bytes())

    def test_a_rate_with_a_negative_price_is_exported_in_every_format(self) -> None:
        book = self.folder / "book.yaml"
        credit = 'price: "-0.333", allow_negative: true'
        book.write_text(book.read_text().replace('price: "0.333"', credit, 1))
        for name in ("finance", "lines", "json"):
            self.succeed("export", "run", name, "--period", PERIOD)
        self.succeed("export", "validate", "out")
        found = sums(rows_of(self.data_file("finance", "csv")), "BillingAccountId", "BilledCost")
        totals = {total["tenant"]: Decimal(total["total"]) for total in self.manifest("finance")["totals"]}
        self.assertEqual(totals, found)
        self.assertLess(found["globex"], 0)

    def test_another_format_is_that_of_closed_months_too(self) -> None:
        self.close()
        self.succeed("export", "run", "lines")
        config = self.folder / "dcm-billing.yaml"
        config.write_text(config.read_text().replace("format: lines, compression: none", "format: focus"))
        run = self.succeed("export", "run", "lines")
        self.assertIn(f"lines {PERIOD} closed: ", run.out)
        parts = sorted(path.name for path in (self.folder / "out/lines/data").glob("*/*"))
        self.assertEqual(["part-00001.csv.gz"], parts)
        manifest = self.manifest("lines")
        self.assertEqual(("focus", "closed"), (manifest["format"], manifest["supersedes"]["state"]))
        self.succeed("export", "validate", "out/lines")
        self.assertIn("nothing to export", self.succeed("export", "run", "lines").out)

    def test_a_closed_month_that_was_published_and_not_recorded_is_recorded(self) -> None:
        self.close()
        self.succeed("export", "run", "lines")
        sqlite(self.database, "DELETE FROM export_period", read_only=False)
        self.assertIn("unchanged", self.succeed("export", "run", "lines").out)
        self.assertEqual(2, len(self.records()))
        self.assertIn("nothing to export", self.succeed("export", "run", "lines").out)

    def test_another_database_of_the_same_destination_is_refused_and_removes_nothing(self) -> None:
        self.close()
        self.succeed("export", "run", "finance")
        out = self.folder / "out"
        before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
        other = CONFIG.replace("billing.db", "other.db").replace('02:30"}', '02:30", keep: 1}')
        self.write("other.yaml", other)
        later = [event(20, "vm", "web-1", "RUNNING", "2026-11-01T00:00:00Z")]
        later += [event(21, "vm", "web-1", "DELETED", "2026-11-02T00:00:00Z")]
        self.succeed("replay", "--config", "other.yaml", self.write_lines("later.jsonl", later))
        for words in (("--due",), ("finance",), ("finance", "--period", "2026-11")):
            with self.subTest(words):
                run = self.run_program("export", "run", "--config", "other.yaml", *words)
                self.assertEqual(1, run.code, f"{run}")
                self.assertIn(f"out/finance, found {PERIOD} of the log ", run.err)
                self.assertEqual(1, len(run.err.splitlines()), f"{run}")
        after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
        self.assertEqual(before, after)
        self.succeed("export", "run", "finance")

    def test_an_empty_month_has_a_header_and_zero_totals(self) -> None:
        self.succeed("export", "run", "finance", "--period", "2026-02")
        lines = self.data_file("finance", "csv", "2026-02").read_bytes().splitlines()
        self.assertEqual(1, len(lines))
        manifest = self.manifest("finance", "2026-02")
        self.assertEqual((0, "0", []), (manifest["rows"], manifest["total"], manifest["totals"]))


class OlderCopyTest(ExportFixture):
    """The database is an older copy: refused, until the log goes on from it under another name."""

    def setUp(self) -> None:
        super().setUp()
        self.succeed("backup", "copy.db")
        later = [event(30, "vm", "web-1", "RUNNING", "2026-04-03T00:00:00Z")]
        self.succeed("replay", self.write_lines("later.jsonl", later))

    def roll_back(self) -> None:
        for left_over in self.folder.glob("billing.db-*"):
            left_over.unlink()
        shutil.copy(self.folder / "copy.db", self.database)

    def log_of(self, name: str, period: str = PERIOD) -> str:
        return self.manifest(name, period)["checkpoint"].splitlines()[0]

    def test_exports_go_on_in_the_same_folder_after_a_fork(self) -> None:
        self.succeed("export", "run", "finance")
        self.succeed("export", "run", "json", "--period", PERIOD)
        self.close()
        for name in ("finance", "lines"):
            self.succeed("export", "run", name)
        former = self.log_of("lines")
        self.roll_back()
        self.succeed("audit", "fork", "--from-backup", "--reason", "x")
        run = self.succeed("export", "run", "finance")
        self.assertIn(f"finance {PERIOD} open: ", run.out)
        self.assertEqual("closed", self.manifest("finance")["supersedes"]["state"])
        present = self.log_of("finance")
        self.assertNotEqual(former, present)
        self.assertEqual(present, self.log_of("finance", "2026-04"))
        self.succeed("export", "run", "json")
        self.assertFalse(self.manifest_file("json").exists(), "what is beyond keep goes")
        self.assertIn("nothing to export", self.succeed("export", "run", "lines").out)
        self.close()
        self.assertIn(f"lines {PERIOD} closed: ", self.succeed("export", "run", "lines").out)
        self.assertEqual(present, self.log_of("lines"))
        self.assertIn("nothing to export", self.succeed("export", "run", "lines").out)
        self.succeed("export", "validate", "out")
        self.succeed("audit", "verify")

    def test_a_database_that_was_rolled_back_is_told_once_and_not_written_to(self) -> None:
        self.roll_back()
        for words in (("finance",), ("--due",), ("finance", "--period", PERIOD)):
            with self.subTest(words):
                run = self.run_program("export", "run", *words)
                self.assertEqual(5, run.code, f"{run}")
                self.assertEqual(1, run.err.count("it was rolled back"), f"{run}")
                self.assertEqual("", run.out)
        self.assertFalse(list((self.folder / "out").rglob("*.*")))
        self.assert_members({"state": "never", "failures": 0}, self.listed())


class UsageTest(ExportFixture):
    def test_a_month_without_a_statement_is_refused_and_leaves_nothing(self) -> None:
        self.close()
        for month, told in (
            ("2026-02", f"expected a month from {PERIOD} on, the first that was closed, got 2026-02"),
            ("9998-12", "expected a month that has begun, got 9998-12, which begins at 9998-11-30T23:00:00Z"),
        ):
            for words in (("export", "run", "finance", "--period", month), ("statement", "show", month)):
                with self.subTest(words):
                    run = self.run_program(*words)
                    self.assertEqual(2, run.code, f"{run}")
                    self.assertIn(told, run.err)
        self.assertEqual([], self.records())
        self.assertFalse((self.folder / "out").exists())
        self.assert_members({"state": "never", "failures": 0}, self.listed())

    def test_errors_say_what_was_expected(self) -> None:
        for words, code, told in (
            (("run", "finanse"), 2, "did you mean finance?"),
            (("run",), 2, "expected the name of an export, or --due"),
            (("run", "finance", "--due"), 2, "expected the name of an export, or --due"),
            (("run", "finance", "--period", "May"), 2, "expected a billing month"),
            (("run", "finance", "--database", "sqlite://none.db"), 4, "found none"),
        ):
            with self.subTest(words):
                run = self.run_program("export", *words)
                self.assertEqual(code, run.code, f"{run}")
                self.assertIn(told, run.err)

    def test_a_faulty_configuration_is_told_at_once_with_the_nearest_word(self) -> None:
        self.write(
            "dcm-billing.yaml",
            "exports:\n"
            "  - {name: a, format: fokus, destination: out}\n"
            "  - {name: b, compression: gzp, destination: out}\n"
            "  - {name: c, schedule: dayly at 02:30, destination: out}\n"
            "  - {name: d, periods: [opened], destination: out}\n"
            "  - {name: ../e, destination: out}\n"
            "  - {name: f}\n"
            "  - {name: g, destination: out, kepp: 3}\n"
            "  - {name: h, destination: out, keep: 0}\n",
        )
        run = self.run_program("config", "check")
        self.assertEqual(3, run.code)
        for told in (
            "dcm-billing.yaml:2",
            'did you mean "focus"?',
            'did you mean "gzip"?',
            "did you mean daily?",
            'did you mean "open"?',
            "because it names a folder",
            'expected a destination for the export "f"',
            'did you mean "keep"?',
            "expected a number of periods from 1 to 1200 for keep",
        ):
            self.assertIn(told, run.err)


if __name__ == "__main__":
    main()
