"""Words that a rule book gets after a month was closed: what they mean in that month."""

import json

from periods import PeriodFixture
from support import main, sqlite


class NewWordTest(PeriodFixture):
    """A status that the book of a closed month does not know, accepted once the book has the word."""

    RATE = '  - {id: disk, meter: storage, match: {service_type: vm}, price: "1", unit: hour}\n'

    def setUp(self) -> None:
        super().setUp()
        self.first = self.book.read_text(encoding="utf-8") + self.RATE
        self.book.write_text(self.first, encoding="utf-8")
        self.replay(
            ("a", "RUNNING", "2024-05-30T00:00:00Z"),
            ("a", "HIBERNATED", "2024-05-31T00:00:00Z"),
            ("a", "DELETED", "2024-06-02T00:00:00Z"),
        )
        self.close(0, "2024-05", "--accept", "quarantine")

    def learn(self, entry: str) -> None:
        """Gives the book another lifecycle for vm, and retries what was rejected."""
        self.book.write_text(f"{self.first}lifecycle: {{vm: {{{entry}}}}}\n", encoding="utf-8")
        self.succeed("quarantine", "retry", "--all", *self.common())

    def billed(self) -> list[str]:
        """Per rate and state: what all statements charge for May, when June is closed."""
        self.close(0, "2024-06")
        return sqlite(
            self.database,
            "SELECT rate, state, printf('%.3f', sum(cost)) FROM v_statement_line "
            "WHERE charge_start < '2024-06' AND state IS NOT NULL "
            "GROUP BY 1, 2 HAVING abs(sum(cost)) > 0.0001 ORDER BY 1, 2",
        )

    def reported(self) -> list[str]:
        words = ("report", "--period", "2024-05", "--group-by", "rate,state", "--format", "json")
        lines = json.loads(self.succeed(*words, *self.common()).out)["lines"]
        return [f"{x['rate']}|{x['state']}|{float(x['cost']):.3f}" for x in lines]

    def test_a_word_that_holds_the_state_ends_no_charge(self) -> None:
        self.learn("HIBERNATED: hold")
        self.assertEqual(["disk|RUNNING|48.000", "vm|RUNNING|15.984"], self.reported())
        self.assertEqual(self.reported(), self.billed())
        self.assertEqual([], self.records("correction.made"))

    def test_a_word_that_is_charged_is_charged_in_the_closed_month(self) -> None:
        expected = ["disk|RUNNING|24.000", "disk|STOPPED|24.000", "vm|RUNNING|7.992"]
        for entry in ("HIBERNATED: {charge: STOPPED}", "aliases: {HIBERNATED: STOPPED}"):
            with self.subTest(entry=entry):
                self.doCleanups()
                self.setUp()
                self.learn(entry)
                self.assertEqual(expected, self.reported())
                self.assertEqual(expected, self.billed())
                (made,) = self.records("correction.made")
                self.assertEqual("-7.992", made["body"]["total"])
                (line,) = sqlite(
                    self.database,
                    "SELECT line FROM v_statement_line WHERE state = 'STOPPED' AND "
                    "charge_start < '2024-06'",
                )
                told = self.succeed("statement", "explain", line, *self.common()).out
                self.assertIn("24 × 1 = 24 EUR", told)

    def test_what_was_billed_for_a_word_is_not_corrected_when_the_book_says_otherwise(self) -> None:
        self.learn("HIBERNATED: hold")
        self.close(0, "2024-06")
        self.learn("HIBERNATED: none")
        self.replay(("b", "RUNNING", "2024-05-03T00:00:00Z"), ("b", "DELETED", "2024-05-03T01:00:00Z"))
        lines = self.statement("2024-07")["lines"]
        self.assertEqual({"b", None}, {line["instance_id"] for line in lines})

    def replay_under_another_book(self) -> None:
        """`c` says PARKED, which is a word of the book it is accepted under and none of this one."""
        other = self.first + "lifecycle: {vm: {PARKED: {charge: STOPPED}}}\n"
        self.book.write_text(other, encoding="utf-8")
        self.replay(
            ("c", "RUNNING", "2024-06-10T00:00:00Z"),
            ("c", "PARKED", "2024-06-11T00:00:00Z"),
            ("c", "DELETED", "2024-06-12T00:00:00Z"),
        )
        self.book.write_text(self.first, encoding="utf-8")

    def test_closing_with_a_book_that_lacks_a_word_of_the_month_is_a_doubt(self) -> None:
        self.replay_under_another_book()
        refused = self.close(1, "2024-06").err
        self.assertIn(
            "words: 1 event of the month accepted under another rule book with a status that is no"
            " word of this one and charges nothing: PARKED (vm)",
            " ".join(refused.split()),
        )
        self.close(0, "2024-06", "--accept", "words")
        self.close(0, "2024-07")  # of which no event says it

    def test_a_correction_by_a_new_word_does_not_wait_for_another_event(self) -> None:
        self.replay_under_another_book()
        self.close(0, "2024-06", "--accept", "words")
        self.assertEqual([], self.statement("2024-07")["lines"])
        self.learn("PARKED: {charge: STOPPED}")
        corrections = [x for x in self.statement("2024-07")["lines"] if x["kind"] == "correction"]
        self.assertEqual([("c", "24")], [(x["instance_id"], x["cost"]) for x in corrections])

    def test_an_explained_line_names_the_book_that_gave_it_a_word(self) -> None:
        self.learn("HIBERNATED: {charge: STOPPED}")
        self.close(0, "2024-06")
        digest = sqlite(self.database, "SELECT max(book_digest) FROM closed_period WHERE period = '2024-06'")
        (line,) = sqlite(
            self.database,
            "SELECT line FROM v_statement_line WHERE state = 'STOPPED' AND charge_start < '2024-06'",
        )
        explain = ("statement", "explain", line, *self.common())
        told = " ".join(self.succeed(*explain).out.split())
        self.assertIn(f"HIBERNATED, which that book does not know: as in {digest[0]}", told)
        events = json.loads(self.succeed(*explain, "--format", "json").out)["explanation"]["events"]
        self.assertEqual([digest[0], None], [event["word_book"] for event in events])

    def test_a_word_that_was_known_keeps_its_meaning(self) -> None:
        self.learn("HIBERNATED: hold, RUNNING: none")
        self.assertEqual([], self.reported())
        self.assertEqual(["disk|RUNNING|48.000", "vm|RUNNING|15.984"], self.billed())


if __name__ == "__main__":
    main()
