"""
What is said of a student to whoever reads it: one place for pages, the API, files, drawings and print.

Admins read everything, and everybody what is their own. Teachers, who meet only those they teach, read names whole and
e-mail addresses as the school has set it; students read no address of another, and of a name what the school has set. What
nobody in particular reads (a job, a notice, what Zoom is told) is whole: those who write use `User.name`.
"""

from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.accounts.reader import reader
from classbell.addresses import email_key, masked


class Shown(StrEnum):
    """How much of a name or an address is said."""

    WHOLE = "whole"
    IN_PART = "in_part"
    NOTHING = "nothing"


NAMES = {"whole": Shown.WHOLE, "initial": Shown.IN_PART, "none": Shown.NOTHING}
ADDRESSES = {"whole": Shown.WHOLE, "masked": Shown.IN_PART, "none": Shown.NOTHING}


def names_shown() -> Shown:
    """Return how much of another student's name its reader is told."""
    by = reader()
    if by is None or (by.is_authenticated and (by.is_admin or by.is_teacher)):
        return Shown.WHOLE
    return NAMES[settings.ENVIRONMENT.students_names]


def addresses_shown() -> Shown:
    """Return how much of another student's address, or of a guest's, its reader is told."""
    by = reader()
    if by is None or (by.is_authenticated and by.is_admin):
        return Shown.WHOLE
    return ADDRESSES[settings.ENVIRONMENT.teachers_emails] if by.is_authenticated and by.is_teacher else Shown.NOTHING


def names_of(person: User) -> tuple[str, str]:
    """Return somebody's first and last name as their reader is told them, "" for what they are not."""
    shown = Shown.WHOLE if _is_open(person) else names_shown()
    if shown is Shown.NOTHING:
        return "", ""
    return person.first_name, person.last_name if shown is Shown.WHOLE else _initial(person.last_name)


def name_of(person: User) -> str:
    """Return what to call somebody before their reader."""
    if _is_open(person) or (names_shown() is Shown.WHOLE and (addresses_shown() is Shown.WHOLE or person.first_name)):
        return person.name
    return " ".join(filter(None, names_of(person))) or _("A student")


def avatar_of(person: User) -> str:
    """Return somebody's picture, "" for none and for who is not told their whole name."""
    return person.avatar if name_of(person) == person.name else ""


def address_of(person: User) -> str:
    """Return somebody's own e-mail as its reader is told it, "" for none."""
    return email_of(person.address, of=person)


def written_to(person: User) -> str:
    """Return the address that is written to as its reader is told it, "" for none."""
    return email_of(person.written_to, of=person)


def email_of(email: str, *, of: User | None = None) -> str:
    """Return an address of somebody as its reader is told it, "" for not at all; `of` is None for whom nobody knows."""
    if (of is not None and _is_open(of)) or _is_own(email):
        return email
    shown = addresses_shown()
    if shown is Shown.IN_PART:
        return masked(email)
    return email if shown is Shown.WHOLE else ""


def _is_open(person: User) -> bool:
    """Whether it is the reader themself, or somebody of the school's staff."""
    by = reader()
    return person.is_admin or person.is_teacher or (by is not None and by.pk == person.pk)


def _is_own(email: str) -> bool:
    by = reader()
    return by is not None and by.is_authenticated and email_key(by.email) == email_key(email)


def _initial(name: str) -> str:
    return f"{name[:1]}." if name else ""
