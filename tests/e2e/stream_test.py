"""Kills at random moments, of the consumer and of the broker, lose nothing and count nothing twice."""

import os
import random
import sys
from collections.abc import Callable

from fleet import Fleet, make_fleet
from nats_client import NatsClient
from support import Process, ProductTest, main, sqlite, wait_until

EVENTS = 20_000
CONSUMER_KILLS = 10
BROKER_KILLS_AT = (3, 7)
SEED = int(os.environ.get("DCM_SEED", random.randrange(1_000_000)))
# Small commits and few messages in flight make the work last, so that ten kills find it at many
# different points; the short wait brings back soon what a killed process had in flight.
SMALL_COMMITS = {
    "DCM_BILLING_INGEST_COMMIT_EVENTS": "50",
    "DCM_BILLING_INGEST_COMMIT_INTERVAL": "10ms",
    "DCM_BILLING_NATS_BATCH": "50",
}
FEW_IN_FLIGHT = {
    "durable_name": "dcm-billing",
    "ack_policy": "explicit",
    "deliver_policy": "all",
    "max_deliver": -1,
    "ack_wait": 1_000_000_000,
    "max_ack_pending": 50,
}
AS_OF = ("--as-of", "2026-07-01T00:00:00Z")


class KillTest(ProductTest):
    def setUp(self) -> None:
        super().setUp()
        print(f"DCM_SEED={SEED}", file=sys.stderr)
        self.broker = self.start_broker()
        self.fleet = make_fleet(SEED, EVENTS)
        with NatsClient(self.broker.url) as provider:
            provider.create_stream()
            provider.create_durable(FEW_IN_FLIGHT)
            self.assertEqual(EVENTS, provider.publish(self.fleet.messages))

    def start_consumer(self) -> Process:
        words = ("--nats", self.broker.url, "--database", "sqlite://killed.db")
        return self.start_program("consume", *words, **SMALL_COMMITS)

    def acknowledged(self) -> int:
        """How far the durable is; 0 while there is none or nobody answers."""
        try:
            return self.broker.durable().get("ack_floor", {}).get("stream_seq", 0)
        except OSError:
            return 0

    def kill_again_and_again(self, chance: random.Random) -> int:
        """Returns at how many of the kills work was left."""
        kills_in_work = 0
        for kill in range(CONSUMER_KILLS):
            consumer = self.start_consumer()
            first = EVENTS * kill // (CONSUMER_KILLS + 2)
            point = first + chance.randrange(EVENTS // (CONSUMER_KILLS + 2))
            self.wait_for_progress(consumer, lambda at=point: self.acknowledged() >= at)
            if kill in BROKER_KILLS_AT:
                self.broker.kill()
                self.broker.start()
                before = self.acknowledged()
                further = min(before + 200, EVENTS)
                self.wait_for_progress(consumer, lambda at=further: self.acknowledged() >= at)
            kills_in_work += self.acknowledged() < EVENTS
            consumer.kill()
        return kills_in_work

    def wait_for_progress(self, consumer: Process, reached: Callable[[], bool]) -> None:
        def reached_or_ended() -> bool:
            self.assertTrue(consumer.running(), "the consumer ended: " + consumer.errors())
            return reached()

        wait_until(reached_or_ended, "the consumer gets on", seconds=120)

    def usage(self, database: str) -> str:
        words = ("usage", "--format", "jsonl", "--database", f"sqlite://{database}", *AS_OF)
        return self.succeed(*words).out

    def test_after_kills_of_consumer_and_broker_usage_is_that_of_an_undisturbed_run(self) -> None:
        kills_in_work = self.kill_again_and_again(random.Random(SEED))
        self.assertGreaterEqual(kills_in_work, CONSUMER_KILLS - 1, "the kills came too late")
        words = ("--nats", self.broker.url, "--database")
        self.succeed("consume", "--drain", *words, "sqlite://killed.db")

        held = self.broker.stream()["state"]["messages"]
        expected = self.fleet.expected(held)
        self.check_log(expected)
        self.assertEqual(sorted_identities(self.fleet, held), self.accepted_identities())

        reference = {"DCM_BILLING_NATS_DURABLE": "undisturbed"}
        calm = self.start_program("consume", "--drain", *words, "sqlite://calm.db", **reference)
        run = calm.wait()
        self.assertEqual(0, run.code, f"{run}")
        self.assertEqual(expected | {"redelivered": 0}, run.summary())
        self.assertTrue(self.usage("calm.db"))
        self.assertEqual(self.usage("calm.db"), self.usage("killed.db"))

    def check_log(self, expected: dict[str, int]) -> None:
        """One record for each message, with no gap; the log verifies and gives the tables again."""
        database = self.folder / "killed.db"
        rows = sqlite(database, "SELECT verdict, count(*) FROM v_event GROUP BY verdict")
        counts = {name: int(count) for name, count in (row.split("|") for row in rows)}
        self.assertEqual({k: v for k, v in expected.items() if k != "received"}, counts)
        rows = sqlite(
            database,
            "SELECT count(*), count(DISTINCT broker_pos) FROM v_audit WHERE kind = 'event.received'",
        )
        self.assertEqual([f"{expected['received']}|{expected['received']}"], rows)
        verified = self.run_program("audit", "verify", "--database", "sqlite://killed.db")
        self.assertIn(verified.code, (0, 6), f"{verified}")
        self.succeed("rebuild", "--database", "sqlite://killed.db")

    def accepted_identities(self) -> list[str]:
        statement = "SELECT source || ' ' || id FROM v_event WHERE verdict = 'accepted'"
        return sorted(sqlite(self.folder / "killed.db", statement))


def sorted_identities(fleet: Fleet, count: int) -> list[str]:
    valid = {identity for identity in fleet.identities[:count] if identity}
    return sorted(" ".join(identity) for identity in valid)


if __name__ == "__main__":
    main()
