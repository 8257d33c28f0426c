"""Each refusal of a rule book: exit code, line and column. `bench/run.py hostile` measures them."""

import re

from hostile_books import HostileBook, hostile_books
from support import ProductTest, main

PROBLEM = re.compile(r"book\.yaml:(\d+:\d+): error: (.*)")
PROBLEMS_MAX = 1_001  # and one that says how many more there are


class HostileBookTest(ProductTest):
    def test_fault_88_each_is_refused_at_its_place(self) -> None:
        for book in hostile_books():
            with self.subTest(book=book.name):
                self.check(book)

    def test_a_refused_book_is_used_by_no_command(self) -> None:
        path = self.folder / "book.yaml"
        path.write_bytes(hostile_books()[0].text)
        for command in ("report", "usage", "explain --instance a"):
            with self.subTest(command=command):
                self.assertEqual(3, self.run_program(*command.split(), "--rules", path).code)

    def check(self, book: HostileBook) -> None:
        path = self.folder / "book.yaml"
        path.write_bytes(book.text)
        run = self.run_program("rules", "check", path)
        self.assertEqual(1, run.code, run.out[:2000] + run.err[:2000])
        told = PROBLEM.findall(run.out + run.err)
        self.assertTrue(told, run.out[:500] + run.err[:500])
        self.assertLessEqual(len(told), PROBLEMS_MAX)
        place, message = told[0]
        self.assertEqual(book.place, place, message)
        self.assertIn(book.says, message)
        # Whatever the book holds, a message is a line of bounded length.
        self.assertLess(max(len(line) for line in (run.out + run.err).split("\n")), 1_000)


if __name__ == "__main__":
    main()
