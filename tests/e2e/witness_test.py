"""A witness in a process of its own, as an anchor: `audit witness` and `{witness: …}`."""

import json
import shutil

from broker import BrokerFixture
from support import Process, Run, main, wait_until


class WitnessTest(BrokerFixture):
    def setUp(self) -> None:
        super().setUp()
        # The first record makes the log and its key, which the witness is told.
        self.write("billing.yaml", "audit: {}\n")
        self.publish(5)
        self.drain()
        self.vkey = self.succeed("audit", "key", "show", *self.common()).out.strip()
        self.port = "0"
        self.witness_key = ""
        self.witness = self.start_witness()
        self.configure(self.anchor())
        self.publish(20)
        self.drain()

    def common(self) -> tuple[str, ...]:
        return (*super().common(), "--config", str(self.folder / "billing.yaml"))

    def anchor(self) -> str:
        return f'{{witness: "http://127.0.0.1:{self.port}", vkey: "{self.witness_key}"}}'

    def configure(self, anchors: str, quorum: int = 1) -> None:
        self.write("billing.yaml", f"audit: {{anchors: [{anchors}], quorum: {quorum}}}\n")

    def start_witness(self) -> Process:
        words = ("--name", "example.com/w1", "--key", "w1.key", "--state", "w1.state")
        listen = ("--listen", f"127.0.0.1:{self.port}", "--log", self.vkey)
        witness = self.start_program("audit", "witness", *words, *listen)
        told = wait_until(
            lambda: len(lines := witness.output().splitlines()) == 2 and lines, "it serves"
        )
        self.witness_key, url = told
        self.port = url.rsplit(":", 1)[1]
        return witness

    def verify(self, *words: object) -> Run:
        return self.run_program("audit", "verify", "--json", *self.common(), *words)

    def test_the_witness_proves_the_log(self) -> None:
        run = self.verify()
        self.assertEqual(0, run.code, f"{run}")
        self.assertIn("witness http://127.0.0.1", run.out)
        note = next(self.folder.glob("billing.db.witness-*")).read_text()
        self.assertIn("\N{EM DASH} example.com/w1 ", note)
        self.write("cosigned.note", note)
        alone = self.verify("--trusted-note", "cosigned.note", "--vkey", self.vkey)
        self.assertEqual(0, alone.code, f"{alone}")
        stopped = self.witness.stop()
        self.assertEqual(0, stopped.code, f"{stopped}")

    def test_it_counts_for_the_quorum(self) -> None:
        self.configure(self.anchor() + ", {file: billing.anchors}", quorum=2)
        self.assertEqual(6, self.verify().code)
        self.publish(5)
        self.drain()
        self.assertEqual(0, self.verify().code)

    def test_fault_26_an_older_database_with_all_beside_it_is_told_by_the_witness(self) -> None:
        older = self.folder / "older"
        older.mkdir()
        for path in self.folder.glob("billing.db*"):
            shutil.copy(path, older)
        self.publish(20)
        self.drain()
        self.assertEqual(0, self.verify().code)
        for path in older.iterdir():
            shutil.copy(path, self.folder)
        run = self.verify()
        self.assertEqual(5, run.code, f"{run}")
        self.assertIn("witness", json.dumps(json.loads(run.out)["findings"]))

    def test_a_witness_that_is_away_makes_anchoring_lag_and_nothing_else(self) -> None:
        self.configure("{file: billing.anchors}, " + self.anchor())
        self.witness.kill()
        self.publish(20)
        drained = self.run_program("consume", "--drain", *self.common())
        self.assertEqual(0, drained.code, f"{drained}")
        self.assertIn("anchor witness", drained.err)
        self.assertEqual(0, self.verify().code, "the file is enough for a quorum of 1")
        self.configure("{file: billing.anchors}, " + self.anchor(), quorum=2)
        run = self.verify()
        self.assertEqual(6, run.code, f"{run}")
        self.start_witness()
        self.publish(1)
        self.drain()
        self.assertEqual(0, self.verify().code, "it keeps up again")

    def test_a_quorum_that_is_missed_is_told_once(self) -> None:
        self.configure("{file: billing.anchors}, " + self.anchor(), quorum=2)
        self.witness.kill()
        self.publish(1)
        consumer = self.start_consumer()
        reports = "trying again in"
        wait_until(lambda: consumer.errors().count(reports) >= 3, "three attempts at the witness")
        self.assertEqual(1, consumer.errors().count("no checkpoint yet"), consumer.errors())
        self.start_witness()
        wait_until(lambda: self.verify().code == 0, "it keeps up again")
        self.assertEqual(0, consumer.stop().code)

    def test_doctor_asks_the_witness(self) -> None:
        run = self.run_program("doctor", *self.common())
        self.assertIn(f"witness http://127.0.0.1:{self.port} knows", run.out)

    def test_what_is_no_witness_is_refused_in_the_configuration(self) -> None:
        for anchor in (
            '{witness: "127.0.0.1:1"}',
            '{witness: "http://127.0.0.1:1", vkey: "x"}',
            f'{{witness: "http://127.0.0.1:1", vkey: "{self.vkey}"}}',
            '{witness: "http://127.0.0.1:1", key: "x"}',
            '{file: "x", vkey: "x"}',
        ):
            with self.subTest(anchor=anchor):
                self.configure(anchor)
                run = self.run_program("config", "check", "--config", "billing.yaml")
                self.assertEqual(3, run.code, f"{run}")
                self.assertIn("anchor", run.err)

    def test_a_witness_says_what_is_wrong_with_its_words(self) -> None:
        words = ["audit", "witness", "--key", "k", "--state", "s"]
        for more, code in (
            (["--name", "w", "--log", self.vkey, "--listen", "nowhere"], 2),
            (["--name", "w", "--log", self.vkey, "--listen", f"127.0.0.1:{self.port}"], 4),
            (["--name", "w", "--log", "no key"], 3),
            (["--name", "with blank", "--log", self.vkey], 2),
        ):
            with self.subTest(more=more):
                run = self.run_program(*words, *more)
                self.assertEqual(code, run.code, f"{run}")


if __name__ == "__main__":
    main()
