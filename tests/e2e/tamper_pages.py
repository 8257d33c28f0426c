"""Manipulations of the pages themselves: what leads to a row by its number is another than the row."""

import struct
from collections.abc import Callable

from evidence import Evidence
from tamper_cases import NONE, Case

INTERIOR = 5  # the kind of a page
INTERIOR_HEADER = 12


def varint(image: bytes, at: int) -> tuple[int, int]:
    """A number of up to eight bytes, and where it ends."""
    value = 0
    while image[at] & 0x80:
        value = (value | image[at] & 0x7F) << 7
        at += 1
    return value | image[at], at + 1


def written(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))


def with_other_key(table: str, step: int) -> Callable[[Evidence], None]:
    """A key of the page above the leaves is nearer to the one before it, or to the one behind it:
    a look-up of the numbers between goes to a leaf where they are not, a pass over all finds them."""

    def change(evidence: Evidence) -> None:
        evidence.write_back()
        root = evidence.value(f"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'")
        page = (root - 1) * evidence.value("PRAGMA page_size")
        image = bytearray(evidence.database.read_bytes())
        assert image[page] == INTERIOR, "the table has more than one leaf"
        (count,) = struct.unpack_from(">H", image, page + 3)
        places = struct.unpack_from(f">{count}H", image, page + INTERIOR_HEADER)
        for place in places[1:]:
            key, end = varint(image, page + place + 4)
            other = written(key + step)
            if len(other) == end - (page + place + 4):
                image[page + place + 4 : end] = other
                evidence.database.write_bytes(image)
                return
        raise AssertionError("no key can be changed in its place")

    return change


def cases() -> tuple[Case, ...]:
    return tuple(
        Case(f"look-ups in {table} led {where}", with_other_key(table, step), 1, NONE, words)
        for table in ("audit_log", "audit_payload")
        for where, step in (("behind their rows", -3), ("before their rows", 3))
        for words in ((), ("--jobs", "1"), ("--rebuild",), ("--since-last",))
    )
