"""Back-pressure: a database that takes nothing for longer than the durable's ack_wait, and a
connection that is cut while the broker does not notice."""

import sqlite3
import time
from contextlib import closing

from broker import DURABLE, BrokerFixture
from cut_proxy import CutProxy
from nats_client import NatsClient
from support import Process, environment, main, wait_until

# Seconds; shorter than a pull request lives, so that a redelivery would be answered by one.
ACK_WAIT = 2
# Two batches of the consumer, and more that stay at the broker.
MESSAGES = 2_000
IN_A_BATCH = 200
# Several times what the consumer may hold.
LARGE_MESSAGES = 1_000
MEMORY_KIB_MAX = 300 * 1024
# The address space a sanitizer takes for itself, and what its allocator may keep besides. It is less than the
# messages together, so that holding on to them is found with it, too.
SHADOW_KIB_MIN = 1 << 30
SANITIZED_KIB_MAX = 600 * 1024


def status_kib(process: Process, name: str) -> int:
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))


def resident_kib(process: Process) -> int:
    return status_kib(process, "VmRSS")


class LockedDatabaseTest(BrokerFixture):
    def setUp(self) -> None:
        super().setUp()
        self.config = self.write(
            "small.yaml",
            f"nats: {{url: '{self.broker.url}', batch: {IN_A_BATCH}}}\n"
            f"database: sqlite://{self.database}\n"
            f"ingest: {{commit_events: {IN_A_BATCH}}}\n",
        )
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": ACK_WAIT * 1_000_000_000})

    def test_fault_78_a_locked_database_slows_pulling_and_causes_no_redelivery(self) -> None:
        consumer = self.start_program("consume", "--config", self.config)
        self.publish(10)
        self.wait_for_records(consumer, 10)
        self.wait_for_acknowledgements(10)
        with closing(sqlite3.connect(self.database)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            self.publish(MESSAGES)
            wait_until(lambda: self.delivered() >= 10 + 2 * IN_A_BATCH, "two batches are pulled")
            memory = resident_kib(consumer)
            held = self.delivered()
            # A redelivery goes by the broker's clock, so there is nothing else to wait for.
            until = time.monotonic() + 4 * ACK_WAIT
            wait_until(lambda: time.monotonic() > until, "ack_wait is over several times")
            self.assertTrue(consumer.running(), consumer.errors())
            self.assertEqual(10, self.received(), "the database was not locked")
            # What two batches and the requests for the next ones hold; the rest stays there.
            self.assertLessEqual(self.delivered(), 10 + 5 * IN_A_BATCH)
            self.assertLessEqual(self.delivered() - held, 3 * IN_A_BATCH, "pulling goes on")
            self.assertLess(resident_kib(consumer) - memory, 32 * 1024, "memory grows")
            self.assertEqual(0, self.broker.durable()["num_redelivered"])
            holder.rollback()
        self.wait_for_records(consumer, 10 + MESSAGES)
        self.wait_for_acknowledgements(10 + MESSAGES)
        self.assertEqual(0, self.broker.durable()["num_redelivered"])
        # Deliveries are numbered: none was made twice.
        self.assertEqual(10 + MESSAGES, self.broker.durable()["delivered"]["consumer_seq"])
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual([], self.findings())
        self.check_log()

    def test_fault_78_a_few_messages_are_kept_as_well(self) -> None:
        consumer = self.start_program("consume", "--config", self.config)
        self.publish(10)
        self.wait_for_records(consumer, 10)
        self.wait_for_acknowledgements(10)
        with closing(sqlite3.connect(self.database)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            self.publish(5)
            wait_until(lambda: self.delivered() >= 15, "they are pulled")
            until = time.monotonic() + 4 * ACK_WAIT
            wait_until(lambda: time.monotonic() > until, "ack_wait is over several times")
            self.assertEqual(0, self.broker.durable()["num_redelivered"])
            holder.rollback()
        self.wait_for_records(consumer, 15)
        self.wait_for_acknowledgements(15)
        self.assertEqual(15, self.delivered(), "none was delivered twice")
        self.assertEqual(0, consumer.stop().code)


class LargeMessagesTest(BrokerFixture):
    def test_with_the_defaults_large_payloads_keep_memory_below_what_is_stated(self) -> None:
        """docs/ARCHITECTURE.md states the limit; the broker's own for one message is 1 MiB."""
        payload = b"x" * (1_048_576 - 100)
        with NatsClient(self.broker.url) as provider:
            for _ in range(LARGE_MESSAGES // 10):
                provider.publish([("dcm.vm", payload)] * 10)
        little_quarantine = environment()["ASAN_OPTIONS"] + ":quarantine_size_mb=1"
        consumer = self.start_program("consume", *self.common(), ASAN_OPTIONS=little_quarantine)
        self.wait_for_records(consumer, LARGE_MESSAGES)
        peak = status_kib(consumer, "VmHWM")
        is_sanitized = status_kib(consumer, "VmSize") > SHADOW_KIB_MIN
        self.assertEqual(0, consumer.stop().code)
        limit = SANITIZED_KIB_MAX if is_sanitized else MEMORY_KIB_MAX
        self.assertLess(peak, limit, "the peak of resident memory")


class CutConnectionTest(BrokerFixture):
    """Between the consumer and the broker is a proxy that loses one of the two ends."""

    def setUp(self) -> None:
        super().setUp()
        self.proxy = CutProxy(self.broker.url)
        self.addCleanup(self.proxy.close)

    def common(self) -> tuple[str, ...]:
        return ("--nats", self.proxy.url, "--database", f"sqlite://{self.database}")

    def test_what_was_delivered_into_a_dead_connection_is_no_gap_and_no_other_member(self) -> None:
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": ACK_WAIT * 1_000_000_000})
        consumer = self.start_consumer()
        self.publish(100)
        self.wait_for_records(consumer, 100)
        self.wait_for_acknowledgements(100)
        # The broker still believes in the connection, and answers its requests.
        self.proxy.cut()
        self.publish(300)
        wait_until(lambda: self.delivered() == 400, "all of them go into the dead connection")
        self.proxy.mend()
        self.wait_for_records(consumer, 400)
        self.wait_for_acknowledgements(400)
        self.publish(10)
        self.wait_for_records(consumer, 410)
        # A review takes in what came since, which it does not of a durable that others read.
        self.assertGreaterEqual(self.delivered(), 710)
        complete = "SELECT complete_to FROM broker_durable WHERE complete_to = 410"
        wait_until(lambda: self.rows(complete), "all is accounted for", seconds=90)
        self.assertEqual([{"shared": 0}], self.rows("SELECT shared FROM broker_durable"))
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual(0, self.drain().summary()["received"])
        self.assertEqual([], self.findings())
        self.check_log()

    def test_fault_79_a_flapping_connection_loses_and_repeats_nothing(self) -> None:
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": ACK_WAIT * 1_000_000_000})
        consumer = self.start_consumer()
        for number in range(1, 6):
            self.publish(50)
            wait_until(lambda: self.received() >= 50 * (number - 1), "it goes on", seconds=90)
            self.proxy.cut()
            wait_until(lambda: consumer.errors().count("trying again") >= number, "it is told")
            self.proxy.mend()
        self.wait_for_records(consumer, 250)
        self.wait_for_acknowledgements(250)
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual([], self.findings())
        self.check_log()


if __name__ == "__main__":
    main()
