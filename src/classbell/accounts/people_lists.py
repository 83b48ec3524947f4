"""
Lists of people as schools have them: files of other programs, tables pasted from a spreadsheet, bare addresses. Pure.

Columns are found by the names that Canvas, Moodle, Google Classroom and Workspace, OneRoster, Microsoft Teams, Entra and
School Data Sync give them, and by what people call them in English, Arabic and Portuguese. A list without names of columns is
understood by its cells: what holds an @ is the address, what else holds letters is the name.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from classbell.accounts.models import Role
from classbell.accounts.people_columns import ANYBODY, NO, OF_PARENTS, OUT, PEOPLE, ROLES, YES
from classbell.addresses import NotAnAddress, email_key, is_email, lone_address, odd_letter, read_addresses
from classbell.names import LONGEST as LONGEST_NAME
from classbell.names import split_name
from classbell.reasons import Said
from classbell.tables.limits import TableUnreadable
from classbell.tables.reading import Row, Table, folded, read_table
from classbell.tables.records import BadRow
from classbell.text import one_line

MOST_PEOPLE: Final = 5000
_LETTER: Final = re.compile(r"[^\W\d_]")
_BETWEEN_ROLES: Final = re.compile(r"[,;/+&|،؛]")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedPerson:
    """
    Somebody of a list; `line` counts from 1, `text` is how it stands there. `roles` is empty when the list says nothing.
    `email` is "" for who has none of their own; then `contact` may be one that they share.
    """

    line: int
    email: str
    first_name: str
    last_name: str
    roles: Sequence[Role] = ()
    text: str = ""
    contact: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells them from everybody else: their address, or their name with whose address they share."""
        return (self.email, "") if self.email else (self.contact, self.name.casefold())

    @property
    def name(self) -> str:
        """The whole name, "" for none."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class PeopleList:
    """What a list says; each address once. Bad rows are in the order of their lines. `header` is "" without one."""

    header: str
    people: Sequence[ListedPerson]
    bad: Sequence[BadRow]


def read_people(text: str, *, most: int = MOST_PEOPLE, without_email: bool = False) -> PeopleList:
    """
    Read a list of people. Raises TableUnreadable when nobody stands in it, or more than `most`.

    `without_email` also takes names without an address, and people who share one: nobody's of them then.
    """
    table = _table(text, most, without_email=without_email)
    if not table.rows and not table.bad:
        raise TableUnreadable(_("There is nobody in the list."))
    rows = _with_columns(table) if table.columns else _without_columns(table)
    if without_email:
        rows = _parted(rows)
    people: list[ListedPerson] = []
    bad: list[BadRow] = []
    seen: dict[tuple[str, str], ListedPerson] = {}
    for one in rows:
        if isinstance(one, BadRow):
            bad.append(one)
        elif not one.email and not without_email:
            bad.append(BadRow(line=one.line, text=one.text, reason=no_email("")))
        elif (first := seen.get(one.key)) is not None:
            bad.append(BadRow(line=one.line, text=one.text, reason=_said_of_twin(one, first)))
        else:
            seen[one.key] = one
            people.append(one)
    return PeopleList(header=table.header, people=people, bad=sorted(bad, key=lambda row: row.line))


def _table(text: str, most: int, *, without_email: bool) -> Table:
    """Read a table by the name of its column of addresses, else by those of names, else as one without names of columns."""
    table = read_table(text, PEOPLE, needs=["email"], most_rows=most, or_without=True)
    if table.columns:
        return table
    for field in ("name", "first_name"):
        named = read_table(text, PEOPLE, needs=[field], most_rows=most, or_without=True)
        # A person's own line may hold such a word, too ("student"); the names of columns stand above all addresses.
        above = [row.text for row in named.bad if not named.rows or row.line < named.rows[0].line]
        if named.columns and not any("@" in line for line in (named.header, *above)):
            addresses = _columns_of_addresses(named)
            if addresses or without_email:
                return _with_addresses(named, addresses)
    return table


def _columns_of_addresses(table: Table) -> list[int]:
    """
    Return which columns hold addresses, whatever they are called ("بريد ولي الأمر"): people's own before their parents', and
    the one that holds most first.
    """
    held = Counter(
        at for row in table.rows for at, cell in enumerate(row.cells) if "@" in cell and is_email(address_of_cell(cell))
    )
    parents = {at for at, title in enumerate(table.titles) if OF_PARENTS.search(folded(title))}
    return sorted(held, key=lambda at: (at in parents, -held[at]))


def _with_addresses(table: Table, at: Sequence[int]) -> Table:
    if not at:
        return table
    columns = {**table.columns, "email": at}
    return replace(table, columns=columns, rows=[replace(row, columns=columns) for row in table.rows])


def _parted(rows: Sequence[ListedPerson | BadRow]) -> list[ListedPerson | BadRow]:
    """Take an address from people of several names who share it."""
    names: dict[str, set[str]] = defaultdict(set)
    for one in rows:
        if isinstance(one, ListedPerson) and one.email and one.name:
            names[one.email].add(one.name.casefold())
    return [
        replace(one, email="", contact=one.email)
        if isinstance(one, ListedPerson) and one.name and len(names.get(one.email, ())) > 1
        else one
        for one in rows
    ]


def _said_of_twin(one: ListedPerson, first: ListedPerson) -> str:
    if not one.email:
        return Said(gettext_noop("The same name stands in line %(line)s already."), line=first.line)
    if one.name and first.name and one.name.casefold() != first.name.casefold():
        text = gettext_noop(
            "%(name)s has the same e-mail in line %(line)s. Each person signs in with an address of their own."
        )
        return Said(text, name=first.name, line=first.line)
    return Said(gettext_noop("The same e-mail stands in line %(line)s already."), line=first.line)


def no_email(text: str) -> str:
    """Say that what stands where an address belongs is none, or nothing."""
    if not text:
        return Said(gettext_noop("There is no e-mail address in it."))
    return odd_letter(text) or Said(gettext_noop("“%(email)s” is no e-mail address."), email=text)


def why_left_out(row: Row, *, role: Role | None = None) -> str:
    """
    Return why the program that the list comes from no longer counts this person, or counts them as something else than
    `role`; "" for no reason.
    """
    if folded(row["status"]) in OUT:
        return Said(gettext_noop("Its status is “%(status)s”."), status=row["status"])
    if folded(row["enabled"]) in NO or folded(row["closed"]) in YES:
        return Said(gettext_noop("The account is switched off where the list comes from."))
    found = roles_in(row)
    if folded(row["role"]) and not found:
        return Said(gettext_noop("The role “%(role)s” is not known here."), role=row["role"])
    if role is not None and found and role not in found:
        return Said(gettext_noop("The list says “%(role)s”."), role=row["role"])
    return ""


def names_in(row: Row, *, name: str = "name") -> tuple[str, str]:
    """Return (first, last) of a row's columns for names; `name` is the field that has whole ones."""
    first, last = row["first_name"], row["last_name"]
    if last and not first:
        first = row[name]
    elif not first:
        return split_name(row[name])
    return f"{first} {row['middle_name']}".strip(), last


def _with_columns(table: Table) -> list[ListedPerson | BadRow]:
    return [*table.bad, *(_person(row, address_in(row), names_in(row)) for row in table.rows)]


def address_in(row: Row) -> str:
    """Return the first cell of the likely columns that is an address, else what stands in the likeliest."""
    cells = [row.cells[at].strip() for at in row.columns.get("email", ()) if at < len(row.cells)]
    return next((cell for cell in cells if "@" in cell), "") or next(filter(None, cells), "")


def _without_columns(table: Table) -> list[ListedPerson | BadRow]:
    found: list[ListedPerson | BadRow] = []
    for row in table.rows:
        addresses = [cell for cell in row.cells if "@" in cell]
        # A class, a house or a date beside a name has digits.
        words = [cell.strip() for cell in row.cells if _LETTER.search(cell) and not re.search(r"[@\d]", cell)]
        if len(addresses) == 1 and not re.search(r"[<\s;]", addresses[0].strip()):
            names = (words[0], words[1]) if len(words) == 2 else split_name(" ".join(words[:1]))
            found.append(_person(row, addresses[0].strip(), names))
        else:
            found += _addresses(row)
    for bad in table.bad:
        # Quotation marks around names mean something else to mail programs than in tables.
        found += _addresses(Row(line=bad.line, text=bad.text, cells=(), columns={})) if "<" in bad.text else [bad]
    return found


def _addresses(row: Row) -> list[ListedPerson | BadRow]:
    """Read a line of addresses as mail programs write them, names before them or not."""
    if "@" not in row.text:
        words = [cell.strip() for cell in row.cells if _LETTER.search(cell)]
        return [_person(row, "", (words[0], words[1]) if len(words) == 2 else split_name(" ".join(words)))]
    try:
        return [_person(row, address, split_name(name)) for name, address in read_addresses(row.text)]
    except NotAnAddress as error:
        return [_bad(row, error.reason)]


def _person(row: Row, address: str, names: tuple[str, str]) -> ListedPerson | BadRow:
    beside, email = lone_address(address)[0], address_of_cell(address)
    first, last = map(one_line, names if any(names) else split_name(beside))
    if not email and not first and not last:
        return _bad(row, no_email(""))
    if email and not is_email(email):
        return _bad(row, no_email(address))
    if max(len(first), len(last)) > LONGEST_NAME:
        return _bad(row, Said(gettext_noop("A name has more than %(most)s characters."), most=LONGEST_NAME))
    if reason := why_left_out(row):
        return BadRow(line=row.line, text=row.text, reason=reason, is_left_out=True)
    return ListedPerson(
        line=row.line, email=email, first_name=first, last_name=last, roles=roles_in(row), text=row.text
    )


def address_of_cell(cell: str) -> str:
    """Return the address of a cell as it is kept, "" for an empty one; nothing says yet that it is one."""
    return email_key(lone_address(cell)[1].strip("<> ").removeprefix("mailto:"))


def roles_in(row: Row) -> list[Role]:
    """
    Return the roles that a row says, what leads first: one, and for a teacher or an admin perhaps student besides. Nothing
    for none, or none that is known here.
    """
    words = {folded(word) for word in _BETWEEN_ROLES.split(row["role"])}
    said = [role for role, known in ROLES.items() if words & known]
    learns = Role.STUDENT in said[1:] and bool(words & ROLES[Role.STUDENT] - ANYBODY)
    return said[:1] + [Role.STUDENT] * learns


def _bad(row: Row, reason: str) -> BadRow:
    return BadRow(line=row.line, text=row.text, reason=reason)
