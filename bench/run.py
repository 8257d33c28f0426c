#!/usr/bin/env python3
"""Named benchmark scenarios, each beside a floor in the same run; prints ratios.

usage: bench/run.py BUILD_DIR [--events N] [--rounds N] [--months N] [--intervals N] [--database FILE]
                    [SCENARIO ...]

ingest   JetStream -> verdict -> audit record -> commit -> acknowledgement, against a consumer that
         only pulls and acknowledges, and against a straightforward one (bench/straightforward.cc).
replay   the same events from a JSON Lines file, against `wc -l` of that file.
growth   months of events replayed one after the other into one database, the last against the first;
         then how long a start takes. --events is a month's, --months how many.
rebuild  all derived tables compared with the log, against `sqlite3` scanning its rows.
rating   --intervals in memory under each of bench/books, against one integer product for each.
report   a month over --intervals stored intervals, against `sqlite3` scanning their rows.
close    a month of --intervals closed, against `sqlite3` writing the statements' lines as CSV.
export   the closed month 2026-05 exported as FOCUS, plain and gzip, against `sqlite3` writing the same
         columns as CSV (bench/focus_columns.sql). --database names one with it; else one is made.
hostile  `rules check` of every book of tests/e2e/hostile_books.py: time and memory, the worst last.
verify   `audit verify` of a log, against a program that only reads its rows and hashes them
         (bench/verify_floor.cc). --database names one that is there; else one is made.
"""

import argparse
import csv
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from measuring import DATABASE, Broker, database_bytes, fresh, on_disk, row, timed

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e"))
from hostile_books import hostile_books  # noqa: E402


def ingest(tools, run, cwd):
    broker = Broker(cwd / "jetstream")
    try:
        subprocess.run(
            [tools.product, "publish", "--nats", broker.url, "--provision", "--fleet", "1",
             "--events", str(run.events), "--period", "2026-05", "--no-message-ids"],
            cwd=cwd, check=True, stdout=subprocess.DEVNULL)
        of_floor, of_peer = [], []
        for number in range(run.rounds):
            floor = timed([tools.floor, broker.url, f"floor-{number}"], cwd)
            count = int(floor.output)
            floor_rate = row("ingest: floor", count, floor)
            fresh(cwd)
            peer = timed([tools.peer, broker.url, f"peer-{number}", "billing.db"], cwd)
            peer_rate = row("ingest: straightforward", count, peer, on_disk(cwd, count))
            fresh(cwd)
            ours = timed(
                [tools.product, "consume", "--drain", "--config", config(cwd, broker.url, number)], cwd)
            received = json.loads(ours.output.splitlines()[-1])["received"]
            if received != count:
                sys.exit(f"expected {count} messages, ours received {received}")
            rate = row("ingest: dcm-billing", received, ours, on_disk(cwd, received))
            of_floor.append(rate / floor_rate)
            of_peer.append(rate / peer_rate)
        print(f"ingest: median {statistics.median(of_floor):.2f} of the floor,"
              f" {statistics.median(of_peer):.2f} of the straightforward consumer")
    finally:
        broker.stop()


def config(cwd, url, number):
    """A durable of its own for every round, so that each reads the whole stream."""
    path = cwd / f"round-{number}.yaml"
    path.write_text(f"nats: {{url: '{url}', durable: round-{number}}}\ndatabase: {DATABASE}\n")
    return str(path)


def write_events(tools, path, events, seed, period):
    with open(path, "wb") as out:
        subprocess.run([tools.product, "publish", "--fleet", str(seed), "--events", str(events),
                        "--period", period, "--output", "-"], cwd=path.parent, check=True, stdout=out)


def replay(tools, run, cwd):
    lines = cwd / "events.jsonl"
    write_events(tools, lines, run.events, 1, "2026-05")
    ratios = []
    for _ in range(run.rounds):
        floor = timed(["wc", "-l", str(lines)], cwd)
        count = int(floor.output.split()[0])
        floor_rate = row("replay: wc -l", count, floor)
        fresh(cwd)
        ours = timed([tools.product, "replay", str(lines), "--database", DATABASE], cwd)
        ratios.append(row("replay: dcm-billing", count, ours, on_disk(cwd, count)) / floor_rate)
    print(f"replay: median ratio {statistics.median(ratios):.4f} of reading the file")


def growth(tools, run, cwd):
    lines = cwd / "events.jsonl"
    rates = []
    for month in range(run.months):
        write_events(tools, lines, run.events, month + 1, f"{2021 + month // 12}-{month % 12 + 1:02}")
        figures = timed([tools.product, "replay", str(lines), "--database", DATABASE], cwd)
        rates.append(row(f"growth: month {month + 1}", run.events, figures))
    with open(lines, "rb") as source:
        one = source.readline()
    lines.write_bytes(one)
    start = timed([tools.product, "replay", str(lines), "--database", DATABASE], cwd)
    print(f"growth: the last month at {rates[-1] / rates[0]:.2f} of the first;"
          f" {database_bytes(cwd) / 1e9:.1f} GB; one more event, from start to exit, took"
          f" {start.seconds:.2f} s and {start.peak_kib / 1024:.0f} MiB")


def replay_fleet(tools, run, cwd):
    """A database of so many events, without a file of them in between."""
    publish = subprocess.Popen(
        [tools.product, "publish", "--fleet", "1", "--events", str(run.events), "--period", "2026-05",
         "--output", "-"], cwd=cwd, stdout=subprocess.PIPE)
    subprocess.run([tools.product, "replay", "-", "--database", DATABASE], cwd=cwd, check=True,
                   stdin=publish.stdout, stdout=subprocess.DEVNULL)
    if publish.wait() != 0:
        sys.exit("publish failed")


def rebuild(tools, run, cwd):
    replay_fleet(tools, run, cwd)
    ratios = []
    for _ in range(run.rounds):
        floor = timed(["sqlite3", "-readonly", str(cwd / "billing.db"),
                       "SELECT count(*), sum(length(body)) FROM audit_log"], cwd)
        count = int(floor.output.split("|")[0])
        floor_rate = row("rebuild: sqlite3", count, floor)
        ours = timed([tools.product, "rebuild", "--database", DATABASE], cwd)
        ratios.append(row("rebuild: dcm-billing", count, ours) / floor_rate)
    print(f"rebuild: median ratio {statistics.median(ratios):.3f} of scanning the log")


def verify(tools, run, cwd):
    if run.database:
        path = run.database.resolve()
    else:
        replay_fleet(tools, run, cwd)
        path = cwd / "billing.db"
    ratios = {}
    for _ in range(run.rounds):
        rates = {}
        for name, words in (("rows alone", []), ("rows and payloads", ["beside"])):
            floor = timed([tools.verify_floor, str(path), *words], cwd)
            count = int(floor.output)
            rates[name] = row(f"verify: {name}", count, floor)
        for jobs in (1, os.cpu_count()):
            ours = timed([tools.product, "audit", "verify", "--json", "--database", f"sqlite://{path}",
                          "--jobs", str(jobs)], cwd)
            checked = json.loads(ours.output)["records_checked"]
            if checked != count:
                sys.exit(f"expected {count} records, ours checked {checked}")
            rate = row(f"verify: --jobs {jobs}", count, ours)
            for name, floor_rate in rates.items():
                ratios.setdefault((jobs, name), []).append(rate / floor_rate)
    for (jobs, name), found in ratios.items():
        print(f"verify: --jobs {jobs}: median {statistics.median(found):.2f} of hashing {name}")


def write_resources(path, intervals):
    with open(path, "w", encoding="utf-8") as out:
        out.write("service_type,instance,tenant,label:flavor,label:disk\n")
        for number in range(intervals // 10):
            flavor = ("m1.small", "m1.large", "m1.xlarge")[number % 3]
            disk = ("gold", "silver")[number % 2]
            out.write(f"vm,vm-{number:07},tenant-{number % 100},{flavor},{disk}\n")


def rating(tools, run, cwd):
    books = pathlib.Path(__file__).resolve().parent / "books"
    write_resources(cwd / "resources.csv", run.intervals)
    for book in sorted(books.glob("*.yaml")):
        resources = [str(cwd / "resources.csv")] if book.stem == "labels" else []
        rates = []
        for _ in range(run.rounds):
            figures = timed([tools.rating, str(run.intervals), str(book), *resources], cwd)
            intervals, floor, ours = (int(word) for word in figures.output.split()[:3])
            rates.append(intervals / ours * 1e6)
            print(f"rating: {book.stem:<8} {rates[-1]:>12,.0f} intervals/s and core"
                  f"  {ours / max(floor, 1):>8.1f} times the floor", flush=True)
        print(f"rating: {book.stem}: median {statistics.median(rates):,.0f} intervals/s and core")


def stored_intervals(cwd):
    answer = subprocess.run(["sqlite3", "-readonly", str(cwd / "billing.db"), "SELECT count(*) FROM interval"],
                            check=True, capture_output=True, text=True)
    return int(answer.stdout)


def replay_month(tools, run, cwd):
    publish = subprocess.Popen(
        [tools.product, "publish", "--fleet", "1", "--events", str(run.intervals * 7 // 3), "--period",
         "2026-05", "--output", "-"], cwd=cwd, stdout=subprocess.PIPE)
    subprocess.run([tools.product, "replay", "-", "--database", DATABASE], cwd=cwd, check=True,
                   stdin=publish.stdout, stdout=subprocess.DEVNULL)
    if publish.wait() != 0:
        sys.exit("publish failed")


def report(tools, run, cwd):
    replay_month(tools, run, cwd)
    stored = stored_intervals(cwd)
    ratios = []
    for _ in range(run.rounds):
        floor = timed(["sqlite3", "-readonly", str(cwd / "billing.db"),
                       "SELECT instance_no, started_at, ended_at, provider, state, opened_by_seq,"
                       " closed_by_seq, doubtful FROM interval"], cwd)
        floor_rate = row("report: sqlite3", stored, floor)
        ours = timed([tools.product, "report", "--period", "2026-05", "--as-of", "2026-06-01",
                      "--database", DATABASE], cwd)
        ratios.append(floor_rate / row("report: dcm-billing", stored, ours))
    print(f"report: {stored:,} intervals, median {statistics.median(ratios):.2f} times the scan's time")


LINE_COLUMNS = ("period, line, tenant, provider, service_type, instance_id, meter, rate, state, charge_start,"
                " charge_end, billed_seconds, quantity, unit, unit_price, cost, currency, corrects")


ACCEPTED = ("--accept", "quarantine", "--accept", "unrated")
MONTH = "2026-05"
EXPORTS = {"plain": "none", "gzip": "gzip"}
ROWS_COMPARED = 1_000


def closed_month(tools, run, cwd):
    if run.database:
        for path in run.database.parent.glob(run.database.name + "*"):
            shutil.copy2(path, cwd / ("billing.db" + path.name.removeprefix(run.database.name)))
        return
    replay_month(tools, run, cwd)
    subprocess.run([tools.product, "period", "close", MONTH, *ACCEPTED, "--database", DATABASE], cwd=cwd,
                   check=True, stdout=subprocess.DEVNULL)


def first_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [row for row, _ in zip(csv.reader(file), range(ROWS_COMPARED))]


def export(tools, run, cwd):
    """The first rows of both are compared: the floor does the same work."""
    closed_month(tools, run, cwd)
    entries = "".join(f"  - {{name: {name}, compression: {compression}, destination: exported}}\n"
                      for name, compression in EXPORTS.items())
    (cwd / "dcm-billing.yaml").write_text(f"database: {DATABASE}\nexports:\n{entries}")
    select = (pathlib.Path(__file__).resolve().parent / "focus_columns.sql").read_text()
    ratios = {}
    for _ in range(run.rounds):
        shutil.rmtree(cwd / "exported", ignore_errors=True)
        ours = {name: timed([tools.product, "export", "run", name, "--period", MONTH], cwd) for name in EXPORTS}
        part = cwd / f"exported/plain/data/BILLING_PERIOD={MONTH}/part-00001.csv"
        rows = first_rows(part)
        issuer = rows[1][rows[0].index("InvoiceIssuerName")].replace("'", "''")
        floor = timed(["sqlite3", "-readonly", "-csv", "-header", str(cwd / "billing.db"),
                       " " + select.replace(":issuer", f"'{issuer}'")], cwd, reads_output=False)  # "--" is no option
        if first_rows(cwd / "out") != rows:
            sys.exit("expected the floor to write the same rows")
        lines = int(ours["plain"].output.split(" rows,")[0].rsplit(" ", 1)[1])
        floor_rate = row("export: sqlite3 -csv", lines, floor)
        for name, figures in ours.items():
            ratios.setdefault(name, []).append(row(f"export: {name}", lines, figures) / floor_rate)
    for name, found in ratios.items():
        print(f"export: {name}: {lines:,} lines, median {statistics.median(found):.2f} of sqlite3's rate")


def close(tools, run, cwd):
    replay_month(tools, run, cwd)
    kept = cwd / "kept"
    kept.mkdir()
    for path in cwd.glob("billing.db*"):
        shutil.copy2(path, kept)
    ratios = []
    for _ in range(run.rounds):
        fresh(cwd)
        for path in kept.iterdir():
            shutil.copy2(path, cwd)
        ours = timed([tools.product, "period", "close", MONTH, *ACCEPTED, "--database", DATABASE], cwd)
        floor = timed(["sqlite3", "-readonly", "-csv", str(cwd / "billing.db"),
                       f"SELECT {LINE_COLUMNS} FROM v_statement_line"], cwd)
        lines = floor.output.count("\n")
        floor_rate = row("close: sqlite3 -csv", lines, floor)
        ratios.append(row("close: dcm-billing", lines, ours) / floor_rate)
    print(f"close: {lines:,} lines, median {statistics.median(ratios):.2f} of the rate of the CSV")


def hostile(tools, run, cwd):
    worst = []
    for book in hostile_books():
        path = cwd / "book.yaml"
        path.write_bytes(book.text)
        rounds = [timed([tools.product, "rules", "check", str(path)], cwd, expected=1) for _ in range(run.rounds)]
        worst.append((min(figures.seconds for figures in rounds), max(f.peak_kib for f in rounds), book.name))
    for seconds, peak_kib, name in sorted(worst):
        print(f"hostile: {seconds * 1e3:>6.1f} ms  {peak_kib / 1024:>6.1f} MiB peak  {name}")
    print(f"hostile: at most {max(worst)[0] * 1e3:.1f} ms and {max(w[1] for w in worst) / 1024:.1f} MiB")


def signing(tools, run, cwd):
    for number in range(run.rounds):
        folder = cwd / str(number)
        folder.mkdir()
        subprocess.run([tools.signing, str(folder), str(run.events)], cwd=cwd, check=True)


SCENARIOS = {"ingest": ingest, "replay": replay, "growth": growth, "rebuild": rebuild, "rating": rating,
             "report": report, "close": close, "export": export, "hostile": hostile, "signing": signing, "verify": verify}


class Tools:
    def __init__(self, build):
        self.product = str(build / "cli" / "dcm-billing")
        self.floor = str(build / "bench" / "bench_floor")
        self.peer = str(build / "bench" / "bench_straightforward")
        self.verify_floor = str(build / "bench" / "bench_verify_floor")
        self.rating = str(build / "bench" / "bench_rating")
        self.signing = str(build / "bench" / "bench_signing")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("scenarios", nargs="*", default=[], metavar="SCENARIO")
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--months", type=int, default=20)
    parser.add_argument("--database", type=pathlib.Path)
    parser.add_argument("--intervals", type=int, default=2_000_000)
    arguments = parser.parse_args()
    tools = Tools(arguments.build.resolve())
    for name in arguments.scenarios or SCENARIOS:
        cwd = pathlib.Path(tempfile.mkdtemp(prefix="dcm-bench-"))
        try:
            SCENARIOS[name](tools, arguments, cwd)
        finally:
            shutil.rmtree(cwd)


if __name__ == "__main__":
    main()
