"""Addresses of people as mail programs write them, one after another. Pure."""

import re
from typing import Final

_NAMED: Final = re.compile(r"([^<>]*)<([^<>]*)>")
_BETWEEN: Final = re.compile(r"[\s,;،؛]+")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


def read_addresses(text: str) -> list[tuple[str, str]]:
    """
    Return (name, address) of each; what is no address comes back as one, for the caller to refuse.

    Commas, semicolons, spaces and line breaks part them. A name stands before an address in angle brackets and may hold a
    comma itself, in quotation marks or not, as Outlook writes it: `Doe, Jane <jane@school.example>; …`.
    """
    found: list[tuple[str, str]] = []
    end = 0
    for match in _NAMED.finditer(text):
        before, address = match.groups()
        bare, name = _bare_addresses(before)
        found += [*bare, (name, address.strip())]
        end = match.end()
    rest = text[end:].strip(" \t\r\n,;،؛")
    return found + [("", word) for word in _BETWEEN.split(rest) if word]


def _bare_addresses(before: str) -> tuple[list[tuple[str, str]], str]:
    """Part what stands before an address in brackets into addresses of others and the name."""
    before = before.strip(" \t\r\n,;،؛")
    at = max((match.end() for match in re.finditer(r'[^\s,;،؛"]+@[^\s,;،؛"]+', before)), default=0)
    bare = [("", word) for word in _BETWEEN.split(before[:at]) if word]
    name = _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), before[at:].strip(" \t\r\n,;،؛"))
    return bare, " ".join(name.split())
