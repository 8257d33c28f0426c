"""Keys, tokens and certificates for a broker that asks who we are; made with openssl alone."""

import base64
import binascii
import json
import pathlib
import subprocess

PREFIXES = {"operator": 14 << 3, "account": 0, "user": 20 << 3}
SEED_PREFIX = 18 << 3
UNLIMITED = dict.fromkeys(
    ("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1
) | {"wildcards": True}
JETSTREAM = dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), -1)


def openssl(*words: object, data: bytes = b"") -> bytes:
    command = ["openssl", *map(str, words)]
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=60).stdout


def encoded(raw: bytes) -> str:
    """An nkey: base32 with CRC-16/XMODEM at the end, low byte first."""
    checked = raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(checked).decode().rstrip("=")


class Key:
    """An Ed25519 key pair in the spelling of NATS."""

    def __init__(self, folder: pathlib.Path, name: str, role: str) -> None:
        self.name = name
        self._role = role
        self._file = folder / f"{name}.pem"
        openssl("genpkey", "-algorithm", "ed25519", "-out", self._file)
        private = openssl("pkey", "-in", self._file, "-outform", "DER")[-32:]
        public = openssl("pkey", "-in", self._file, "-pubout", "-outform", "DER")[-32:]
        prefix = PREFIXES[role]
        self.public = encoded(bytes([prefix]) + public)
        self.seed = encoded(bytes([SEED_PREFIX | prefix >> 5, (prefix & 31) << 3]) + private)

    def sign_token(self, subject: "Key", claims: dict) -> str:
        """A JWT of this key about another."""
        header = {"typ": "JWT", "alg": "ed25519-nkey"}
        body = {"jti": subject.name, "iat": 1_700_000_000, "iss": self.public, "name": subject.name}
        body |= {"sub": subject.public, "nats": claims | {"type": subject._role, "version": 2}}
        text = ".".join(without_padding(json.dumps(part).encode()) for part in (header, body))
        message = self._file.with_suffix(".message")
        message.write_text(text)
        words = ("pkeyutl", "-sign", "-rawin", "-inkey", self._file, "-in", message)
        return f"{text}.{without_padding(openssl(*words))}"


def without_padding(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Operator:
    """Operator, a system account and an account with JetStream, and users of it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._key = Key(folder, "operator", "operator")
        self._system = Key(folder, "system", "account")
        self._account = Key(folder, "billing", "account")

    def server_config(self) -> str:
        system = self._key.sign_token(self._system, {"limits": UNLIMITED})
        account = self._key.sign_token(self._account, {"limits": UNLIMITED | JETSTREAM})
        return (
            f"operator: {self._key.sign_token(self._key, {})}\n"
            f"system_account: {self._system.public}\n"
            "resolver: MEMORY\n"
            f"resolver_preload: {{ {self._system.public}: {system}\n"
            f"{self._account.public}: {account} }}\n"
        )

    def credentials(self, name: str, signer: "Operator | None" = None) -> pathlib.Path:
        """A creds file of a user; another operator's account may sign it in vain."""
        user = Key(self._folder, name, "user")
        account = (signer or self)._account
        permissions = {"pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1}
        path = self._folder / f"{name}.creds"
        path.write_text(
            "-----BEGIN NATS USER JWT-----\n"
            f"{account.sign_token(user, permissions)}\n"
            "------END NATS USER JWT------\n\n"
            "-----BEGIN USER NKEY SEED-----\n"
            f"{user.seed}\n"
            "------END USER NKEY SEED------\n"
        )
        path.chmod(0o600)
        return path


class Authority:
    """A certificate authority and what it certifies."""

    def __init__(self, folder: pathlib.Path, name: str) -> None:
        self._folder = folder
        self._key = folder / f"{name}-ca.key"
        self.certificate = folder / f"{name}-ca.pem"
        self._name = name
        words = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl(*words, "-keyout", self._key, "-out", self.certificate, "-days", 2,
                "-subj", f"/CN={name} authority")

    def certify(self, name: str, extensions: str) -> tuple[pathlib.Path, pathlib.Path]:
        """Certificate and key."""
        stem = self._folder / f"{self._name}-{name}"
        key, request, certificate = (stem.with_suffix(end) for end in (".key", ".csr", ".pem"))
        words = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl(*words, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        told = stem.with_suffix(".ext")
        told.write_text(extensions)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                "-CAcreateserial", "-days", 2, "-extfile", told, "-out", certificate)
        return certificate, key
