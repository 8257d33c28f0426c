"""A broker that loses, repeats or forgets: the log tells it, and nothing stalls."""

import contextlib
import json
import pathlib
import shutil
import signal
import time

from broker import DURABLE, BrokerFixture
from cut_proxy import CutProxy
from nats_client import NatsClient
from support import cpu_seconds, main, wait_until

ACK_WAIT_SHORT = 200_000_000
STOP_SECONDS_MAX = 20
# Between two attempts; a sanitizer, and two cores for many, included.
CPU_SECONDS_MAX = 1.5


class DurableTroubleTest(BrokerFixture):
    """Faults 68 and 71: an administrator changes the durable under a running consumer."""

    def delete_durable(self) -> None:
        try:
            self.api("CONSUMER.DELETE.dcm-status.dcm-billing")
        except AssertionError as error:
            # The server wrote the durable's state while it removed the folder; the durable is gone.
            if "directory not empty" not in str(error):
                raise

    def test_fault_68_a_durable_deleted_while_running_is_created_from_our_position(self) -> None:
        self.publish(50)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 50)
        self.wait_for_acknowledgements(50)
        self.delete_durable()
        self.publish(50)
        self.wait_for_records(consumer, 100)
        stopped = consumer.stop()
        self.assertEqual(0, stopped.code, f"{stopped}")
        self.assertIn("is not there: it is created and begins at", stopped.err)
        self.assertNotEqual("new", self.broker.durable()["config"]["deliver_policy"])
        self.assertEqual([], self.findings())
        self.publish(10)
        self.assertEqual(10, self.drain().summary()["received"])

    def test_a_durable_deleted_while_stopped_begins_behind_what_is_recorded(self) -> None:
        self.publish(50)
        self.drain()
        self.delete_durable()
        self.publish(10)
        counts = self.drain().summary()
        self.assertEqual(10, counts["received"])
        self.assertEqual(0, counts["redelivered"])
        config = self.broker.durable()["config"]
        self.assertEqual(("by_start_sequence", 51), (config["deliver_policy"], config["opt_start_seq"]))
        self.assertEqual(0, self.drain().summary()["received"], "and is not refused later")

    def test_fault_68_a_durable_altered_harmfully_while_running_ends_the_consumer(self) -> None:
        self.publish(10)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 10)
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": 30_000_000_000, "max_deliver": 3})
        self.broker.restart()  # the consumer reads the durable's configuration when it comes back
        ended = consumer.wait(seconds=120)
        self.assertEqual(4, ended.code, f"{ended}")
        self.assertIn("max_deliver", ended.err)

    def test_fault_69_a_stream_made_anew_while_running_is_read_and_told(self) -> None:
        self.publish(20)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 20)
        self.api("STREAM.DELETE.dcm-status")
        self.create_stream()
        self.publish(20)
        self.wait_for_records(consumer, 40)
        self.assertEqual(0, consumer.stop().code)
        (reset,) = self.findings()
        self.assertEqual(("source.reset", "recreated"), (reset["kind"], reset["reason"]))
        body = json.loads(reset["body"])
        self.assertGreater(body["created"], body["created_before"])
        self.check_log()
        self.drain()
        self.assertEqual(1, len(self.findings()), "told once for ever")


    def test_fault_69_what_a_durable_passed_over_in_a_stream_made_anew_is_fetched(self) -> None:
        """As when the process dies after the broker took an acknowledgement, and before the record."""
        self.publish(20)
        self.drain()
        self.api("STREAM.DELETE.dcm-status")
        self.create_stream()
        self.publish(20)
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": 30_000_000_000})
            for _ in range(20):
                admin.settle_next()
        run = self.drain()
        self.assertEqual(20, run.summary()["received"], f"{run}")
        self.assertEqual(40, self.received())
        self.assertEqual(["recreated"], [row["reason"] for row in self.findings()])
        self.check_log()


class LostEndTest(BrokerFixture):
    """Faults 70 and 71: the broker comes back with an older stream and uses its sequences again."""

    def save_messages(self) -> None:
        self.broker.kill()
        shutil.copytree(self.messages_folder(), self.folder / "saved")
        self.broker.start()

    def restore_messages(self) -> None:
        self.broker.kill()
        messages = self.messages_folder()
        shutil.rmtree(messages)
        shutil.copytree(self.folder / "saved", messages)
        self.broker.start()

    def messages_folder(self) -> pathlib.Path:
        (found,) = self.folder.glob("nats/store/**/streams/dcm-status/msgs")
        return found

    def test_faults_70_and_71_reused_sequences_are_told_and_both_messages_kept(self) -> None:
        self.publish(10)
        self.save_messages()
        self.publish(10)
        self.drain()
        self.restore_messages()
        self.assertEqual(10, self.broker.stream()["state"]["last_seq"])
        self.drain()
        self.publish(15)
        self.assertEqual(15, self.drain().summary()["received"])
        self.assertEqual(35, self.received())
        kinds = [(row["kind"], row["reason"]) for row in self.findings()]
        self.assertEqual(
            [("source.reset", "rewound")] + [("source.divergence", "sequence_reused")] * 10, kinds
        )
        reused = [json.loads(row["body"])["sequence"] for row in self.findings()[1:]]
        self.assertEqual(list(range(11, 21)), reused)
        self.check_log()

    def lose_the_end_and_regrow(self) -> None:
        """The last 10 of 20 recorded messages are lost, and 15 come in their place and behind."""
        self.publish(10)
        self.save_messages()
        self.publish(10)
        self.drain()
        self.restore_messages()
        self.publish(15)

    def check_regrown(self) -> None:
        self.assertEqual(35, self.received())
        kinds = [(row["kind"], row["reason"]) for row in self.findings()]
        self.assertEqual(
            [("source.reset", "rewound")] + [("source.divergence", "sequence_reused")] * 10, kinds
        )
        body = json.loads(self.findings()[0]["body"])
        self.assert_members({"last": 25, "recorded_to": 20, "same_to": 10}, body)
        self.assertEqual(0, self.drain().summary()["received"])
        self.assertEqual(11, len(self.findings()), "told once for ever")
        self.check_log()

    def test_fault_70_a_stream_that_has_grown_again_before_we_look_is_read_from_its_lost_end(self) -> None:
        self.lose_the_end_and_regrow()
        run = self.drain()
        self.assertEqual(15, run.summary()["received"])
        self.assertIn("has lost its end", run.err)
        self.check_regrown()

    def test_fault_70_also_when_its_durable_is_gone(self) -> None:
        self.lose_the_end_and_regrow()
        with contextlib.suppress(AssertionError):  # the server may still be writing its files
            self.api("CONSUMER.DELETE.dcm-status.dcm-billing")
        wait_until(lambda: not self.broker.durable(), "the durable is gone")
        self.assertEqual(15, self.drain().summary()["received"])
        self.check_regrown()

    def test_fault_70_what_was_deleted_of_the_new_end_is_a_gap(self) -> None:
        self.lose_the_end_and_regrow()
        for sequence in (12, 13, 20):
            self.api("STREAM.MSG.DELETE.dcm-status", {"seq": sequence})
        self.assertEqual(12, self.drain().summary()["received"])
        self.assertEqual([("deleted", 12, 13), ("deleted", 20, 20)], self.gaps())
        self.check_log()

    def test_fault_70_a_running_consumer_finds_what_took_the_place_of_the_lost_end(self) -> None:
        self.publish(10)
        self.save_messages()
        self.publish(10)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 20)
        self.wait_for_acknowledgements(20)
        consumer.send(signal.SIGSTOP)
        self.restore_messages()
        self.publish(15)
        consumer.send(signal.SIGCONT)
        self.wait_for_records(consumer, 35)
        self.assertEqual(0, consumer.stop().code)
        self.check_regrown()

    def test_fault_71_a_running_consumer_does_not_wait_behind_the_lost_end(self) -> None:
        self.publish(10)
        self.save_messages()
        self.publish(10)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 20)
        self.restore_messages()
        wait_until(lambda: "has lost its end" in consumer.errors(), "it is told")
        self.publish(3)
        self.wait_for_records(consumer, 23)
        self.assertEqual(0, consumer.stop().code)
        self.assertIn("source.reset", [row["kind"] for row in self.findings()])


class SilentBrokerTest(BrokerFixture):
    """Fault 64: connections are accepted, and what is said into them is not heard."""

    def setUp(self) -> None:
        super().setUp()
        self.proxy = CutProxy(self.broker.url)
        self.addCleanup(self.proxy.close)

    def common(self) -> tuple[str, ...]:
        return ("--nats", self.proxy.url, "--database", f"sqlite://{self.database}")

    def test_fault_64_a_broker_that_greets_and_then_says_nothing_is_told_and_left(self) -> None:
        self.proxy.stop_reading()
        consumer = self.start_consumer()
        wait_until(lambda: consumer.errors().count("says nothing") >= 2, "it is tried and told again")
        used = cpu_seconds(consumer.pid)
        wait_until(lambda: consumer.errors().count("says nothing") >= 3, "and again")
        self.assertLess(cpu_seconds(consumer.pid) - used, CPU_SECONDS_MAX, "waiting costs nothing")
        self.assertEqual(0, consumer.stop(seconds=STOP_SECONDS_MAX).code)
        began = time.monotonic()
        looked = self.run_program("doctor", *self.common())
        self.assertIn("says nothing", looked.out + looked.err)
        self.assertLess(time.monotonic() - began, STOP_SECONDS_MAX)

    def test_fault_64_a_drain_gives_such_a_broker_up(self) -> None:
        self.proxy.stop_reading()
        run = self.run_program("consume", "--drain", *self.common(), timeout=120)
        self.assertEqual(4, run.code, f"{run}")
        self.assertIn("says nothing", run.err)

    def test_fault_64_a_running_consumer_stops_and_goes_on_when_nothing_is_heard_any_more(self) -> None:
        self.publish(100)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 100)
        self.proxy.stop_reading()
        wait_until(lambda: "says nothing" in consumer.errors(), "it is told", seconds=120)
        stopped = consumer.stop(seconds=STOP_SECONDS_MAX)
        self.assertEqual(0, stopped.code, f"{stopped}")
        self.proxy.read_again()
        self.publish(50)
        self.assertEqual(50, self.drain().summary()["received"])
        self.assertEqual([], self.findings())


class DeliveryTest(BrokerFixture):
    """Faults 61 to 64: deliveries repeated, frozen or cut off."""

    def test_fault_61_a_storm_of_redeliveries_records_each_message_once(self) -> None:
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": 1_000_000})
        self.publish(2_000)
        self.drain()
        self.assertEqual(2_000, self.received())
        self.assertGreater(self.delivered(), 2_000, "nothing was delivered again")
        self.assertEqual([], self.findings())
        self.check_log()

    def test_fault_62_lost_acknowledgements_are_redeliveries_without_a_record(self) -> None:
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": ACK_WAIT_SHORT})
        self.publish(100)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 100)
        self.wait_for_acknowledgements(100)
        consumer.kill()
        # The broker forgets the acknowledgements: its durable is that of before.
        self.delete_and_create()
        counts = self.drain().summary()
        self.assertEqual((0, 100), (counts["received"], counts["redelivered"]))
        self.assertEqual(100, self.received())

    def delete_and_create(self) -> None:
        with NatsClient(self.broker.url) as admin:
            admin.request("$JS.API.CONSUMER.DELETE.dcm-status.dcm-billing", {})
            admin.create_durable(DURABLE)

    def test_fault_64_a_frozen_broker_is_waited_for(self) -> None:
        self.publish(100)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 100)
        self.broker.send(signal.SIGSTOP)
        wait_until(lambda: "no heartbeat" in consumer.errors(), "the silence is told")
        self.broker.send(signal.SIGCONT)
        self.publish(100)
        self.wait_for_records(consumer, 200)
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual([], self.findings())

    def test_fault_64_a_broker_that_says_goodbye_is_found_again(self) -> None:
        self.publish(100)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 100)
        self.broker.send(signal.SIGTERM)
        self.broker.wait()
        self.broker.start()
        self.publish(100)
        self.wait_for_records(consumer, 200)
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual([], self.findings())

    def test_fault_64_a_broker_in_lame_duck_mode_is_left_and_its_successor_found(self) -> None:
        self.publish(100)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 100)
        self.broker.send(signal.SIGUSR2)
        wait_until(lambda: "trying again" in consumer.errors(), "the consumer is told")
        self.broker.restart()
        self.publish(100)
        self.wait_for_records(consumer, 200)
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual([], self.findings())

    def test_a_frozen_consumer_catches_up_and_counts_nothing_twice(self) -> None:
        """Its acknowledgements come too late: what it had in hand is delivered again."""
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": ACK_WAIT_SHORT})
        consumer = self.start_consumer()
        self.publish(1_000)
        wait_until(lambda: self.received() > 0, "it has begun")
        consumer.send(signal.SIGSTOP)
        self.publish(1_000)
        wait_until(self.has_given_up_waiting, "the broker delivers again, or has no request to answer")
        consumer.send(signal.SIGCONT)
        self.wait_for_records(consumer, 2_000)
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual([], self.findings())
        self.check_log()

    def has_given_up_waiting(self) -> bool:
        """Requests live longer than ack_wait: those that are over leave nothing acknowledged in time."""
        durable = self.broker.durable()
        return durable.get("num_redelivered", 0) > 0 or durable.get("num_waiting", 0) == 0

    def test_an_empty_message_with_a_status_header_is_recorded_as_rejected(self) -> None:
        with NatsClient(self.broker.url) as provider:
            provider.publish_with_headers("dcm.vm", b"NATS/1.0\r\nStatus: 404\r\n\r\n", b"")
        counts = self.drain().summary()
        self.assertEqual((1, 1), (counts["received"], counts["rejected"]))


if __name__ == "__main__":
    main()
