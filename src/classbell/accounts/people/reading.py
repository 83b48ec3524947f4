"""
A list of people as another program of the school writes it: who there should be, and as what. Pure.

Columns are found as in every list of people (`people_lists`); besides, what the other program calls each of them, their
timezone and their language. A cell that is empty says nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from classbell.accounts.models import Role
from classbell.accounts.people_columns import NO, OUT, PEOPLE, YES
from classbell.accounts.people_lists import address_in, address_of_cell, names_in, no_email, roles_in
from classbell.addresses import is_email
from classbell.names import LONGEST as LONGEST_NAME
from classbell.tables.limits import TableUnreadable
from classbell.tables.reading import Names, Row, Table, folded, read_table
from classbell.text import identifier, one_line
from classbell.zones import is_timezone, what_is_wrong

MOST_ROWS: Final = 5000
LONGEST_ID: Final = 64
COLUMNS: Final[Names] = {
    **PEOPLE,
    "external_id": (
        *("externalid", "sisid", "sisuserid", "userid", "sourcedid", "personid", "idnumber", "studentid"),
        *("studentnumber", "employeeid", "معرفخارجي", "المعرف", "رقمالطالب", "رقمالموظف"),
    ),
    "timezone": ("timezone", "tz", "المنطقهالزمنيه"),
    "locale": ("locale", "language", "lang", "preferredlanguage", "اللغه"),
}
# Of the column "status", in which programs say a great deal more than that.
IN: Final = frozenset(
    map(folded, ("active", "enabled", "current", "enrolled", "ativo", "ativa", "نشط", "نشطه", "فعال"))
)
LANGUAGES: Final = {
    folded(word): code
    for code, words in {
        "en": ("en", "english", "inglês", "الإنجليزية"),
        "ar": ("ar", "arabic", "árabe", "العربية"),
    }.items()
    for word in words
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """
    Somebody of the list; `line` counts from 1. What is "" or None the list does not say; `is_active` neither.
    """

    line: int
    external_id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    roles: list[Role] = field(default_factory=list)
    timezone: str = ""
    locale: str = ""
    is_active: bool | None = None

    @property
    def name(self) -> str:
        """The whole name, "" for none."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """A line that cannot be used: which field, and what to do. `listed` is who it may be about all the same."""

    line: int
    field: str
    message: str
    listed: Listed | None = None


def read_listed(text: str) -> list[Listed | Wrong]:
    """Read a list of people, with names of columns. Raises TableUnreadable."""
    table = _table(text)
    found: list[Listed | Wrong] = [Wrong(line=bad.line, field="", message=bad.reason) for bad in table.bad]
    found += map(_listed, table.rows)
    if not found:
        raise TableUnreadable(_("There is nobody in the list."))
    return sorted(_each_once(found), key=lambda one: one.line)


def _table(text: str) -> Table:
    try:
        return read_table(text, COLUMNS, needs=["email"], most_rows=MOST_ROWS)
    except TableUnreadable as without_email:
        try:
            return read_table(text, COLUMNS, needs=["external_id"], most_rows=MOST_ROWS)
        except TableUnreadable:
            raise without_email from None


def _each_once(rows: Sequence[Listed | Wrong]) -> Iterator[Listed | Wrong]:
    """Yield the rows; those that say somebody again are wrong."""
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        twins = {}
        if isinstance(row, Listed):
            keys = [(field, value) for field in ("external_id", "email") if (value := getattr(row, field))]
            twins = {field: seen[field, value] for field, value in keys if (field, value) in seen}
            seen |= dict.fromkeys(keys, row.line)
        if isinstance(row, Listed) and twins:
            field, line = next(iter(twins.items()))
            text = _("The same stands in line %(line)s already. Take one of them out.") % {"line": line}
            yield Wrong(line=row.line, field=field, message=text, listed=row)
        else:
            yield row


def _listed(row: Row) -> Listed | Wrong:
    cell = address_in(row)
    first, last = map(one_line, names_in(row))
    roles, zone, language = roles_in(row), one_line(row["timezone"]), folded(row["locale"])
    listed = Listed(
        line=row.line,
        external_id=identifier(row["external_id"]),
        email=address_of_cell(cell),
        first_name=first,
        last_name=last,
        roles=roles,
        timezone=zone,
        locale=LANGUAGES.get(language, ""),
        is_active=_is_active(row),
    )
    field, message = next(_what_is_wrong(listed, row, cell), ("", ""))
    return Wrong(line=row.line, field=field, message=message, listed=listed) if message else listed


def _what_is_wrong(listed: Listed, row: Row, cell: str) -> Iterator[tuple[str, str]]:
    """Yield each field that cannot be used, and what to do."""
    if listed.email and not is_email(listed.email):
        yield "email", f"{no_email(cell)} " + _("Write one such as name@school.example.")
    if not listed.email and not listed.external_id:
        yield "email", _("Neither an e-mail nor an external id says who this is. Write one of them.")
    if len(listed.external_id) > LONGEST_ID:
        yield "external_id", _("An external id has at most %(most)s characters.") % {"most": LONGEST_ID}
    for name in ("first_name", "last_name"):
        if len(getattr(listed, name)) > LONGEST_NAME:
            yield name, _("A name has at most %(most)s characters. Shorten it.") % {"most": LONGEST_NAME}
    if folded(row["role"]) and not listed.roles:
        text = _("The role “%(role)s” is not known here. Write student, teacher, admin or guardian.")
        yield "roles", text % {"role": row["role"][:LONGEST_NAME]}
    if listed.timezone and not is_timezone(listed.timezone):
        yield "timezone", _("The timezone %(what)s.") % {"what": what_is_wrong(listed.timezone)}
    if folded(row["locale"]) and not listed.locale:
        codes = ", ".join(code for code, _name in settings.LANGUAGES)
        yield "locale", _("Pages do not have this language. Write one of: %(codes)s.") % {"codes": codes}


def _is_active(row: Row) -> bool | None:
    status, enabled, closed = folded(row["status"]), folded(row["enabled"]), folded(row["closed"])
    if status in OUT or enabled in NO or closed in YES:
        return False
    return True if status in IN or enabled in YES or closed in NO else None
