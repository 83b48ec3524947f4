"""Whose guardian somebody is, and who a student's guardians are: asked anew with every request, so that it ends at once."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.models import User
from classbell.accounts.wall import knows_people


def wards_of(user: User) -> QuerySet[User]:
    """Return the students whose guardian somebody is, by name; nobody for who is deactivated."""
    return User.objects.filter(pk__in=Guardianship.objects.in_force().filter(guardian=user.pk).values("student"))


def guardians_of(student_id: UUID) -> QuerySet[User]:
    """Return a student's guardians who can sign in, by name."""
    return User.objects.filter(pk__in=Guardianship.objects.in_force().filter(student=student_id).values("guardian"))


def guardianships_of(student_id: UUID) -> QuerySet[Guardianship]:
    """Return who is named as a student's guardian, deactivated people too, with the person; the earliest named first."""
    return Guardianship.objects.filter(student=student_id).select_related("guardian")


def wardships_of(user: User) -> QuerySet[Guardianship]:
    """Return whose guardian somebody is, with the student, by name."""
    by_name = "student__first_name", "student__last_name", "student"
    return Guardianship.objects.in_force().filter(guardian=user.pk).select_related("student").order_by(*by_name)


def may_act_for(user: User, student_id: UUID) -> bool:
    """Whether they do what a student does: the student themself, and their guardians."""
    return (
        user.pk == student_id or Guardianship.objects.in_force().filter(guardian=user.pk, student=student_id).exists()
    )


@knows_people
def _wards(person: User) -> Iterable[QuerySet[User, UUID]]:
    return [wards_of(person).values_list("pk", flat=True)]
