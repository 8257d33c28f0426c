"""`export validate`: what a receiver finds wrong without database and configuration."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable

from cost_exports import CONFIG, PERIOD, ExportFixture
from support import Run, main


class ValidateTest(ExportFixture):
    def test_what_a_receiver_changed_is_found(self) -> None:
        self.export_finance()
        path = self.data_file("finance", "csv")
        sound = path.read_bytes()
        for name, broken in {
            "a cost": sound.replace(b"0.8325", b"0.8326", 1),
            "a row less": b"\r\n".join(sound.split(b"\r\n")[:-2]) + b"\r\n",
            "cut off": sound[:-10],
            "a category": sound.replace(b"Usage,", b"Used,", 1),
        }.items():
            with self.subTest(name):
                self.assertNotEqual(sound, broken)
                path.write_bytes(broken)
                run = self.run_program("export", "validate", "out/finance")
                self.assertEqual(1, run.code, f"{run}")
                self.assertIn("SHA-256", run.out)
        path.write_bytes(sound)
        run = self.succeed("export", "validate", "out/finance")
        self.assertIn(f"finance {PERIOD}: sound, 5 rows", run.out)

    def test_a_row_that_breaks_the_specification_is_named_by_its_rule(self) -> None:
        self.export_finance()
        path = self.data_file("finance", "csv")
        path.write_bytes(path.read_bytes().replace(b",Usage,", b",Used,", 1))
        run = self.run_program("export", "validate", "out/finance")
        self.assertIn("ChargeCategory-C-003-M", run.out)

    def test_hostile_names_reach_no_terminal(self) -> None:
        self.export_finance()
        path = self.data_file("finance", "csv")
        text = path.read_bytes()
        path.write_bytes(text.replace(b",x_Line,", b",x_\x1b[2J,", 1).replace(b",x_State", b",x_\x1b[2J", 1))
        evil = self.folder / "out/evil\x1b[2J"
        (self.folder / "out/finance").rename(evil)
        run = self.run_program("export", "validate", "out")
        self.assertEqual(1, run.code)
        self.assertIn("ColumnHandling-A-000-M", run.out)
        self.assertNotIn("\x1b", run.out + run.err)

    def test_a_manifest_that_somebody_edited_is_found(self) -> None:
        self.export_finance()
        path = self.manifest_file("finance")
        sound = path.read_text(encoding="utf-8")
        for edit, told in (
            (('"EUR"', '"USD"'), 'expected BillingCurrency "USD"'),
            (('"open"', '"closed"'), "expected InvoiceId"),
            (('"open"', '"frozen"'), "expected open or closed for state"),
            (('"export": "finance"', '"export": "other"'), 'expected the export "finance"'),
            (('"period_start": "2026-02', '"period_start": "2026-01'), "expected period_start 2026-02-28"),
            (('"focus_version": "1.2"', '"focus_version": "1.9"'), "a version that is known"),
            (('"period"', '"period": "2026-01",\n  "period"'), 'each member once, got "period" twice'),
            (("Europe/Berlin", "Europe/Atlantis"), "expected an IANA time zone"),
            (('"log": {"size":', '"log": {"size":9'), "expected a checkpoint of at least 9"),
            (('"root":"', '"root":"A'), "expected the root of its checkpoint"),
        ):
            with self.subTest(edit=edit):
                self.assertIn(edit[0], sound)
                path.write_text(sound.replace(*edit, 1), encoding="utf-8")
                run = self.run_program("export", "validate", "out/finance")
                self.assertEqual(1, run.code, f"{run}")
                self.assertIn(told, run.out)
        path.write_text(sound, encoding="utf-8")
        self.succeed("export", "validate", "out/finance")

    def forge(self, name: str, ending: str, edit: Callable[[list[list[str]]], None]) -> Run:
        """Validates an export whose rows were edited, the header included, with a manifest that agrees."""
        path, manifest = self.data_file(name, ending), self.manifest_file(name)
        sound = (path.read_bytes(), manifest.read_text(encoding="utf-8"))
        if ending == "csv":
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file))
        else:
            objects = [json.loads(line) for line in path.read_text().splitlines()]
            rows = [list(objects[0]), *(list(one.values()) for one in objects)]
        edit(rows)
        text = io.StringIO(newline="")
        if ending == "csv":
            csv.writer(text).writerows(rows)
        else:
            for row in rows[1:]:
                text.write(json.dumps(dict(zip(rows[0], row, strict=True))) + "\n")
        data = text.getvalue().encode()
        path.write_bytes(data)
        promised = json.loads(sound[1])
        promised["columns"] = rows[0]
        promised["files"][0] |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        manifest.write_text(json.dumps(promised), encoding="utf-8")
        run = self.run_program("export", "validate", f"out/{name}")
        path.write_bytes(sound[0])
        manifest.write_text(sound[1], encoding="utf-8")
        return run

    def test_lines_that_are_not_what_their_format_promises_are_found(self) -> None:
        config = CONFIG.replace("compression: zstd", "compression: none")
        self.write("dcm-billing.yaml", config.replace("periods: [closed]", "periods: [open, closed]"))
        for name, ending in (("lines", "csv"), ("json", "jsonl")):
            self.succeed("export", "run", name, "--period", PERIOD)
            self.assertEqual(0, self.forge(name, ending, lambda rows: None).code)

            def cell(column: str, value: str) -> Callable[[list[list[str]]], None]:
                def edit(rows: list[list[str]]) -> None:
                    priced = next(row for row in rows[1:] if row[rows[0].index("unit_price")])
                    priced[rows[0].index(column)] = value

                return edit

            def drop(rows: list[list[str]]) -> None:
                for column in ("meter", "rate", "quantity", "unit_price"):
                    place = rows[0].index(column)
                    for row in rows:
                        del row[place]

            def repeat(rows: list[list[str]]) -> None:
                rows[3][1] = rows[2][1]

            for what, edit, told in (
                ("columns", drop, f"manifest: expected the columns of {name if name == 'lines' else 'jsonl'}"),
                ("quantity", cell("quantity", "999"), "cost: expected quantity × unit_price"),
                ("kind", cell("kind", "nonsense"), "kind: expected usage, reversal, correction or rounding"),
                ("start", cell("charge_start", "yesterday"), "charge_start: expected a time in UTC"),
                ("month", cell("charge_end", "2026-07-01T00:00:00Z"), "charge_end: expected a time in the"),
                ("unit", cell("unit", "fortnight"), "unit: expected second, minute, hour, day or month"),
                ("line", cell("line", "abc"), "line"),
                ("twice", repeat, "line: expected the number after"),
            ):
                with self.subTest(name=name, what=what):
                    run = self.forge(name, ending, edit)
                    self.assertEqual(1, run.code, f"{run}")
                    self.assertIn(told, run.out)

    def test_data_without_a_manifest_is_told(self) -> None:
        self.export_finance()
        self.succeed("export", "run", "finance", "--period", "2026-04")
        self.manifest_file("finance").unlink()
        run = self.run_program("export", "validate", "out")
        self.assertEqual(1, run.code, f"{run}")
        self.assertIn(f"finance {PERIOD}: expected a manifest for the data that is there", run.out)
        self.assertIn("finance 2026-04: sound", run.out)

    def test_what_is_no_file_is_told_and_the_rest_is_checked(self) -> None:
        self.export_finance()
        self.succeed("export", "run", "finance", "--period", "2026-04")
        part = self.data_file("finance", "csv")
        kept = part.read_bytes()
        for make, told in (
            (lambda: part.symlink_to("/etc/passwd"), "found a link, which is not followed"),
            (lambda: os.mkfifo(part), "found something else"),
        ):
            part.unlink()
            make()
            run = self.run_program("export", "validate", "out/finance")
            self.assertEqual(1, run.code, f"{run}")
            self.assertIn(told, run.out)
            self.assertIn("finance 2026-04: sound", run.out)
        part.unlink()
        part.write_bytes(kept)
        os.rename(part.parent, self.folder / "elsewhere")
        part.parent.symlink_to(self.folder / "elsewhere")
        run = self.run_program("export", "validate", "out/finance")
        self.assertEqual(1, run.code, f"{run}")
        self.assertIn("found a link, which is not followed", run.out)
        self.assertIn("finance 2026-04: sound", run.out)
        refused = self.run_program("export", "run", "finance", "--period", PERIOD)
        self.assertIn("found a link, which is not followed", refused.err)

    def test_who_can_write_to_a_folder_matters_to_who_writes(self) -> None:
        self.export_finance()
        (self.folder / "out").chmod(0o777)
        self.succeed("export", "validate", "out")
        run = self.run_program("export", "run", "finance")
        self.assertEqual(4, run.code, f"{run}")
        self.assertIn("everybody can write to", run.err)

    def test_an_export_may_be_called_data(self) -> None:
        self.write("dcm-billing.yaml", CONFIG.replace("name: finance", "name: data"))
        self.succeed("export", "run", "data", "--period", PERIOD)
        self.assertIn(f"data {PERIOD}: sound", self.succeed("export", "validate", "out").out)

    def test_a_folder_without_an_export_is_told(self) -> None:
        (self.folder / "empty").mkdir()
        self.assertEqual(1, self.run_program("export", "validate", "empty").code)
        self.assertEqual(4, self.run_program("export", "validate", "nowhere").code)


if __name__ == "__main__":
    main()
