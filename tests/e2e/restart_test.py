"""Clean stops, brokers that come late, members of a group, and durables that could lose messages."""

import signal

from fleet import Fleet, make_fleet
from nats_client import NatsClient
from support import Process, ProductTest, main, sqlite, wait_until

EVENTS = 4_000
SMALL_COMMITS = {"DCM_BILLING_INGEST_COMMIT_EVENTS": "20", "DCM_BILLING_NATS_BATCH": "20"}
SAFE_DURABLE = {
    "durable_name": "dcm-billing",
    "ack_policy": "explicit",
    "deliver_policy": "all",
    "max_deliver": -1,
    "ack_wait": 30_000_000_000,
    "max_ack_pending": 20_000,
}


class StreamFixture(ProductTest):
    """A broker for each test, and a database beside it; has no test of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.broker = self.start_broker()
        self.database = self.folder / "billing.db"

    def publish(self, fleet: Fleet) -> None:
        with NatsClient(self.broker.url) as provider:
            if not self.broker.stream():
                provider.create_stream()
            self.assertEqual(len(fleet.messages), provider.publish(fleet.messages))

    def common(self, database: str = "billing.db") -> tuple[str, ...]:
        return ("--nats", self.broker.url, "--database", f"sqlite://{database}")

    def records(self) -> int:
        """Records of messages in the log; 0 while there is no database or no schema yet."""
        try:
            rows = sqlite(self.database, "SELECT count(*) FROM v_audit WHERE kind = 'event.received'")
        except AssertionError:
            return 0
        return int(rows[0])


class DrainTest(StreamFixture):
    def check_clean_stop(self, with_signal: int) -> None:
        fleet = make_fleet(seed=with_signal, count=EVENTS)
        self.publish(fleet)
        consumer = self.start_program("consume", *self.common(), **SMALL_COMMITS)
        wait_until(lambda: self.records() > 100, "some batches are committed")
        stopped = consumer.stop(with_signal)
        self.assertEqual(0, stopped.code, f"{stopped}")
        committed = self.records()
        self.assertLess(committed, EVENTS, "the stop came after the work")
        verified = self.run_program("audit", "verify", *self.common()[2:])
        self.assertIn(verified.code, (0, 6), f"{verified}")

        summary = self.succeed("consume", "--drain", *self.common()).summary()
        self.assertEqual(0, summary["redelivered"], "all that was committed was acknowledged")
        self.assertEqual(EVENTS - committed, summary["received"])
        self.assertEqual(EVENTS, self.records())

    def test_sigterm_leaves_nothing_committed_unacknowledged(self) -> None:
        self.check_clean_stop(signal.SIGTERM)

    def test_sigint_leaves_nothing_committed_unacknowledged(self) -> None:
        self.check_clean_stop(signal.SIGINT)

    def test_fault_84_sighup_leaves_nothing_committed_unacknowledged(self) -> None:
        self.check_clean_stop(signal.SIGHUP)

    def test_sighup_is_left_ignored_as_nohup_asks(self) -> None:
        self.publish(make_fleet(seed=85, count=EVENTS))
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            consumer = self.start_program("consume", *self.common(), **SMALL_COMMITS)
        finally:
            signal.signal(signal.SIGHUP, before)
        wait_until(lambda: self.records() > 100, "some batches are committed")
        consumer.send(signal.SIGHUP)
        wait_until(lambda: self.records() == EVENTS, "it goes on to the end")
        self.assertEqual(0, consumer.stop().code)

    def test_fault_84_a_storm_of_signals_is_one_clean_stop(self) -> None:
        self.publish(make_fleet(seed=84, count=EVENTS))
        consumer = self.start_program("consume", *self.common(), **SMALL_COMMITS)
        wait_until(lambda: self.records() > 100, "some batches are committed")
        for number in range(300):
            if not consumer.running():
                break
            consumer.send_to_threads((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)[number % 3])
        stopped = consumer.wait(seconds=60)
        self.assertEqual(0, stopped.code, f"{stopped}")
        committed = self.records()
        note = self.succeed("audit", "checkpoint", *self.common()[2:]).out
        self.assertEqual([note.splitlines()[1]], sqlite(self.database, "SELECT count(*) FROM v_audit"))
        summary = self.succeed("consume", "--drain", *self.common()).summary()
        self.assertEqual((0, EVENTS - committed), (summary["redelivered"], summary["received"]))

    def test_a_clean_stop_leaves_a_checkpoint_of_full_size(self) -> None:
        self.publish(make_fleet(seed=1, count=300))
        self.succeed("consume", "--drain", *self.common())
        note = self.succeed("audit", "checkpoint", *self.common()[2:]).out
        size = int(note.splitlines()[1])
        self.assertEqual([str(size)], sqlite(self.database, "SELECT count(*) FROM v_audit"))

    def test_a_second_drain_finds_nothing(self) -> None:
        self.publish(make_fleet(seed=2, count=300))
        first = self.succeed("consume", "--drain", *self.common()).summary()
        self.assertEqual(300, first["received"])
        second = self.succeed("consume", "--drain", *self.common()).summary()
        nothing = {"received": 0, "accepted": 0, "duplicate": 0, "rejected": 0, "redelivered": 0}
        self.assertEqual(nothing, second)

    def test_two_members_share_the_durable_and_none_is_lost(self) -> None:
        """Two databases stand in for two machines: each message is in exactly one of them."""
        fleet = make_fleet(seed=3, count=EVENTS)
        self.publish(fleet)
        members = [
            self.start_program("consume", "--drain", *self.common(name), **SMALL_COMMITS)
            for name in ("one.db", "two.db")
        ]
        received = 0
        for member in members:
            run = member.wait()
            self.assertEqual(0, run.code, f"{run}")
            received += run.summary()["received"]
        self.assertEqual(EVENTS, received)
        ids = [
            identity
            for name in ("one.db", "two.db")
            for identity in sqlite(
                self.folder / name,
                "SELECT coalesce(broker_pos, '') FROM v_audit WHERE kind = 'event.received'",
            )
        ]
        self.assertEqual((EVENTS, EVENTS), (len(ids), len(set(ids))), "each in one of them")

    def test_fault_73_a_second_durable_on_one_database_adds_nothing(self) -> None:
        self.publish(make_fleet(seed=73, count=500))
        self.succeed("consume", "--drain", *self.common())
        other = self.start_program(
            "consume", "--drain", *self.common(), DCM_BILLING_NATS_DURABLE="another"
        ).wait()
        self.assertEqual(0, other.code, f"{other}")
        self.assert_members({"received": 0, "redelivered": 500}, other.summary())
        self.assertEqual(500, self.records())

    def test_provision_creates_the_stream_and_without_it_nothing_is_created(self) -> None:
        refused = self.run_program("consume", "--drain", *self.common(), timeout=120)
        self.assertEqual(4, refused.code, f"{refused}")
        self.assertIn("dcm-status", refused.err)
        self.assertEqual({}, self.broker.stream())
        self.succeed("consume", "--drain", "--provision", *self.common())
        self.assertEqual(["dcm.*"], self.broker.stream()["config"]["subjects"])

    def test_the_durable_is_created_as_the_contract_says(self) -> None:
        self.publish(make_fleet(seed=4, count=10))
        self.succeed("consume", "--drain", *self.common())
        self.assert_members(SAFE_DURABLE, self.broker.durable()["config"])


class BrokerLateTest(StreamFixture):
    def wait_for_records(self, consumer: Process, count: int) -> None:
        def there() -> bool:
            self.assertTrue(consumer.running(), "the consumer ended: " + consumer.errors())
            return self.records() == count

        wait_until(there, f"{count} records", seconds=120)

    def test_a_consumer_started_before_its_broker_waits_for_it(self) -> None:
        self.publish(make_fleet(seed=8, count=1))  # the broker has its stream from its first moment on
        self.broker.kill()
        consumer = self.start_program("consume", *self.common())
        wait_until(lambda: "trying again" in consumer.errors(), "the consumer says what it waits for")
        self.broker.start()
        self.publish(make_fleet(seed=5, count=500))
        self.wait_for_records(consumer, 501)
        self.assertEqual(0, consumer.stop().code)

    def test_a_consumer_gets_on_after_its_broker_was_away(self) -> None:
        self.publish(make_fleet(seed=6, count=200))
        consumer = self.start_program("consume", *self.common())
        self.wait_for_records(consumer, 200)
        self.broker.restart()
        self.publish(make_fleet(seed=7, count=200))
        self.wait_for_records(consumer, 400)
        self.assertEqual(0, consumer.stop().code)

    def test_a_stop_is_heard_while_the_broker_is_away(self) -> None:
        self.broker.kill()
        consumer = self.start_program("consume", *self.common())
        wait_until(lambda: "trying again" in consumer.errors(), "the consumer says what it waits for")
        self.assertEqual(0, consumer.stop(seconds=20).code)


class ChangedBookTest(StreamFixture):
    BOOK = "version: 1\ncurrency: EUR\ntimezone: UTC\nrates: []\n"
    HALF_WRITTEN = "version: 1\ncurrency: EUR\ntimezone: U"

    def test_fault_82_a_book_that_changes_meanwhile_counts_from_the_next_start(self) -> None:
        book = self.write("book.yaml", self.BOOK)
        self.publish(make_fleet(seed=82, count=100))
        consumer = self.start_program("consume", *self.common(), "--rules", book)
        wait_until(lambda: self.records() == 100, "the first events are recorded")
        in_use = sqlite(self.database, "SELECT digest FROM book_in_use")
        book.write_text(self.HALF_WRITTEN, encoding="utf-8")
        self.publish(make_fleet(seed=83, count=100))
        wait_until(lambda: self.records() == 200, "it goes on under the book it has read")
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual(in_use, sqlite(self.database, "SELECT digest FROM book_in_use"))

        refused = self.run_program("consume", "--drain", *self.common(), "--rules", book)
        self.assertEqual(3, refused.code, f"{refused}")
        self.assertIn("book.yaml:3:11", refused.err)
        book.write_text(self.BOOK.replace("UTC", "Europe/Berlin"), encoding="utf-8")
        self.publish(make_fleet(seed=84, count=100))
        self.succeed("consume", "--drain", *self.common(), "--rules", book)
        self.assertNotEqual(in_use, sqlite(self.database, "SELECT digest FROM book_in_use"))
        self.assertEqual(["2"], sqlite(self.database, "SELECT count(*) FROM book"))
        self.succeed("rebuild", *self.common()[2:], "--rules", book)


class HarmfulDurableTest(StreamFixture):
    """An existing durable stays as it is, unless it could lose messages."""

    HARMFUL = (
        ("max_deliver", {"max_deliver": 5}),
        ("ack_policy", {"ack_policy": "none", "max_ack_pending": 0, "max_deliver": -1}),
        ("ack_policy", {"ack_policy": "all"}),
        ("filter_subject", {"filter_subject": "dcm.vm"}),
    )

    def test_a_durable_that_could_lose_messages_is_refused_and_left_alone(self) -> None:
        self.publish(make_fleet(seed=8, count=10))
        for number, (word, change) in enumerate(self.HARMFUL):
            config = SAFE_DURABLE | change | {"durable_name": f"d{number}"}
            with self.subTest(change=change), NatsClient(self.broker.url) as provider:
                provider.create_durable(config)
                before = self.broker.durable(f"d{number}")["config"]
                self.check_refused(f"d{number}", word)
                self.assertEqual(before, self.broker.durable(f"d{number}")["config"])

    def check_refused(self, durable: str, word: str) -> None:
        process = self.start_program(
            "consume", "--drain", *self.common(), DCM_BILLING_NATS_DURABLE=durable
        )
        run = process.wait()
        self.assertEqual(4, run.code, f"{run}")
        self.assertIn(word, run.err)
        self.assertIn(durable, run.err)
        self.assertEqual(0, self.records())

    def test_a_harmless_durable_is_used_as_it_is(self) -> None:
        self.publish(make_fleet(seed=9, count=50))
        config = SAFE_DURABLE | {"ack_wait": 60_000_000_000, "max_ack_pending": 100}
        with NatsClient(self.broker.url) as provider:
            provider.create_durable(config)
        self.assertEqual(50, self.succeed("consume", "--drain", *self.common()).summary()["received"])
        self.assert_members(config, self.broker.durable()["config"])


if __name__ == "__main__":
    main()
