"""What the tests of billing months share: a rule book with owners, events, and the commands."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios

from support import BINARY, ProductTest, Run, environment, sqlite_rows

BOOK = """version: 1
currency: {currency}
timezone: {timezone}
issuer: Example Cloud
resources: [{{file: owners.csv}}]
rates:
  - {{id: vm, meter: compute, match: {{service_type: vm, state: RUNNING}}, price: "0.333", unit: hour}}
"""
OWNERS = "service_type,instance,tenant\nvm,a,acme\nvm,b,umbrella\n"


def event(number: int, instance: str, status: str, time: str) -> dict:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "dcm/providers/p",
        "type": "dcm.status.vm",
        "time": time,
        "data": {"id": instance, "status": status},
    }


class PeriodFixture(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.book = self.write("book.yaml", BOOK.format(currency="EUR", timezone="UTC"))
        self.write("owners.csv", OWNERS)
        self.number = 0

    def common(self) -> tuple[object, ...]:
        return ("--rules", self.book, "--database", f"sqlite://{self.database}")

    def replay(self, *events: tuple[str, str, str]) -> None:
        lines = []
        for instance, status, time in events:
            self.number += 1
            lines.append(event(self.number, instance, status, time))
        self.succeed("replay", self.write_lines("events.jsonl", lines), *self.common())

    def close(self, code: int, month: str, *words: object) -> Run:
        run = self.run_program("period", "close", month, *words, *self.common())
        self.assertEqual(code, run.code, f"{run}")
        return run

    def statement(self, month: str, *words: object) -> dict:
        show = ("statement", "show", month, "--format", "json", *words)
        return json.loads(self.succeed(*show, *self.common()).out)

    def totals(self, month: str) -> dict[str, str]:
        return {s["tenant"]: s["total_rounded"] for s in self.statement(month)["statements"]}

    def report(self, month: str, tenant: str) -> dict:
        bounds = ("--period", month, "--tenant", tenant, "--format", "json")
        return json.loads(self.succeed("report", *bounds, *self.common()).out)

    def on_terminal(self, columns: int, *words: object) -> str:
        """What the program prints on a terminal of so many columns."""
        master, terminal = pty.openpty()
        self.addCleanup(os.close, master)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        command = [BINARY, *map(str, (*words, *self.common()))]
        out = b""
        with subprocess.Popen(command, cwd=self.folder, env=environment(), stdout=terminal) as running:
            os.close(terminal)
            try:
                while chunk := os.read(master, 65_536):
                    out += chunk
            except OSError:
                pass  # how Linux tells that the other end is closed
        self.assertEqual(0, running.returncode)
        return out.decode().replace("\r\n", "\n")

    def verify(self) -> None:
        self.succeed("audit", "verify", "--database", f"sqlite://{self.database}")
        self.assertIn("identical", self.succeed("rebuild", *self.common()).out)

    def records(self, kind: str) -> list[dict]:
        rows = sqlite_rows(
            self.database,
            f"SELECT seq, subject, tenant, outcome, body FROM v_audit WHERE kind = '{kind}' ORDER BY seq",
        )
        return [row | {"body": json.loads(row["body"])} for row in rows]
