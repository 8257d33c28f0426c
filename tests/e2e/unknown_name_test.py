"""A filter that names what nobody knows: the answer stays empty, and the name is told."""

from periods import PeriodFixture, event
from support import main


class UnknownNameTest(PeriodFixture):
    def test_a_name_that_is_known_nowhere_is_told_beside_the_empty_answer(self) -> None:
        self.replay(
            ("a", "RUNNING", "2024-05-02T00:00:00Z"),
            ("b", "RUNNING", "2024-05-30T00:00:00Z"),
            ("b", "DELETED", "2024-06-02T00:00:00Z"),
        )
        self.close(0, "2024-05")
        # Known, and charged nothing: one that never came to run, and one that nobody has a rate for.
        idle = event(90, "i", "PROVISIONING", "2024-06-02T00:00:00Z") | {"source": "dcm/providers/idle"}
        unrated = event(91, "u", "STOPPED", "2024-06-02T00:00:00Z")
        rejected = event(92, "web-9", "NO SUCH", "2024-06-02T00:00:00Z")
        lines = self.write_lines("idle.jsonl", [idle, unrated, rejected])
        self.succeed("replay", lines, *self.common())
        for words, told in (
            (("report", "--tenant", "acne"), 'expected a tenant that usage or a resource file has, got "acne"; did you mean acme?'),
            (("report", "--tenant", "acne", "--format", "html"), "did you mean acme?"),
            (("report", "--period", "2024-05", "--compare", "2024-06", "--tenant", "acne"), "did you mean acme?"),
            (("report", "--provider", "dcm/providers/q"), 'expected a provider that events have, got "dcm/providers/q"'),
            (("report", "--service-type", "wm"), "did you mean vm?"),
            (("report", "--state", "RUNING"), "did you mean RUNNING?"),
            (("report", "--instance", "nosuch"), 'expected an instance that events have, got "nosuch"\n'),
            (("statement", "show", "2024-05", "--tenant", "acne"), "did you mean acme?"),
            (("statement", "show", "2024-06", "--tenant", "acne"), "did you mean acme?"),
            (("usage", "--tenant", "unasigned"), "did you mean unassigned?"),
            (("usage", "--state", "RUNING"), "did you mean RUNNING?"),
            (("usage", "--instance", "nosuch", "--format", "json"), 'got "nosuch"\n'),
            (("instances", "--service-type", "vmm"), "did you mean vm?"),
            (("instances", "--provider", "idl"), "did you mean idle?"),
            (("quarantine", "list", "--instance", "web-8"), "did you mean web-9?"),
            (("report", "doubtful", "--tenant", "acne"), "did you mean acme?"),
            (("report", "unrated", "--tenant", "acne"), "did you mean acme?"),
            (("rules", "simulate", "--candidate", self.book, "--tenant", "acne"), "did you mean acme?"),
        ):
            with self.subTest(words):
                self.assertIn(told, self.succeed(*words, *self.common()).err)
        for words in (
            ("report", "--period", "2024-01", "--tenant", "acme"),
            ("report", "--period", "2024-01", "--tenant", "umbrella", "--instance", "b"),
            ("report", "--state", "RUNNING"),
            ("statement", "show", "2024-06", "--tenant", "acme"),
            ("report", "--tenant", "unassigned"),
            ("report", "--provider", "idle"),
            ("statement", "show", "2024-06", "--tenant", "unassigned"),
            ("usage", "--period", "2024-01", "--tenant", "acme", "--state", "RUNNING"),
            ("instances", "--instance", "b", "--provider", "idle"),
            ("quarantine", "list", "--instance", "b"),
            ("quarantine", "list", "--instance", "web-9", "--reason", "bad_time"),
            ("report", "doubtful", "--tenant", "acme"),
            ("rules", "simulate", "--candidate", self.book, "--tenant", "acme", "--period", "2024-01"),
        ):
            with self.subTest(words):
                self.assertEqual("", self.succeed(*words, *self.common()).err)


if __name__ == "__main__":
    main()
