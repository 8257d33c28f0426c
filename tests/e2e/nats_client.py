"""A service provider of our own: the NATS protocol on a socket, JetStream as its JSON API."""

import json
import socket
from collections.abc import Iterable

WINDOW = 500


class NatsClient:
    """One connection; publishes with JetStream acknowledgements and asks the JetStream API."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("nats://").rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._lines = self._socket.makefile("rb")
        self._lines.readline()  # INFO
        self._send(b'CONNECT {"verbose":false,"pedantic":false,"headers":true,"protocol":1}')
        self._send(b"SUB reply.* 1")
        self._next_reply = 0

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> "NatsClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, line: bytes, body: bytes | None = None) -> None:
        self._socket.sendall(line + b"\r\n" + (b"" if body is None else body + b"\r\n"))

    def _publish(self, subject: str, body: bytes) -> None:
        self._next_reply += 1
        self._send(f"PUB {subject} reply.{self._next_reply} {len(body)}".encode(), body)

    def _receive(self) -> dict:
        """The next message on our reply subject, as JSON."""
        while True:
            words = self._lines.readline().decode().split()
            if not words:
                raise ConnectionError("the broker closed the connection")
            if words[0] == "PING":
                self._send(b"PONG")
            elif words[0] == "-ERR":
                raise ConnectionError(" ".join(words))
            elif words[0] == "MSG":
                body = self._lines.read(int(words[-1]))
                self._lines.read(2)
                return json.loads(body)
            elif words[0] == "HMSG":
                self._lines.read(int(words[-1]) + 2)
                raise ConnectionError("nobody answers: is JetStream on?")

    def request(self, subject: str, question: dict) -> dict:
        self._publish(subject, json.dumps(question).encode())
        answer = self._receive()
        if "error" in answer:
            raise AssertionError(f"{subject}: {answer['error']}")
        return answer

    def create_stream(
        self, name: str = "dcm-status", subjects: str = "dcm.*", **limits: object
    ) -> dict:
        stream = {"name": name, "subjects": [subjects], "storage": "file", "retention": "limits"}
        stream |= {"discard": "old", "num_replicas": 1} | limits
        return self.request(f"$JS.API.STREAM.CREATE.{name}", stream)

    def create_durable(self, config: dict, stream: str = "dcm-status") -> dict:
        name = config["durable_name"]
        subject = f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{name}"
        return self.request(subject, {"stream_name": stream, "config": config})

    def publish(self, messages: Iterable[tuple[str, bytes]]) -> int:
        """Publishes (subject, body) pairs; returns how many the stream has acknowledged."""
        waiting = acknowledged = 0
        for subject, body in messages:
            self._publish(subject, body)
            waiting += 1
            while waiting >= WINDOW:
                acknowledged += self._acknowledgement()
                waiting -= 1
        for _ in range(waiting):
            acknowledged += self._acknowledgement()
        return acknowledged

    def settle_next(self, durable: str = "dcm-billing", stream: str = "dcm-status") -> None:
        """Takes the durable's next message and acknowledges it; the broker has it no more to do."""
        self._publish(self.take_next(durable, stream), b"+ACK")
        self._next_message()  # its acknowledgement is known there

    def take_next(self, durable: str = "dcm-billing", stream: str = "dcm-status") -> str:
        """Takes the durable's next message, and leaves it unacknowledged: where to say so."""
        self._publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}", b"1")
        words = self._next_message()
        if not words[3].startswith("$JS.ACK."):
            raise ConnectionError("no message of the stream: " + " ".join(words))
        return words[3]

    def _next_message(self) -> list[str]:
        """The words of its first line; the body is passed over."""
        words = self._lines.readline().decode().split()
        if words[0] != "MSG":
            raise ConnectionError("no message: " + " ".join(words))
        self._lines.read(int(words[-1]) + 2)
        return words

    def publish_with_headers(self, subject: str, headers: bytes, body: bytes) -> int:
        """One message with a header block as it is on the wire."""
        self._next_reply += 1
        sizes = f"{len(headers)} {len(headers) + len(body)}"
        self._send(f"HPUB {subject} reply.{self._next_reply} {sizes}".encode(), headers + body)
        return self._acknowledgement()

    def _acknowledgement(self) -> int:
        answer = self._receive()
        if "error" in answer or "seq" not in answer:
            raise AssertionError(f"not acknowledged: {answer}")
        return 1
