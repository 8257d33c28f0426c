"""Reads leaf data in hex, a line each, and prints the RFC 6962 root in base64."""

import base64
import hashlib
import sys


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


# (height, hash) of the complete subtrees so far, largest first.
subtrees: list[tuple[int, bytes]] = []
for line in sys.stdin:
    subtrees.append((0, hashlib.sha256(b"\x00" + bytes.fromhex(line)).digest()))
    while len(subtrees) > 1 and subtrees[-2][0] == subtrees[-1][0]:
        (height, left), (_, right) = subtrees[-2:]
        subtrees[-2:] = [(height + 1, node(left, right))]

root = subtrees.pop()[1] if subtrees else hashlib.sha256().digest()
while subtrees:
    root = node(subtrees.pop()[1], root)
print(base64.b64encode(root).decode())
