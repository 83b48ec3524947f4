"""
A class's students from a CSV file: read, checked row by row, then enrolled.

Pure up to `import_roster`. Columns are found by their names in the header: `email` (or `e-mail`, `mail`), and if they are
there `first_name`, `last_name` or `name`. Commas, semicolons and tabs separate, as spreadsheets write them.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import Role, User
from classbell.accounts.services import PersonInput, ensure_people
from classbell.errors import DomainError
from classbell.groups.models import Group, Membership
from classbell.groups.services import enrol_students

MOST_ROWS: Final = 5000
LONGEST_NAME: Final = 64
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email", "e-mail", "mail", "email address", "e-mail address"),
    "first_name": ("first_name", "first name", "firstname", "given name", "given_name"),
    "last_name": ("last_name", "last name", "lastname", "surname", "family name", "family_name"),
    "name": ("name", "full name", "full_name", "student"),
}


class RosterUnreadable(DomainError):
    """The file is no CSV file of students."""

    code = "roster_unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterRow:
    """A good row; `line` counts from 1, the header's."""

    line: int
    email: str
    first_name: str
    last_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """A row that cannot be used, as it stands in the file, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """What a file says."""

    rows: Sequence[RosterRow]
    bad: Sequence[BadRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import did, or with a dry run would do, by e-mail."""

    enrolled: Sequence[str]
    already: Sequence[str]
    new_accounts: Sequence[str]
    bad: Sequence[BadRow]


def read_roster(raw: bytes) -> Roster:
    """Read a CSV file in UTF-8. Raises RosterUnreadable when it is none, has no e-mail column, or is too long."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RosterUnreadable(_("The file is not in UTF-8. Save it as “CSV UTF-8” and try again.")) from None
    lines = text.splitlines()
    if not lines or "\0" in text:
        raise RosterUnreadable(_("The file is empty, or no text."))
    delimiter = max(",;\t", key=lines[0].count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    columns = _columns(next(reader))
    rows: list[RosterRow] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        line = reader.line_num
        if len(rows) + len(bad) >= MOST_ROWS:
            raise RosterUnreadable(_("The file has more than %(most)s rows. Split it.") % {"most": MOST_ROWS})
        read = _row(cells, columns, line)
        if isinstance(read, RosterRow) and (first := seen.get(read.email)) is not None:
            reason = _("The same e-mail stands in line %(line)s already.") % {"line": first}
            read = BadRow(line=line, text=delimiter.join(cells), reason=reason)
        if isinstance(read, BadRow):
            bad.append(read)
        else:
            seen[read.email] = line
            rows.append(read)
    return Roster(rows=rows, bad=bad)


def import_roster(*, group_id: UUID, roster: Roster, dry_run: bool = False) -> Imported:
    """
    Enrol the students of the good rows, with new accounts for those who have none. Good rows are not lost for the sake of
    bad ones; people who are no students, or whose account is locked, are bad rows too.

    Raises NotThere, and GroupFull when they are more than the group holds; then nobody was enrolled.
    """
    known = User.objects.by_email([row.email for row in roster.rows])
    good, refused = [], list(roster.bad)
    for row in roster.rows:
        reason = _refusal(known.get(row.email))
        if reason:
            refused.append(BadRow(line=row.line, text=row.email, reason=reason))
        else:
            good.append(row)
    members = set(Membership.objects.filter(group=group_id).values_list("user__email", flat=True))
    already = [row.email for row in good if row.email in {email.lower() for email in members}]
    if not dry_run:
        with transaction.atomic():
            zone = Group.objects.values_list("timezone", flat=True).get(pk=group_id)
            ensured = ensure_people(
                [
                    PersonInput(email=row.email, first_name=row.first_name, last_name=row.last_name, timezone=zone)
                    for row in good
                ]
            )
            enrol_students(group_id=group_id, students=list(ensured.people.values()))
    return Imported(
        enrolled=[row.email for row in good if row.email not in already],
        already=already,
        new_accounts=[row.email for row in good if row.email not in known],
        bad=sorted(refused, key=lambda row: row.line),
    )


def _columns(header: Sequence[str]) -> dict[str, int]:
    titles = [title.strip().lower() for title in header]
    found = {
        field: next((titles.index(name) for name in names if name in titles), None) for field, names in _COLUMNS.items()
    }
    if found["email"] is None:
        raise RosterUnreadable(
            _("The first line must name the columns, one of them “email”. It reads: %(header)s")
            % {"header": ", ".join(header)[:200]}
        )
    return {field: index for field, index in found.items() if index is not None}


def _row(cells: Sequence[str], columns: Mapping[str, int], line: int) -> RosterRow | BadRow:
    def cell(field: str) -> str:
        index = columns.get(field)
        return cells[index].strip() if index is not None and index < len(cells) else ""

    email = cell("email").lower()
    first, last = cell("first_name"), cell("last_name")
    if not first and not last:
        first, _space, last = cell("name").partition(" ")
    try:
        validate_email(email)
    except ValidationError:
        reason = _("“%(email)s” is no e-mail address.") % {"email": cell("email")}
        return BadRow(line=line, text=", ".join(cells), reason=reason)
    if max(len(first), len(last)) > LONGEST_NAME:
        reason = _("A name has more than %(most)s characters.") % {"most": LONGEST_NAME}
        return BadRow(line=line, text=", ".join(cells), reason=reason)
    return RosterRow(line=line, email=email, first_name=first, last_name=last.strip())


def _refusal(user: User | None) -> str:
    if user is None:
        return ""
    if user.role != Role.STUDENT:
        return _("%(email)s is not a student.") % {"email": user.email}
    if not user.is_active:
        return _("The account of %(email)s is locked.") % {"email": user.email}
    return ""
