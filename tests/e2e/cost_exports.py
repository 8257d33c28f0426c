"""What the tests of cost exports share: events, a rule book with owners, exports, and their files."""

import atexit
import csv
import json
import pathlib
import shutil
import tempfile
from decimal import Decimal

from support import ProductTest, Run, sqlite_rows

BOOK = """version: 1
currency: EUR
timezone: Europe/Berlin
issuer: Example Cloud
resources: [{file: owners.csv}]
rates:
  - {id: vm, meter: compute, match: {service_type: vm, state: RUNNING}, price: "0.333", unit: hour}
  - id: vm-volume
    meter: volume
    match: {service_type: storage, state: RUNNING}
    unit: day
    free: "1"
    tiers: {mode: graduated, steps: [{up_to: "5", price: "0.7"}, {price: "0.3333"}]}
"""
OWNERS = "service_type,instance,tenant\nvm,web-1,acme\nvm,web-2,globex\nstorage,disk,acme\n"
CONFIG = """database: sqlite://billing.db
rules: book.yaml
exports:
  - {name: finance, format: focus, compression: none, destination: out, schedule: "daily at 02:30"}
  - {name: packed, format: focus, destination: out}
  - {name: lines, format: lines, compression: none, destination: out, periods: [closed]}
  - {name: json, format: jsonl, compression: zstd, destination: out, keep: 2}
"""
PERIOD = "2026-03"


def event(number: int, kind: str, instance: str, status: str, time: str) -> dict:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "dcm/providers/kubevirt",
        "type": f"dcm.status.{kind}",
        "time": time,
        "data": {"id": instance, "status": status},
    }


EVENTS = [
    event(1, "vm", "web-1", "RUNNING", "2026-03-01T10:00:00Z"),
    event(2, "vm", "web-2", "RUNNING", "2026-03-28T22:30:00.5Z"),
    event(3, "storage", "disk", "RUNNING", "2026-03-02T00:00:00Z"),
    event(4, "vm", "web-1", "DELETED", "2026-03-01T12:30:00Z"),
    event(5, "vm", "web-2", "DELETED", "2026-04-02T01:00:00Z"),
    event(6, "storage", "disk", "DELETED", "2026-03-20T06:00:00Z"),
]


class ExportFixture(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.write("book.yaml", BOOK)
        self.write("owners.csv", OWNERS)
        self.write("dcm-billing.yaml", CONFIG)
        self.database = self.folder / "billing.db"
        self.succeed("replay", self.write_lines("events.jsonl", EVENTS))

    def data_file(self, name: str, ending: str, period: str = PERIOD) -> pathlib.Path:
        return self.folder / "out" / name / f"data/BILLING_PERIOD={period}/part-00001.{ending}"

    def manifest_file(self, name: str, period: str = PERIOD) -> pathlib.Path:
        return self.folder / "out" / name / f"metadata/BILLING_PERIOD={period}/manifest.json"

    def manifest(self, name: str, period: str = PERIOD) -> dict:
        return json.loads(self.manifest_file(name, period).read_text())

    def records(self) -> list[dict]:
        return sqlite_rows(
            self.database, "SELECT seq, subject, body FROM v_audit WHERE kind = 'export.made' ORDER BY seq"
        )

    def listed(self, name: str = "finance") -> dict:
        run = self.succeed("export", "list", "--format", "jsonl")
        [row] = [row for row in run.jsonl() if row["export"] == name]
        return row

    def export_finance(self) -> Run:
        return self.succeed("export", "run", "finance", "--period", PERIOD)

    def close(self, period: str = PERIOD, *words: str) -> Run:
        return self.succeed("period", "close", period, *words)


def rows_of(path: pathlib.Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sums(rows: list[dict[str, str]], tenant: str, cost: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row[tenant]] = found.get(row[tenant], Decimal()) + Decimal(row[cost])
    return found


# A tenant and a provider that a careless reader of CSV breaks at, or that a spreadsheet computes.
HOSTILE_OWNERS = (
    "service_type,instance,tenant\n"
    "vm,web-1,acme\n"
    'vm,web-2,"Müller, ""Söhne"" & Co"\n'
    "storage,disk,=SUM(A1)\n"
)
HOSTILE_SOURCE = '=1+1, "quoted"'
BOTH_MONTHS = ("2026-03", "2026-04")


class TwoMonthsFixture(ExportFixture):
    """Two closed months, the second with corrections of the first, exported in every format. Made once,
    and copied for each test."""

    made: pathlib.Path | None = None

    files = {
        "finance": "part-00001.csv",
        "packed": "part-00001.csv.gz",
        "lines": "part-00001.csv",
        "json": "part-00001.jsonl.zst",
    }

    def setUp(self) -> None:
        if TwoMonthsFixture.made is None:
            super().setUp()
            self.make()
            kept = tempfile.mkdtemp(prefix="dcm-billing-months-")
            atexit.register(shutil.rmtree, kept, ignore_errors=True)
            TwoMonthsFixture.made = pathlib.Path(kept)
            shutil.copytree(self.folder, kept, dirs_exist_ok=True)
        else:
            ProductTest.setUp(self)
            shutil.copytree(TwoMonthsFixture.made, self.folder, dirs_exist_ok=True)

    def make(self) -> None:
        self.write("owners.csv", HOSTILE_OWNERS)
        hostile = event(8, "vm", "web-3", "RUNNING", "2026-04-01T00:00:00Z")
        gone = event(9, "vm", "web-3", "DELETED", "2026-04-01T00:20:00.25Z")
        extra = [hostile | {"source": HOSTILE_SOURCE}, gone | {"source": HOSTILE_SOURCE}]
        self.succeed("replay", self.write_lines("extra.jsonl", extra))
        self.close("2026-03")
        late = event(7, "vm", "web-1", "STOPPED", "2026-03-01T11:00:00Z")
        self.succeed("replay", self.write_lines("late.jsonl", [late]))
        self.close("2026-04", "--accept", "unrated")
        for name in self.files:
            for period in BOTH_MONTHS:
                self.succeed("export", "run", name, "--period", period)

    def part(self, name: str, period: str) -> pathlib.Path:
        return self.folder / "out" / name / f"data/BILLING_PERIOD={period}" / self.files[name]

    def promised(self, name: str, period: str) -> dict[str, tuple[int, Decimal]]:
        """Rows and control total of each tenant, by the name that its files give it."""
        quote = "'" if name == "lines" else ""
        return {
            (quote if total["tenant"].startswith("=") else "") + total["tenant"]: (
                total["rows"],
                Decimal(total["total"]),
            )
            for total in self.manifest(name, period)["totals"]
        }
