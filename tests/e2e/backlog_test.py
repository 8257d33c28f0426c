"""`period close` asks the broker what it still holds from before the month's end."""

import json
from datetime import datetime, timedelta, timezone

from nats_client import NatsClient
from periods import PeriodFixture, event
from preloaded import preloaded
from support import Run, main

SUBJECT = "dcm.vm"
# From any day of a month into a later one, and past the days that late events are waited for.
AHEAD = timedelta(days=40)


class BacklogTest(PeriodFixture):
    """Messages are stored when they are published; the month is closed weeks later by the clock of
    the program alone."""

    def setUp(self) -> None:
        super().setUp()
        self.broker = self.start_broker()
        with NatsClient(self.broker.url) as client:
            client.create_stream()
        self.today = datetime.now(timezone.utc)
        self.month = self.today.strftime("%Y-%m")

    def publish(self, *statuses: str) -> None:
        with NatsClient(self.broker.url) as client:
            for status in statuses:
                self.number += 1
                time = self.today.strftime(f"%Y-%m-01T00:00:{self.number:02}Z")
                one = event(self.number, "a", status, time)
                client.publish([(SUBJECT, json.dumps(one).encode())])

    def drain(self) -> None:
        self.succeed("consume", "--drain", "--nats", self.broker.url, *self.common())

    def close_later(self, code: int, *words: str) -> Run:
        ahead = str(int(AHEAD.total_seconds()))
        command = ("period", "close", self.month, "--nats", self.broker.url, *words)
        run = self.run_program(
            *command, *self.common(), env=preloaded("clock_ahead", DCM_CLOCK_AHEAD=ahead)
        )
        self.assertEqual(code, run.code, f"{run}")
        return run

    def assert_refused(self, told: str) -> None:
        run = self.close_later(1)
        self.assertIn(f"  backlog: {told} in stream 'dcm-status', from before ", run.err)
        self.assertEqual([], self.records("period.closed"))

    def test_what_is_not_brought_in_stands_against_closing(self) -> None:
        self.publish("RUNNING")
        self.drain()
        self.publish("RUNNING", "DELETED")
        self.assert_refused("undelivered messages: 2, unacknowledged: 0")
        dry = self.close_later(0, "--accept", "backlog", "--dry-run")
        self.assertIn("accepted backlog: undelivered messages: 2", dry.out)
        self.drain()
        self.close_later(0)
        (record,) = self.records("period.closed")
        self.assertNotIn("accepted", record["body"])

    def test_what_was_delivered_and_not_acknowledged_does_too(self) -> None:
        self.publish("RUNNING")
        self.drain()
        self.publish("DELETED")
        with NatsClient(self.broker.url) as client:
            client.take_next()
            self.assert_refused("undelivered messages: 0, unacknowledged: 1")

    def test_a_stream_that_nobody_read_does_too(self) -> None:
        self.replay(("a", "RUNNING", self.today.strftime("%Y-%m-%dT%H:%M:%SZ")))
        self.publish("DELETED")
        self.assert_refused("durable 'dcm-billing' is not there, and nothing was read")

    def test_what_is_accepted_is_recorded_with_what_there_was(self) -> None:
        self.publish("RUNNING")
        self.drain()
        self.publish("DELETED")
        self.close_later(0, "--accept", "backlog")
        (record,) = self.records("period.closed")
        (accepted,) = record["body"]["accepted"]
        self.assertEqual("backlog", accepted["reason"])
        self.assertIn("undelivered messages: 1, unacknowledged: 0", accepted["detail"])

    def test_what_was_stored_after_the_months_end_does_not(self) -> None:
        before = self.today.replace(day=1) - timedelta(days=1)
        first = before.strftime("%Y-%m-01T00:00:00Z")
        self.replay(("a", "RUNNING", first), ("a", "DELETED", first.replace("T00", "T01")))
        self.publish("RUNNING")
        month = before.strftime("%Y-%m")
        self.close(0, month, "--nats", self.broker.url, "--grace", "0s")
        self.assertEqual({"acme": "0.33"}, self.totals(month))


if __name__ == "__main__":
    main()
