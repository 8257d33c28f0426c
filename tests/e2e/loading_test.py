"""Tools that are not ours load cost exports, and what they sum up is what the manifests promise."""

import csv
import gzip
import json
import pathlib
import subprocess
from decimal import Decimal, localcontext

from cost_exports import BOTH_MONTHS, HOSTILE_SOURCE, TwoMonthsFixture
from postgresql import PostgreSQL
from support import ROOT, main

FOCUS_TABLE = (ROOT / "docs/examples/focus.sql").read_text()

Totals = dict[str, tuple[int, Decimal]]
TENANT = {"finance": "BillingAccountId", "packed": "BillingAccountId", "lines": "tenant"}
COST = {"finance": "BilledCost", "packed": "BilledCost", "lines": "cost"}


def totals_of(rows: list[dict]) -> Totals:
    """Rows of `tenant`, `rows` and `total` as a tool answered them."""
    return {row["tenant"]: (int(row["rows"]), Decimal(row["total"])) for row in rows}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class PythonTest(TwoMonthsFixture):
    def rows(self, name: str, period: str) -> list[dict[str, str]]:
        path = self.part(name, period)
        read = gzip.open if path.suffix == ".gz" else open
        with read(path, "rt", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, strict=True))

    def test_csv_sums_up_to_the_control_totals(self) -> None:
        for name, tenant in TENANT.items():
            for period in BOTH_MONTHS:
                found: Totals = {}
                with localcontext() as context:
                    context.prec = 60
                    for row in self.rows(name, period):
                        rows, total = found.get(row[tenant], (0, Decimal()))
                        found[row[tenant]] = (rows + 1, total + Decimal(row[COST[name]]))
                self.assertEqual(self.promised(name, period), found, f"{name} {period}")

    def test_texts_come_back_as_they_were_and_gzip_holds_the_same(self) -> None:
        rows = self.rows("finance", "2026-04")
        self.assertEqual(self.rows("packed", "2026-04"), rows)
        self.assertIn('Müller, "Söhne" & Co', {row["BillingAccountId"] for row in rows})
        # A column of ours, so that a spreadsheet does not compute it.
        self.assertIn("'" + HOSTILE_SOURCE, {row["x_Provider"] for row in rows})
        self.assertEqual({"", "Correction"}, {row["ChargeClass"] for row in rows})

    def test_lines_and_json_lines_say_the_same(self) -> None:
        for period in BOTH_MONTHS:
            objects = [
                {name: "" if value is None else str(value) for name, value in line.items()}
                for line in map(json.loads, unpacked(self.part("json", period)).splitlines())
            ]
            safe = [
                {
                    name: ("'" if value.startswith("=") else "") + value
                    for name, value in line.items()
                }
                for line in objects
            ]
            self.assertEqual(self.rows("lines", period), safe)


def unpacked(path: pathlib.Path) -> str:
    return subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout.decode()


class SqliteTest(TwoMonthsFixture):
    def load(self, name: str, period: str) -> list[dict]:
        """Imports a part into a new table, all texts, and sums with the shell's own decimals."""
        tenant, cost = quoted(TENANT[name]), quoted(COST[name])
        script = (
            f".import --csv '{self.part(name, period)}' costs\n.mode json\n"
            f"SELECT {tenant} AS tenant, count(*) AS rows, decimal_sum({cost}) AS total"
            f" FROM costs GROUP BY 1;\n"
        )
        loaded = subprocess.run(
            ["sqlite3", ":memory:"], input=script, capture_output=True, check=True, text=True
        )
        self.assertEqual("", loaded.stderr)
        return json.loads(loaded.stdout)

    def test_import_sums_up_to_the_control_totals(self) -> None:
        for name in ("finance", "lines"):
            for period in BOTH_MONTHS:
                found = totals_of(self.load(name, period))
                self.assertEqual(self.promised(name, period), found, f"{name} {period}")


class PostgresqlTest(TwoMonthsFixture):
    def setUp(self) -> None:
        super().setUp()
        self.server = PostgreSQL()
        self.addCleanup(self.server.stop)
        self.server.start()

    def copy(self, name: str, table: str, period: str) -> None:
        part = self.part(name, period)
        source = f"PROGRAM 'gzip -dc {part}'" if part.suffix == ".gz" else f"'{part}'"
        self.server.execute(f"\\copy {table} FROM {source} (FORMAT csv, HEADER MATCH)\n")

    def totals(self, table: str, tenant: str, cost: str) -> Totals:
        return totals_of(
            self.server.rows(
                f"SELECT {quoted(tenant)} AS tenant, count(*) AS rows,"
                f" sum({quoted(cost)})::text AS total FROM {table} GROUP BY 1"
            )
        )

    def test_copy_of_focus_sums_up_to_the_control_totals(self) -> None:
        for name in ("finance", "packed"):
            self.server.execute(FOCUS_TABLE)
            for period in BOTH_MONTHS:
                self.copy(name, "focus", period)
                of_month = f"(SELECT * FROM focus WHERE \"InvoiceId\" LIKE '{period}/%') AS month"
                found = self.totals(of_month, "BillingAccountId", "BilledCost")
                self.assertEqual(self.promised(name, period), found, f"{name} {period}")
            self.assert_exact_products()
            self.server.execute("DROP TABLE focus;\n")

    def assert_exact_products(self) -> None:
        """Judged by another arithmetic than ours, over both months."""
        [found] = self.server.rows(
            'SELECT count(*) FILTER (WHERE "ListUnitPrice" * "PricingQuantity" = "ListCost") AS exact,'
            """ count(*) FILTER (WHERE "ChargeCategory" = 'Usage') AS usage,"""
            ' count("ChargeClass") AS corrections, count(*) AS rows FROM focus'
        )
        self.assertEqual(found["exact"], found["usage"])
        self.assertEqual(2, found["corrections"], "a reversal and what is right")
        statements = sum(len(self.promised("finance", period)) for period in BOTH_MONTHS)
        self.assertEqual(statements, found["rows"] - found["usage"], "a rounding for each")

    def test_copy_of_lines_sums_up_to_the_control_totals(self) -> None:
        columns = self.manifest("lines", BOTH_MONTHS[0])["columns"]
        typed = ", ".join(f"{quoted(c)} {'numeric' if c == 'cost' else 'text'}" for c in columns)
        for period in BOTH_MONTHS:
            self.server.execute(f"CREATE TABLE lines ({typed});\n")
            self.copy("lines", "lines", period)
            self.assertEqual(self.promised("lines", period), self.totals("lines", "tenant", "cost"))
            self.server.execute("DROP TABLE lines;\n")

    def test_copy_of_json_lines_sums_up_to_the_control_totals(self) -> None:
        for period in BOTH_MONTHS:
            # Marks that no JSON has: each line is one value.
            self.server.execute(
                "CREATE TABLE json (line jsonb);\n"
                f"\\copy json FROM PROGRAM 'zstd -dc {self.part('json', period)}'"
                " (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')\n"
                "CREATE TABLE lines AS SELECT line->>'tenant' AS tenant,"
                " (line->>'cost')::numeric AS cost FROM json;\n"
            )
            self.assertEqual(self.promised("json", period), self.totals("lines", "tenant", "cost"))
            self.server.execute("DROP TABLE json, lines;\n")


if __name__ == "__main__":
    main()
