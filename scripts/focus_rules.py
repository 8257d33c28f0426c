#!/usr/bin/env python3
"""Writes the table of focus/rules_1_2.txt from the requirements model of the FOCUS specification.

    focus_rules.py MODEL.json > focus/rules_1_2.txt

A rule of the model that a program can decide on the data becomes one line. Composites dissolve into
their members, which inherit their conditions and criteria; permissions (MAY) and rules that the
model leaves to people are left out.
"""

import itertools
import json
import sys
from dataclasses import dataclass

HEAD = """\
# The rules of FOCUS 1.2 that data can be held against, one a line:
#
#   id ; MUST or SHOULD ; what the provider must support ; what is required ; when
#
# Requirement and condition are alternatives (|) of checks that hold together (&); a dash is none.
# Written by scripts/focus_rules.py from the requirements model of the FinOps Open Cost and Usage
# Specification (https://focus.finops.org), which is (c) the FinOps Foundation, a project of the
# Linux Foundation, under CC BY 4.0 and MIT.
"""
KEYWORDS = {
    "MUST": "MUST",
    "MUST NOT": "MUST",
    "SHOULD": "SHOULD",
    "SHOULD NOT": "SHOULD",
    "RECOMMENDED": "SHOULD",
}
# Rules whose condition says the opposite of their text: held as they stand, sound data would fail.
INVERTED = {"CommitmentDiscountStatus-C-003-C", "CommitmentDiscountStatus-C-004-C"}
KINDS = {
    "TypeDecimal": "is decimal",
    "TypeString": "is string",
    "TypeDateTime": "is date-time",
    "FormatNumeric": "has numeric format",
    "FormatString": "has string format",
    "FormatDateTime": "has date-time format",
    "FormatUnit": "has unit format",
    "FormatCurrency": "has currency format",
    "FormatKeyValue": "has key-value format",
    "CheckDecimalValue": "is a decimal value",
    "CheckNationalCurrency": "is a national currency",
    "ColumnPresent": "is present",
}

# Alternatives of checks that hold together.
Alternatives = tuple[tuple[str, ...], ...]
ALWAYS: Alternatives = ((),)


def value_text(value: object) -> str:
    return "null" if value is None else json.dumps(value, ensure_ascii=False)


def check_text(check: dict) -> str:
    """One check of the model in the words of the table."""
    kind = check["CheckFunction"]
    # Two conditions of the model name their column by another word.
    column = check.get("ColumnName", check.get("CheckCondition"))
    if kind in KINDS:
        return f"{column} {KINDS[kind]}"
    if kind == "CheckValue":
        return f"{column} = {value_text(check['Value'])}"
    if kind == "CheckNotValue":
        return f"{column} != {value_text(check['Value'])}"
    if kind == "CheckGreaterOrEqualThanValue":
        return f"{column} >= {check['Value']}"
    if kind == "CheckSameValue":
        return f"{check['ColumnAName']} same as {check['ColumnBName']}"
    if kind == "CheckNotSameValue":
        return f"{check['ColumnAName']} differs from {check['ColumnBName']}"
    if kind == "CheckDistinctCount" and check["ExpectedCount"] == 1:
        return f"{check['ColumnAName']} determines {check['ColumnBName']}"
    if kind == "ColumnByColumnEqualsColumnValue":
        factors = f"{check['ColumnAName']} * {check['ColumnBName']}"
        return f"{factors} = {check['ResultColumnName']}"
    raise ValueError(f"expected a check that the table can hold, got {check}")


def both(left: Alternatives, right: Alternatives) -> Alternatives:
    joined = []
    for a, b in itertools.product(left, right):
        joined.append(a + tuple(check for check in b if check not in a))
    return tuple(dict.fromkeys(joined))


@dataclass(frozen=True)
class Context:
    """What a rule inherits from the composites above it."""

    criteria: tuple[str, ...] = ()
    condition: Alternatives = ALWAYS


class Model:
    def __init__(self, model: dict) -> None:
        self._rules = model["ModelRules"]
        self.lines: dict[str, str] = {}

    def alternatives(self, check: dict) -> Alternatives:
        if "CheckFunction" not in check:
            # Two conditions of the model spell a conjunction as a member of that name.
            items = check["AND"]
            check = {"CheckFunction": "AND", "Items": items if isinstance(items, list) else [items]}
        kind = check["CheckFunction"]
        if kind == "OR":
            parts = [self.alternatives(item) for item in check["Items"]]
            return tuple(dict.fromkeys(itertools.chain.from_iterable(parts)))
        if kind == "AND":
            found = ALWAYS
            for item in check["Items"]:
                found = both(found, self.alternatives(item))
            return found
        if kind == "CheckModelRule":
            return self.alternatives(self._rules[check["ModelRuleId"]]["ValidationCriteria"]["Requirement"])
        return ((check_text(check),),)

    def visit(self, name: str, above: Context) -> None:
        rule = self._rules[name]
        criteria = rule["ValidationCriteria"]
        if name in INVERTED or criteria["Keyword"] not in KEYWORDS or not criteria["Requirement"]:
            return
        condition = above.condition
        if criteria["Condition"]:
            condition = both(condition, self.alternatives(criteria["Condition"]))
        added = tuple(c for c in rule["ApplicabilityCriteria"] if c not in above.criteria)
        context = Context(above.criteria + added, condition)
        requirement = criteria["Requirement"]
        members = requirement.get("Items", [])
        is_composite = members and all(m["CheckFunction"] == "CheckModelRule" for m in members)
        if is_composite and requirement["CheckFunction"] == "AND":
            for member in members:
                self.visit(member["ModelRuleId"], context)
            return
        self.lines[name] = self.line(name, context)

    def line(self, name: str, context: Context) -> str:
        criteria = self._rules[name]["ValidationCriteria"]
        fields = (
            name,
            KEYWORDS[criteria["Keyword"]],
            ", ".join(context.criteria) or "-",
            joined(self.alternatives(criteria["Requirement"])),
            joined(context.condition),
        )
        return " ; ".join(fields)


def joined(alternatives: Alternatives) -> str:
    return " | ".join(" & ".join(checks) for checks in alternatives) or "-"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        model = Model(json.load(file))
    model.visit("CostAndUsage-D-000-M", Context())
    sys.stdout.write(HEAD)
    for name in sorted(model.lines):
        sys.stdout.write(model.lines[name] + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
