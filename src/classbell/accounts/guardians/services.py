"""Naming somebody a student's guardian, and ending it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.guardians.signals import guardian_added, guardian_removed
from classbell.accounts.invitations import invite_people
from classbell.accounts.models import Role, User
from classbell.accounts.services import PersonInput
from classbell.errors import DomainError, NotThere
from classbell.rows import locked, write


class OwnGuardian(DomainError):
    """Nobody answers for themselves as for a child."""

    code = "own_guardian"

    def __init__(self) -> None:
        super().__init__(_("This is the student's own e-mail. Write the guardian's."), details=[{"field": "email"}])


class NoStudent(DomainError):
    """Who teaches here, is an admin, or is here as a guardian answers for themselves."""

    code = "no_student"

    def __init__(self) -> None:
        super().__init__(_("Only students have guardians, and this person is none."))


def add_guardian(
    *,
    student_id: UUID,
    email: str,
    first_name: str = "",
    last_name: str = "",
    relation: str = "",
    by: User,
    now: datetime,
) -> Guardianship:
    """
    Make somebody a student's guardian. Who has no account yet is given one that is nothing but a guardian's, and is invited,
    in the language of `by` and on the student's clock; who has one keeps it as it is. Safe to repeat: the invitation goes
    again, and another relation replaces the one before.

    Raises NotThere, NoStudent, OwnGuardian and EmailUnusable.
    """
    with transaction.atomic():
        # Locked, so that nobody is named who is erased, or becomes a teacher, meanwhile.
        student = locked(User.objects.filter(is_active=True), student_id)
        if student is None:
            raise NotThere(_("There is no such person."))
        if student.role != Role.STUDENT:
            raise NoStudent
        person = PersonInput(
            email=email,
            first_name=first_name,
            last_name=last_name,
            role=Role.GUARDIAN,
            timezone=student.timezone,
        )
        # Named first: the invitation says for whom.
        invited = invite_people([person], by=by, locale=by.locale, now=now)
        (guardian,) = (*invited.sent, *invited.not_needed)
        if guardian.pk == student.pk:
            raise OwnGuardian
        found, is_new = Guardianship.objects.get_or_create(
            guardian=guardian, student=student, defaults={"relation": relation, "since": now}
        )
        if relation and relation != found.relation:
            write(found, {"relation": relation})
        if is_new:
            guardian_added.send(Guardianship, guardianship=found, is_invited=bool(invited.sent))
    return found


def remove_guardian(*, student_id: UUID, guardian_id: UUID) -> None:
    """
    End it: from the next request on they see nothing of the student's. Their account stays. Raises NotThere.
    """
    with transaction.atomic():
        found = locked(Guardianship.objects.filter(student=student_id), _key(student_id, guardian_id))
        if found is None:
            raise NotThere(_("This person is no guardian of this student."))
        guardian_removed.send(Guardianship, guardianship=found)
        found.delete()


def _key(student_id: UUID, guardian_id: UUID) -> UUID | None:
    return Guardianship.objects.filter(student=student_id, guardian=guardian_id).values_list("pk", flat=True).first()
