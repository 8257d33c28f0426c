"""What comes late for a closed month, and freezes as it is when the next month is closed."""

import json

from periods import PeriodFixture
from support import main, sqlite


class LateTest(PeriodFixture):
    """May is closed; what its statement lacks is told before June's closing freezes the corrections."""

    PARKED = "lifecycle: {vm: {PARKED: {charge: STOPPED}}}\n"

    def setUp(self) -> None:
        super().setUp()
        self.first = self.book.read_text(encoding="utf-8")
        self.replay(
            ("a", "RUNNING", "2024-05-01T00:00:00Z"),
            ("a", "DELETED", "2024-06-02T00:00:00Z"),
        )
        self.close(0, "2024-05")

    def use(self, text: str) -> None:
        self.book.write_text(text, encoding="utf-8")

    def refused(self, month: str) -> str:
        """What stands against closing the month, as one line."""
        return " ".join(self.close(1, month).err.split())

    def quarantined(self, month: str) -> list[str]:
        listed = self.succeed(
            "quarantine", "list", "--period", month, "--format", "jsonl", *self.common()
        )
        return [row["event_time"] for row in listed.jsonl()]

    def test_a_late_message_that_is_rejected_stands_against_the_next_closing_once(self) -> None:
        self.replay(("a", "GONE", "2024-05-02T00:00:00Z"), ("a", "GONE", "2024-06-01T00:00:00Z"))
        self.assertIn(
            "quarantine: 1 message of the month rejected, 1 message late for a closed month rejected:"
            " see quarantine list --period 2024-06",
            self.refused("2024-06"),
        )
        both = ["2024-05-02T00:00:00Z", "2024-06-01T00:00:00Z"]
        self.assertEqual(both, self.quarantined("2024-06"))
        self.assertEqual(both[:1], self.quarantined("2024-05"))
        self.assertEqual([], self.quarantined("2024-07"))
        self.close(0, "2024-06", "--accept", "quarantine")
        self.assertEqual(both, self.quarantined("2024-06"))
        self.close(0, "2024-07")
        self.assertEqual([], self.quarantined("2024-07"))

    def test_a_word_that_is_in_force_when_the_month_begins_is_a_doubt(self) -> None:
        self.use(self.first + self.PARKED)
        self.replay(
            ("b", "RUNNING", "2024-06-01T00:00:00Z"),
            ("b", "PARKED", "2024-06-20T00:00:00Z"),
            ("b", "UNKNOWN", "2024-06-21T00:00:00Z"),
            ("c", "PARKED", "2024-06-20T00:00:00Z"),
            ("c", "DELETED", "2024-06-21T00:00:00Z"),
        )
        self.close(0, "2024-06", "--accept", "unrated")
        self.use(self.first)
        self.assertIn(
            "words: 1 event in force when the month begins accepted under another rule book with a"
            " status that is no word of this one and charges nothing: PARKED (vm)",
            self.refused("2024-07"),
        )
        self.use(self.first + self.PARKED)
        self.assertNotIn("words", self.refused("2024-07"))

    def test_a_late_event_with_an_unknown_word_is_a_doubt_once(self) -> None:
        self.use(self.first + "lifecycle: {vm: {PARKED: hold}}\n")
        self.replay(("a", "PARKED", "2024-05-02T00:00:00Z"), ("a", "RUNNING", "2024-05-03T00:00:00Z"))
        self.use(self.first)
        self.assertIn("words: 1 event late for a closed month accepted", self.refused("2024-06"))
        self.close(0, "2024-06", "--accept", "words")
        self.close(0, "2024-07")

    def test_a_late_event_is_no_doubt_where_a_closed_book_has_its_word(self) -> None:
        self.use(self.first + self.PARKED)
        self.close(0, "2024-06")
        self.replay(("a", "PARKED", "2024-05-02T00:00:00Z"), ("a", "RUNNING", "2024-05-03T00:00:00Z"))
        self.use(self.first)
        self.assertNotIn("words", self.refused("2024-07"))

    def test_a_message_that_is_accepted_late_counts_as_late(self) -> None:
        self.replay(("a", "PARKED", "2024-05-02T00:00:00Z"), ("a", "RUNNING", "2024-05-03T00:00:00Z"))
        self.close(0, "2024-06", "--accept", "quarantine")
        self.use(self.first + self.PARKED)
        self.succeed("quarantine", "retry", "--all", *self.common())
        self.use(self.first)
        self.assertIn("words: 1 event late for a closed month", self.refused("2024-07"))

    def test_late_usage_without_a_rate_is_a_doubt_once(self) -> None:
        self.replay(
            ("b", "PAUSED", "2024-05-10T00:00:00Z"),
            ("b", "RUNNING", "2024-05-11T00:00:00Z"),
            ("b", "DELETED", "2024-05-11T01:00:00Z"),
        )
        self.assertIn(
            "unrated: 86400 s of usage late for a closed month, which no rate of the book it was closed"
            " with matches: vm/b in 2024-05: see usage --period 2024-05",
            self.refused("2024-06"),
        )
        closed = self.close(0, "2024-06", "--accept", "unrated").out
        self.assertIn("accepted unrated: 86400 s of usage late", closed)
        self.replay(("c", "RUNNING", "2024-05-10T00:00:00Z"), ("c", "DELETED", "2024-05-10T01:00:00Z"))
        self.close(0, "2024-07")

    def test_a_corrected_resource_file_is_told_with_the_book_that_has_it(self) -> None:
        owners = self.folder / "owners.csv"
        owners.write_text("service_type,instance,tenant\n\nvm,a,initech\n", encoding="utf-8")
        self.close(0, "2024-06")
        (digest,) = sqlite(
            self.database, "SELECT book_digest FROM closed_period WHERE period = '2024-06'"
        )
        (line,) = sqlite(
            self.database, "SELECT line FROM v_statement_line WHERE tenant = 'initech' AND corrects = 1"
        )
        explain = ("statement", "explain", line, *self.common())
        told = " ".join(self.succeed(*explain).out.split())
        self.assertIn(f"owners.csv, which is another one in that book: as in {digest}", told)
        told = json.loads(self.succeed(*explain, "--format", "json").out)["explanation"]
        self.assertEqual({"owners.csv": digest}, told["resource_books"])
        told = self.succeed("statement", "explain", 1, "--format", "json", *self.common()).out
        self.assertEqual({}, json.loads(told)["explanation"]["resource_books"])


if __name__ == "__main__":
    main()
