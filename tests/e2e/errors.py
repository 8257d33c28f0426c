"""What the tests of messages and exit codes share."""

from support import ProductTest, Run, read_cases

BOOK = """version: 1
currency: EUR
timezone: UTC
issuer: Example Cloud
rates:
  - id: r
    match: {service_type: vm}
    price: "1"
    unit: hour
"""


class ErrorsFixture(ProductTest):
    """Asserts about messages; has no test of its own."""

    def assert_fails(self, code: int, *words: object, **options) -> Run:
        """The exit code, nothing on stdout, and a message that begins with the program's name."""
        run = self.run_program(*words, **options)
        self.assertEqual(code, run.code, f"{run}")
        self.assertEqual("", run.out, f"{run}")
        self.assertTrue(run.err.startswith("dcm-billing: "), f"{run}")
        return run

    def replay_something(self) -> None:
        case = read_cases("sequences.jsonl")[0]
        self.succeed("replay", self.write_lines("events.jsonl", case["messages"]))
