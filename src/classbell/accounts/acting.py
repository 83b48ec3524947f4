"""
A guardian's request that is about a ward: within the operation or page it is the ward's, so that a guardian sees and may do
exactly what the student does, and nothing else.

Only what is a student's own takes part, by `@allowed(rule, for_wards=True)`. By API `student_id` in the query says for whom;
pages lie below an address of the ward's (`web.children`). Who is whose guardian is asked each time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.models import User
from classbell.accounts.reader import read_by
from classbell.errors import DomainError, NotAllowed
from classbell.history import acts

STUDENT_ID: Final = "student_id"


class NotTheirGuardian(NotAllowed):
    """Somebody names a student who is none of their wards, or is not any more."""

    code = "not_their_guardian"

    def __init__(self) -> None:
        super().__init__(_("You are not a guardian of this student. If you should be, ask the school."))


class StudentIdUnreadable(DomainError):
    """What should say for which student is no id."""

    code = "invalid_input"

    def __init__(self) -> None:
        text = _("student_id must be the id of a student whose guardian you are.")
        super().__init__(text, details=[{"field": STUDENT_ID}])


def ward_of(guardian: User, student_id: UUID) -> User:
    """Return the student for whom a guardian reads or acts, as `as_read_by`. Raises NotTheirGuardian."""
    held = Guardianship.objects.in_force().filter(guardian=guardian.pk, student=student_id)
    found = held.select_related("student").first()
    if found is None:
        raise NotTheirGuardian
    return as_read_by(guardian, found.student)


def as_read_by(guardian: User, ward: User) -> User:
    """Return a ward on the guardian's clock and in the guardian's language, for what is put into words: never to be saved."""
    ward.timezone, ward.locale, ward.shows_hijri = guardian.timezone, guardian.locale, guardian.shows_hijri
    return ward


def ward_meant(request: HttpRequest) -> User | None:
    """
    Return for which ward a request is, None for the one who asks. Raises NotTheirGuardian and StudentIdUnreadable.
    """
    named = getattr(request, "ward_id", None)
    if named is None and request.path_info.startswith("/api/"):
        named = request.GET.get(STUDENT_ID)
    if not named:
        return None
    try:
        student_id = named if isinstance(named, UUID) else UUID(named)
    except ValueError as error:
        raise StudentIdUnreadable from error
    user = cast("User", request.user)
    return None if student_id == user.pk else ward_of(user, student_id)


@contextmanager
def as_ward(request: HttpRequest, ward: User | None) -> Iterator[None]:
    """Let a request be the ward's meanwhile; None leaves it alone."""
    if ward is None:
        yield
        return
    guardian = cast("User", request.user)
    request.user, request.guardian = ward, guardian  # type: ignore[attr-defined]  # read by `doer` and templates
    try:
        yield
    finally:
        request.user, request.guardian = guardian, None  # type: ignore[attr-defined]


@contextmanager
def for_ward_named(request: HttpRequest, student_id: UUID | None) -> Iterator[User]:
    """
    Let a request whose body names a ward be the ward's meanwhile, as one whose address does; leave it alone where it names
    nobody, or somebody who is none. Gives whose it is then: who was a guardian a moment ago is not taken for the student.
    """
    user = cast("User", request.user)
    held = Guardianship.objects.in_force().filter(guardian=user.pk, student=student_id).select_related("student")
    found = held.first() if student_id is not None and guardian_of(request) is None else None
    with as_ward(request, as_read_by(user, found.student) if found else None):
        if found:
            acts(user.pk, for_id=found.student.pk)
        user = cast("User", request.user)
        with read_by(user, guardian=guardian_of(request)):
            yield user


def guardian_of(request: HttpRequest) -> User | None:
    """Return the guardian who asks for what is about a ward, None where people ask for themselves."""
    return getattr(request, "guardian", None)


def doer(request: HttpRequest) -> User:
    """Return who does what a request asks for: the guardian where it is for a ward, else its user."""
    return guardian_of(request) or cast("User", request.user)
