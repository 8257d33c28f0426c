"""DuckDB loads cost exports, and what it sums up is what the manifests promise.

Debian has no DuckDB: `scripts/dev test` fetches the npm package into build/duckdb where node and npm are.
Where it is not, the tests say so and are skipped.
"""

import json
import os
import pathlib
import shutil
import subprocess
from decimal import Decimal

from cost_exports import BOTH_MONTHS, HOSTILE_SOURCE, TwoMonthsFixture
from support import ROOT, main

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = pathlib.Path(os.environ.get("DCM_DUCKDB_DIR", ROOT / "build/duckdb"))
# Of 38 digits in all; exact for these amounts.
AMOUNT = "DECIMAL(38, 24)"


class DuckdbTest(TwoMonthsFixture):
    def setUp(self) -> None:
        node = shutil.which("node")
        if node is None:
            self.skipTest("node is not installed")
        if not (PACKAGE / "node_modules/@duckdb/node-api").is_dir():
            self.skipTest(f"@duckdb/node-api is not installed in {PACKAGE}")
        super().setUp()
        self.node = node

    def answer(self, statement: str) -> list[dict]:
        done = subprocess.run(
            [self.node, HERE / "duckdb/answer.cjs", PACKAGE],
            input=statement,
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
        )
        self.assertEqual((0, ""), (done.returncode, done.stderr), statement)
        return json.loads(done.stdout)

    def partitions(self, name: str) -> str:
        """The files of all months, as loaders of partitioned tables name them."""
        return f"{self.folder}/out/{name}/data/*/{self.files[name]}"

    def assert_totals(self, name: str, source: str, tenant: str, cost: str) -> None:
        found = self.answer(
            f'SELECT BILLING_PERIOD AS month, "{tenant}" AS tenant, count(*)::INTEGER AS rows,'
            f' sum("{cost}"::{AMOUNT})::VARCHAR AS total FROM {source} GROUP BY ALL'
        )
        for period in BOTH_MONTHS:
            of_month = {
                row["tenant"]: (row["rows"], Decimal(row["total"]))
                for row in found
                if row["month"] == period
            }
            self.assertEqual(self.promised(name, period), of_month, f"{name} {period}")

    def test_csv_of_all_months_sums_up_to_the_control_totals(self) -> None:
        for name in ("finance", "packed", "lines"):
            source = (
                f"read_csv('{self.partitions(name)}', all_varchar = true, hive_partitioning = true,"
                " hive_types_autocast = false)"
            )
            columns = ("tenant", "cost") if name == "lines" else ("BillingAccountId", "BilledCost")
            self.assert_totals(name, source, *columns)

    def test_json_lines_sum_up_to_the_control_totals(self) -> None:
        source = (
            f"read_json('{self.partitions('json')}', format = 'newline_delimited',"
            " columns = {tenant: 'VARCHAR', cost: 'VARCHAR'}, hive_partitioning = true,"
            " hive_types_autocast = false)"
        )
        self.assert_totals("json", source, "tenant", "cost")

    def test_types_are_found_and_texts_come_back_as_they_were(self) -> None:
        source = f"read_csv('{self.partitions('finance')}')"
        types = {row["column_name"]: row["column_type"] for row in self.answer(f"DESCRIBE FROM {source}")}
        self.assertEqual("TIMESTAMP", types["ChargePeriodStart"].removesuffix(" WITH TIME ZONE"))
        self.assertEqual("BIGINT", types["x_Line"])
        found = self.answer(f"SELECT DISTINCT BillingAccountId AS a, x_Provider AS p FROM {source}")
        self.assertIn('Müller, "Söhne" & Co', {row["a"] for row in found})
        self.assertIn("'" + HOSTILE_SOURCE, {row["p"] for row in found})


if __name__ == "__main__":
    main()
