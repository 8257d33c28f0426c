#!/usr/bin/env python3
"""The table of rules that is compiled in is what the specification's own model gives."""

import csv
import json
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPECIFICATION = ROOT.parent / "shared/spec/focus"
MODEL = SPECIFICATION / "model-1.2.json"
TABLE = ROOT / "focus/rules_1_2.txt"
GOLDEN = ROOT / "tests/golden/focus-1.2.csv"


class ModelTest(unittest.TestCase):
    def test_the_table_is_made_from_the_model(self) -> None:
        self.assertTrue(MODEL.is_file(), f"expected the requirements model at {MODEL}, found none")
        made = subprocess.run(
            [sys.executable, "-B", ROOT / "scripts/focus_rules.py", MODEL],
            capture_output=True,
            check=True,
        )
        self.assertEqual(TABLE.read_bytes(), made.stdout)

    def test_no_rule_that_can_be_executed_is_lost(self) -> None:
        """Counted by another path: all static rules that are no composites and no permissions."""
        rules = json.loads(MODEL.read_text())["ModelRules"]
        listed = {line.split(" ; ")[0] for line in TABLE.read_text().splitlines() if line[0] != "#"}
        for name, rule in rules.items():
            criteria = rule["ValidationCriteria"]
            requirement = criteria["Requirement"]
            is_composite = any("ModelRuleId" in item for item in requirement.get("Items", []))
            if name in listed or is_composite or not requirement or criteria["Keyword"] == "MAY":
                continue
            self.assertIn(name, NOT_REACHED, "in the model, not in the table")

    def test_the_file_has_the_mandatory_columns_in_order(self) -> None:
        columns = SPECIFICATION / "columns.csv"
        self.assertTrue(columns.is_file(), f"expected the table of columns at {columns}, found none")
        with columns.open(newline="") as file:
            levels = {
                row["name"]: row["feature_level_1.2"]
                for row in csv.DictReader(file)
                if row["dataset"] == "CostAndUsage"
            }
        with GOLDEN.open(newline="") as file:
            header = next(csv.reader(file))
        ours = [name for name in header if name.startswith("x_")]
        theirs = header[: len(header) - len(ours)]
        self.assertEqual(header, sorted(theirs) + sorted(ours))
        self.assertEqual([], [name for name in theirs if levels.get(name, "-") == "-"])
        mandatory = {name for name, level in levels.items() if level == "Mandatory"}
        self.assertEqual(set(), mandatory - set(theirs))


# The condition of the first two is the opposite of their text; the others are the alternatives of one
# rule of the table.
NOT_REACHED = {
    "CommitmentDiscountStatus-C-003-C",
    "CommitmentDiscountStatus-C-004-C",
    "InvoiceId-C-004-C",
    "InvoiceId-C-005-C",
    "SubAccountType-C-004-C",
    "SubAccountType-C-005-C",
}


if __name__ == "__main__":
    unittest.main()
