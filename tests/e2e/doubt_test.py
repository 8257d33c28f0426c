"""`report unrated` and `report doubtful`: each cause with its seconds and money, worked out by hand."""

import json

from support import ProductTest, main

BOOK = """version: 1
currency: EUR
timezone: UTC
heartbeats: {beat: 2h}
%srates:
  - {id: vm, match: {service_type: vm}, price: "1", unit: hour}
"""
# What makes the unknown word one that is understood.
WARPED = "lifecycle: {vm: {WARPED: {charge: RUNNING}}}\n"
DAY = "2026-05-01T"
PERIOD = ("--period", "2026-05", "--as-of", "2026-05-02")
HEADER = "cause,instance,usage_seconds,unpriced_seconds,cost,currency"


def event(instance: str, hour: str, status: str, kind: str = "vm", source: str = "x") -> dict:
    return {
        "specversion": "1.0",
        "id": f"{instance}-{hour}",
        "source": source,
        "type": f"dcm.status.{kind}",
        "time": f"{DAY}{hour}:00Z",
        "data": {"id": instance, "status": status},
    }


def clamped(instance: str, hour: str, status: str) -> dict:
    """Its own time is before anything can have been: that of storing counts."""
    payload = event(instance, hour, status) | {"time": "2019-01-01T00:00:00Z"}
    return {
        "subject": "dcm.vm",
        "payload": json.dumps(payload),
        "store_time": f"{DAY}{hour}:00Z",
    }


EVENTS = [
    event("plain", "00:00", "RUNNING"),
    event("plain", "04:00", "DELETED"),
    event("warp", "00:00", "RUNNING"),
    event("warp", "02:00", "WARPED"),
    event("warp", "05:00", "DELETED"),
    event("lost", "12:00", "WARPED"),
    clamped("clamp", "06:00", "RUNNING"),
    event("clamp", "08:00", "DELETED"),
    clamped("both", "15:00", "WARPED"),
    event("both", "16:00", "DELETED"),
    event("hold", "00:00", "RUNNING"),
    event("hold", "01:00", "UNKNOWN"),
    event("hold", "01:30", "RUNNING"),
    event("hold", "03:00", "DELETED"),
    event("silent", "20:00", "RUNNING", source="beat"),
    event("free", "00:00", "RUNNING", kind="container"),
    event("free", "10:00", "DELETED", kind="container"),
]
UNKNOWN = [
    "unknown_status,both,0,3600,0,EUR",
    "unknown_status,lost,0,43200,0,EUR",
    "unknown_status,warp,10800,0,3,EUR",
]
OTHERS = ["unknown_hold,hold,1800,0,0.5,EUR", "silent_source,silent,14400,0,4,EUR"]


class DoubtTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        self.book = ("--rules", self.write("book.yaml", BOOK % ""))
        self.succeed("replay", self.write_lines("events.jsonl", EVENTS), *self.book)

    def report(self, *words: object, book: tuple = ()) -> str:
        return self.succeed("report", *words, *PERIOD, *(book or self.book)).out

    def rows(self, what: str, *words: object, book: tuple = ()) -> list[str]:
        words = (what, "--group-by", "instance", "--format", "csv", *words)
        lines = self.report(*words, book=book).splitlines()
        self.assertEqual(HEADER, lines[0])
        return lines[1:]

    def test_each_cause_has_its_seconds_and_its_money(self) -> None:
        self.assertEqual(["missing_rate,free,0,36000,0,EUR"], self.rows("unrated"))
        clamp = ["time_clamped,clamp,7200,0,2,EUR"]
        self.assertEqual(UNKNOWN + clamp + OTHERS, self.rows("doubtful"))
        self.assertEqual(clamp, self.rows("doubtful", "--instance", "clamp"))
        self.assertEqual([], self.rows("doubtful", "--instance", "plain"))
        # Half of an interval, and of the stretch in it.
        part = self.succeed(
            *("report", "doubtful", "--from", f"{DAY}03:00:00Z", "--to", f"{DAY}04:00:00Z"),
            *("--as-of", "2026-05-02", "--group-by", "state", "--format", "csv", *self.book),
        )
        self.assertEqual("unknown_status,RUNNING,3600,0,1,EUR", part.out.splitlines()[1])

    def test_causes_are_summed_and_all_of_them_once(self) -> None:
        told = json.loads(self.report("doubtful", "--format", "json", "--group-by", ""))
        self.assertEqual(
            [("unknown_status", "10800", "46800", "3"), ("time_clamped", "7200", "0", "2")]
            + [("unknown_hold", "1800", "0", "0.5"), ("silent_source", "14400", "0", "4")],
            [
                tuple(row[name] for name in ("cause", "usage_seconds", "unpriced_seconds", "cost"))
                for row in told["causes"]
            ],
        )
        expected = {"usage_seconds": "34200", "unpriced_seconds": "46800", "cost": "9.5"}
        self.assert_members(expected, told["any"])
        report = json.loads(self.report("--format", "json"))
        for member in ("book", "log", "from", "to", "as_of", "timezone", "currency"):
            self.assertEqual(report[member], told[member])
        unrated = json.loads(self.report("unrated", "--format", "json"))
        self.assertEqual(report["unrated_seconds"], unrated["any"]["unpriced_seconds"])
        table = self.report("doubtful", "--group-by", "")
        self.assertIn("any", table)
        self.assertIn("9.5", table)

    def test_what_is_understood_later_is_doubtful_no_longer(self) -> None:
        book = ("--rules", self.write("later.yaml", BOOK % WARPED))
        self.succeed("quarantine", "retry", "--all", *book)
        clamp = ["time_clamped,both,3600,0,1,EUR", "time_clamped,clamp,7200,0,2,EUR"]
        self.assertEqual(clamp + OTHERS, self.rows("doubtful", book=book))

    def test_what_another_book_understood_is_not_unpriced_in_silence(self) -> None:
        warped = ("--rules", self.write("warped.yaml", BOOK % WARPED))
        events = [
            event("moved", "00:00", "RUNNING"),
            event("moved", "02:00", "WARPED"),
            event("moved", "05:00", "DELETED"),
            event("only", "06:00", "WARPED"),
        ]
        self.succeed("replay", self.write_lines("more.jsonl", events), *warped)
        told = ["unknown_status,moved,0,10800,0,EUR", "unknown_status,only,0,64800,0,EUR"]
        rows = self.rows("doubtful")
        self.assertEqual(told, [row for row in rows if "moved" in row or "only" in row])
        rows = self.rows("doubtful", book=warped)
        self.assertEqual([], [row for row in rows if "moved" in row or "only" in row])
        open_bounds = ("doubtful", "--as-of", "2026-05-02", "--group-by", "instance")
        out = self.succeed("report", *open_bounds, "--format", "csv", *self.book).out
        for line in told:
            self.assertIn(line, out)

    def test_what_cannot_be_meant_is_told(self) -> None:
        for words in (("doubtfull",), ("unrated", "doubtful"), ("unrated", "--format", "html")):
            with self.subTest(words=words):
                run = self.run_program("report", *words, *PERIOD, *self.book)
                self.assertEqual(2, run.code, f"{run}")
                self.assertTrue(run.err.startswith("dcm-billing: "), f"{run}")
                self.assertEqual("", run.out)


if __name__ == "__main__":
    main()
