"""Every message of the shared cases, decided by `events check` as expected."""

import json

from support import CASES, ProductTest, main, read_cases


class MessagesTest(ProductTest):
    def test_each_message_gets_the_expected_verdict(self) -> None:
        cases = read_cases("messages.jsonl")
        run = self.run_program("events", "check", CASES / "messages.jsonl")
        self.assertEqual(1, run.code, f"some are rejected: {run}")
        decided = run.jsonl()
        self.assertEqual(len(cases), len(decided))
        for number, (case, verdict) in enumerate(zip(cases, decided), 1):
            with self.subTest(name=case["name"], why=case["why"]):
                self.assert_members(case["expect"] | {"line": number}, verdict)
                if verdict["verdict"] == "rejected":
                    self.assertTrue(verdict.get("detail"), "a rejection says what came")

    def test_a_file_of_accepted_messages_exits_0(self) -> None:
        accepted = [c for c in read_cases("messages.jsonl") if c["expect"]["verdict"] == "accepted"]
        path = self.write_lines("accepted.jsonl", accepted)
        self.assertEqual(len(accepted), len(self.succeed("events", "check", path).jsonl()))

    def test_standard_input_and_a_file_give_the_same(self) -> None:
        text = (CASES / "messages.jsonl").read_text(encoding="utf-8")
        from_file = self.run_program("events", "check", CASES / "messages.jsonl")
        from_stdin = self.run_program("events", "check", "-", stdin=text)
        self.assertEqual(from_file.out, from_stdin.out)

    def test_replay_records_the_verdicts_of_events_check(self) -> None:
        """Rules 1 to 6 are the same in both; identity (rule 7) only replay can judge."""
        checked = self.run_program("events", "check", CASES / "messages.jsonl").jsonl()
        replayed = self.succeed("replay", CASES / "messages.jsonl").summary()
        rejected = [line for line in checked if line["verdict"] == "rejected"]
        self.assertEqual(len(checked), replayed["received"])
        self.assertGreaterEqual(replayed["rejected"], len(rejected))
        self.assertEqual(0, replayed["redelivered"])
        counts = replayed["accepted"] + replayed["duplicate"] + replayed["rejected"]
        self.assertEqual(replayed["received"], counts)

    def test_a_blank_line_is_skipped_and_any_other_is_a_message(self) -> None:
        event = {
            "specversion": "1.0",
            "id": "1",
            "source": "dcm/providers/p",
            "type": "dcm.status.vm",
            "time": "2026-05-01T10:00:00Z",
            "data": {"id": "a", "status": "RUNNING"},
        }
        lines = "\n" + json.dumps(event) + "\n  \nnonsense\n" + json.dumps({"subject": "dcm.vm"})
        decided = self.run_program("events", "check", "-", stdin=lines).jsonl()
        self.assertEqual(["accepted", "rejected", "rejected"], [d["verdict"] for d in decided])
        self.assertEqual("a", decided[0]["instance"])


if __name__ == "__main__":
    main()
