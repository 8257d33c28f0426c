"""Every priced case: replay with its rule book, then the report as JSON."""

import concurrent.futures
import json

from support import ProductTest, main, read_cases


class PricingTest(ProductTest):
    def report(self, case: dict) -> dict:
        folder = self.folder / case["name"]
        folder.mkdir()
        book = folder / "book.yaml"
        book.write_text(json.dumps(case["book"]), encoding="utf-8")
        for name, text in case.get("files", {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        events = self.write_lines(f"{case['name']}/events.jsonl", case["events"])
        common = ("--rules", book, "--database", f"sqlite://{folder}/billing.db")
        self.succeed("replay", events, *common)
        bounds = ("--period", case["period"], "--as-of", case["as_of"])
        group = ("--group-by", ",".join(case["group_by"]))
        run = self.succeed("report", "--format", "json", *bounds, *group, *common)
        return json.loads(run.out)

    def check(self, case: dict) -> None:
        expected = dict(case["expect"])
        lines = expected.pop("lines")
        report = self.report(case)
        self.assert_members(expected, report)
        self.assertEqual(case["group_by"], report["group_by"])
        self.assertEqual(case["book"]["currency"], report["currency"])
        self.assertEqual(len(lines), len(report["lines"]), f"{report['lines']}")
        for expected_line, line in zip(lines, report["lines"]):
            self.assert_members(expected_line, line)

    def test_each_case_costs_what_is_expected(self) -> None:
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            running = [(case, pool.submit(self.check, case)) for case in read_cases("pricing.jsonl")]
            for case, future in running:
                with self.subTest(name=case["name"], source=case["source"]):
                    future.result()


if __name__ == "__main__":
    main()
