"""Statements and corrections byte for byte, and lines explained."""

import json
import os
import re
import subprocess

from periods import PeriodFixture, event
from support import BINARY, ROOT, environment, main, sqlite_rows

GOLDEN_MAY = """\
period,line,tenant,provider,service_type,instance_id,meter,rate,state,charge_start,charge_end,billed_seconds,quantity,unit,unit_price,cost,currency,corrects,kind
2026-05,1,unassigned,podman,container,cart-7,usage,container,RUNNING,2026-05-02T08:00:00Z,2026-05-04T20:00:00Z,216000,60,hour,0.012,0.72,EUR,,usage
2026-05,2,unassigned,openstack,vm,web-1,compute,vm-compute,RUNNING,2026-05-01T10:00:00Z,2026-05-03T10:00:00Z,172800,48,hour,0.048,2.304,EUR,,usage
2026-05,3,unassigned,openstack,vm,web-1,storage,vm-disk,RUNNING,2026-05-01T10:00:00Z,2026-05-03T10:00:00Z,172800,0.064516129032,month,3.1,0.1999999999992,EUR,,usage
2026-05,4,unassigned,openstack,vm,web-1,storage,vm-disk,STOPPED,2026-05-03T10:00:00Z,2026-05-05T10:00:00Z,172800,0.064516129032,month,3.1,0.1999999999992,EUR,,usage
2026-05,5,unassigned,,,,rounding,rounding,,2026-04-30T22:00:00Z,2026-05-31T22:00:00Z,0,,,,-0.0039999999984,EUR,,rounding
"""
GOLDEN_JUNE = """\
period,line,tenant,provider,service_type,instance_id,meter,rate,state,charge_start,charge_end,billed_seconds,quantity,unit,unit_price,cost,currency,corrects,kind
2026-06,6,unassigned,openstack,vm,web-1,compute,vm-compute,RUNNING,2026-05-01T10:00:00Z,2026-05-03T10:00:00Z,-172800,-48,hour,0.048,-2.304,EUR,2,reversal
2026-06,7,unassigned,openstack,vm,web-1,compute,vm-compute,RUNNING,2026-05-01T10:00:00Z,2026-05-03T09:00:00Z,169200,47,hour,0.048,2.256,EUR,2,correction
2026-06,8,unassigned,openstack,vm,web-1,storage,vm-disk,RUNNING,2026-05-01T10:00:00Z,2026-05-03T10:00:00Z,-172800,-0.064516129032,month,3.1,-0.1999999999992,EUR,3,reversal
2026-06,9,unassigned,openstack,vm,web-1,storage,vm-disk,RUNNING,2026-05-01T10:00:00Z,2026-05-03T09:00:00Z,169200,0.063172043011,month,3.1,0.1958333333341,EUR,3,correction
2026-06,10,unassigned,openstack,vm,web-1,storage,vm-disk,STOPPED,2026-05-03T09:00:00Z,2026-05-05T10:00:00Z,176400,0.065860215054,month,3.1,0.2041666666674,EUR,4,correction
2026-06,11,unassigned,openstack,vm,web-1,storage,vm-disk,STOPPED,2026-05-03T10:00:00Z,2026-05-05T10:00:00Z,-172800,-0.064516129032,month,3.1,-0.1999999999992,EUR,4,reversal
2026-06,12,unassigned,,,,rounding,rounding,,2026-05-31T22:00:00Z,2026-06-30T22:00:00Z,0,,,,-0.0020000000031,EUR,,rounding
"""


class GoldenTest(PeriodFixture):
    """The documents' events and rule book, a closed month, and an event that comes late."""

    def setUp(self) -> None:
        super().setUp()
        self.book = ROOT / "docs/examples/book.yaml"
        events = ROOT / "docs/examples/events.jsonl"
        self.succeed("replay", events, *self.common())
        self.close(0, "2026-05", "--accept", "quarantine")
        late = event(1, "web-1", "STOPPED", "2026-05-03T09:00:00Z") | {"source": "dcm/providers/openstack"}
        self.succeed("replay", self.write_lines("late.jsonl", [late]), *self.common())

    def csv(self, month: str) -> str:
        show = ("statement", "show", month, "--format", "csv", *self.common())
        return self.succeed(*show).out.replace("\r\n", "\n")

    def test_events_and_book_give_these_statements_byte_for_byte(self) -> None:
        self.assertEqual(GOLDEN_MAY, self.csv("2026-05"))
        self.assertEqual(GOLDEN_JUNE, self.csv("2026-06"))
        self.close(0, "2026-06")
        self.assertEqual(GOLDEN_MAY, self.csv("2026-05"))
        self.assertEqual(GOLDEN_JUNE, self.csv("2026-06"))

    def golden(self, name: str, found: str) -> None:
        """Compares with a file of tests/golden. DCM_GOLDEN_WRITE=1 writes it; read it before it is kept."""
        path = ROOT / "tests/golden" / name
        if os.environ.get("DCM_GOLDEN_WRITE"):
            path.write_bytes(found.encode())
        self.assertEqual(path.read_bytes().decode(), found)

    def test_events_and_book_give_these_files_for_finance_byte_for_byte(self) -> None:
        self.close(0, "2026-06")
        plan = "exports:\n  - {name: finance, format: focus, compression: none, destination: out}\n"
        config = ("--config", self.write("exports.yaml", plan))
        for month in ("2026-05", "2026-06"):
            self.succeed("export", "run", "finance", "--period", month, *config, *self.common())
            part = self.folder / f"out/finance/data/BILLING_PERIOD={month}/part-00001.csv"
            self.golden(f"finance-{month}.csv", part.read_bytes().decode())

    def test_events_and_book_give_this_page_byte_for_byte(self) -> None:
        """But for what is another in each database: its roots, its key, and the time of closing."""
        words = ("report", "--period", "2026-05", "--as-of", "2026-07-01", "--format", "html")
        page = self.succeed(*words, *self.common()).out
        page = re.sub(r"closed \d{4}-[-0-9T:.]+Z", "closed TIME", page)
        page = re.sub(r"with the root [^.]+\.", "with the root ROOT.", page)
        page, notes = re.subn(r"<pre>.*?</pre>", "<pre>NOTE</pre>", page, flags=re.DOTALL)
        self.assertEqual(1, notes)
        self.golden("finance-2026-05.html", page)

    def explain(self, line: int) -> str:
        return self.succeed("statement", "explain", line, *self.common()).out

    def test_a_closed_line_is_explained_by_what_was_known_when_it_was_closed(self) -> None:
        self.close(0, "2026-06")
        billed = self.explain(2)
        self.assertIn("line     2, usage on the statement of unassigned for 2026-05", billed)
        self.assertIn("48 × 0.048 = 2.304 EUR", billed)
        self.assertIn("later    corrected by 6 (reversal, 2026-06), 7 (correction, 2026-06)", billed)
        self.assertNotIn("2026-05-03T09:00:00Z", billed, "that event came later")
        right = self.explain(7)
        self.assertIn("replaces line 2", right)
        self.assertIn("47 × 0.048 = 2.256 EUR", right)
        self.assertIn("2026-05-03T09:00:00Z", right)
        back = self.explain(6)
        self.assertIn("reverses line 2", back)
        self.assertIn("48 × 0.048 = 2.304 EUR", back)
        self.assertIn("3.42 - 3.4239999999984 = -0.0039999999984", self.explain(5))
        told = json.loads(
            self.succeed("statement", "explain", 2, "--format", "json", *self.common()).out
        )
        self.assertEqual((2, [6, 7]), (told["line"]["line"], told["corrected_by"]))
        refused = self.run_program("statement", "explain", 13, *self.common())
        self.assertEqual(2, refused.code, f"{refused}")
        self.assertIn("so far there are 12", refused.err)
        for number in (0, -1, 2**63 - 1, 2**64):
            refused = self.run_program("statement", "explain", number, *self.common())
            self.assertEqual(2, refused.code, f"{refused}")


class ViewTest(PeriodFixture):
    def shown(self, month: str) -> list[list[tuple]]:
        show = ("statement", "show", month, "--format", "jsonl", *self.common())
        lines = [json.loads(line) for line in self.succeed(*show).out.splitlines()]
        return [[column for column in line.items() if column[0] != "kind"] for line in lines]

    def test_the_view_has_each_column_of_a_statement_as_it_is_shown(self) -> None:
        """Also with fractions of seconds, and in lines that take back."""
        self.replay(
            ("a", "RUNNING", "2024-05-01T00:00:00.5Z"),
            ("a", "DELETED", "2024-05-20T12:34:56.999999Z"),
            ("b", "RUNNING", "2024-05-01T00:00:00Z"),
            ("b", "DELETED", "2024-05-01T00:00:00.75Z"),
            ("c", "RUNNING", "2024-05-31T23:59:59.000001Z"),
            ("c", "DELETED", "2024-06-01T00:00:01.1Z"),
        )
        self.close(0, "2024-05")
        self.replay(
            ("a", "DELETED", "2024-05-10T00:00:00Z"),
            ("b", "DELETED", "2024-05-01T00:00:00.25Z"),
        )
        self.close(0, "2024-06")
        rows = sqlite_rows(self.database, "SELECT * FROM v_statement_line ORDER BY line")
        shown = self.shown("2024-05") + self.shown("2024-06")
        self.assertEqual(shown, [list(row.items()) for row in rows])
        lengths = [row["billed_seconds"] for row in rows]
        for length in ("1686896.499999", "-1686896.499999", "0.75", "-0.75", "0.25", "0.999999", "1.1", "0"):
            self.assertIn(length, lengths)


class SuggestionTest(PeriodFixture):
    def test_a_suggested_command_is_one_for_a_shell(self) -> None:
        tenants = ("Beta, Inc", "it's; touch $(echo pwned)", "-dash")
        for number, tenant in enumerate(tenants):
            with self.subTest(tenant):
                quoted = tenant.replace('"', '""')
                self.write("owners.csv", f'service_type,instance,tenant\nvm,a,"{quoted}"\nvm,b,umbrella\n')
                self.database = self.folder / f"shell-{number}.db"
                self.replay(("a", "RUNNING", "2024-05-01T00:00:00Z"), ("a", "DELETED", "2024-05-02T00:00:00Z"))
                self.close(0, "2024-05")
                words = ("report", "--period", "2024-05", f"--tenant={tenant}", *self.common())
                command = self.succeed(*words).out.split("dcm-billing ")[1].splitlines()[0]
                words = ["sh", "-c", f'"$0" "$@" {command}', BINARY, *map(str, self.common())]
                run = subprocess.run(
                    words, cwd=self.folder, env=environment(), capture_output=True, check=False
                )
                self.assertEqual(0, run.returncode, run.stderr)
                self.assertIn("7.99", run.stdout.decode())
        self.assertFalse((self.folder / "pwned").exists())


if __name__ == "__main__":
    main()
