"""What an administrator may do to the tables, and what `audit verify` says then."""

import json
import time

from support import CASES, ProductTest, Run, main, sqlite

ACCEPTED = ("--accept", "quarantine", "--accept", "unrated", "--accept", "early")


class TamperTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.database = self.folder / "billing.db"
        self.succeed("replay", CASES / "messages.jsonl", "--database", self.url())
        self.assertEqual(0, self.verify().code)

    def url(self) -> str:
        return f"sqlite://{self.database}"

    def verify(self, *words: str) -> Run:
        return self.run_program("audit", "verify", "--json", *words, "--database", self.url())

    def drop_triggers(self) -> None:
        names = sqlite(self.database, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        self.assertGreaterEqual(len(names), 3, "update, delete and insert are guarded")
        for name in names:
            self.change(f'DROP TRIGGER "{name}"')

    def change(self, statement: str) -> None:
        sqlite(self.database, statement, read_only=False)

    def assert_tampering(self, statement: str, first_bad_seq: int | None = None) -> None:
        """After the statement, which only a dropped trigger lets pass, the verdict is 1."""
        self.drop_triggers()
        self.change(statement)
        run = self.verify()
        self.assertEqual(1, run.code, f"{run}")
        verdict = json.loads(run.out)
        self.assertEqual(1, verdict["exit"])
        self.assertTrue(verdict["findings"], f"{run}")
        if first_bad_seq is not None:
            self.assertEqual(first_bad_seq, verdict["first_bad_seq"], f"{run}")

    def test_fault_1_and_11_statements_against_the_log_are_refused(self) -> None:
        columns = "seq, recorded_at, kind, actor, subject, outcome"
        for statement in (
            "UPDATE audit_log SET outcome = 'duplicate' WHERE seq = 5",
            "DELETE FROM audit_log WHERE seq = 5",
            "DELETE FROM audit_log",
            f"INSERT OR REPLACE INTO audit_log ({columns}) SELECT {columns} FROM audit_log"
            " WHERE seq = 5",
            "UPDATE OR REPLACE audit_log SET seq = 6 WHERE seq = 5",
            f"INSERT INTO audit_log ({columns}) VALUES (99999, 1, 'k', 'a', 's', 'o')",
        ):
            with self.subTest(statement=statement):
                self.assertRaises(AssertionError, self.change, statement)
        self.assertEqual(0, self.verify().code)

    def test_fault_2_a_byte_of_a_body_is_found(self) -> None:
        self.assert_tampering(
            "UPDATE audit_log SET body = replace(body, '2026', '2025') WHERE seq = 10", 10
        )

    def test_fault_4_a_row_deleted_in_the_middle_is_found(self) -> None:
        self.assert_tampering("DELETE FROM audit_log WHERE seq = 100", 100)

    def test_fewer_rows_than_the_head_says_is_tampering_and_no_rollback(self) -> None:
        self.assert_tampering("DELETE FROM audit_log WHERE seq > 400")

    def test_fault_9_two_swapped_rows_are_found(self) -> None:
        self.assert_tampering(
            "UPDATE audit_log SET seq = -7 WHERE seq = 7;"
            "UPDATE audit_log SET seq = 7 WHERE seq = 8;"
            "UPDATE audit_log SET seq = 8 WHERE seq = -7",
            7,
        )

    def test_fault_13_a_trailing_space_is_found(self) -> None:
        self.assert_tampering("UPDATE audit_log SET subject = subject || ' ' WHERE seq = 12", 12)

    def test_fault_14_null_and_empty_are_not_the_same(self) -> None:
        self.assert_tampering("UPDATE audit_log SET tenant = '' WHERE seq = 3", 3)

    def test_fault_16_a_view_that_lies_does_not_hide_it(self) -> None:
        columns = sqlite(self.database, "SELECT group_concat(name) FROM pragma_table_info('v_audit')")
        self.change(f"CREATE TABLE kept AS SELECT {columns[0]} FROM v_audit")
        self.change(f"DROP VIEW v_audit; CREATE VIEW v_audit AS SELECT {columns[0]} FROM kept")
        self.assert_tampering("UPDATE audit_log SET outcome = 'accepted ' WHERE seq = 20", 20)

    def test_a_payload_that_is_gone_without_a_record_is_tampering(self) -> None:
        self.drop_triggers()
        self.change("DELETE FROM audit_payload WHERE seq = 4")
        run = self.verify()
        self.assertEqual(1, run.code, f"{run}")

    def test_fault_6_dropped_tables_are_tampering_and_no_empty_log(self) -> None:
        for table in ("audit_tile", "audit_log"):
            with self.subTest(table=table):
                self.assert_tampering_found(f"DROP TABLE {table}")

    def assert_tampering_found(self, statement: str) -> None:
        self.change(statement)
        run = self.verify()
        self.assertEqual(1, run.code, f"{run}")

    def test_a_key_file_that_is_no_key_hides_nothing(self) -> None:
        key = self.folder / "billing.db.key"
        key.write_text("not a key\n", encoding="utf-8")
        self.assertEqual(3, self.verify().code)
        self.assert_tampering("UPDATE audit_log SET ce_id = 'x' WHERE seq = 7")

    def test_tables_that_do_not_follow_from_the_log_fail_the_rebuild(self) -> None:
        self.change("UPDATE interval SET state = 'FREE'")
        self.assertEqual(1, self.run_program("rebuild", "--database", self.url()).code)
        self.succeed("rebuild", "--database", self.url())

    def test_a_closed_month_that_is_not_as_recorded_is_tampering(self) -> None:
        for month in self.first_months():
            self.succeed("period", "close", month, *ACCEPTED, "--database", self.url())
        lines = sqlite(self.database, "SELECT line_end - first_line FROM closed_period")
        self.assertEqual("0", lines[0], "a month without usage is closed, too")
        self.assertEqual(0, self.verify("--rebuild").code)
        self.drop_triggers()
        whole = self.database.read_bytes()
        rounding = "kind = 'rounding'"
        a_line = "(line, period_no, kind, tenant, meter, rate, charge_start, charge_end, billed, cost)"
        for statement, told in (
            ("UPDATE statement_line SET cost = '0.01' WHERE line = 1", "not the sums of its lines"),
            ("UPDATE statement_line SET meter = 'x' WHERE line = 1", "lines_sha256"),
            ("UPDATE statement_line SET period_no = 7 WHERE line = 1", "not the sums of its lines"),
            ("DELETE FROM statement_line WHERE line = 1", "not the sums of its lines"),
            (f"INSERT INTO statement_line {a_line} VALUES (999, 2, 'usage', 't', 'm', 'r', 0, 1, 1, '1')", "lines of closed"),
            ("UPDATE statement SET total_rounded = '1'", "not the sums of its lines"),
            ("UPDATE closed_period SET tzdata = '1999a'", "tzdata"),
            ("UPDATE closed_period SET closed_at = closed_at + 1", "that record is not of its closing"),
            ("UPDATE closed_period SET closed_by_seq = 0", "that record is not of its closing"),
            ("UPDATE book SET bytes = CAST(bytes || ' ' AS BLOB)", "its rule book"),
            ("PRAGMA foreign_keys = OFF; DELETE FROM book", "its rule book"),
            ("UPDATE closed_period SET lines_sha256 = 'x'", "lines_sha256 is not what was recorded"),
            ("UPDATE closed_period SET period_no = 7 WHERE period_no = 1", "does not follow"),
            ("UPDATE closed_period SET first_line = first_line + 4, line_end = line_end + 4 WHERE period_no = 1", "does not follow"),
            ("UPDATE closed_period SET statement_end = statement_end + 1 WHERE period_no = 2", "not as many statements"),
            ("UPDATE statement SET period_no = 1", "statement 1 has another period_no"),
            ("UPDATE statement SET total = '+' || total", "statement 1 has another total"),
            (f"UPDATE statement_line SET quantity = '9' WHERE {rounding}", "has another quantity"),
            (f"UPDATE statement_line SET unit_price = '2' WHERE {rounding}", "has another unit_price"),
            (f"UPDATE statement_line SET unit = '' WHERE {rounding}", "has another unit"),
            (f"UPDATE statement_line SET unit = 'h' WHERE {rounding}", "has another unit"),
            ("UPDATE statement_line SET cost = '+' || cost WHERE line = 1", "line 1 has another cost"),
            ("UPDATE statement_line SET quantity = '0' || quantity WHERE line = 1", "line 1 has another quantity"),
            ("UPDATE closed_period SET checkpoint = replace(checkpoint, '/audit/', '/audit/0')", "the signed note"),
            ("UPDATE closed_period SET checkpoint = replace(checkpoint, '=', 'A')", "the signed note"),
            ("UPDATE closed_period SET checkpoint = 'forged'", "the signed note"),
            ("DELETE FROM statement; DELETE FROM statement_line; DELETE FROM closed_period", "closed months in the database"),
        ):
            with self.subTest(statement=statement):
                self.database.write_bytes(whole)
                self.change(statement)
                run = self.verify("--rebuild")
                self.assertEqual(1, run.code, f"{run}")
                found = [finding["text"] for finding in json.loads(run.out)["findings"]]
                self.assertTrue([text for text in found if told in text], f"{run}")

    def first_months(self) -> list[str]:
        """The last one without usage and the first one with."""
        earliest = int(sqlite(self.database, "SELECT min(started_at) / 1000000 FROM interval")[0])
        begin = time.gmtime(earliest)
        last_of_before = earliest - begin.tm_mday * 86_400
        return [time.strftime("%Y-%m", time.gmtime(at)) for at in (last_of_before, earliest)]


if __name__ == "__main__":
    main()
