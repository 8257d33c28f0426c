"""A copy of the broker's store in place of the store: what was recorded in between is lost there."""

import json
import pathlib
import shutil

from broker import BrokerFixture
from nats_client import NatsClient
from support import main


class StoreFixture(BrokerFixture):
    """Copies the broker's store; has no test of its own."""

    def store_folder(self) -> pathlib.Path:
        return self.folder / "nats" / "store"

    def save_store(self, name: str) -> None:
        self.broker.kill()
        shutil.copytree(self.store_folder(), self.folder / name)
        self.broker.start()

    def restore_store(self, name: str) -> None:
        self.broker.kill()
        shutil.rmtree(self.store_folder())
        shutil.copytree(self.folder / name, self.store_folder())
        self.broker.start()

    def resets(self) -> list[dict]:
        return [row for row in self.findings() if row["kind"] == "source.reset"]


class CopiedStoreTest(StoreFixture):
    """The broker's whole store, durable included, is put back as it was before."""

    def test_fault_70_what_is_recorded_of_a_copy_is_known_when_it_comes_back(self) -> None:
        self.publish(5)
        self.drain()
        self.save_store("before")
        self.publish(400)
        self.drain()
        self.save_store("first")
        self.restore_store("before")
        self.publish(5)
        self.drain()
        self.restore_store("first")
        run = self.drain()
        self.assertEqual(0, run.summary()["received"], f"{run}")
        self.assertNotIn("fetched", run.err)
        # What the broker forgets to deliver is found behind it.
        self.publish(1)
        with NatsClient(self.broker.url) as admin:
            admin.settle_next()
        self.publish(1)
        run = self.drain()
        self.assertEqual(2, run.summary()["received"], f"{run}")
        self.assertEqual([{"complete_to": 407}], self.rows("SELECT complete_to FROM broker_durable"))
        self.assertEqual(["rewound"] * 2, [row["reason"] for row in self.resets()])
        self.check_log()

    def test_fault_70_a_gap_behind_the_lost_end_is_none_any_more(self) -> None:
        self.publish(5)
        self.drain()
        self.save_store("before")
        self.publish(5)
        self.api("STREAM.MSG.DELETE.dcm-status", {"seq": 8})
        self.drain()
        self.assertEqual([("deleted", 8, 8)], self.gaps())
        self.restore_store("before")
        self.publish(7)
        self.assertEqual(7, self.drain().summary()["received"])
        self.assertEqual([], self.rows("SELECT first_sequence FROM broker_gap"))
        self.check_log()

    def test_fault_70_what_is_held_in_place_of_a_gap_is_not_what_was_recorded(self) -> None:
        self.publish(3)
        self.drain()
        self.save_store("before")
        self.publish(7)
        for sequence in range(4, 9):
            self.api("STREAM.MSG.DELETE.dcm-status", {"seq": sequence})
        self.drain()
        self.assertEqual([("deleted", 4, 8)], self.gaps())
        self.restore_store("before")
        self.publish(9)
        self.assertEqual(9, self.drain().summary()["received"])
        (reset,) = self.resets()
        self.assert_members({"last": 12, "recorded_to": 10, "same_to": 3}, json.loads(reset["body"]))
        self.assertEqual([], self.rows("SELECT first_sequence FROM broker_gap"))
        self.check_log()


class UnseenStoreTest(StoreFixture):
    """The same; the account may not read single messages of the stream."""

    broker_config = """
        authorization { users: [
            {user: admin, password: admin},
            {user: reader, password: reader,
             permissions: {publish: {deny: ["$JS.API.STREAM.MSG.GET.>"]}}}] }
        no_auth_user: admin
    """

    def common(self) -> tuple[str, ...]:
        url = self.broker.url.replace("nats://", "nats://reader:reader@")
        return ("--nats", url, "--database", f"sqlite://{self.database}")

    def test_fault_70_what_was_deleted_of_the_new_end_is_a_gap_all_the_same(self) -> None:
        self.publish(10)
        self.save_store("before")
        self.publish(10)
        self.drain()
        self.restore_store("before")
        self.publish(6)
        for sequence in (13, 14):
            self.api("STREAM.MSG.DELETE.dcm-status", {"seq": sequence})
        self.assertEqual(4, self.drain().summary()["received"])
        (reset,) = self.resets()
        self.assert_members({"recorded_to": 20, "same_to": 0}, json.loads(reset["body"]))
        self.assertEqual([("unrecorded", 13, 14)], self.gaps())
        self.check_log()


if __name__ == "__main__":
    main()
