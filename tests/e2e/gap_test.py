"""What will never come is told in the log once; what the stream still has is fetched."""

import json
import shutil

from broker import DURABLE, BrokerFixture
from nats_client import NatsClient
from support import main, sqlite, wait_until


class GapTest(BrokerFixture):
    """Faults 65 to 67: what will never come is told with its range and cause, once."""

    def test_fault_67_what_limits_discarded_before_the_first_read_is_a_gap(self) -> None:
        self.api("STREAM.DELETE.dcm-status")
        self.create_stream(max_msgs=10)
        self.publish(30)
        run = self.drain()
        self.assertEqual(10, run.summary()["received"])
        self.assertEqual([("discarded", 1, 20)], self.gaps())
        self.assertIn("sequences 1 to 20 will never be recorded", run.err)
        self.check_log()

    def test_fault_67_what_limits_discarded_between_two_runs_is_a_gap_told_once(self) -> None:
        self.api("STREAM.DELETE.dcm-status")
        self.create_stream(max_msgs=10)
        self.publish(5)
        self.drain()
        self.assertEqual([], self.gaps())
        self.publish(25)
        self.drain()
        self.assertEqual([("discarded", 6, 20)], self.gaps())
        again = self.drain()
        self.assertEqual(1, len(self.gaps()), "told once for ever")
        self.assertNotIn("never be recorded", again.err)
        self.check_log()

    def test_a_gap_stands_against_the_first_closing_after_it_alone(self) -> None:
        self.api("STREAM.DELETE.dcm-status")
        self.create_stream(max_msgs=10)
        self.publish(30)
        self.drain()
        close = ("period", "close", "2026-05", *self.common())
        others = ("--accept", "quarantine", "--accept", "unrated")
        refused = self.run_program(*close, *others)
        self.assertEqual(1, refused.code, f"{refused}")
        self.assertIn("not closed:\n  gaps: 1 gap in the stream", refused.err)
        closed = self.succeed(*close, *others, "--accept", "gaps").out
        self.assertIn("accepted gaps: 1 gap in the stream", closed)
        (body,) = [row["body"] for row in self.rows("SELECT body FROM v_audit WHERE kind = 'period.closed'")]
        self.assertIn("gaps", [one["reason"] for one in json.loads(body)["accepted"]])
        self.succeed("period", "close", "2026-06", *self.common(), *others)

    def test_fault_65_a_partial_purge_is_a_gap(self) -> None:
        self.publish(10)
        self.drain()
        self.publish(10)
        self.api("STREAM.PURGE.dcm-status", {"seq": 16})
        self.assertEqual(5, self.drain().summary()["received"])
        self.assertEqual([("discarded", 11, 15)], self.gaps())

    def test_fault_65_what_the_first_consumer_ever_had_not_recorded_when_it_was_killed(self) -> None:
        self.publish(13)
        consumer = self.start_program(
            "consume", *self.common(), DCM_BILLING_INGEST_COMMIT_INTERVAL="20s"
        )
        wait_until(lambda: self.broker.durable() and self.delivered() == 13, "all is delivered")
        consumer.kill()
        self.assertEqual(0, self.received())
        self.api("STREAM.PURGE.dcm-status", {"seq": 12})
        self.assertEqual(2, self.drain().summary()["received"])
        self.assertEqual([("discarded", 1, 11)], self.gaps())
        self.check_log()

    def test_fault_65_a_whole_purge_is_a_gap_and_the_stream_goes_on(self) -> None:
        self.publish(10)
        self.drain()
        self.publish(10)
        self.api("STREAM.PURGE.dcm-status")
        self.assertEqual(0, self.drain().summary()["received"])
        self.assertEqual([("discarded", 11, 20)], self.gaps())
        self.publish(10)
        self.assertEqual(10, self.drain().summary()["received"])
        self.assertEqual(1, len(self.gaps()))

    def test_a_log_of_a_gap_alone_follows_every_rule_book(self) -> None:
        """No message brought one into use, and nothing is derived."""
        self.publish(3)
        self.api("STREAM.PURGE.dcm-status")
        self.drain()
        self.assertEqual([("discarded", 1, 3)], self.gaps())
        database = self.common()[2:]
        other = self.folder / "other.yaml"
        other.write_text(
            "version: 1\ncurrency: EUR\ntimezone: UTC\nlifecycle: {vm: {STOPPED: none}}\nrates: []\n",
            encoding="utf-8",
        )
        self.succeed("rules", "check", other)
        for words in ((), ("--rules", other)):
            self.succeed("rebuild", *database, *words)
            run = self.succeed("audit", "verify", "--rebuild", "--json", *database)
            self.assertTrue(json.loads(run.out)["derived"]["follows_book_in_use"], f"{run}")
        self.publish(1)
        self.drain()
        self.check_log()

    def test_a_purge_of_what_is_recorded_is_no_gap(self) -> None:
        self.publish(10)
        self.drain()
        self.api("STREAM.PURGE.dcm-status")
        self.publish(10)
        self.assertEqual(10, self.drain().summary()["received"])
        self.assertEqual([], self.findings())

    def test_fault_66_a_deleted_message_is_a_gap_of_one(self) -> None:
        self.publish(10)
        for sequence in (3, 7, 8):
            self.api("STREAM.MSG.DELETE.dcm-status", {"seq": sequence})
        run = self.drain()
        self.assertEqual(7, run.summary()["received"])
        self.assertEqual([("deleted", 3, 3), ("deleted", 7, 8)], self.gaps())
        self.assertIn("sequence 3 will never be recorded", run.err)
        self.check_log()

    def test_an_account_that_is_not_that_of_the_log_is_tampering(self) -> None:
        self.publish(10)
        for sequence in (3, 7, 8):
            self.api("STREAM.MSG.DELETE.dcm-status", {"seq": sequence})
        self.drain()
        self.check_log()
        database = self.folder / "billing.db"
        whole = database.read_bytes()
        for statement, told in (
            ("DELETE FROM broker_gap WHERE first_sequence = 3", "a gap that is not kept"),
            ("UPDATE broker_gap SET last_sequence = 9 WHERE first_sequence = 7", "that no record tells"),
            ("UPDATE broker_durable SET complete_to = 1000", "count as complete"),
        ):
            with self.subTest(statement=statement):
                database.write_bytes(whole)
                sqlite(database, statement, read_only=False)
                run = self.run_program("audit", "verify", "--rebuild", *self.common()[2:])
                self.assertEqual(1, run.code, f"{run}")
                self.assertIn(told, run.out)

    def test_a_running_consumer_tells_a_gap_when_it_starts_and_goes_on(self) -> None:
        self.publish(10)
        self.drain()
        self.publish(10)
        self.api("STREAM.PURGE.dcm-status", {"seq": 14})
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 17)
        wait_until(self.gaps, "the gap is told", seconds=90)
        self.assertEqual([("discarded", 11, 13)], self.gaps())
        self.assertEqual(0, consumer.stop().code)

    def test_fault_72_a_message_that_is_settled_without_us_is_fetched(self) -> None:
        self.publish(10)
        self.drain()
        # As if the broker had lost its redelivery: it counts as done, and nobody has recorded it.
        self.publish(3)
        with NatsClient(self.broker.url) as admin:
            admin.settle_next()
        self.publish(5)
        consumer = self.start_consumer()
        self.wait_for_records(consumer, 18)
        self.assertEqual(0, consumer.stop().code)
        self.assertIn("are fetched from sequence 11 on: 1", consumer.errors())
        self.assertEqual([], self.findings())
        self.check_log()

    def test_with_a_filter_on_a_wider_stream_holes_are_no_loss(self) -> None:
        self.api("STREAM.DELETE.dcm-status")
        with NatsClient(self.broker.url) as admin:
            admin.create_stream(subjects="dcm.>")
            admin.create_durable(DURABLE | {"filter_subject": "dcm.*"})
            admin.publish([("dcm.internal.note", b"{}"), next(self.fleet)] * 3)
        self.assertEqual(3, self.drain().summary()["received"])
        self.assertEqual([], self.findings())


def denying(subject: str) -> str:
    """A broker whose user `reader` may not publish to that subject."""
    return """
        authorization { users: [
            {user: admin, password: admin},
            {user: reader, password: reader, permissions: {publish: {deny: ["%s"]}}}] }
        no_auth_user: admin
    """ % subject


class ReaderFixture(BrokerFixture):
    def common(self) -> tuple[str, ...]:
        url = self.broker.url.replace("nats://", "nats://reader:reader@")
        return ("--nats", url, "--database", f"sqlite://{self.database}")


class NoRequestTest(ReaderFixture):
    broker_config = denying("$JS.API.CONSUMER.MSG.NEXT.>")

    def test_a_drain_that_gets_nothing_gives_up(self) -> None:
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": 1_000_000_000})
        self.publish(3)
        run = self.run_program("consume", "--drain", *self.common())
        self.assertEqual(4, run.code, f"{run}")
        told = "durable 'dcm-billing' stands still: undelivered messages 3, unacknowledged 0"
        self.assertIn(told, run.err)


class NoAcknowledgementTest(ReaderFixture):
    broker_config = denying("$JS.ACK.>")

    def test_a_drain_that_gets_the_same_again_and_again_gives_up(self) -> None:
        with NatsClient(self.broker.url) as admin:
            admin.create_durable(DURABLE | {"ack_wait": 1_000_000})
        self.publish(3)
        run = self.run_program("consume", "--drain", *self.common())
        self.assertEqual(4, run.code, f"{run}")
        told = "durable 'dcm-billing' stands still: undelivered messages 0, unacknowledged 3"
        self.assertIn(told, run.err)
        self.assertEqual(3, self.received())


class NoPermissionTest(ReaderFixture):
    """The account may not read single messages of the stream."""

    broker_config = denying("$JS.API.STREAM.MSG.GET.>")

    def test_what_cannot_be_fetched_is_told_as_unrecorded(self) -> None:
        self.publish(10)
        self.drain()
        self.publish(3)
        with NatsClient(self.broker.url) as admin:
            admin.settle_next()
        run = self.drain()
        self.assertEqual(2, run.summary()["received"])
        self.assertEqual(1, run.err.count("cannot be told"), run.err)
        self.assertEqual(1, run.err.count("broker error"), run.err)
        self.assertEqual([("unrecorded", 11, 11)], self.gaps())
        self.check_log()

    def test_a_durable_that_begins_behind_what_cannot_be_fetched_is_refused(self) -> None:
        self.publish(10)
        self.drain()
        self.publish(10)
        with NatsClient(self.broker.url) as admin:
            admin.request("$JS.API.CONSUMER.DELETE.dcm-status.dcm-billing", {})
            admin.create_durable(DURABLE | {"deliver_policy": "by_start_sequence", "opt_start_seq": 16})
        run = self.run_program("consume", "--drain", *self.common())
        self.assertEqual(4, run.code, f"{run}")
        self.assertIn("deliver_policy is by_start_sequence", run.err)
        self.assertIn("deliver_policy is by_start_sequence", self.run_program("doctor", *self.common()).out)
        self.assertEqual((10, []), (self.received(), self.findings()))

    def test_a_running_consumer_goes_on(self) -> None:
        self.publish(10)
        self.drain()
        consumer = self.start_consumer()
        self.publish(10)
        self.wait_for_records(consumer, 20)
        self.assertEqual(0, consumer.stop().code)
        self.assertEqual([], self.findings())


class RestoredDatabaseTest(BrokerFixture):
    """An older copy of the database: the durable is past what it holds, the stream still has it."""

    def copy_to(self, place: str) -> None:
        folder = self.folder / place
        folder.mkdir()
        for path in self.folder.glob("billing.db*"):
            shutil.copy(path, folder / path.name)

    def restore_from(self, place: str) -> None:
        for path in self.folder.glob("billing.db*"):
            path.unlink()
        for path in (self.folder / place).iterdir():
            shutil.copy(path, self.folder / path.name)

    def test_what_is_acknowledged_but_not_recorded_is_fetched_from_the_stream(self) -> None:
        self.publish(100)
        self.drain()
        self.copy_to("backup")
        self.publish(700)
        self.drain()
        self.restore_from("backup")
        self.publish(10)
        run = self.drain()
        self.assertEqual(710, run.summary()["received"])
        self.assertIn("not recorded here", run.err)
        self.assertEqual(810, self.received())
        self.assertEqual([], self.findings())
        self.check_log()
        self.assertEqual(0, self.drain().summary()["received"])

    def test_what_the_stream_lost_meanwhile_is_a_gap_and_the_rest_is_fetched(self) -> None:
        self.publish(10)
        self.drain()
        self.copy_to("backup")
        self.publish(20)
        self.drain()
        self.restore_from("backup")
        self.api("STREAM.PURGE.dcm-status", {"seq": 16})
        self.api("STREAM.MSG.DELETE.dcm-status", {"seq": 20})
        self.assertEqual(14, self.drain().summary()["received"])
        self.assertEqual([("discarded", 11, 15), ("deleted", 20, 20)], self.gaps())

    def test_a_new_database_on_a_used_durable_begins_where_the_durable_is(self) -> None:
        self.publish(20)
        self.drain()
        for path in self.folder.glob("billing.db*"):
            path.unlink()
        self.publish(5)
        self.assertEqual(5, self.drain().summary()["received"])
        self.assertEqual([], self.findings())


if __name__ == "__main__":
    main()
