"""Whatever a fleet does, and however late that is told: reports, statements, control totals and the
rows of exports say one amount."""

import csv
import json
import os
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

from support import ProductTest, main

SEED = int(os.environ.get("DCM_SEED", str(random.SystemRandom().randrange(1 << 32))))
WORLDS = 2
MONTHS = ("2026-01", "2026-02", "2026-03")
ZONE = "Europe/Berlin"
TENANTS = ("acme", "globex", "=initech")
INSTANCES = {"vm": ("web-1", "web-2", "web-3"), "storage": ("disk-1", "disk-2")}
WORDS = {
    "vm": ("RUNNING", "STOPPED", "PAUSED", "RUNNING", "ERROR", "DELETED"),
    "storage": ("RUNNING", "FAILED", "RUNNING", "PROVISIONING"),
}
PRICES = (
    'price: "0.333", unit: hour, granularity: 7m, minimum: 3h',
    'price: "71.13", unit: month',
    'unit: hour, free: "40", tiers: {mode: graduated, steps: [{up_to: "100", price: "1", flat: "2"}, {price: "0.3"}]}',
    'unit: hour, tiers: {mode: volume, steps: [{up_to: "300", price: "2"}, {price: "1"}]}, discount: "12.5%"',
    'unit: day, price: "0.0700001", minimum_spend: "9", maximum_spend: "20"',
)
CONFIG = """database: sqlite://billing.db
rules: book.yaml
exports:
  - {name: focus, format: focus, compression: none, destination: out}
  - {name: lines, format: lines, compression: none, destination: out}
"""
FORMATS = {"focus": ("BillingAccountId", "BilledCost"), "lines": ("tenant", "cost")}
Sums = dict[str, Decimal]


def added(sums: Sums, tenant: str, cost: str) -> None:
    with localcontext() as context:
        context.prec = 80
        sums[tenant] = sums.get(tenant, Decimal()) + Decimal(cost)


class PropertyTest(ProductTest):
    def test_one_amount_everywhere_over_random_fleets_late_events_and_closings(self) -> None:
        for world in range(WORLDS):
            with self.subTest(f"DCM_SEED={SEED} world={world}"):
                self.doCleanups()
                self.setUp()
                self.live(random.Random(SEED + world))

    def live(self, chance: random.Random) -> None:
        self.chance = chance
        self.number = 0
        rates = "".join(
            f"\n  - {{id: {kind}, meter: {kind}, match: {{service_type: {kind}}}, {chance.choice(PRICES)}}}"
            for kind in INSTANCES
        )
        self.write(
            "book.yaml",
            f"version: 1\ncurrency: EUR\ntimezone: {ZONE}\nissuer: Example Cloud\n"
            f"resources: [{{file: owners.csv}}]\nrates:{rates}\n",
        )
        self.write("dcm-billing.yaml", CONFIG)
        self.write_owners()
        for index, month in enumerate(MONTHS):
            self.tell(MONTHS[: index + 1])
            if chance.random() < 0.5:
                self.write_owners()
            is_corrected = self.check(month, "open")
            self.succeed("period", "close", month)
            self.assertEqual(is_corrected, self.check(month, "closed"))
        self.check_charged_months()

    def write_owners(self) -> None:
        owners = [
            f"{kind},{instance},{self.chance.choice(TENANTS)}\n"
            for kind, instances in INSTANCES.items()
            for instance in instances
        ]
        self.write("owners.csv", "service_type,instance,tenant\n" + "".join(owners))

    def tell(self, months: tuple[str, ...]) -> None:
        """Events of the latest month, and fewer that are late for one before."""
        events = []
        for kind, instances in INSTANCES.items():
            for instance in instances:
                for late, month in enumerate(reversed(months)):
                    for _ in range(self.chance.randrange(2 if late else 7)):
                        events.append(self.event(kind, instance, month))
        self.chance.shuffle(events)
        # The earliest usage says which month is the first.
        if len(months) == 1:
            events.append(self.event("vm", "web-1", months[0], "RUNNING"))
        self.succeed("replay", self.write_lines("events.jsonl", events))

    def event(self, kind: str, instance: str, month: str, status: str = "") -> dict:
        self.number += 1
        # Inside of the month in every zone.
        start = datetime.fromisoformat(f"{month}-02T00:00:00").replace(tzinfo=timezone.utc)
        at = start + timedelta(microseconds=self.chance.randrange(25 * 86_400 * 1_000_000))
        return {
            "specversion": "1.0",
            "id": str(self.number),
            "source": "dcm/providers/p",
            "type": f"dcm.status.{kind}",
            "time": at.isoformat().replace("+00:00", "Z"),
            "data": {"id": instance, "status": status or self.chance.choice(WORDS[kind])},
        }

    def check(self, month: str, state: str) -> bool:
        """One amount for each tenant wherever it is asked for; whether there are corrections."""
        statement = json.loads(self.succeed("statement", "show", month, "--format", "json").out)
        self.assertEqual(state, statement["state"])
        totals = {s["tenant"]: Decimal(s["total_rounded"]) for s in statement["statements"]}
        for name, (tenant, cost) in FORMATS.items():
            self.succeed("export", "run", name, "--period", month)
            promised = self.manifest(name, month)["totals"]
            quote = "'" if name == "lines" else ""
            sums: Sums = {}
            for row in self.rows(name, month):
                added(sums, row[tenant].removeprefix(quote), row[cost])
            self.assertEqual(totals, {t["tenant"]: Decimal(t["total"]) for t in promised}, name)
            self.assertEqual(totals, sums, name)
        rows = self.rows("focus", month)
        roundings = [r["BillingAccountId"] for r in rows if r["ChargeCategory"] == "Adjustment"]
        self.assertEqual(sorted(totals), sorted(roundings), "one for each statement")
        corrected = {r["BillingAccountId"] for r in rows if r["ChargeClass"] == "Correction"}
        if state == "closed":
            for tenant in TENANTS:
                if tenant not in corrected:
                    expected = Decimal(self.report(month, tenant)["total_rounded"])
                    self.assertEqual(expected, totals.get(tenant, Decimal()), f"{month} {tenant}")
        return bool(corrected)

    def check_charged_months(self) -> None:
        """All statements together charge for each month what rating it now gives, to the last digit."""
        charged: dict[str, Sums] = {month: {} for month in MONTHS}
        for month in MONTHS:
            for row in self.rows("focus", month):
                if row["ChargeCategory"] == "Usage":
                    at = datetime.fromisoformat(row["ChargePeriodStart"].replace("Z", "+00:00"))
                    of = at.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m")
                    added(charged[of], row["BillingAccountId"], row["BilledCost"])
        for month in MONTHS:
            for tenant in TENANTS:
                expected = Decimal(self.report(month, tenant)["total"])
                self.assertEqual(
                    expected, charged[month].get(tenant, Decimal()), f"{month} {tenant}"
                )

    def report(self, month: str, tenant: str) -> dict:
        # An equals sign, for a name that begins with one.
        words = ("report", "--period", month, f"--tenant={tenant}", "--format", "json")
        return json.loads(self.succeed(*words).out)

    def rows(self, name: str, month: str) -> list[dict[str, str]]:
        path = self.folder / "out" / name / f"data/BILLING_PERIOD={month}/part-00001.csv"
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def manifest(self, name: str, month: str) -> dict:
        path = self.folder / "out" / name / f"metadata/BILLING_PERIOD={month}/manifest.json"
        return json.loads(path.read_text())


if __name__ == "__main__":
    main()
