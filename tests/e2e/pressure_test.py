"""A connection that is cut while the broker does not notice."""

from broker import DURABLE, BrokerFixture
from cut_proxy import CutProxy
from nats_client import NatsClient
from support import main, wait_until

# Seconds; shorter than a pull request lives, so that a redelivery would be answered by one.
ACK_WAIT = 2


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
        self.assertEqual(400, self.delivered(), "all of them go into the dead connection")
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


if __name__ == "__main__":
    main()
