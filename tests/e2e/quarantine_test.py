"""Rejected messages: listed, shown without harm, and decided again, also beside a consumer."""

import json

from support import ProductTest, main, sqlite, wait_until

BOOK = """version: 1
currency: EUR
timezone: UTC
lifecycle:
  vm:
    WARPED: {charge: RUNNING}
rates:
  - {id: vm, match: {service_type: vm}, price: "1", unit: hour}
"""
BATCH = 10_000  # verdicts in one transaction


def event(number: int, status: str, **changes: object) -> str:
    body = {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "dcm/providers/x",
        "type": "dcm.status.vm",
        "subject": "dcm.vm",
        "datacontenttype": "application/json",
        "time": f"2026-05-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        "data": {"id": "web", "status": status},
    }
    return json.dumps(body | changes)


class QuarantineTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.book = self.folder / "new.yaml"
        self.book.write_text(BOOK)

    def replay(self, *lines: str) -> None:
        done = self.run_program("replay", "-", stdin="\n".join(lines) + "\n")
        self.assertEqual(0, done.code, done)

    def retry(self, *words: object) -> dict:
        done = self.run_program("quarantine", "retry", "--rules", self.book, *words)
        self.assertEqual(0, done.code, done)
        return done.summary()

    def assert_sound(self) -> None:
        verified = self.run_program("audit", "verify")
        self.assertEqual(0, verified.code, verified)
        rebuilt = self.run_program("rebuild", "--rules", self.book)
        self.assertEqual(0, rebuilt.code, rebuilt)

    def test_retried_messages_are_billed_and_everything_stays_sound(self) -> None:
        self.replay(
            event(1, "WARPED"),
            event(2, "DELETED"),
            event(1, "WARPED"),
            event(9, "NONSENSE"),
            event(7, "RUNNING", type="org.example.vm"),
        )
        listed = self.run_program("quarantine", "list", "--format", "jsonl").jsonl()
        self.assertEqual([0, 2, 3, 4], [row["seq"] for row in listed])
        self.assertEqual(["WARPED", "WARPED", "NONSENSE", None], [row["status"] for row in listed])
        one = self.run_program("quarantine", "list", "--reason", "bad_type", "--format", "csv")
        self.assertEqual(2, len(one.out.splitlines()), one)
        nothing = self.run_program("quarantine", "retry", "--all").summary()
        self.assertEqual(4, nothing["unchanged"])
        self.assertEqual(5, self.log_size())
        counts = self.retry("--reason", "unknown_status")
        self.assertEqual(
            {"retried": 3, "accepted": 1, "duplicate": 1, "rejected": 0, "unchanged": 1}
            | {"redacted": 0},
            counts,
        )
        usage = self.run_program("usage", "--rules", self.book, "--format", "jsonl").jsonl()
        self.assertEqual([("RUNNING", "1")], [(row["state"], row["seconds"]) for row in usage])
        self.assertEqual(8, self.log_size())  # ruleset.changed and two verdicts
        note = self.run_program("audit", "checkpoint").out.splitlines()
        self.assertEqual("8", note[1], "the checkpoint covers what was retried")
        self.assert_sound()
        self.assertEqual(2, self.retry("--all")["unchanged"])
        self.assertEqual(8, self.log_size())

    def test_a_retry_that_changes_nothing_records_nothing_not_even_its_book(self) -> None:
        self.replay(event(1, "NONSENSE"))
        done = self.run_program("quarantine", "retry", "--all", "--rules", self.book, "--format", "json")
        self.assertEqual((0, []), (done.code, json.loads(done.out)), done)
        self.assertEqual(1, json.loads(done.err)["unchanged"], done)
        self.assertEqual(1, self.log_size())
        self.assert_sound()

    def sql(self, query: str) -> str:
        return sqlite(self.folder / "dcm-billing.db", query)[0]

    def log_size(self) -> int:
        return int(self.sql("SELECT count(*) FROM v_audit"))

    def assert_refused_while(self, change: str, undo: str, told: str) -> None:
        """As long as something is edited nothing is decided, and afterwards it is as it was."""
        size = self.log_size()
        self.change(change)
        done = self.run_program("quarantine", "retry", "--all", "--rules", self.book)
        self.assertEqual((1, ""), (done.code, done.out), done)
        self.assertIn(told, done.err)
        self.assertEqual(size, self.log_size())
        self.change(undo)

    def change(self, script: str) -> None:
        sqlite(self.folder / "dcm-billing.db", script, read_only=False)

    def test_nothing_is_decided_by_what_somebody_edited(self) -> None:
        headers = {"X-A": "b"}
        self.replay(
            event(1, "WARPED"),
            json.dumps({"payload": event(2, "WARPED"), "subject": "dcm.vm", "headers": headers}),
            "nonsense",
            # So that record 1 is not among the last, which every command that writes looks at.
            *(event(number, "RUNNING") for number in range(3, 600)),
        )
        self.change("CREATE TABLE kept AS SELECT * FROM audit_payload")
        columns = "payload, headers, subject, salt".split(", ")
        undo = "".join(
            f"UPDATE audit_payload SET {column} = (SELECT {column} FROM kept WHERE kept.seq = audit_payload.seq);"
            for column in columns
        )
        other = event(9, "RUNNING").replace('"', '""')
        edit = "UPDATE audit_payload SET {} WHERE seq = 1"
        self.assert_refused_while(edit.format(f"payload = CAST(\"{other}\" AS BLOB)"), undo, "payload_commit")
        self.assert_refused_while(edit.format("headers = replace(headers, 'b', 'c')"), undo, "headers_commit")
        self.assert_refused_while(edit.format("headers = NULL"), undo, "headers are missing")
        self.assert_refused_while(edit.format("subject = 'dcm.container'"), undo, "NATS subject")
        self.change("CREATE TABLE guard AS SELECT sql FROM sqlite_schema WHERE name = 'audit_log_no_update'")
        self.change("DROP TRIGGER audit_log_no_update")
        edit = "UPDATE audit_log SET ce_id = '{}' WHERE seq = 1"
        self.assert_refused_while(edit.format("other"), edit.format("e-2"), "record 1 is not the one")
        self.change("\n".join(sqlite(self.folder / "dcm-billing.db", "SELECT sql FROM guard")))
        self.assertEqual(2, self.retry("--all")["accepted"])

    def test_a_message_that_was_refused_for_its_subject_is_not_accepted_for_another(self) -> None:
        self.replay(json.dumps({"payload": event(1, "RUNNING"), "subject": "dcm.container"}))
        self.assertEqual(1, self.retry("--all")["unchanged"])
        edit = "UPDATE audit_payload SET subject = '{}'"
        for subject in ("dcm.vm", "other"):
            self.assert_refused_while(edit.format(subject), edit.format("dcm.container"), "NATS subject")

    def test_a_message_is_shown_whole_and_harms_no_terminal(self) -> None:
        hostile = "\x1b]0;owned\x07\u202e" + "x" * 5000
        self.replay(json.dumps({"payload": hostile, "subject": "dcm.vm"}), event(1, "RUNNING"))
        shown = self.run_program("quarantine", "show", 0)
        self.assertEqual(0, shown.code, shown)
        self.assertNotIn("\x1b", shown.out)
        self.assertNotIn("\u202e", shown.out)
        self.assertIn("\\x1b]0;owned\\x07\\u202e", shown.out)
        self.assertIn("--format json prints all of it", shown.out)
        self.assertLessEqual(max(map(len, shown.out.splitlines())), 80)
        whole = self.run_program("quarantine", "show", 0, "--format", "json").jsonl()[0]
        self.assertEqual(hostile, whole["payload"])
        self.assertEqual("bad_json", whole["now"]["reason"])

    def test_what_cannot_be_meant_is_told(self) -> None:
        self.replay(event(1, "RUNNING"))
        for words in (
            ("show", 0),
            ("show", 99),
            ("show",),
            ("retry",),
            ("retry", "--all", "--seq", 0),
            ("retry", "--seq", 0),
            ("retry", "--reason", "bad_jsn"),
            ("list", "--reason", "bad_jsn"),
        ):
            with self.subTest(words=words):
                done = self.run_program("quarantine", *words)
                self.assertEqual(2, done.code, done)
                self.assertTrue(done.err.startswith("dcm-billing: "), done)
                self.assertEqual("", done.out)
        elsewhere = ("--database", "sqlite://none.db")
        for words in (("list",), ("show", 0), ("retry", "--all")):
            done = self.run_program("quarantine", *words, *elsewhere)
            self.assertEqual(4, done.code, done)
            self.assertFalse((self.folder / "none.db").exists())

    def test_more_than_one_transaction_is_the_same(self) -> None:
        self.replay(*(event(number, "WARPED") for number in range(BATCH + 1)))
        self.assertEqual(BATCH + 1, self.retry("--all", "--format", "table")["accepted"])
        self.assertEqual(2 * (BATCH + 1) + 1, self.log_size())
        self.assert_sound()

    def test_a_retry_beside_a_running_consumer(self) -> None:
        broker = self.start_broker()
        words = ("--nats", broker.url, "--rules", self.book)
        self.replay(event(1, "WARPED"))
        fleet = ("publish", "--provision", "--nats", broker.url, "--no-message-ids", "--events", 20)
        self.succeed(*fleet, "--fleet", 1)
        consumer = self.start_program("consume", *words)
        wait_until(lambda: self.log_size() >= 21, "the stream is recorded")
        self.assertEqual(1, self.retry("--all")["accepted"])
        self.succeed(*fleet, "--fleet", 2)
        wait_until(lambda: self.log_size() >= 42, "the consumer goes on")
        retried = "SELECT seq FROM v_audit WHERE kind = 'quarantine.retried'"
        size = int(self.sql(retried)) + 1
        wait_until(lambda: self.checkpoint_size() >= size, "the consumer signs the verdict")
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual("accepted", self.sql("SELECT verdict FROM v_event WHERE seq = 0"))
        known = self.sql("SELECT count(*) FROM v_instance WHERE instance_id = 'web'")
        self.assertEqual("1", known)
        self.assert_sound()

    def checkpoint_size(self) -> int:
        return int(self.run_program("audit", "checkpoint").out.splitlines()[1])


if __name__ == "__main__":
    main()
