#!/usr/bin/env python3
"""The rules of the house that neither compiler nor linker sees.

    check.py [FOLDER]     prints `file:line: rule: message` for each fault; exit 1 when there is one
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from source_text import SourceText, split_source

LINES_MAX = 400
# A file that is longer needs an ADR and its present length here; the number may only shrink.
LONGER_FILES: dict[str, int] = {}

PURE = ("base", "rules", "audit", "billing", "focus")
MAY_INCLUDE = {
    "base": set(),
    "rules": {"base"},
    "audit": {"base"},
    "billing": {"rules", "base"},
    "migrations": {"base"},
    "store": {"billing", "rules", "audit", "migrations", "base"},
    "consumer": {"store", "billing", "rules", "audit", "base"},
    "focus": {"billing", "rules", "base"},
    "exports": {"focus", "store", "billing", "rules", "audit", "base"},
    "anchors": {"consumer", "store", "billing", "audit", "base"},
    "web": {"store", "billing", "rules", "audit", "base"},
}
MODULES = {*MAY_INCLUDE, "cli"}
# Where a library may be seen; tests follow the module they are about, but read their data freely.
TEST_DATA_LIBRARIES = {"nlohmann_json", "OpenSSL"}
LIBRARY_HOMES = (
    (re.compile(r"nats(/|\.h)"), {"consumer"}, "cnats"),
    (re.compile(r"soci/"), {"store", "migrations"}, "SOCI"),
    (re.compile(r"sqlite3\.h"), {"store", "migrations"}, "SQLite"),
    (re.compile(r"libpq|postgres"), {"store", "migrations"}, "libpq"),
    (re.compile(r"yaml-cpp/"), {"rules", "cli"}, "yaml-cpp"),
    (re.compile(r"openssl/"), {"base", "audit", "store", "consumer", "anchors"}, "OpenSSL"),
    (
        re.compile(r"nlohmann/"),
        {"audit", "billing", "focus", "store", "consumer", "exports", "cli"},
        "nlohmann_json",
    ),
    (re.compile(r"(zlib|zstd)\.h"), {"exports"}, "zlib and zstd"),
    (re.compile(r"CLI/"), {"cli"}, "CLI11"),
    (re.compile(r"curl/"), {"anchors"}, "libcurl"),
    (re.compile(r"microhttpd\.h"), {"anchors"}, "libmicrohttpd"),
)

IMPURE_HEADERS = re.compile(
    r"(fstream|filesystem|iostream|thread|future|condition_variable|semaphore|latch|barrier|random"
    r"|cstdio|ctime|unistd\.h|fcntl\.h|time\.h|dirent\.h|netdb\.h|poll\.h|pthread\.h"
    r"|(sys|arpa|netinet)/.*)"
)
IMPURE_WORDS = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock|gettimeofday|clock_gettime"
    r"|localtime(_r)?|gmtime(_r)?|std::time\b|std::clock|std::j?thread|std::async"
    r"|[io]?fstream|fopen|socket|getenv|setenv|s?rand|random_device|mt19937(_64)?)\b"
)
CLOCK_FILES = ("base/clock.cc",)
# DCM_CHECK says on stderr which check failed before it aborts.
ABORT_FILES = ("base/check.h",)
FLOAT_WORDS = re.compile(r"\b(double|float|stod|stof|strtod|strtof|atof)\b")
FLOAT_COLUMNS = re.compile(r"\b(REAL|FLOAT|DOUBLE)\b", re.IGNORECASE)
SQL_STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE)\s+\w")
SELECT_STAR = re.compile(r"\bSELECT\s+\*", re.IGNORECASE)
# Put together, so that the rule does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "HA" + "CK")) + r")\b")
WITH_ADR = re.compile(r"\bTO" + r"DO\(ADR-\d{4}\): ")
UNWANTED_IN_COMMENTS = re.compile(
    r"\b(XX" + r"X|helpers?|issue #?\d+|for now|not implemented|placeholder|stub|lorem)\b", re.IGNORECASE
)
MACHINE_PATH = re.compile(r"(?<![\w.})*])/(work|farm|root|home|tmp)/")
OUTPUT = re.compile(r"\bstd::(cout|cerr|clog)\b|\b(?<!n)(?:std::)?(printf|puts|putchar)\(")
# A child that inherits an open database loses its locks (docs/faults.md, 48).
PROCESS = re.compile(r"\b(fork|vfork|posix_spawnp?|popen|exec[lv]p?e?)\s*\(|\bstd::system\(")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|std::sleep)\b")
# wait_until of the end-to-end tests looks again after a moment; nobody else sleeps.
ONE_SLEEP = ("tests/e2e/support.py",)

CODE_ENDINGS = (".cc", ".h", ".in", ".py", ".sql", ".sh", ".cmake", "CMakeLists.txt")
BUILT_BY_SCRIPT = {"tests/tidy/own_code.cc"}  # clang_tidy.py
SCRIPT_FOLDERS = ("scripts/", ".ci/", "bench/")
SKIPPED_FOLDERS = {".git", "build", ".cache", "__pycache__"}


@dataclass(frozen=True)
class Fault:
    line: int
    rule: str
    message: str


@dataclass(frozen=True)
class File:
    path: str  # relative, with slashes
    text: str
    parts: SourceText

    @property
    def folder(self) -> str:
        return self.path.split("/", 1)[0]

    @property
    def home(self) -> str:
        """The module the file is part of or tests; empty for what belongs to none."""
        names = self.path.split("/")
        inside = names[1] if names[0] == "tests" and len(names) > 2 else names[0]
        return inside if inside in MODULES else ""

    @property
    def is_cpp(self) -> bool:
        return self.path.endswith((".cc", ".h"))

    @property
    def is_code(self) -> bool:
        return self.path.endswith(CODE_ENDINGS) or self.path.startswith(SCRIPT_FOLDERS)

    def includes(self) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(self.text.split("\n"), 1):
            match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if match:
                yield number, match.group(1)


Rule = Callable[[File], Iterator[Fault]]


def find(pattern: re.Pattern, lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        for match in pattern.finditer(line):
            yield number, match.group().strip()


def check_size(file: File) -> Iterator[Fault]:
    count = file.text.count("\n")
    allowed = LONGER_FILES.get(file.path, LINES_MAX)
    if file.is_code and count > allowed:
        yield Fault(count, "size", f"{count} lines, at most {allowed}: split the file")
    if file.path in LONGER_FILES and count < allowed:
        yield Fault(count, "size", f"now {count} lines: lower its entry in LONGER_FILES")


def check_header(file: File) -> Iterator[Fault]:
    if file.path.endswith(".h") and not file.text.startswith("#pragma once\n"):
        yield Fault(1, "pragma-once", "a header begins with #pragma once")


def check_modules(file: File) -> Iterator[Fault]:
    if not file.is_cpp or file.home in ("", "cli"):
        return
    allowed = MAY_INCLUDE[file.home] | {file.home}
    for number, name in file.includes():
        module = name.split("/", 1)[0]
        if module in MODULES and "/" in name and module not in allowed:
            yield Fault(number, "module", f"{file.home} may not include {name}")


def check_libraries(file: File) -> Iterator[Fault]:
    if not file.is_cpp or not file.home:
        return
    for number, name in file.includes():
        for pattern, homes, library in LIBRARY_HOMES:
            if file.folder == "tests" and library in TEST_DATA_LIBRARIES:
                continue
            if pattern.match(name) and file.home not in homes:
                places = ", ".join(sorted(homes))
                yield Fault(number, "library", f"{library} belongs to {places}: <{name}>")


def check_pure(file: File) -> Iterator[Fault]:
    if not file.is_cpp or file.folder not in PURE:
        return
    for number, name in file.includes():
        if IMPURE_HEADERS.fullmatch(name) and file.path not in ABORT_FILES:
            yield Fault(number, "pure", f"{file.folder} is pure: no <{name}>")
    if file.path not in CLOCK_FILES:
        code = ["" if "#include" in line else line for line in file.parts.code]
        for number, word in find(IMPURE_WORDS, code):
            yield Fault(number, "pure", f"{file.folder} is pure: no {word}")
    for number, word in find(SQL_STATEMENT, file.parts.literals):
        yield Fault(number, "pure", f"{file.folder} is pure: no SQL ({word}…)")


def check_floats(file: File) -> Iterator[Fault]:
    if file.is_cpp and file.folder in PURE:
        for number, word in find(FLOAT_WORDS, file.parts.code):
            yield Fault(number, "float", f"money and time are exact: no {word}")
    if file.path.endswith(".sql"):
        for number, word in find(FLOAT_COLUMNS, file.parts.code):
            yield Fault(number, "float", f"money and time are exact: no {word}")


def check_words(file: File) -> Iterator[Fault]:
    if not file.is_code:
        return
    for number, line in enumerate(file.text.split("\n"), 1):
        if UNFINISHED.search(WITH_ADR.sub("", line)):
            yield Fault(number, "unfinished", "finish it, or write " + "TO" + "DO(ADR-0007): …")
    for number, word in find(UNWANTED_IN_COMMENTS, file.parts.comments):
        yield Fault(number, "comment", f"comments speak of the product: no \"{word}\"")


def check_paths(file: File) -> Iterator[Fault]:
    if file.is_code:
        for number, path in find(MACHINE_PATH, file.text.split("\n")):
            yield Fault(number, "machine-path", f"a path of one machine: {path}")


def check_cpp_habits(file: File) -> Iterator[Fault]:
    if not file.is_cpp:
        return
    for number, _ in find(re.compile(r"\busing\s+namespace\b"), file.parts.code):
        yield Fault(number, "using-namespace", "name what is used")
    if file.folder not in ("cli", "bench", "tests"):
        for number, word in find(OUTPUT, file.parts.code):
            yield Fault(number, "output", f"only cli writes to the terminal: no {word}")
    if file.folder in MODULES:
        for number, word in find(PROCESS, file.parts.code):
            yield Fault(number, "process", f"an open database forbids child processes: no {word}")
    if file.path != "base/check.h":
        for number, _ in find(re.compile(r"^\s*#\s*define\b(?! CATCH_CONFIG)"), file.parts.code):
            yield Fault(number, "macro", "no macro but DCM_CHECK")


def check_select_star(file: File) -> Iterator[Fault]:
    # A test of a view asks for all its columns: which they are, and in which order, is the contract.
    if file.is_code and file.folder != "tests":
        lines = file.parts.code if file.path.endswith(".sql") else file.parts.literals
        for number, _ in find(SELECT_STAR, lines):
            yield Fault(number, "select-star", "list the columns")


def check_sleeps(file: File) -> Iterator[Fault]:
    if file.folder != "tests" or not file.is_code:
        return
    allowed = 1 if file.path in ONE_SLEEP else 0
    for number, word in list(find(SLEEP, file.parts.code))[allowed:]:
        yield Fault(number, "sleep", f"tests wait for a condition, not for time: no {word}")


RULES: tuple[Rule, ...] = (
    check_size,
    check_header,
    check_modules,
    check_libraries,
    check_pure,
    check_floats,
    check_words,
    check_paths,
    check_cpp_habits,
    check_select_star,
    check_sleeps,
)


def check_text(path: str, text: str) -> list[Fault]:
    """All faults of one file, by line."""
    file = File(path, text, split_source(path, text))
    faults = [fault for rule in RULES for fault in rule(file)]
    return sorted(faults, key=lambda fault: (fault.line, fault.rule))


def text_files(root: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
            if path.endswith((*CODE_ENDINGS, ".md")) or path.startswith(SCRIPT_FOLDERS):
                yield path


def is_named(path: str, lists: dict[str, str]) -> bool:
    """Whether a CMakeLists.txt builds that source: its folder's by name, another's by folder and name."""
    folder, name = os.path.split(path)
    own = lists.get(folder, "")
    stem = re.escape(name.removesuffix(".cc").removesuffix("_fuzz"))
    if re.search(rf"\b{stem}(\.cc)?\b", own):
        return True
    return any(f"{os.path.basename(folder)}/{name}" in text for text in lists.values())


def unbuilt(root: str, paths: list[str]) -> list[str]:
    """Sources that no CMakeLists.txt names: a test among them never runs."""
    lists = {}
    for folder in {os.path.dirname(path) for path in paths}:
        file = os.path.join(root, folder, "CMakeLists.txt")
        if os.path.isfile(file):
            with open(file, encoding="utf-8") as text:
                lists[folder] = text.read()
    sources = [path for path in paths if path.endswith(".cc") and not path.startswith(SCRIPT_FOLDERS)]
    return [path for path in sources if path not in BUILT_BY_SCRIPT and not is_named(path, lists)]


def main(arguments: list[str]) -> int:
    here = os.path.dirname(os.path.abspath(__file__))
    root = arguments[0] if arguments else os.path.join(here, "..", "..")
    paths = list(text_files(root))
    missing = unbuilt(root, paths)
    for path in missing:
        print(f"{path}:1: unbuilt: no CMakeLists.txt names it")
    count, files = len(missing), len(paths)
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        for fault in check_text(path, text):
            print(f"{path}:{fault.line}: {fault.rule}: {fault.message}")
            count += 1
    if files == 0:
        print(f"{root}: nothing to check")
        return 1
    print(f"{files} files checked, {count} faults", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
