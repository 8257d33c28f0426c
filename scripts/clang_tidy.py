#!/usr/bin/env python3
"""Runs clang-tidy over every unit of build/tidy/compile_commands.json that changed since it passed.

    clang_tidy.py [JOBS]     prints the findings; exit 1 when there are any

A unit is a batch of sources, which share the reading of headers, or a source that is in none. One
that passed is remembered under build/tidy/passed by the digest of all that could change the
answer: its text and that of the headers of ours it includes, the configuration, the command, and the
versions of clang-tidy and of the installed -dev packages.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "tidy"
PASSED = BUILD / "passed"
PROGRAM = "clang-tidy-14"
# Keeps the checks out of system headers, which is most of their time.
PLUGIN_SOURCE = ROOT / "tests" / "tidy" / "own_code.cc"
PLUGIN = BUILD / "own_code.so"
PLUGIN_FLAGS = ("-std=c++17", "-O1", "-fPIC", "-shared", "-fno-rtti", "-I/usr/lib/llvm-14/include")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
# Sources are included by their batch, and without a word the analyzer follows no paths in what is included. It
# goes into short calls of ours only, and not as far as it could: two fifths of the time of `mode=shallow` alone.
DEPTH = "mode=shallow,max-nodes=10000,c++-stdlib-inlining=false,c++-template-inlining=false"
ANALYZER = [
    f"--extra-arg={word}"
    for option in ("-analyzer-opt-analyze-headers", "-analyzer-config", DEPTH)
    for word in ("-Xclang", option)
]
NOISE = re.compile(r"^(\d+ warnings? (and \d+ errors? )?generated|Suppressed|Use -header-filter).*$")


def text_of(path: pathlib.Path, known: dict[pathlib.Path, str]) -> str:
    if path not in known:
        known[path] = path.read_text(encoding="utf-8")
    return known[path]


def own_files(source: pathlib.Path, known: dict[pathlib.Path, str]) -> list[pathlib.Path]:
    """The unit and every source and header of ours it reaches."""
    reached, waiting = set(), [source]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for name in INCLUDE.findall(text_of(path, known)):
            for folder in (ROOT, path.parent):
                if (folder / name).is_file():
                    waiting.append((folder / name).resolve())
                    break
    return sorted(reached)


def surroundings() -> str:
    """What is the same for all files: versions and configurations."""
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    query = ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "*-dev"]
    packages = subprocess.run(query, capture_output=True, text=True, check=False)
    own = [path.read_text(encoding="utf-8") for path in (PLUGIN_SOURCE, pathlib.Path(__file__))]
    texts = [version.stdout, packages.stdout, *own]
    folders = [ROOT, *(path for path in ROOT.iterdir() if path.is_dir())]
    for path in sorted(folder / ".clang-tidy" for folder in folders):
        texts.append(path.read_text(encoding="utf-8") if path.is_file() else "")
    return "\n".join(texts)


def digest(command: dict, around: str, known: dict[pathlib.Path, str]) -> str:
    parts = [around, command["command"]]
    for path in own_files(pathlib.Path(command["file"]), known):
        parts += [str(path), text_of(path, known)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def build_plugin() -> None:
    if PLUGIN.exists() and PLUGIN.stat().st_mtime > PLUGIN_SOURCE.stat().st_mtime:
        return
    subprocess.run(["clang++-14", *PLUGIN_FLAGS, PLUGIN_SOURCE, "-o", PLUGIN], check=True)


def is_test(file: str) -> bool:
    return any(pathlib.Path(file).is_relative_to(root / "tests") for root in (ROOT, BUILD))


def run(file: str, commands: pathlib.Path = BUILD) -> tuple[bool, str, float]:
    """Whether the unit is clean, what was found, and the seconds it took; `commands` is the folder
    whose compile_commands.json has the unit."""
    began = time.monotonic()
    checks = "dcm-own-code,-bugprone-suspicious-include"  # sources are what a batch includes
    if is_test(file):
        checks += ",-clang-analyzer-*"  # it follows Catch's macros for most of its time
    words = ["nice", PROGRAM, "--quiet", f"--load={PLUGIN}", f"--checks={checks}"]
    words += [*ANALYZER, "-p", str(commands), file]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    lines = (done.stdout + done.stderr).splitlines()
    findings = "\n".join(line for line in lines if line.strip() and not NOISE.match(line))
    return done.returncode == 0, findings, time.monotonic() - began


def is_generated(file: str) -> bool:
    path = pathlib.Path(file)
    return path.is_relative_to(ROOT / "build") and path.parent.name != "Unity"


def units() -> list[dict]:
    commands = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    return [c for c in commands if not is_generated(c["file"])]


def main() -> int:
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else os.cpu_count() or 1
    PASSED.mkdir(parents=True, exist_ok=True)
    around, known = surroundings(), {}
    waiting = {c["file"]: digest(c, around, known) for c in units()}
    sizes = {file: sum(len(text_of(part, known)) for part in own_files(pathlib.Path(file), known)) for file in waiting}
    if not waiting:
        print("nothing to check")
        return 1
    count = len(waiting)
    waiting = {file: key for file, key in waiting.items() if not (PASSED / key).exists()}
    print(f"{count} units, {len(waiting)} to check", flush=True)
    if waiting:
        build_plugin()
    faulty = 0
    slowest: list[tuple[float, str]] = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=jobs) as pool:
        # What takes longest comes first, so that all jobs end together.
        running = {pool.submit(run, file): file for file in sorted(waiting, key=lambda f: -sizes[f])}
        for future in concurrent.futures.as_completed(running):
            file = running[future]
            clean, findings, seconds = future.result()
            slowest.append((seconds, os.path.relpath(file, ROOT)))
            if clean:
                (PASSED / waiting[file]).touch()
            else:
                faulty += 1
                print(findings, flush=True)
    for seconds, file in sorted(slowest, reverse=True)[:3]:
        print(f"slowest: {file} {seconds:.0f} s")
    print(f"{count - faulty} units clean, {faulty} with findings")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
