#!/usr/bin/env python3
"""Named benchmark scenarios, each beside a floor in the same run; prints ratios.

usage: bench/run.py BUILD_DIR [--events N] [--rounds N] [SCENARIO ...]

ingest   JetStream -> verdict -> audit record -> commit -> acknowledgement, against a consumer that
         only pulls and acknowledges.
replay   the same events from a JSON Lines file, against `wc -l` of that file.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

DATABASE = "sqlite://billing.db"


class Figures:
    """What one timed process used."""

    def __init__(self, seconds, cpu_seconds, peak_kib, output):
        self.seconds = seconds
        self.cpu_seconds = cpu_seconds
        self.peak_kib = peak_kib
        self.output = output


def timed(command, cwd):
    """Runs a command to its end; its own CPU time and peak memory, not its children's servers'."""
    start = time.monotonic()
    with open(cwd / "out", "wb") as out:
        process = subprocess.Popen(command, cwd=cwd, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    if process.returncode != 0:
        sys.exit(f"{command[0]} exited with {process.returncode}")
    output = (cwd / "out").read_text()
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
        f"{name:<22} {rate:>10,.0f} events/s  {figures.cpu_seconds * 1e6 / events:>6.2f} us CPU/event"
        f"  {figures.peak_kib / 1024:>7.1f} MiB peak{extra}"
    )
    return rate


def ingest(tools, events, rounds, cwd):
    broker = Broker(cwd / "jetstream")
    try:
        subprocess.run(
            [tools.product, "publish", "--nats", broker.url, "--provision", "--fleet", "1",
             "--events", str(events), "--period", "2026-05", "--no-message-ids"],
            cwd=cwd, check=True, stdout=subprocess.DEVNULL)
        ratios = []
        for number in range(rounds):
            floor = timed([tools.floor, broker.url, f"floor-{number}"], cwd)
            count = int(floor.output)
            floor_rate = row("ingest: floor", count, floor)
            fresh(cwd)
            ours = timed(
                [tools.product, "consume", "--drain", "--config", config(cwd, broker.url, number)], cwd)
            received = json.loads(ours.output.splitlines()[-1])["received"]
            if received != count:
                sys.exit(f"expected {count} messages, ours received {received}")
            extra = f"  {database_bytes(cwd) / received:>6.0f} bytes on disk/event"
            ratios.append(row("ingest: dcm-billing", received, ours, extra) / floor_rate)
            print(f"ingest: ratio {ratios[-1]:.2f}")
        print(f"ingest: median ratio {statistics.median(ratios):.2f} of the floor")
    finally:
        broker.stop()


def config(cwd, url, number):
    """A durable of its own for every round, so that each reads the whole stream."""
    path = cwd / f"round-{number}.yaml"
    path.write_text(f"nats: {{url: '{url}', durable: round-{number}}}\ndatabase: {DATABASE}\n")
    return str(path)


def replay(tools, events, rounds, cwd):
    lines = cwd / "events.jsonl"
    with open(lines, "wb") as out:
        subprocess.run([tools.product, "publish", "--fleet", "1", "--events", str(events), "--period",
                        "2026-05", "--output", "-"], cwd=cwd, check=True, stdout=out)
    ratios = []
    for _ in range(rounds):
        floor = timed(["wc", "-l", str(lines)], cwd)
        count = int(floor.output.split()[0])
        floor_rate = row("replay: wc -l", count, floor)
        fresh(cwd)
        ours = timed([tools.product, "replay", str(lines), "--database", DATABASE], cwd)
        extra = f"  {database_bytes(cwd) / count:>6.0f} bytes on disk/event"
        ratios.append(row("replay: dcm-billing", count, ours, extra) / floor_rate)
    print(f"replay: median ratio {statistics.median(ratios):.4f} of reading the file")


SCENARIOS = {"ingest": ingest, "replay": replay}


class Tools:
    def __init__(self, build):
        self.product = str(build / "cli" / "dcm-billing")
        self.floor = str(build / "bench" / "bench_floor")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("scenarios", nargs="*", default=[], metavar="SCENARIO")
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    tools = Tools(arguments.build.resolve())
    for name in arguments.scenarios or SCENARIOS:
        cwd = pathlib.Path(tempfile.mkdtemp(prefix="dcm-bench-"))
        try:
            SCENARIOS[name](tools, arguments.events, arguments.rounds, cwd)
        finally:
            shutil.rmtree(cwd)


if __name__ == "__main__":
    main()
