"""
Somebody takes over all that is a guest's: lessons with their claims, what they were told, who was there.

Whatever table points to the guest points to the person afterwards, whichever module it is of; what the person has already, as
a registration for the same meeting, stays as theirs is. All of it or nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import IntegrityError, models, transaction

from classbell.accounts.guests import NoGuest
from classbell.accounts.models import Role, User
from classbell.accounts.services import MAY_LEARN
from classbell.bookings.errors import OwnLesson
from classbell.bookings.guests.errors import LessonsClash
from classbell.bookings.models import Booking, BookingSeries
from classbell.meetings import claims
from classbell.meetings.jobs import defer_registration
from classbell.meetings.models import Registrant
from classbell.rows import write

log = structlog.get_logger(__name__)

# Whose rows are about signing in, which a guest never did, and history, which stays as it was written.
APPS_OF_SIGN_IN: Final = frozenset({"accounts", "account", "socialaccount", "mfa", "admin", "pghistory"})


def take_over(*, guest_id: UUID, person_id: UUID, now: datetime) -> User:
    """
    Give all that is a guest's to a person, an account or a guest who has proven the same address, and forget the guest.

    Call it in a transaction. Raises NoGuest, LessonsClash where both have something at one time ahead, OwnLesson for a lesson
    with the person as its teacher.
    """
    # Lessons first, as whoever cancels or moves one locks them; then both people, as whoever chooses a time does.
    list(BookingSeries.objects.filter(student=guest_id).order_by("pk").select_for_update().values_list("pk"))
    lessons = Booking.objects.filter(student=guest_id)
    list(lessons.order_by("pk").select_for_update().values_list("pk"))
    people = User.objects.select_for_update(no_key=True).filter(pk__in=[guest_id, person_id])
    found = {one.pk: one for one in people.order_by("pk")}
    guest, person = found.get(guest_id), found.get(person_id)
    if guest is None or person is None or not guest.is_guest or not person.is_active:
        raise NoGuest
    if lessons.filter(teacher=person).exists():
        raise OwnLesson
    clashing = claims.hand_over(from_id=guest_id, to_id=person_id)
    if ahead := [claim for claim in clashing if claim.during.upper > now]:
        raise LessonsClash(min(claim.during.lower for claim in ahead))
    meetings = list(Registrant.objects.filter(user=guest_id).values_list("meeting", flat=True))
    for model, column in _pointing_to_people():
        _repoint(model, column, guest, person)
    if person.role in MAY_LEARN and not person.learns:
        write(person, {"learns": True})  # they learn here from now on
    defer_registration(meetings)
    _forget(guest)
    log.info("guest_taken_over", guest=str(guest_id), person=str(person_id))
    return person


def _pointing_to_people() -> Iterator[tuple[type[models.Model], str]]:
    """Yield each column that points to people, of tables that are written by hand and are not about signing in."""
    for relation in User._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or not (relation.one_to_many or relation.one_to_one):
            continue
        model: type[models.Model] = relation.related_model  # type: ignore[assignment]  # a model, once all are loaded
        is_history = hasattr(model, "pgh_tracked_model")
        if model._meta.managed and not is_history and model._meta.app_label not in APPS_OF_SIGN_IN:
            yield model, relation.field.name  # type: ignore[union-attr]  # of a relation


def _repoint(model: type[models.Model], column: str, guest: User, person: User) -> None:
    rows = model._base_manager.filter(**{column: guest})
    try:
        with transaction.atomic():
            rows.update(**{column: person})
    except IntegrityError:
        for row in list(rows.values_list("pk", flat=True)):
            _repoint_one(model._base_manager.filter(pk=row), column, person)


def _repoint_one(row: "models.QuerySet[Any]", column: str, person: User) -> None:
    try:
        with transaction.atomic():
            row.update(**{column: person})
    except IntegrityError:
        row.delete()  # the person has one of their own


def _forget(guest: User) -> None:
    """Delete the guest, who has nothing any more."""
    try:
        with transaction.atomic():
            guest.delete()
    except models.ProtectedError:
        write(guest, {"is_active": False, "contact_email": "", "role": Role.STUDENT})
