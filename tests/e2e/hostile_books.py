"""Rule books that somebody made to do harm, or by mistake: each is refused at a place."""

from dataclasses import dataclass

MEBIBYTE = 1 << 20
HEAD = "version: 1\ncurrency: EUR\ntimezone: UTC\n"
RATE = '  - {id: r, match: {}, price: "1", unit: hour}\n'


@dataclass(frozen=True)
class HostileBook:
    """What `rules check` says first: `book.yaml:<place>: error: …<says>…`."""

    name: str
    text: bytes
    place: str  # line:column
    says: str


def _book(name: str, text: str | bytes, place: str, says: str) -> HostileBook:
    return HostileBook(name, text if isinstance(text, bytes) else text.encode(), place, says)


def _rates(*members: str) -> str:
    """A book whose fifth line is a rate with these members."""
    return HEAD + "rates:\n  - {" + ", ".join(("id: r", "match: {}", *members)) + "}\n"


def _laughs(levels: int) -> str:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, levels):
        text += f"a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * 10) + "]\n"
    return text


def hostile_books() -> list[HostileBook]:
    """Every refusal of the rule book's format, and what goes beyond each of its limits."""
    return [
        # What the text says.
        _book("unknown key", HEAD + "rate: []\n", "4:1", 'unknown key "rate"; did you mean "rates"?'),
        _book("long unknown key", HEAD + "k" * 1_000 + ": 1\n", "4:1", "unknown key"),
        _book("a key of a mebibyte", HEAD + "k" * (MEBIBYTE - 100) + ": 1\n", "4:1048477", "expected YAML"),
        _book("duplicate key", HEAD + "currency: USD\n", "4:1", "each key once"),
        _book("bare number", _rates("price: 0.1", "unit: hour"), "5:31", 'write "0.1", not 0.1'),
        _book("negative price", _rates('price: "-1"', "unit: hour"), "5:31", "allow_negative: true"),
        _book("unknown unit", _rates('price: "1"', "unit: week"), "5:42", 'got "week"'),
        _book("unknown zone", HEAD.replace("UTC", "Mars/Olympus"), "3:11", "IANA"),
        _book("unknown currency", HEAD.replace("EUR", "EUX"), "2:11", 'did you mean "EUR"?'),
        _book("digits", _rates(f'price: "{"9" * 100_000}"', "unit: hour"), "5:31", "a decimal"),
        _book("decimals", _rates('price: "0.1234567890123"', "unit: hour"), "5:31", "12 decimals"),
        _book(
            "duration",
            _rates('price: "1"', "unit: hour", f"minimum: {'9' * 40}d"),
            "5:57",
            "a duration",
        ),
        _book("tag", HEAD + "issuer: !!binary eA==\n", "4:9", "without a tag"),
        _book("NUL byte", HEAD.encode() + b"issuer: a\x00b\n", "4:10", "NUL byte"),
        _book("not UTF-8", HEAD.encode() + b"issuer: \xff\n", "4:1", "UTF-8"),
        _book("UTF-16", HEAD.encode("utf-16"), "1:4", "NUL byte"),
        _book("byte order mark", b"\xef\xbb\xbf" + HEAD.encode(), "1:1", "byte order mark"),
        _book("two documents", HEAD + "---\n" + HEAD, "4:1", "another one"),
        # Aliases.
        _book("aliases of aliases", _laughs(30), "4:45", "10000 nodes"),
        _book(
            "an alias that grows",
            f"a: &x {'x' * (MEBIBYTE // 2 + 100)}\nb: [*x, *x, *x]\n",
            "2:5",
            "1048576 bytes",
        ),
        _book("an alias of itself", "a: &x [*x]\n", "1:8", "inside its own anchor"),
        _book(
            "deep aliases",
            "a: &x " + "[" * 20 + "]" * 20 + "\nb: " + "[" * 12 + "*x" + "]" * 12,
            "2:16",
            "32 levels",
        ),
        # Nesting.
        _book("lists in lists", HEAD + "issuer: " + "[" * 33 + "]" * 33 + "\n", "4:40", "32 levels"),
        _book("100,000 open lists", "[" * 100_000, "1:17", "32 levels"),
        _book("70,000 open maps", "{a: " * 70_000, "1:125", "32 levels"),
        _book("100,000 keys in keys", "? " * 100_000, "1:65", "32 levels"),
        _book("100,000 items in items", "- " * 100_000, "1:65", "32 levels"),
        # Size.
        _book("a scalar of 100 MB", HEAD + "issuer: " + "x" * 100_000_000, "4:1048538", "1048576 bytes"),
        _book(
            "a quoted scalar that is never closed",
            HEAD + 'issuer: "' + "x " * 500_000 + "\n",
            "4:9",
            "closing quote",
        ),
        _book("a million empty lines", "\n" * (MEBIBYTE + 1), "1048577:1", "1048576 bytes"),
        _book("a comment of a mebibyte", "#" + "x" * (MEBIBYTE - 1), "1:1", "got nothing"),
        _book("many nodes", "- a\n" * 50_000, "50000:3", "50000 nodes"),
        _book("many empty texts", "[" + '"",' * 300_000, "1:225001", "150000 YAML indicators"),
        _book("a million indicators", "[" * 1_000_000, "1:150001", "150000 YAML indicators"),
        _book("many lines of a scalar", "a\n" * 300_000, "150001:2", "150000 YAML indicators"),
        # As many mistakes as fit: they are counted, and the first thousand told.
        _book(
            "many unknown keys",
            HEAD + "".join(f"key{number}: 1\n" for number in range(20_000)),
            "4:1",
            "unknown key",
        ),
        _book("many duplicate keys", HEAD + "issuer: a\n" * 20_000, "5:1", "expected each key once"),
        _book(
            "many bad rates",
            HEAD + "rates:\n" + "  - {id: r, match: {}, price: 1, unit: week}\n" * 4_000,
            "5:31",
            'write "1", not 1',
        ),
        _book("many rates of one id", HEAD + "rates:\n" + RATE * 4_500, "6:10", '"r"'),
        _book(
            "long words that are nearly known",
            HEAD
            + "rates:\n"
            + "".join(f"  - {{id: r{n}, matchh: {{}}, {'price' * 40}: 1}}\n" for n in range(3_000)),
            "5:5",
            "expected price or tiers in a rate, got neither",
        ),
    ]
