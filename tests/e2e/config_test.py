"""The configuration: which value holds, what is refused, and what will not work is warned of."""

import shutil

from errors import BOOK, ErrorsFixture
from support import BINARY, CASES, ROOT, drop_privileges, environment, main


class ConfigurationTest(ErrorsFixture):
    def test_a_configuration_that_is_not_there_is_named(self) -> None:
        run = self.assert_fails(3, "--config", "nowhere.yaml", "config", "check")
        self.assertIn("nowhere.yaml", run.err)

    def test_unknown_keys_name_file_line_and_the_nearest_key(self) -> None:
        self.write("dcm-billing.yaml", "nats:\n  stream: s\n  durabel: d\ningst: {}\n")
        run = self.assert_fails(3, "config", "check")
        for expected in ("dcm-billing.yaml:3", "durabel", "nats.durable", "dcm-billing.yaml:4"):
            self.assertIn(expected, run.err)
        for words in (("usage",), ("replay", CASES / "messages.jsonl"), ("consume", "--drain")):
            with self.subTest(words=words):
                self.assertIn("durabel", self.assert_fails(3, *words).err)
        self.assertFalse((self.folder / "dcm-billing.db").exists(), "nothing was begun")

    def test_bad_values_are_all_reported_at_once(self) -> None:
        text = "nats: {batch: many}\ningest: {commit_interval: soon, max_payload_bytes: -1}\n"
        self.write("own.yaml", text)
        run = self.assert_fails(3, "config", "check", "--config", "own.yaml")
        for expected in ("nats.batch", "ingest.commit_interval", "ingest.max_payload_bytes"):
            self.assertIn(expected, run.err)

    def test_text_that_is_no_yaml_and_keys_written_twice_are_refused(self) -> None:
        for text in ("nats: [", "database: a\ndatabase: b\n", "- a\n", "nats: 5\n"):
            with self.subTest(text=text):
                self.write("dcm-billing.yaml", text)
                self.assertIn("dcm-billing.yaml:", self.assert_fails(3, "config", "check").err)

    def test_a_bad_variable_is_named(self) -> None:
        bad = environment(DCM_BILLING_NATS_BATCH="-5")
        self.assertIn("DCM_BILLING_NATS_BATCH", self.assert_fails(3, "config", "check", env=bad).err)

    def test_flag_beats_environment_beats_file_beats_default(self) -> None:
        self.write("dcm-billing.yaml", "database: sqlite://file.db\n")
        variable = environment(DCM_BILLING_DATABASE="sqlite://variable.db")
        flag = ("--database", "sqlite://flag.db")
        self.assertIn("flag.db", self.succeed("config", "show", *flag, env=variable).out)
        self.assertIn("variable.db", self.succeed("config", "show", env=variable).out)
        self.assertIn("file.db", self.succeed("config", "show").out)
        (self.folder / "dcm-billing.yaml").unlink()
        self.assertIn("dcm-billing.db", self.succeed("config", "show").out)

    def test_what_an_empty_field_stands_for_is_shown(self) -> None:
        rows = self.succeed("config", "show", "--format", "jsonl", "--database", "sqlite://a/b.db").jsonl()
        values = {row["field"]: row["value"] for row in rows}
        self.assertEqual("built in", values["rules"])
        self.assertEqual("a/b.db.key", values["audit.key"])
        self.assertEqual("file:a/b.db.anchors", values["audit.anchors"])
        self.assertEqual("", values["nats.credentials"])
        self.write("own.yaml", "rules: book\naudit: {key: k, anchors: [{file: f}]}\n")
        shown = self.succeed("config", "show", "--format", "jsonl", "--config", "own.yaml").jsonl()
        values = {row["field"]: row["value"] for row in shown}
        self.assertEqual(
            ["book", "k", "file:f"], [values[name] for name in ("rules", "audit.key", "audit.anchors")]
        )

    def test_a_place_that_is_not_there_is_a_warning(self) -> None:
        self.assertEqual("configuration is valid\n", self.succeed("config", "check").out)
        self.write("own.yaml", "rules: nobook.yaml\ndatabase: sqlite://nowhere/b.db\n")
        self.assertEqual(
            "own.yaml:1: warning: expected a rule book at nobook.yaml for rules, found none\n"
            "own.yaml:2: warning: expected a folder nowhere for database, found none\n"
            "configuration is valid, 2 warnings\n",
            self.succeed("config", "check", "--config", "own.yaml").out,
        )
        (self.folder / "nowhere").mkdir()
        self.write("nobook.yaml", BOOK)
        checked = self.succeed("config", "check", "--config", "own.yaml")
        self.assertEqual("configuration is valid\n", checked.out)

    def test_what_keeps_the_program_from_its_work_is_a_warning(self) -> None:
        self.write(
            "own.yaml",
            "nats:\n"
            "  credentials: nope.creds\n"
            "  stream: s\n"
            "  durable: d\n"
            "  tls:\n"
            "    ca: ca.pem\n"
            "    certificate: .\n"
            "    key: key.pem\n"
            "audit:\n"
            "  key: keys/audit.key\n"
            "  anchors: [{file: worm/a.anchors}, {file: a.anchors}, {stream: s}]\n"
            "http: {listen: '127.0.0.1:9464'}\n"
            "exports:\n"
            "  - {name: here, format: focus, destination: out}\n"
            "  - {name: away, format: focus, destination: far/er/out}\n"
            "  - {name: file, format: focus, destination: own.yaml/out}\n",
        )
        self.assertEqual(
            "own.yaml:2: warning: expected a file to read at nope.creds for nats.credentials, found none\n"
            "own.yaml:6: warning: expected a file to read at ca.pem for nats.tls.ca, found none\n"
            "own.yaml:7: warning: expected a file to read at . for nats.tls.certificate, got: a folder\n"
            "own.yaml:8: warning: expected a file to read at key.pem for nats.tls.key, found none\n"
            "own.yaml:10: warning: expected a folder keys for audit.key, found none\n"
            "own.yaml:11: warning: expected a folder worm for audit.anchors, found none\n"
            "own.yaml:13: warning: expected a folder own.yaml for exports.file.destination, got: Not a directory\n"
            "own.yaml:12: warning: http.listen has no effect: this version serves no HTTP\n"
            "configuration is valid, 8 warnings\n",
            self.succeed("config", "check", "--config", "own.yaml").out,
        )

    def test_logins_that_exclude_each_other_are_refused_before_the_broker_is_asked(self) -> None:
        for text, told in (
            ("credentials: a, nkey_seed: b", "expected one of credentials, nkey_seed and user, found 2"),
            ("password_file: a", "user and password_file belong together"),
            ("tls: {key: a}", "certificate and key belong together"),
        ):
            with self.subTest(text=text):
                self.write("own.yaml", f"nats: {{{text}}}\n")
                run = self.assert_fails(3, "config", "check", "--config", "own.yaml")
                self.assertIn(told, run.err)

    def test_a_file_that_may_not_be_read_is_a_warning(self) -> None:
        program = shutil.copy(BINARY, self.folder / "dcm-billing")
        self.folder.chmod(0o755)
        config = self.write("own.yaml", "nats: {user: u, password_file: pass}\n")
        secret = self.write("pass", "secret\n")
        secret.chmod(0)
        run = self.run_as_nobody(program, "config", "check", "--config", config)
        self.assertIn(f"at {secret} for nats.password_file, got: Permission denied\n", run.out)

    def test_an_address_of_no_broker_is_refused(self) -> None:
        for words in (("config", "check"), ("consume", "--drain")):
            run = self.assert_fails(3, *words, "--nats", "foo://bob:hidden@broker:4222")
            self.assertIn('for nats.url, got "foo://***@broker:4222"', run.err)

    def test_a_configuration_that_may_not_be_read_is_not_taken_for_missing(self) -> None:
        program = shutil.copy(BINARY, self.folder / "dcm-billing")
        self.folder.chmod(0o777)
        folder = self.folder / "closed"
        folder.mkdir()
        file = self.write("closed/own.yaml", "database: sqlite://own.db\n")
        (self.folder / "dcm-billing.yaml").symlink_to(file)
        for closed in (file, folder):
            closed.chmod(0)
            with self.subTest(closed=closed):
                run = self.assert_fails(
                    4, "replay", "-", program=program, preexec_fn=drop_privileges
                )
                self.assertIn("dcm-billing.yaml: Permission denied", run.err)
                self.assertFalse((self.folder / "dcm-billing.db").exists(), "nothing was begun")
            closed.chmod(0o755)

    def test_the_configuration_that_ships_is_valid(self) -> None:
        shipped = ROOT / "deploy/dcm-billing.yaml"
        checked = self.succeed("config", "check", "--config", shipped)
        self.assertIn("configuration is valid", checked.out.splitlines()[-1])

    def test_secrets_are_not_shown(self) -> None:
        url = "nats://someone:hidden-word@127.0.0.1:1"
        for words in (("config", "show"), ("consume", "--drain")):
            run = self.run_program(*words, "--nats", url, timeout=120)
            self.assertNotIn("hidden-word", run.out + run.err)


if __name__ == "__main__":
    main()
