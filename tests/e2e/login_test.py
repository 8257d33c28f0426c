"""Proving who we are to a broker: each way works, and a wrong proof is a clear error."""

import pathlib
import re
import socket
import threading

from nats_identity import Authority, Key, Operator
from support import NatsServer, ProductTest, Run, main

SERVER_NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost\n"
# What a certificate for somebody else says.
OTHER_NAMES = "subjectAltName=DNS:other.example\n"
EVENTS = ("publish", "--no-message-ids", "--fleet", "1", "--events", "20", "--period", "2026-05")


class FirstNonceLost:
    """Stands before a broker and garbles the nonce of the first connection: its signature is wrong."""

    def __init__(self, broker: NatsServer) -> None:
        self._broker_port = int(broker.url.rsplit(":", 1)[1])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            broker = socket.create_connection(("127.0.0.1", self._broker_port))
            info = broker.recv(65536)
            if self.connections == 1:
                info = re.sub(rb'("nonce":"[^"]*)[^"]"', rb'\1"', info)
            client.sendall(info)
            for pair in ((client, broker), (broker, client)):
                threading.Thread(target=self._pump, args=pair, daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class LoginFixture(ProductTest):
    """Commands that prove themselves to a broker; has no test of its own."""

    def run_as(self, broker: NatsServer, proof: dict[str, object], *words: str) -> Run:
        variables = {f"DCM_BILLING_NATS_{name}": str(value) for name, value in proof.items()}
        variables.setdefault("DCM_BILLING_NATS_URL", broker.url)
        process = self.start_program(*words, **variables)
        return process.wait(seconds=120)

    def assert_works(self, broker: NatsServer, **proof: object) -> None:
        published = self.run_as(broker, proof, *EVENTS, "--provision")
        self.assertEqual(0, published.code, f"{published}")
        run = self.run_as(broker, proof, "consume", "--drain")
        self.assertEqual(0, run.code, f"{run}")
        self.assertEqual(20, run.summary()["received"])

    def assert_refused(self, broker: NatsServer, expected: str, **proof: object) -> None:
        with self.subTest(proof=sorted(proof)):
            self.check_refusal(self.run_as(broker, proof, *EVENTS), expected)

    def check_refusal(self, run: Run, expected: str) -> None:
        self.assertEqual(4, run.code, f"{run}")
        self.assertEqual("", run.out)
        self.assertIn(expected, run.err)
        self.assertNotIn("hunter", run.err, "a secret is shown")


class LoginTest(LoginFixture):
    def test_user_and_password(self) -> None:
        broker = self.start_broker('authorization { user: bob, password: "hunter2" }\n')
        right = self.write("right", "hunter2\n")
        self.assert_works(broker, USER="bob", PASSWORD_FILE=right)
        refusal = "refused our credentials"
        self.assert_refused(broker, refusal, USER="bob", PASSWORD_FILE=self.write("w", "hunter3\n"))
        self.assert_refused(broker, refusal, USER="eve", PASSWORD_FILE=right)
        self.assert_refused(broker, refusal)
        self.check_refusal(self.run_as(broker, {}, "consume", "--drain"), refusal)

    def test_nkey(self) -> None:
        key, stranger = (Key(self.folder, name, "user") for name in ("ours", "stranger"))
        broker = self.start_broker(f"authorization {{ users: [ {{ nkey: {key.public} }} ] }}\n")
        self.assert_works(broker, NKEY_SEED=self.write("seed", key.seed + "\n"))
        wrong = self.write("wrong", stranger.seed + "\n")
        self.assert_refused(broker, "refused our credentials", NKEY_SEED=wrong)
        self.assert_refused(broker, "absent", NKEY_SEED=self.folder / "absent")

    def test_a_signature_that_is_refused_once_is_made_again(self) -> None:
        """cnats loses one signature in 256: those that begin with a zero byte."""
        key = Key(self.folder, "ours", "user")
        broker = self.start_broker(f"authorization {{ users: [ {{ nkey: {key.public} }} ] }}\n")
        front = FirstNonceLost(broker)
        self.addCleanup(front.close)
        proof = {"NKEY_SEED": self.write("seed", key.seed), "URL": front.url}
        published = self.run_as(broker, proof, *EVENTS, "--provision")
        self.assertEqual(0, published.code, f"{published}")
        self.assertGreater(front.connections, 1)

    def test_credentials_file(self) -> None:
        operator = Operator(self.make_folder("ours"))
        stranger = Operator(self.make_folder("strangers"))
        broker = self.start_broker(operator.server_config())
        self.assert_works(broker, CREDENTIALS=operator.credentials("member"))
        refusal = "refused our credentials"
        self.assert_refused(broker, refusal, CREDENTIALS=stranger.credentials("member"))
        forged = operator.credentials("forged", signer=stranger)
        self.assert_refused(broker, refusal, CREDENTIALS=forged)
        self.assert_refused(broker, "absent", CREDENTIALS=self.folder / "absent")

    def test_a_file_without_credentials_is_told(self) -> None:
        broker = self.start_broker(Operator(self.make_folder("ours")).server_config())
        empty = self.write("empty.creds", "nothing of the kind\n")
        run = self.run_as(broker, {"CREDENTIALS": empty}, "consume", "--drain")
        self.assertEqual(3, run.code, f"{run}")
        self.assertIn("nats.credentials", run.err)
        self.assertIn("empty.creds", run.err)

    def make_folder(self, name: str) -> pathlib.Path:
        folder = self.folder / name
        folder.mkdir()
        return folder


class TlsTest(LoginFixture):
    def setUp(self) -> None:
        super().setUp()
        self.ours = Authority(self.folder, "ours")
        self.strangers = Authority(self.folder, "strangers")

    def start_tls_broker(self, names: str = SERVER_NAMES, verify: bool = False) -> NatsServer:
        certificate, key = self.ours.certify("server", names)
        verification = f'ca_file: "{self.ours.certificate}", verify: true' if verify else ""
        return self.start_broker(
            f'tls {{ cert_file: "{certificate}", key_file: "{key}", {verification} }}\n'
        )

    def test_a_server_whose_authority_we_know(self) -> None:
        broker = self.start_tls_broker()
        self.assert_works(broker, TLS_CA=self.ours.certificate)
        self.assert_refused(broker, "TLS handshake failed", TLS_CA=self.strangers.certificate)
        self.assert_refused(broker, "nats.tls.ca", TLS_CA=self.folder / "absent")

    def test_a_server_that_demands_tls_and_a_client_without(self) -> None:
        broker = self.start_tls_broker()
        url = broker.url.replace("tls://", "nats://")
        self.assert_refused(broker, "demands TLS", URL=url)

    def test_a_server_without_tls_and_a_client_that_wants_it(self) -> None:
        broker = self.start_broker()
        self.assert_refused(broker, "offers no TLS", TLS_CA=self.ours.certificate)

    def test_a_certificate_of_another_host(self) -> None:
        broker = self.start_tls_broker(OTHER_NAMES)
        url = broker.url.replace("127.0.0.1", "localhost")
        self.assert_refused(broker, "TLS handshake failed", TLS_CA=self.ours.certificate, URL=url)

    def test_a_client_certificate(self) -> None:
        broker = self.start_tls_broker(verify=True)
        certificate, key = self.ours.certify("client", "extendedKeyUsage=clientAuth\n")
        ca = self.ours.certificate
        self.assert_works(broker, TLS_CA=ca, TLS_CERTIFICATE=certificate, TLS_KEY=key)
        self.assert_refused(broker, "certificate", TLS_CA=ca)
        wrong, wrong_key = self.strangers.certify("client", "extendedKeyUsage=clientAuth\n")
        self.assert_refused(broker, "certificate", TLS_CA=ca, TLS_CERTIFICATE=wrong, TLS_KEY=wrong_key)


if __name__ == "__main__":
    main()
