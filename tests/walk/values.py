"""What is put into every field: what nobody means, and what somebody will send all the same."""

import os
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

# All values for all fields take minutes; without it each field gets a few, always the same ones.
EVERY_VALUE: Final = os.environ.get("CLASSBELL_TEST_EVERY_VALUE") == "1"
A_FIELD: Final = 4

TYPED: Final[dict[str, str]] = {
    "NUL": "a\0b",
    "line breaks": "Hi\r\nBcc: x@y.example\x0b\x07",
    "hidden": "\u202e\u200b\ufeff",
    "long": "x" * 20_000,
    "words": "a " * 5_000,
    "digits": "9" * 40,
    "negative": "-1",
    "fraction": "1.5",
    "NaN": "NaN",
    "infinite": "1e999",
    "year 1": "0001-01-01",
    "year 163": "0163-05-05T10:00:00+00:00",
    "year 9999": "9999-12-31",
    "end of the calendar": "9999-12-31T23:59:59-12:00",
    "no day": "2026-02-30",
    "no zone": "posixrules",
    "another zone": "posix/Europe/Lisbon",
    "folder": "../../etc/passwd",
    "Arabic digits": "١٢٣",
    "look-alike": "\N{KELVIN SIGN}halid@school.example",
    "empty": "",
    "blank": " \t ",
    "accents": "é?&=%",
}
JSON: Final[dict[str, Any]] = TYPED | {
    "half": "\ud800",
    "huge": 10**30,
    "huge, negative": -(10**18),
    "number": 1.5,
    "true": True,
    "null": None,
    "list": [],
    "list of lists": [[{}], None],
    "object": {},
    "object of objects": {"a": {"b": "\0"}},
    "many": ["x"] * 3_000,
}
# Sent as they stand, in place of a whole body.
BODIES: Final[dict[str, bytes]] = {
    "text": b'"AAA"',
    "list": b"[null, null]",
    "number": b"5",
    "null": b"null",
    "no UTF-8": b'{"name": "\xff"}',
    "cut": b'{"a"',
    "NaN": b'{"a": NaN}',
    "infinite": b'{"a": 1e999}',
    "deep": b'{"a":' * 5_000,
}
# Parts of an address, as they stand there.
IN_A_PATH: Final[dict[str, str]] = {
    "word": "x",
    "NUL": "a%00b",
    "accents": "%C3%A9",
    "no UTF-8": "%FF",
    "Arabic digits": "%D9%A1%D9%A2",
    "digits": "9" * 40,
    "negative": "-1",
    "long": "x" * 2_000,
    "line breaks": "a%0D%0Ab",
    "unknown": "01900000-0000-7000-8000-000000000000",
}


def some(values: dict[str, Any], field: str) -> Iterator[tuple[str, Any]]:
    """Yield the values that a field gets, with their names: other ones for each field, and the same at every run."""
    names: Sequence[str] = list(values)
    if not EVERY_VALUE:
        first = zlib.crc32(field.encode())
        names = [names[(first + number * (len(names) // A_FIELD)) % len(names)] for number in range(A_FIELD)]
    for name in dict.fromkeys(names):
        yield name, values[name]
