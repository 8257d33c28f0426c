"""How the page of `report --format html` looks in a browser and on paper, and what a validator says."""

import itertools
import pathlib
import re
import shutil
import subprocess
import unittest

from browser import PROGRAM, Browser, Look
from periods import PeriodFixture
from support import main

WIDTHS = (320, 390, 768, 1100, 1600)
LOOKS = [Look(width, scheme) for width in WIDTHS for scheme in ("light", "dark")]
PAPER = Look(700, "dark", "print")
LONG = "l" * 200
WORDY = "a tenant whose name is much longer than anyone should ever make the name of a tenant"
TENANTS = ("acme", "umbrella", WORDY, LONG)
# Which share of the lightness of white a colour has (WCAG 2.2, relative luminance).
LUMINANCE = """
(colour) => {
  const channel = (x) => (x /= 255) <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = colour.match(/[0-9.]+/g).map(Number);
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
}"""
# Of each cell with a point, where its point is: [table, column, pixels from the left].
POINTS = """
[...document.querySelectorAll('table')].flatMap((table, t) =>
  [...table.querySelectorAll('tbody tr')].flatMap((row) =>
    [...row.cells].flatMap((cell, c) => {
      const text = cell.firstChild;
      const at = cell.className === 'number' && text ? text.data.indexOf('.') : -1;
      if (at < 0) return [];
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return [[t, c, Math.round(range.getBoundingClientRect().left)]];
    })))"""
# How many lines the cells that say exactly this take.
LINES = """
[...document.querySelectorAll('td')].filter((cell) => cell.textContent === '%s').map((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
})"""
WIDER = """
[...document.querySelectorAll('html, section')].filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => box.tagName + ' ' + (box.querySelector('h2') || box).textContent.slice(0, 40))"""


class PageFixture(PeriodFixture):
    """Tenants with short, wordy and long names over a month, and corrections of the one before."""

    def setUp(self) -> None:
        super().setUp()
        names = [f"i-{number}" for number in range(25)]
        owners = zip(names, itertools.cycle(TENANTS), strict=False)
        self.write(
            "owners.csv",
            "service_type,instance,tenant\n" + "".join(f"vm,{i},{t}\n" for i, t in owners),
        )
        self.replay(*((name, "RUNNING", f"2024-05-01T00:00:{n:02}Z") for n, name in enumerate(names)))
        self.close(0, "2024-05")
        self.replay(
            *((name, "ERROR", f"2024-05-2{n % 10}T00:00:00Z") for n, name in enumerate(names[:5])),
            *((name, "DELETED", f"2024-06-{n + 1:02}T07:00:01Z") for n, name in enumerate(names[5:])),
        )

    def page(self, month: str = "2024-06", *words: object) -> pathlib.Path:
        report = ("report", "--period", month, "--format", "html", *words)
        return self.write("page.html", self.succeed(*report, *self.common()).out)


@unittest.skipUnless(PROGRAM, "no Chromium is installed (Debian: chromium-headless-shell)")
class LookTest(PageFixture):
    def setUp(self) -> None:
        super().setUp()
        self.browser = Browser(self.folder)
        self.addCleanup(self.browser.kill)

    def contrast(self, selector: str, what: str = "color") -> float:
        script = f"""(() => {{
          const luminance = {LUMINANCE};
          const of = (element) => getComputedStyle(document.querySelector(element));
          const both = [luminance(of('{selector}')['{what}']), luminance(of('body').backgroundColor)];
          return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
        }})()"""
        return float(str(self.browser.value(script)))

    def test_it_fits_asks_for_nothing_and_can_be_read_in_each_look(self) -> None:
        page = self.page()
        for look in (*LOOKS, PAPER):
            with self.subTest(look=look):
                self.browser.show(page, look)
                self.assertEqual([], self.browser.told())
                self.assertEqual([], self.browser.value(WIDER))
                for name in TENANTS[:2]:
                    lines = self.browser.value(LINES % name)
                    self.assertGreater(len(lines), 2, "of the tables, and of each instance")
                    self.assertEqual({1}, set(lines), f"{name} is broken over lines")
                for selector, what, least in (
                    ("body", "color", 7),
                    (".faint", "color", 4.5),
                    ("svg text", "fill", 4.5),
                    (".bar", "fill", 3),
                ):
                    self.assertGreaterEqual(self.contrast(selector, what), least, selector)

    def test_two_months_beside_each_other_fit_too(self) -> None:
        page = self.page("2024-06", "--compare", "2024-05")
        for look in (*LOOKS, PAPER):
            with self.subTest(look=look):
                self.browser.show(page, look)
                self.assertEqual([], self.browser.told())
                self.assertEqual([], self.browser.value(WIDER))

    def test_points_stand_below_each_other(self) -> None:
        self.browser.show(self.page(), Look())
        points = self.browser.value(POINTS)
        self.assertGreater(len(points), 40)
        columns: dict[tuple[int, int], set[int]] = {}
        for table, column, left in points:
            columns.setdefault((table, column), set()).add(left)
        for column, lefts in columns.items():
            self.assertLessEqual(max(lefts) - min(lefts), 1, f"table and column {column}: {lefts}")

    def test_the_picture_shows_bars_on_paper_or_in_the_dark(self) -> None:
        page = self.page()
        seen = {}
        for scheme, ground, bar in (
            ("light", (255, 255, 255), (47, 111, 181)),
            ("dark", (21, 24, 28), (110, 168, 230)),
        ):
            self.browser.show(page, Look(1100, scheme))
            seen[scheme] = self.browser.picture().colours()
            commonest = max(seen[scheme], key=seen[scheme].__getitem__)
            self.assertEqual(ground, commonest)
            pixels = sum(seen[scheme].values())
            self.assertGreater(seen[scheme].get(bar, 0), pixels / 50)
            self.assertGreater(len(seen[scheme]), 20, "and texts, whose edges are smooth")

    def test_paper_is_light_and_filled(self) -> None:
        self.browser.show(self.page(), PAPER)
        ground = self.browser.value("getComputedStyle(document.body).backgroundColor")
        self.assertEqual("rgb(255, 255, 255)", ground)
        height = float(str(self.browser.value("document.documentElement.scrollHeight")))
        self.browser.show(self.page(), Look())
        pages = re.findall(rb"/Type\s*/Page\b", self.browser.paper())
        # Of a Letter page of 11 inches 10 are left, at 96 pixels each.
        self.assertGreaterEqual(len(pages), 2)
        self.assertLessEqual(len(pages), height / 960 + 1.5, "pages are left half empty")

    def test_a_bad_page_is_found(self) -> None:
        page = self.write(
            "bad.html",
            '<!DOCTYPE html><p style="width:3000px">wide</p><img src="http://127.0.0.1:1/x.png">'
            "<script>console.log('hello'); nothing()</script>",
        )
        self.browser.show(page, Look())
        told = " ".join(self.browser.told())
        for name in ("127.0.0.1:1/x.png", "hello", "nothing is not defined"):
            self.assertIn(name, told)
        self.assertNotEqual([], self.browser.value(WIDER))


@unittest.skipUnless(shutil.which("tidy"), "HTML Tidy is not installed (Debian: tidy)")
class ValidatorTest(PageFixture):
    def faults(self, page: pathlib.Path) -> str:
        words = ["tidy", "-errors", "-quiet", "--doctype", "html5", "--warn-proprietary-attributes", "yes"]
        return subprocess.run([*words, str(page)], capture_output=True, check=False).stderr.decode()

    def test_the_page_is_valid(self) -> None:
        self.assertEqual("", self.faults(self.page()))
        self.assertEqual("", self.faults(self.page("2024-06", "--compare", "2024-05")))
        self.assertEqual("", self.faults(self.page("2031-01")))

    def test_a_fault_is_found(self) -> None:
        text = self.page().read_text()
        for good, bad in (
            ("</h1>", ""),
            ("<title>", "<titel>"),
            ("</table>", ""),
            ('<th scope="col">', '<th scope="col" scoop="1">'),
            ("&lt;", "<") if "&lt;" in text else ("</section>", "</sektion>"),
        ):
            with self.subTest(bad=bad):
                self.assertIn(good, text)
                self.assertNotEqual("", self.faults(self.write("bad.html", text.replace(good, bad, 1))))


if __name__ == "__main__":
    main()
