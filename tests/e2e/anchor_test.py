"""Anchors that lie on other machines: what is kept there, and what is told when it is gone."""

import json

from broker import BrokerFixture
from support import Run, main, wait_until


class StreamAnchorTest(BrokerFixture):
    """`{stream: …}`: notes in a stream of a real nats-server."""

    def setUp(self) -> None:
        super().setUp()
        self.write("billing.yaml", "audit: {anchors: [{stream: dcm-anchors}]}\n")
        self.publish(20)
        self.drain()

    def common(self) -> tuple[str, ...]:
        return (*super().common(), "--config", str(self.folder / "billing.yaml"))

    def verify(self) -> Run:
        return self.run_program("audit", "verify", "--json", *self.common())

    def test_the_stream_proves_the_log_and_keeps_every_note(self) -> None:
        run = self.verify()
        self.assertEqual(0, run.code, f"{run}")
        self.assertIn("stream dcm-anchors", run.out)
        self.publish(20)
        self.drain()
        self.assertEqual(0, self.verify().code)
        config = self.api("STREAM.INFO.dcm-anchors")["config"]
        self.assertEqual(["audit.anchor.>"], config["subjects"])
        for denial in ("deny_delete", "deny_purge"):
            self.assertTrue(config[denial])
        with self.assertRaisesRegex(AssertionError, "purge not permitted"):
            self.api("STREAM.PURGE.dcm-anchors")
        self.assertFalse((self.folder / "billing.db.anchors").exists())

    def test_fault_25_a_stream_that_is_gone_is_an_anchor_lost(self) -> None:
        self.assertTrue(self.api("STREAM.DELETE.dcm-anchors")["success"])
        run = self.verify()
        self.assertEqual(6, run.code, f"{run}")
        self.assertIn("anchor lost", run.out)
        doctor = self.run_program("doctor", *self.common())
        self.assertIn("anchor lost", doctor.out)
        # It is not made again: that would hide what happened.
        self.publish(1)
        drained = self.run_program("consume", "--drain", *self.common())
        self.assertNotEqual(0, drained.code, f"{drained}")
        self.assertIn("anchor lost", drained.err)
        with self.assertRaisesRegex(AssertionError, "stream not found"):
            self.api("STREAM.INFO.dcm-anchors")

    def test_an_older_database_is_recognised_by_the_stream_alone(self) -> None:
        old = {
            name: (self.folder / name).read_bytes()
            for name in ("billing.db", "billing.db.signer", "billing.db.stream-dcm-anchors")
        }
        self.publish(20)
        self.drain()
        self.assertEqual(0, self.verify().code)
        for name, content in old.items():
            (self.folder / name).write_bytes(content)
        run = self.verify()
        self.assertEqual(5, run.code, f"{run}")
        self.assertIn("stream dcm-anchors", run.out)

    def test_a_broker_that_is_away_proves_nothing(self) -> None:
        self.broker.kill()
        run = self.verify()
        self.assertEqual(6, run.code, f"{run}")
        self.assertIn("cannot connect", run.err)
        self.broker.start()
        wait_until(lambda: self.verify().code == 0, "the anchor is back")

    def test_doctor_tells_what_the_stream_holds(self) -> None:
        run = self.run_program("doctor", "--format", "json", *self.common())
        found = [one for one in json.loads(run.out)["findings"] if one["check"] == "anchor"]
        self.assertEqual(["ok"], [one["level"] for one in found], f"{run}")
        self.assertIn("stream dcm-anchors knows", found[0]["found"])

    def test_a_name_that_no_stream_can_have_is_refused(self) -> None:
        self.write("billing.yaml", 'audit: {anchors: [{stream: "dcm.anchors"}]}\n')
        run = self.run_program("config", "check", "--config", "billing.yaml")
        self.assertEqual(3, run.code, f"{run}")
        self.assertIn("audit.anchors", run.err)


if __name__ == "__main__":
    main()
