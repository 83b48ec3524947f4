"""E-mail addresses: one spelling under which they are compared, and lists of them as people and mail programs write them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop

from classbell.reasons import Said
from classbell.text import identifier, looks_ascii, one_line, unbroken

LONGEST: Final = 254
# Where nobody ever has an address (RFC 2606): the accounts of those without one, see `accounts.cards`.
NO_ADDRESS: Final = "no-address.invalid"
# How the address of an account begins that stands for a person who was erased.
ERASED: Final = "erased-"
GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})
LONGEST_ENTRY: Final = 500
# A quoted name, an address in angle brackets, a comment, a mark between addresses, or words.
_PART: Final = re.compile(r'"(?:\\.|[^"\\])*"|<[^<>]*>|\([^()]*\)|[,;\n\u060c\u061b]|[^"<>(),;\n\u060c\u061b]+|.')
_COMMAS: Final = {",", "\N{ARABIC COMMA}"}
_ENDS: Final = {";", "\n", "\N{ARABIC SEMICOLON}"}
_LOOK_LATIN: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_GROUP: Final = re.compile(r'^[^"<>@:\[]*:')


class NotAnAddress(ValueError):
    """A part of a text is no e-mail address. Reads as a sentence that names it."""

    def __init__(self, written: str) -> None:
        self.written = unbroken(written)[:80]
        text = gettext_noop("“%(text)s” is no e-mail address; write one such as name@school.example.")
        self.reason = odd_letter(self.written) or Said(text, text=self.written)
        super().__init__(self.reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Somebody's address as it is kept, and the name that stood beside it, "" for none."""

    email: str
    name: str = ""


def email_key(text: str) -> str:
    """
    Return the spelling under which an address is kept and compared: without hidden characters, in lower case.

    Never fails, so that any text can be looked up. A character that only looks like ASCII, such as the Kelvin sign, stays
    what it is: nobody is found by it.
    """
    return "".join(char if looks_ascii(char) else char.lower() for char in identifier(text))


def mailbox_of(text: str) -> str:
    """
    Return one spelling for the addresses that lead to one mailbox: at Gmail dots and what follows a plus mean nothing.

    Good for suggesting who somebody may be, never for saying so: elsewhere such addresses are of different people.
    """
    name, at, domain = email_key(text).rpartition("@")
    if domain not in GMAIL:
        return f"{name}{at}{domain}"
    return f"{name.partition('+')[0].replace('.', '')}@gmail.com"


def has_somebody(email: str) -> bool:
    """Say whether this address is one that somebody may have, not one that stands for none."""
    return not email_key(email).endswith(f"@{NO_ADDRESS}")


def erased_address(person: UUID) -> str:
    """Return the address of an account whose person was erased: nobody's, and no other account's."""
    return f"{ERASED}{person.hex}@{NO_ADDRESS}"


def is_erased(email: str) -> bool:
    """Say whether an account's address is that of a person who was erased."""
    return email.startswith(ERASED) and not has_somebody(email)


def masked(email: str) -> str:
    """Return an address of which only its first letter and its domain are said, "" for none: enough to tell people apart."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}" if name else ""


def is_email(text: str) -> bool:
    """Say whether this is an address that an account can have."""
    key = email_key(text)
    if (
        not has_somebody(key)
        or len(key) > LONGEST
        or any(looks_ascii(char) for char in key)
        or any(map(_mixes_scripts, re.split("[.@]", key)))
    ):
        return False
    try:
        validate_email(key)
    except ValidationError:
        return False
    return True


def odd_letter(text: str) -> str:
    """Say, of what looks like an address and is none, which letter of another script stands in it; "" where none does."""
    char = next((char for char in text if not char.isascii() and char.isalnum()), "")
    if not char or "@" not in text:
        return ""
    return Said(
        gettext_noop("“%(text)s” is no e-mail address: its “%(char)s” is %(name)s."),
        text=text,
        char=char,
        name=unicodedata.name(char, f"U+{ord(char):04X}"),
    )


def checked_email(text: str) -> str:
    """Return an address as it is kept. Raises NotAnAddress."""
    if not is_email(text):
        raise NotAnAddress(text)
    return email_key(text)


def address_list(text: str) -> list[Address]:
    """Return the addresses of a text as `read_addresses` reads it, each once, in the order given. Raises NotAnAddress."""
    found: dict[str, Address] = {}
    for name, written in read_addresses(text):
        address = Address(email=checked_email(written), name=name)
        found.setdefault(address.email, address)
    return list(found.values())


def read_addresses(text: str) -> list[tuple[str, str]]:
    """
    Return (name, address) of each, as they are written; what is no address comes back as one, for the caller to refuse.

    RFC 5322 is read (quoted names, comments, groups), and what people paste: Outlook's `Doe, Jane <jane@x.example>;`, one
    address a line, columns of a table, Arabic commas, addresses with nothing but spaces between them. Raises NotAnAddress
    for a name longer than anybody's.
    """
    return [pair for entry in _entries(text) for pair in _read(entry)]


def lone_address(text: str) -> tuple[str, str]:
    """Return (name, address) of a cell or a field that holds one of them; a text that does not comes back as the address."""
    try:
        found = read_addresses(text)
    except NotAnAddress:
        return "", text
    return found[0] if len(found) == 1 else ("", text)


def _mixes_scripts(label: str) -> bool:
    """Whether letters of ASCII stand beside those that look like them, as no registry allows."""
    alike = any(unicodedata.name(char, "").startswith(_LOOK_LATIN) for char in label if not char.isascii())
    return alike and any(char.isascii() and char.isalpha() for char in label)


def _entries(text: str) -> Iterator[str]:
    """Cut a text into pieces of one mailbox each; a comma in a name that stands before its address cuts nothing."""
    entry, closed = "", False
    for part in _PART.findall(re.sub(r"\r\n?|[\u2028\u2029\v\f\x85]", "\n", text)):
        is_end = part in _ENDS or (part in _COMMAS and (not entry.strip() or "@" in _unquoted(entry)))
        if is_end or (closed and part.strip() and not part.startswith("(")):
            # Words behind an address in angle brackets are the name of the next.
            yield entry
            entry, closed = "", False
        if is_end:
            continue
        closed = closed or (part.startswith("<") and "@" in part)
        entry = entry + part if part in _COMMAS else _GROUP.sub("", entry + part)
        if len(entry) > LONGEST_ENTRY:
            raise NotAnAddress(entry)
    yield entry


def _unquoted(entry: str) -> str:
    return re.sub(r'"(?:\\.|[^"\\])*"', "", entry)


def _read(entry: str) -> Sequence[tuple[str, str]]:
    entry = unbroken(entry)
    if not entry:
        return []
    angle = re.search(r"<([^<>]*)>", _unquoted(entry))
    if angle is not None:
        return [(_name(entry.replace(angle[0], " ", 1)), _bare(angle[1]) or entry)]
    if '"' in entry or "(" in entry:
        name, email = parseaddr(entry)
        return [(_name(name), email or entry)]
    words = [_bare(word) for word in _words(entry)]
    emails = [word for word in words if "@" in word]
    if len(emails) == 1:
        return [(_name(" ".join(word for word in words if "@" not in word)), emails[0])]
    # Several, with spaces between them: a word that is none of them is a mistake.
    return [("", word) for word in words]


def _words(entry: str) -> list[str]:
    """Part what has neither brackets nor quotation marks; a comma before an address is no part of either."""
    return re.split(r"[,\u060c](?=[^\s,\u060c]*@)\s*| ", entry)


def _bare(word: str) -> str:
    """Return an address without what programs and sentences put around it: `'a@x.example'`, `mailto:`, a full stop."""
    word = re.sub(r"^\[(.*)\]$", r"\1", word.strip())
    word = re.sub(r"^mailto:", "", word, flags=re.IGNORECASE)
    word = word[1:-1] if len(word) > 2 and word[0] == word[-1] == "'" else word
    return word.rstrip(".") if "@" in word else word


def _name(text: str) -> str:
    """Return a display name without its quotation marks; "" for one that is no name: a number in a list, an address."""
    text = one_line(text).strip("'")
    quoted = re.fullmatch(r'"((?:\\.|[^"\\])*)"', text)
    name = one_line(re.sub(r"\\(.)", r"\1", quoted[1] if quoted else text.replace('"', ""))).strip(
        " '“”„‘’«»,\u060c-–—|•*"
    )
    return "" if is_email(name) or not any(map(str.isalpha, name)) else name
