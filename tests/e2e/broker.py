"""A stream that administrators, limits and crashes work on, and what the log tells of it."""

import json

from fleet import make_fleet
from nats_client import NatsClient
from support import Process, ProductTest, Run, sqlite_rows, wait_until

FINDINGS = ("source.gap", "source.reset", "source.divergence")
DURABLE = {
    "durable_name": "dcm-billing",
    "ack_policy": "explicit",
    "deliver_policy": "all",
    "max_deliver": -1,
    "max_ack_pending": 20_000,
}


class BrokerFixture(ProductTest):
    """A broker with the stream, and a database; has no test of its own."""

    broker_config = ""

    def setUp(self) -> None:
        super().setUp()
        self.broker = self.start_broker(self.broker_config)
        self.database = self.folder / "billing.db"
        self.fleet = iter(make_fleet(seed=65, count=5_000).messages)
        self.create_stream()

    def create_stream(self, **limits: object) -> None:
        with NatsClient(self.broker.url) as admin:
            admin.create_stream(**limits)

    def api(self, verb: str, question: dict | None = None) -> dict:
        with NatsClient(self.broker.url) as admin:
            return admin.request(f"$JS.API.{verb}", question or {})

    def publish(self, count: int) -> None:
        with NatsClient(self.broker.url) as provider:
            provider.publish([next(self.fleet) for _ in range(count)])

    def drain(self, **options) -> Run:
        return self.succeed("consume", "--drain", *self.common(), **options)

    def common(self) -> tuple[str, ...]:
        return ("--nats", self.broker.url, "--database", f"sqlite://{self.database}")

    def start_consumer(self) -> Process:
        return self.start_program("consume", *self.common())

    def rows(self, statement: str) -> list[dict]:
        try:
            return sqlite_rows(self.database, statement)
        except AssertionError:
            return []  # no schema yet

    def received(self) -> int:
        rows = self.rows("SELECT count(*) AS n FROM v_audit WHERE kind = 'event.received'")
        return rows[0]["n"] if rows else 0

    def wait_for_records(self, consumer: Process, count: int) -> None:
        def there() -> bool:
            self.assertTrue(consumer.running(), "the consumer ended: " + consumer.errors())
            return self.received() == count

        wait_until(there, f"{count} records", seconds=120)

    def wait_for_acknowledgements(self, sequence: int) -> None:
        wait_until(
            lambda: self.broker.durable().get("ack_floor", {}).get("stream_seq", 0) >= sequence,
            f"sequence {sequence} is acknowledged",
        )

    def delivered(self) -> int:
        """How many deliveries the durable has made, repeated ones too."""
        return self.broker.durable()["delivered"]["consumer_seq"]

    def findings(self) -> list[dict]:
        kinds = ", ".join(f"'{kind}'" for kind in FINDINGS)
        return self.rows(
            "SELECT seq, kind, subject, outcome, reason, broker_pos, body FROM v_audit "
            f"WHERE kind IN ({kinds}) ORDER BY seq"
        )

    def gaps(self) -> list[tuple[str, int, int]]:
        found = [row for row in self.findings() if row["kind"] == "source.gap"]
        bodies = [json.loads(row["body"]) for row in found]
        for row, body in zip(found, bodies):
            self.assertEqual("stream/dcm-status", row["subject"])
            self.assertEqual(row["reason"], body["cause"])
            self.assertEqual(json.dumps(body, sort_keys=True, separators=(",", ":")), row["body"])
            self.assertEqual(
                ["cause", "created", "first", "last", "stream"], sorted(body), f"{body}"
            )
        told = [(body["cause"], body["first"], body["last"]) for body in bodies]
        return self.joined(told)

    def joined(self, told: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        """Gaps that touch, as one: the broker may settle what it discarded in several steps, each
        of which is told once it is settled. No sequence is told twice."""
        joined: list[tuple[str, int, int]] = []
        for cause, first, last in told:
            if joined and joined[-1][0] == cause and joined[-1][2] + 1 == first:
                joined[-1] = (cause, joined[-1][1], last)
            else:
                joined.append((cause, first, last))
        numbers = [number for _, first, last in told for number in range(first, last + 1)]
        self.assertEqual(len(set(numbers)), len(numbers), f"told twice: {told}")
        return joined

    def check_log(self) -> None:
        verified = self.run_program("audit", "verify", "--rebuild", *self.common()[2:])
        self.assertEqual(0, verified.code, f"{verified}")
        self.succeed("rebuild", *self.common()[2:])
