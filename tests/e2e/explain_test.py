"""`explain`: why an amount is what it is, worked out by hand, and proven against the checkpoint."""

import base64
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios

from proof_test import root_from_path
from support import BINARY, ProductTest, environment, leaf_hash, main, sqlite

BOOK = """version: 1
currency: EUR
timezone: Europe/Berlin
resources: [{file: owners.csv}]
rates:
  - {id: disk-only, meter: storage, match: {service_type: storage}, price: "3", unit: month}
  - {id: beta, meter: compute, match: {tenant: beta}, price: "9", unit: hour}
  - {id: old, meter: compute, match: {service_type: vm}, valid_to: 2026-01-01, price: "8", unit: hour}
  - id: vm
    meter: compute
    match: {service_type: vm, state: RUNNING}
    price: "0.048"
    unit: hour
    granularity: 1s
    minimum: 60s
  - id: disk
    meter: storage
    match: {service_type: vm, state: [RUNNING, STOPPED]}
    unit: hour
    free: "1"
    tiers: {mode: graduated, steps: [{up_to: "0.75", price: "0.2"}, {price: "0.1"}]}
"""
OWNERS = "service_type,instance,tenant,label:flavor\nvm,db,beta,large\nvm,web,acme,small\n"
DAY = "2026-05-01T"
PERIOD = ("--period", "2026-05", "--as-of", "2026-06-01")


def event(number: int, time: str, status: str, instance: str = "web", kind: str = "vm") -> dict:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "dcm/providers/x",
        "type": f"dcm.status.{kind}",
        "time": DAY + time,
        "data": {"id": instance, "status": status},
    }


EVENTS = [
    event(0, "10:00:00Z", "RUNNING"),
    event(1, "10:30:00Z", "RUNNING"),
    event(2, "11:00:00Z", "WARPED"),
    event(3, "11:30:00Z", "STOPPED"),
    event(3, "11:30:00Z", "STOPPED"),
    event(4, "12:00:00Z", "RUNNING"),
    event(5, "12:00:07.5Z", "DELETED"),
    event(6, "13:00:00Z", "RUNNING", instance="both"),
    event(7, "13:00:00Z", "RUNNING", instance="both", kind="container"),
    event(8, "14:00:00Z", "ERROR", instance="never"),
]


def written(line: dict) -> list[str]:
    return [
        f"{step['step']}: " + (step["expression"] and step["expression"] + " = ") + step["value"]
        for step in line["arithmetic"]
    ]


def read_all(terminal: int) -> bytes:
    """Until the other end is closed, which Linux tells as an error."""
    out = b""
    try:
        while chunk := os.read(terminal, 65536):
            out += chunk
    except OSError:
        pass
    return out


class ExplainTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.write("owners.csv", OWNERS)
        self.book = ("--rules", self.write("book.yaml", BOOK))
        self.succeed("replay", self.write_lines("events.jsonl", EVENTS), *self.book)

    def explain(self, *words: object) -> dict:
        run = self.succeed("explain", "--format", "json", *words, *PERIOD, *self.book)
        return json.loads(run.out)

    def test_every_line_is_explained_to_the_last_digit(self) -> None:
        told = self.explain("--instance", "web")
        effects = [(row["seq"], row["verdict"], row["effect"]) for row in told["events"]]
        self.assertEqual(
            [
                (0, "accepted", "opens RUNNING"),
                (1, "accepted", "the same again"),
                (2, "rejected", "unknown_status"),
                (3, "accepted", "closes RUNNING, opens STOPPED"),
                (4, "duplicate", "counts once"),
                (5, "accepted", "closes STOPPED, opens RUNNING"),
                (6, "accepted", "closes RUNNING"),
            ],
            effects,
        )
        lines = [
            (interval["state"], line["rate"], written(line))
            for interval in told["intervals"]
            for line in interval["lines"]
        ]
        disk_before = ["before it: 1.5", "after free: 1.5 − 1 = 0.5", "tier to 0.75: 0.5 × 0.2 = 0.1"]
        until_two = ["after free: 2 − 1 = 1", "tier to 0.75: 0.75 × 0.2 = 0.15"]
        until_two += ["last tier: 0.25 × 0.1 = 0.025", "tiers: 0.15 + 0.025 = 0.175"]
        # Storage comes first: the book mentions it first.
        self.assertEqual(
            [
                (
                    "RUNNING",
                    "disk",
                    ["used: 5400", "billed: 5400", "quantity: 5400 ÷ 3600 = 1.5"]
                    + disk_before[1:]
                    + ["cost: 0.1 − 0 = 0.1"],
                ),
                (
                    "RUNNING",
                    "vm",
                    ["used: 5400", "billed: 5400", "quantity: 5400 ÷ 3600 = 1.5"]
                    + ["cost: 1.5 × 0.048 = 0.072"],
                ),
                (
                    "STOPPED",
                    "disk",
                    ["used: 1800", "billed: 1800", "quantity: 1800 ÷ 3600 = 0.5"]
                    + disk_before
                    + ["with it: 1.5 + 0.5 = 2"]
                    + until_two
                    + ["cost: 0.175 − 0.1 = 0.075"],
                ),
                (
                    "RUNNING",
                    "disk",
                    ["used: 7.5", "billed: 7.5", "quantity: 7.5 ÷ 3600 = 0.002083333333"]
                    + ["before it: 2"]
                    + until_two
                    + ["with it: 2 + 0.002083333333 = 2.002083333333"]
                    + ["after free: 2.002083333333 − 1 = 1.002083333333"]
                    + ["tier to 0.75: 0.75 × 0.2 = 0.15"]
                    + ["last tier: 0.252083333333 × 0.1 = 0.0252083333333"]
                    + ["tiers: 0.15 + 0.0252083333333 = 0.1752083333333"]
                    + ["cost: 0.1752083333333 − 0.175 = 0.0002083333333"],
                ),
                (
                    "RUNNING",
                    "vm",
                    ["used: 7.5", "billed: 60", "quantity: 60 ÷ 3600 = 0.016666666667"]
                    + ["cost: 0.016666666667 × 0.048 = 0.000800000000016"],
                ),
            ],
            lines,
        )
        self.assertEqual("0.248008333333316", told["total"])
        by_instance = ("--instance", "web", "--group-by", "instance", "--format", "json")
        report = json.loads(self.succeed("report", *by_instance, *PERIOD, *self.book).out)
        self.assertEqual(report["total"], told["total"])
        for member in ("book", "log", "from", "to", "as_of", "timezone", "currency"):
            self.assertEqual(report[member], told[member])

    def test_earlier_rates_say_why_they_do_not_match(self) -> None:
        told = self.explain("--instance", "web", "--at", DAY + "11:00:00Z", "--meter", "compute")
        line = told["intervals"][0]["lines"][0]
        self.assertEqual("vm", line["rate"])
        self.assertEqual(
            [
                ("beta", [("match.tenant", "tenant is acme, not beta")]),
                ("old", [("valid_to", "valid until 2025-12-31T23:00:00Z")]),
            ],
            [
                (rate["rate"], [(why["member"], why["words"]) for why in rate["mismatches"]])
                for rate in line["rejected_rates"]
            ],
        )
        self.assertEqual((["owners.csv"], [3]), (line["resources"], line["resource_lines"]))
        self.assertEqual(("acme", {"flavor": "small"}), (line["tenant"], line["labels"]))
        stopped = self.explain("--instance", "web", "--state", "STOPPED")["intervals"][0]
        self.assertEqual(["compute"], [meter["meter"] for meter in stopped["idle_meters"]])

    def test_each_event_is_proven_by_the_newest_checkpoint(self) -> None:
        told = self.explain("--instance", "web")
        self.assertEqual(7, len(told["events"]))
        note = told["checkpoint"]["note"]
        self.assertEqual(self.succeed("audit", "checkpoint").out, note)
        root = base64.b64decode(note.splitlines()[2])
        for row in told["events"]:
            proof = row["proof"]
            query = f"SELECT leaf_hex FROM audit_leaf WHERE seq = {row['seq']}"
            leaf = leaf_hash(bytes.fromhex(sqlite(self.folder / "dcm-billing.db", query)[0]))
            self.assertEqual(base64.b64encode(leaf).decode(), proof["leaf_hash"])
            path = [base64.b64decode(each, validate=True) for each in proof["hashes"]]
            self.assertEqual(
                root, root_from_path(leaf, row["seq"], told["checkpoint"]["size"], path)
            )

    def test_an_instance_that_is_never_charged_has_a_story_too(self) -> None:
        told = self.explain("--instance", "never")
        self.assertEqual(([], "0"), (told["intervals"], told["total"]))
        self.assertEqual(["charges nothing"], [row["effect"] for row in told["events"]])

    def test_people_read_the_same_arithmetic(self) -> None:
        words = ("explain", "--instance", "web", *PERIOD, *self.book)
        out = self.succeed(*words).out
        for piece in (
            "vm/web\n",
            "not             beta: tenant is acme, not beta\n",
            "not             old: valid until 2025-12-31T23:00:00Z\n",
            "cost            1.5 × 0.048 = 0.072 EUR\n",
            "tenant          acme, flavor=small: owners.csv:3\n",
            "sum             0.248008333333316 EUR of 5 lines in 3 of 3 intervals\n",
        ):
            self.assertIn(piece, out)
        self.assertNotIn("\x1b", out)

    def test_a_narrow_terminal_is_kept_to(self) -> None:
        master, terminal = pty.openpty()
        self.addCleanup(os.close, master)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        words = ("explain", "--instance", "web", *PERIOD, *self.book)
        with subprocess.Popen(
            [BINARY, *map(str, words)], cwd=self.folder, env=environment(), stdout=terminal
        ) as running:
            os.close(terminal)
            out = read_all(master).decode()
        self.assertEqual(0, running.returncode)
        self.assertIn("sum", out)
        long = [line for line in out.splitlines() if len(line) > 60]
        self.assertEqual(["book"], [line.split()[0] for line in long], "the digest stays whole")

    def test_what_cannot_be_meant_is_told(self) -> None:
        for words, hint in (
            ((), "--instance"),
            (("--instance", "wbe"), "did you mean web?"),
            (("--instance", "web", "--service-type", "container"), "it is a vm"),
            (("--instance", "both"), "expected --service-type"),
            (("--instance", "web", "--meter", "compte"), "did you mean compute?"),
            (("--instance", "web", "--rate", "dsk"), "did you mean disk?"),
            (("--instance", "web", "--at", "yesterday"), "--at"),
            (("--instance", "web", "--at", DAY + "09:59:59Z"), "after it: RUNNING from 2026-05-01T10"),
            (("--instance", "web", "--at", DAY + "12:00:07.5Z"), "before it: RUNNING"),
            (("--instance", "never", "--at", DAY + "15:00:00Z"), "never in a state that is charged"),
            (("--instance", "web", "--format", "csv"), "csv"),
        ):
            with self.subTest(words=words):
                run = self.run_program("explain", *words, *PERIOD, *self.book)
                self.assertEqual(2, run.code, f"{run}")
                self.assertIn(hint, run.err)
                self.assertEqual("", run.out)

    def test_nothing_is_created_or_changed(self) -> None:
        before = (self.folder / "dcm-billing.db").read_bytes()
        self.explain("--instance", "web")
        self.assertEqual(before, (self.folder / "dcm-billing.db").read_bytes())
        missing = ("--database", "sqlite://missing.db")
        run = self.run_program("explain", "--instance", "web", *missing, *self.book)
        self.assertEqual(4, run.code, f"{run}")
        self.assertFalse((self.folder / "missing.db").exists())


if __name__ == "__main__":
    main()
