#!/usr/bin/env python3
"""Publishes, consumes and kills again and again, and looks after each cycle whether all still holds.

    soak.py [--minutes N | --cycles N] [--seed N]

Prints the seed first and a table of what was done last. At the first thing that does not hold it
says what and where the files are, which it then keeps, and exits 1.
"""

import argparse
import pathlib
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

# The path of the end-to-end tests comes first.
from fleet import make_fleet  # noqa: E402
from nats_client import NatsClient  # noqa: E402
from support import BINARY, NatsServer, Process, ProductTest, environment, sqlite, wait_until  # noqa: E402

MESSAGES_PER_CYCLE = (200, 3_000)
KILLS_PER_CYCLE = (1, 4)
VERDICTS = ("accepted", "duplicate", "rejected")
# Small commits and few messages in flight: kills find the consumer at many different points.
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
    "max_ack_pending": 200,
}


@dataclass
class Tally:
    """What was done, and what must therefore be in the log."""

    cycles: int = 0
    consumer_kills: int = 0
    broker_kills: int = 0
    published: int = 0
    verified: int = 0
    rebuilt: int = 0
    examined: int = 0
    expected: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))

    def table(self, seconds: float) -> str:
        rows = {
            "cycles": self.cycles,
            "kill -9 of the consumer": self.consumer_kills,
            "kill -9 of the broker": self.broker_kills,
            "events published": self.published,
            **{f"events {verdict}": count for verdict, count in self.expected.items()},
            "audit verify: 0": self.verified,
            "rebuild: 0": self.rebuilt,
            "doctor: 0": self.examined,
            "seconds": round(seconds),
        }
        width = max(map(len, rows))
        return "\n".join(f"{name:<{width}}  {value:>10}" for name, value in rows.items())


class Soak(ProductTest):
    """One broker and one database that live as long as the soak; kept when something fails."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.seed = seed
        self.tally = Tally()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dcm-billing-soak-"))
        self.database = self.folder / "dcm-billing.db"
        self.broker = NatsServer(self.folder / "nats")
        self.consumer: Process | None = None

    def runTest(self) -> None:
        """The name unittest asks for."""
        self.cycle()

    def begin(self) -> None:
        self.broker.start()
        with NatsClient(self.broker.url) as provider:
            provider.create_stream()
            provider.create_durable(FEW_IN_FLIGHT)

    def end(self) -> None:
        if self.consumer is not None:
            self.consumer.kill()
        self.broker.kill()

    def records(self) -> int:
        """Records of messages; 0 while there is no database or no schema yet."""
        try:
            rows = sqlite(self.database, "SELECT count(*) FROM v_audit WHERE kind = 'event.received'")
        except AssertionError:
            return 0
        return int(rows[0])

    def publish(self) -> None:
        count = self.chance.randint(*MESSAGES_PER_CYCLE)
        prefix = f"{self.tally.cycles}-"
        fleet = make_fleet(self.chance.randrange(1 << 30), count, prefix)
        with NatsClient(self.broker.url) as provider:
            self.assertEqual(count, provider.publish(fleet.messages))
        self.tally.published += count
        for verdict in VERDICTS:
            self.tally.expected[verdict] += fleet.expected(count)[verdict]

    def start_consumer(self) -> None:
        words = [BINARY, "consume", "--nats", self.broker.url]
        self.consumer = Process(words, self.folder, environment(**SMALL_COMMITS))

    def work_until_some_record(self) -> None:
        """The kill comes after a random number of the records that are still to be written."""
        before = self.records()
        wanted = before + self.chance.randint(0, max(0, self.tally.published - before))

        def reached() -> bool:
            running = self.consumer.running()
            self.assertTrue(running, "the consumer ended by itself: " + self.consumer.errors()[-800:])
            return self.records() >= wanted

        wait_until(reached, f"{wanted} records", seconds=120)

    def wait_for_the_consumer(self) -> None:
        """Until it is at work, and so hears a signal."""
        lock = pathlib.Path(f"{self.database}.lock")
        pid = str(self.consumer.pid)
        wait_until(lambda: lock.read_text().strip() == pid, "the consumer holds the lock")

    def kill_somebody(self) -> None:
        victims = self.chance.choice(("consumer", "broker", "both", "consumer"))
        if victims != "consumer":
            self.broker.kill()
            self.tally.broker_kills += 1
        if victims != "broker":
            self.consumer.kill()
            self.tally.consumer_kills += 1
        if victims != "consumer":
            self.broker.start()
        if victims != "broker":
            self.start_consumer()

    def cycle(self) -> None:
        self.start_consumer()
        self.publish()
        for _ in range(self.chance.randint(*KILLS_PER_CYCLE)):
            self.work_until_some_record()
            self.kill_somebody()
        self.wait_for_the_consumer()
        self.assertEqual(0, self.consumer.stop().code, "a clean stop")
        self.check()
        self.tally.cycles += 1

    def check(self) -> None:
        """What must hold whenever nothing is under way."""
        self.succeed("consume", "--drain", "--nats", self.broker.url)
        self.check_each_event_once()
        self.succeed("audit", "verify")
        self.tally.verified += 1
        self.succeed("rebuild")
        self.tally.rebuilt += 1
        self.succeed("doctor", "--nats", self.broker.url)
        self.tally.examined += 1

    def check_each_event_once(self) -> None:
        rows = sqlite(self.database, "SELECT verdict, count(*) FROM v_event GROUP BY verdict")
        found = {verdict: int(count) for verdict, count in (row.split("|") for row in rows)}
        self.assertEqual(self.tally.expected, dict.fromkeys(VERDICTS, 0) | found, "records by verdict")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=10, help="for so long (default 10)")
    length.add_argument("--cycles", type=int, help="so many cycles instead")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    print(f"seed {arguments.seed}", flush=True)
    soak = Soak(arguments.seed)
    began = time.monotonic()

    def is_over() -> bool:
        if arguments.cycles is not None:
            return soak.tally.cycles >= arguments.cycles
        return time.monotonic() - began >= arguments.minutes * 60

    try:
        soak.begin()
        while not is_over():
            soak.cycle()
    except Exception as violated:  # whatever it is, the files tell more
        print(f"violated in cycle {soak.tally.cycles}: {violated}\nfiles: {soak.folder}")
        print(soak.tally.table(time.monotonic() - began))
        return 1
    finally:
        soak.end()
    print(soak.tally.table(time.monotonic() - began))
    shutil.rmtree(soak.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
