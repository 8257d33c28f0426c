"""Runs the examples of the documents: what a reader sees is what the program prints.

A fenced block marked `console` is an example: a line beginning `$ ` is a command, the lines up to
the next one are its output. `...` stands for anything, alone on a line for any number of lines. The
examples of one document run in its order, beginning in a clone with `docs`, `rules` and a release build;
a folder that is gone to and a variable that is exported last, as in one shell. The README begins without
the program on the PATH. A command ends with 0, unless the next one is `echo $?`.
"""

import os
import pathlib
import re
import subprocess
from dataclasses import dataclass

from support import BINARY, ROOT, ProductTest, environment, main


@dataclass(frozen=True)
class Example:
    line: int
    command: str
    output: str


def examples_of(text: str) -> list[Example]:
    found: list[Example] = []
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            inside = not inside and line.strip() == "```console"
        elif inside and line.startswith("$ "):
            found.append(Example(number, line[2:], ""))
        elif inside and found and found[-1].command.endswith("\\"):
            last = found.pop()
            found.append(Example(last.line, f"{last.command}\n{line}", ""))
        elif inside and found:
            last = found.pop()
            found.append(Example(last.line, last.command, last.output + line + "\n"))
    return found


def output_pattern(expected: str) -> str:
    """The expected text as a regular expression; spaces at line ends do not count."""
    lines = []
    for line in expected.rstrip("\n").split("\n"):
        if line.strip() == "...":
            lines.append(r"(?:[^\n]*\n)*?")
        else:
            lines.append(".*".join(map(re.escape, line.rstrip().split("..."))) + r"[ ]*\n")
    return "".join(lines)


def matches(expected: str, output: str) -> bool:
    if not expected.strip():
        return not output.strip()
    return re.fullmatch(output_pattern(expected), output.rstrip("\n") + "\n") is not None


class DocsTest(ProductTest):
    def prepare(self, path: pathlib.Path) -> dict[str, str]:
        programs = self.folder / "build/release/cli"
        programs.mkdir(parents=True)
        (programs / "dcm-billing").symlink_to(BINARY)
        for name in ("docs", "rules"):
            if (ROOT / name).is_dir():
                (self.folder / name).symlink_to(ROOT / name)
        (self.folder / "shell").touch()
        if path.name == "README.md":
            return environment(TZ="UTC")
        return environment(PATH=f"{programs}:{os.environ['PATH']}", TZ="UTC")

    def run_example(self, example: Example, last_code: int, env: dict[str, str]):
        kept = self.folder / "shell"
        keeping = f"""trap '{{ export -p; printf "cd %q\\n" "$PWD"; }} > {kept}' EXIT"""
        return subprocess.run(
            ["bash", "-c", f"source {kept}\n{keeping}\n(exit {last_code})\n{example.command}"],
            cwd=self.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
        )

    def check_document(self, path: pathlib.Path, examples: list[Example]) -> None:
        env = self.prepare(path)
        if any(re.search(r"dcm-billing (publish|consume)", e.command) for e in examples):
            env["DCM_BILLING_NATS_URL"] = self.start_broker().url
        last_code = 0
        for example, following in zip(examples, [*examples[1:], None]):
            done = self.run_example(example, last_code, env)
            last_code = done.returncode
            output = done.stdout.decode(errors="replace")
            with self.subTest(document=path.name, line=example.line, command=example.command):
                if following is None or following.command.strip() != "echo $?":
                    self.assertEqual(0, done.returncode, output)
                if not matches(example.output, output):
                    self.assertEqual(example.output, output, "the example prints something else")

    def test_each_example_prints_what_the_document_says(self) -> None:
        count = 0
        for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
            examples = examples_of(path.read_text(encoding="utf-8"))
            if not examples:
                continue
            count += len(examples)
            self.doCleanups()
            self.setUp()
            self.check_document(path, examples)
        self.assertGreater(count, 0, "no document has an example")
        print(f"{count} examples run")


FAULTS = 100


class FaultsTest(ProductTest):
    """docs/faults.md names tests: a table that names what is not there would prove nothing."""

    def rows(self) -> list[tuple[str, str]]:
        text = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
        return re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)

    def test_every_fault_has_one_line(self) -> None:
        self.assertEqual([str(n + 1) for n in range(FAULTS)], [number for number, _ in self.rows()])

    def test_every_test_that_is_named_exists(self) -> None:
        seen = 0
        for number, covered in self.rows():
            path = None
            for word in re.findall(r"`([^`]+)`", covered):
                with self.subTest(fault=number, word=word):
                    if word.startswith(("tests/", "bench/", "docs/")):
                        path = ROOT / word
                        self.assertTrue(path.is_file(), word)
                    elif path is not None and not word.startswith("scripts/"):
                        self.assertTrue(is_test_of(path, word), f"{path.name}: {word}")
                        seen += 1
        self.assertGreater(seen, FAULTS / 2)


def is_test_of(path: pathlib.Path, name: str) -> bool:
    text = path.read_text(encoding="utf-8")
    return (f"def {name}(" if path.suffix == ".py" else f'TEST_CASE("{name}"') in text


class MatchingTest(ProductTest):
    """The comparison itself: too lenient a one would let any example pass."""

    def test_examples_are_found_with_their_output(self) -> None:
        text = "# A\n```console\n$ one \\\n  two\nout\n$ three\n```\n```sh\n$ not run\n```\n"
        expected = [Example(3, "one \\\n  two", "out\n"), Example(6, "three", "")]
        self.assertEqual(expected, examples_of(text))

    def test_dots_stand_for_anything_and_all_else_must_be_equal(self) -> None:
        good = [("a\n", "a\n"), ("a ...\n", "a b c\n"), ("...\nz\n", "x\ny\nz\n"), ("", "")]
        good += [("a\n...\n", "a\n"), ("cost 1.5\n", "cost 1.5  \n")]
        for expected, output in good:
            with self.subTest(expected=expected, output=output):
                self.assertTrue(matches(expected, output))
        bad = [("a\n", "b\n"), ("a\n", "a\nb\n"), ("a.b\n", "axb\n"), ("", "a\n"), ("a\n", "")]
        bad += [("...\nz\n", "z\ny\n"), ("a\n...\nz\n", "a\nb\n")]
        for expected, output in bad:
            with self.subTest(expected=expected, output=output):
                self.assertFalse(matches(expected, output))


if __name__ == "__main__":
    main()
