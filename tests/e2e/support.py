"""What the end-to-end tests share: the program under test, a broker, and RFC 6962 of our own."""

import ctypes
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("DCM_BILLING_BIN", str(ROOT / "build/dev/cli/dcm-billing"))
CASES = pathlib.Path(os.environ.get("DCM_CASES_DIR", ROOT.parent / "shared/cases"))
SANITIZER_EXIT = 99
NOBODY = 65534
SANITIZER_MARKS = ("Sanitizer:", "runtime error:")


def environment(**extra: str) -> dict[str, str]:
    """The caller's environment without what would configure the program by accident."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DCM_BILLING_")}
    kept["ASAN_OPTIONS"] = f"exitcode={SANITIZER_EXIT}"
    kept["LC_ALL"] = "C.UTF-8"
    return kept | extra


def drop_privileges() -> None:
    """For a process to be: to root no file is read-only."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60) -> object:
    """Looks again and again until the condition holds; the only place that sleeps."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"after {seconds} s still not so: {what}")


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, in its own code and in the kernel."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """What a finished process left."""

    command: tuple[str, ...]
    code: int
    out: str
    err: str

    def jsonl(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines() if line]

    def summary(self) -> dict[str, int]:
        """The counts on the last line of replay and of consume --drain."""
        return json.loads(self.out.splitlines()[-1])

    def __str__(self) -> str:
        words = " ".join(self.command)
        return f"{words}\nexit {self.code}\nstdout: {self.out[-2000:]}\nstderr: {self.err[-2000:]}"


class ProductTest(unittest.TestCase):
    """A temporary folder for each test, and the program run in it."""

    def setUp(self) -> None:
        folder = tempfile.mkdtemp(prefix="dcm-billing-e2e-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.folder = pathlib.Path(folder)

    def run_as_nobody(self, program: object, *words: object) -> Run:
        """As a user who may write nothing of the test's; `program` is a copy that it may read."""
        return self.run_program(*words, program=program, cwd="/", preexec_fn=drop_privileges)

    def run_program(
        self, *words: object, stdin: str = "", program: object = BINARY, **options
    ) -> Run:
        """Runs `dcm-billing words…` and waits; `cwd`, `env`, `timeout`, `preexec_fn` as usual."""
        command = tuple(str(word) for word in words)
        options.setdefault("cwd", self.folder)
        options.setdefault("env", environment())
        options.setdefault("timeout", 300)
        done = subprocess.run(
            [program, *command],
            input=stdin.encode(),
            capture_output=True,
            check=False,
            **options,
        )
        run = Run(
            command, done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")
        )
        for mark in SANITIZER_MARKS:
            self.assertNotIn(mark, run.err, f"{run}")
        self.assertGreaterEqual(run.code, 0, f"killed by a signal: {run}")
        return run

    def succeed(self, *words: object, **options) -> Run:
        run = self.run_program(*words, **options)
        self.assertEqual(0, run.code, f"{run}")
        return run

    def start_program(self, *words: object, **env: str) -> "Process":
        process = Process([BINARY, *map(str, words)], self.folder, environment(**env))
        self.addCleanup(process.kill)
        return process

    def start_broker(self, config: str = "") -> "NatsServer":
        """`config` are lines for the server's configuration file."""
        server = NatsServer(self.folder / "nats", config)
        self.addCleanup(server.kill)
        server.start()
        return server

    def mount_small_disk(self, path: pathlib.Path, size: int) -> pathlib.Path:
        """A file system of its own, of so many bytes; skips the test where that is not allowed."""
        path.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=750", "tmpfs", str(path)]
        if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
            self.skipTest("needs the right to mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", str(path)], check=False)
        return path

    def write(self, name: str, text: str) -> pathlib.Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def write_lines(self, name: str, lines: Iterable[dict]) -> pathlib.Path:
        return self.write(name, "".join(json.dumps(line) + "\n" for line in lines))

    def assert_members(self, expected: dict, actual: dict, note: str = "") -> None:
        """Each given member is there with its value; others may be there too."""
        shown = {name: actual.get(name, "absent") for name in expected}
        self.assertEqual(expected, shown, note)


class Process:
    """A running program with its output in files, killed by its own pid."""

    def __init__(self, command: list[str], folder: pathlib.Path, env: dict[str, str]) -> None:
        self._out = tempfile.NamedTemporaryFile(dir=folder, prefix="out-", delete=False)
        self._err = tempfile.NamedTemporaryFile(dir=folder, prefix="err-", delete=False)
        self._command = tuple(command[1:])
        self._popen = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=self._out, stderr=self._err
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def running(self) -> bool:
        return self._popen.poll() is None

    def kill(self) -> None:
        """kill -9, as often as wanted."""
        if self.running():
            self._popen.kill()
        self._popen.wait()
        self._out.close()
        self._err.close()

    def send(self, number: int) -> None:
        self._popen.send_signal(number)

    def send_to_threads(self, number: int) -> None:
        """As a storm of signals does: one that comes during another interrupts any thread."""
        for thread in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            ctypes.CDLL(None).tgkill(self.pid, int(thread.name), number)

    def stop(self, with_signal: int = signal.SIGTERM, seconds: float = 60) -> Run:
        """Asks for a clean stop and waits for it."""
        self._popen.send_signal(with_signal)
        return self.wait(seconds)

    def wait(self, seconds: float = 300) -> Run:
        code = self._popen.wait(seconds)
        texts = [pathlib.Path(f.name).read_text(errors="replace") for f in (self._out, self._err)]
        return Run(self._command, code, *texts)

    def printed_bytes(self) -> int:
        return pathlib.Path(self._out.name).stat().st_size

    def output(self) -> str:
        return pathlib.Path(self._out.name).read_text(errors="replace")

    def errors(self) -> str:
        return pathlib.Path(self._err.name).read_text(errors="replace")


class NatsServer:
    """nats-server with JetStream on loopback; a restart keeps its port and its store."""

    def __init__(self, folder: pathlib.Path, config: str = "") -> None:
        self._folder = folder
        self._config = config
        self._popen: subprocess.Popen | None = None
        self._ports = ("-1", "-1")
        self.url = ""
        self._monitor = ""

    def start(self) -> None:
        self._folder.mkdir(exist_ok=True)
        for left_over in self._folder.glob("*.ports"):
            left_over.unlink()
        client, monitor = self._ports
        (self._folder / "server.conf").write_text(self._config, encoding="utf-8")
        words = ["-c", "server.conf", "-a", "127.0.0.1", "-p", client, "-m", monitor]
        words += ["-js", "-sd", "store"]
        with open(self._folder / "log", "ab") as log:
            self._popen = subprocess.Popen(
                ["nats-server", *words, "--ports_file_dir", "."],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(self._read_ports, "nats-server has told its ports")
        wait_until(self.healthy, "nats-server is healthy")

    def _read_ports(self) -> bool:
        if self._popen is None or self._popen.poll() is not None:
            raise AssertionError("nats-server ended: " + (self._folder / "log").read_text()[-800:])
        for path in self._folder.glob("*.ports"):
            try:
                told = json.loads(path.read_text())
            except ValueError:
                return False  # half written
            self.url, self._monitor = told["nats"][0], told["monitoring"][0]
            self._ports = (self.url.rsplit(":", 1)[1], self._monitor.rsplit(":", 1)[1])
            return True
        return False

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(self._monitor + "/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """kill -9: nothing is flushed."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def send(self, number: int) -> None:
        """A signal to the running server."""
        if self._popen is not None:
            self._popen.send_signal(number)

    def wait(self) -> None:
        """Until it has ended by itself."""
        if self._popen is not None:
            self._popen.wait(60)

    def restart(self) -> None:
        self.kill()
        self.start()

    def stream(self, name: str = "dcm-status") -> dict:
        """State and consumers of a stream as the server's monitoring tells them; {} when absent."""
        address = self._monitor + "/jsz?streams=true&consumers=true&config=true"
        with urllib.request.urlopen(address, timeout=30) as answer:
            told = json.load(answer)
        for account in told.get("account_details", []):
            for stream in account.get("stream_detail", []):
                if stream["name"] == name:
                    return stream
        return {}

    def durable(self, name: str = "dcm-billing") -> dict:
        for consumer in self.stream().get("consumer_detail", []):
            if consumer["name"] == name:
                return consumer
        return {}


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """RFC 6962 section 2.1: the frontier of full subtrees, folded from the right at the end."""
    frontier: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, node = 1, leaf_hash(leaf)
        while frontier and frontier[-1][0] == size:
            left = frontier.pop()[1]
            size, node = size * 2, hashlib.sha256(b"\x01" + left + node).digest()
        frontier.append((size, node))
    if not frontier:
        return hashlib.sha256(b"").digest()
    root = frontier.pop()[1]
    while frontier:
        root = hashlib.sha256(b"\x01" + frontier.pop()[1] + root).digest()
    return root


def sqlite(
    database: pathlib.Path, statement: str, *options: str, read_only: bool = True
) -> list[str]:
    """The answer of the sqlite3 command line program, line by line."""
    words = ["sqlite3", "-bail", *(["-readonly"] if read_only else []), *options]
    done = subprocess.run(
        [*words, str(database), statement], capture_output=True, check=False, timeout=120
    )
    if done.returncode != 0:
        raise AssertionError(f"sqlite3 {statement}: {done.stderr.decode()}")
    return done.stdout.decode().splitlines()


def sqlite_rows(database: pathlib.Path, statement: str) -> list[dict]:
    """The same as objects: numbers, texts and null as they are."""
    return json.loads("\n".join(sqlite(database, statement, "-json")) or "[]")


def read_cases(name: str) -> list[dict]:
    """A file of the cases, one object a line; a missing or empty file is an error."""
    text = (CASES / name).read_text(encoding="utf-8")
    cases = [json.loads(line) for line in text.split("\n") if line.strip()]
    if not cases:
        raise AssertionError(f"{CASES / name} holds no case")
    return cases


def main() -> None:
    """Runs the tests of the file; a skipped one is told to CTest by exit code 77."""
    program = unittest.main(exit=False)
    for test, reason in program.result.skipped:
        print(f"skipped: {test}: {reason}")
    if not program.result.wasSuccessful() or program.result.testsRun == 0:
        raise SystemExit(1)
    raise SystemExit(77 if program.result.skipped else 0)
