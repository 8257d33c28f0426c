"""`report --format html`: one well-formed page with the amounts of the report, that needs nothing."""

import json
from html.parser import HTMLParser

from cost_export_test import PERIOD, ExportFixture, event
from support import main

VOID = {"meta", "rect", "line", "br"}


class Page(HTMLParser):
    """Holds the tags against each other and keeps texts, attributes and tables."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.cells: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID or (tag == "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            raise AssertionError(f"</{tag}> closes {self.open[-1:]} at {self.getpos()}")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.open and self.open[-1] == "td":
            self.cells.append(data)


class HtmlReportTest(ExportFixture):
    def page(self, *words: str) -> tuple[str, Page]:
        text = self.succeed("report", "--period", PERIOD, "--format", "html", *words).out
        return text, Page(text)

    def test_it_is_well_formed_and_needs_nothing(self) -> None:
        text, page = self.page()
        self.assertEqual([], page.open)
        self.assertTrue(text.startswith("<!DOCTYPE html>\n"))
        self.assertEqual(set(), page.tags & {"script", "link", "img", "iframe", "object", "form"})
        loading = {"src", "href", "data", "action", "srcset"}
        self.assertEqual([], [a for a in page.attributes if a[0] in loading])
        self.assertNotIn("url(", text)
        self.assertIn("prefers-color-scheme:dark", text)
        self.assertIn("@media print", text)

    def test_its_amounts_are_those_of_the_report(self) -> None:
        _, page = self.page()
        whole = "".join(page.texts)
        for keys in ("tenant", "provider", "service_type", "day"):
            report = self.succeed(
                "report", "--period", PERIOD, "--format", "json", "--group-by", keys
            )
            answer = json.loads(report.out)
            for line in answer["lines"]:
                self.assertIn(line["cost"], page.cells)
                self.assertIn(line[keys], page.cells)
            self.assertIn(f"{answer['total_rounded']} EUR", whole)
            self.assertIn(answer["log"]["root"], whole)
        note = self.succeed("audit", "checkpoint").out
        self.assertIn(note.splitlines()[2], whole)

    def test_corrections_of_closed_months_are_told(self) -> None:
        self.close()
        late = event(7, "vm", "web-1", "STOPPED", "2026-03-01T11:00:00Z")
        self.succeed("replay", self.write_lines("late.jsonl", [late]))
        text = self.succeed("report", "--period", "2026-04", "--format", "html").out
        cells = Page(text).cells
        at = cells.index("2026-03")
        self.assertEqual(["2026-04", "acme", "2026-03", "2", "-0.4995"], cells[at - 2 : at + 3])

    def test_corrections_are_filtered_as_all_is(self) -> None:
        self.close()
        late = event(7, "vm", "web-1", "STOPPED", "2026-03-01T11:00:00Z")
        self.succeed("replay", self.write_lines("late.jsonl", [late]))
        for words, has_any in (
            (("--instance", "web-1"), True),
            (("--service-type", "vm", "--provider", "kubevirt", "--state", "RUNNING"), True),
            (("--instance", "web-2"), False),
            (("--service-type", "storage"), False),
            (("--provider", "other"), False),
            (("--state", "STOPPED"), False),
            (("--tenant", "globex"), False),
        ):
            with self.subTest(words=words):
                page = ("report", "--period", "2026-04", "--format", "html", *words)
                self.assertEqual(has_any, "-0.4995" in Page(self.succeed(*page).out).cells)

    def test_a_hostile_name_stays_text(self) -> None:
        self.write("owners.csv", "service_type,instance,tenant\nvm,web-1,<img src=x onerror=alert(1)>\n")
        _, page = self.page()
        self.assertNotIn("img", page.tags)
        self.assertIn("<img src=x onerror=alert(1)>", page.cells)


if __name__ == "__main__":
    main()
