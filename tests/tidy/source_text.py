"""Splits a source file into what the compiler reads, what a person reads, and its literals."""

import io
import re
import tokenize
from dataclasses import dataclass


@dataclass(frozen=True)
class SourceText:
    """The same lines three times; what does not belong to a part is blank there."""

    code: list[str]
    comments: list[str]
    literals: list[str]


_CPP_PARTS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<literal>"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)
_SQL_PARTS = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<literal>'(?:''|[^'])*')", re.DOTALL
)
_HASH_PARTS = re.compile(r"(?P<comment>(?<![\w$\\&{\"'])\#[^\n]*)|(?P<literal>(?!))")


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _split_by(pattern: re.Pattern, text: str) -> SourceText:
    code, comments, literals = [], [], []
    position = 0
    for match in pattern.finditer(text):
        before = text[position : match.start()]
        part = match.group()
        is_comment = match.group("comment") is not None
        code.append(before + _blank(part))
        comments.append(_blank(before) + (part if is_comment else _blank(part)))
        literals.append(_blank(before) + (_blank(part) if is_comment else part))
        position = match.end()
    rest = text[position:]
    code.append(rest)
    comments.append(_blank(rest))
    literals.append(_blank(rest))
    return SourceText(*("".join(part).split("\n") for part in (code, comments, literals)))


def _split_python(text: str) -> SourceText:
    lines = text.split("\n")
    code = list(lines)
    comments = ["" for _ in lines]
    literals = ["" for _ in lines]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (tokenize.COMMENT, tokenize.STRING):
            continue
        target = comments if token.type == tokenize.COMMENT else literals
        for number in range(token.start[0], token.end[0] + 1):
            start = token.start[1] if number == token.start[0] else 0
            end = token.end[1] if number == token.end[0] else len(lines[number - 1])
            target[number - 1] += lines[number - 1][start:end]
            line = code[number - 1]
            code[number - 1] = line[:start] + " " * (end - start) + line[end:]
    return SourceText(code, comments, literals)


def split_source(path: str, text: str) -> SourceText:
    """Splits by the kind of the file, known by its name; what has no comments is all code."""
    if path.endswith((".cc", ".h", ".cc.in")):
        return _split_by(_CPP_PARTS, text)
    if path.endswith(".sql"):
        return _split_by(_SQL_PARTS, text)
    if path.endswith(".py"):
        return _split_python(text)
    if path.endswith((".md", ".json", ".jsonl")):
        return SourceText(text.split("\n"), [], [])
    return _split_by(_HASH_PARTS, text)
