"""What the scenarios of run.py share: timed processes, a broker, and how a figure is printed."""

import os
import socket
import subprocess
import sys
import time

DATABASE = "sqlite://billing.db"


class Figures:
    """What one timed process used."""

    def __init__(self, seconds, cpu_seconds, peak_kib, output):
        self.seconds = seconds
        self.cpu_seconds = cpu_seconds
        self.peak_kib = peak_kib
        self.output = output


def timed(command, cwd, expected=0, reads_output=True):
    """Runs a command to its end; its own CPU time and peak memory, not its children's servers'."""
    start = time.monotonic()
    with open(cwd / "out", "wb") as out:
        process = subprocess.Popen(command, cwd=cwd, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    if process.returncode != expected:
        sys.exit(f"{command[0]} exited with {process.returncode}")
    output = (cwd / "out").read_text() if reads_output else ""
    return Figures(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, output)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """A nats-server of its own, on a free loopback port, with its store in `folder`."""

    def __init__(self, folder):
        self.url = f"nats://127.0.0.1:{(port := free_port())}"
        self.process = subprocess.Popen(
            ["nats-server", "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)],
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    sys.exit("nats-server did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def database_bytes(cwd):
    return sum(path.stat().st_size for path in cwd.glob("billing.db*"))


def fresh(cwd):
    for path in cwd.glob("billing.db*"):
        path.unlink()


def row(name, events, figures, extra=""):
    rate = events / figures.seconds
    print(
        f"{name:<24} {rate:>10,.0f} events/s  {figures.cpu_seconds * 1e6 / events:>6.2f} us CPU/event"
        f"  {figures.peak_kib / 1024:>7.1f} MiB peak{extra}",
        flush=True,
    )
    return rate


def on_disk(cwd, events):
    return f"  {database_bytes(cwd) / events:>6.0f} bytes on disk/event"
