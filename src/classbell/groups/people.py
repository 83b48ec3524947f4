"""Which people somebody may look up."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Case, EmailField, QuerySet, Value, When

from classbell.accounts.disclosure import Shown, addresses_shown
from classbell.accounts.models import Role, User
from classbell.accounts.wall import knows_people
from classbell.addresses import NO_ADDRESS
from classbell.errors import NotThere
from classbell.groups.models import Group, Membership
from classbell.searching import every_word


def people_known_to(user: User) -> QuerySet[User]:
    """
    Admins know everybody but guests who have proven no address; teachers the students of their classes and their colleagues;
    students their teachers.
    """
    if user.is_admin:
        return User.objects.known()
    if user.is_teacher:
        colleagues = User.objects.filter(role__in=[Role.TEACHER, Role.ADMIN]).order_by().values("pk")
        return User.objects.filter(pk__in=_students_of(user).union(colleagues), is_active=True)
    theirs = Membership.objects.filter(user=user).values("group")
    teachers = Group.teachers.through.objects.filter(group__in=theirs).values("user")
    everyone_teaching = User.objects.filter(role=Role.TEACHER).order_by().values("pk")
    return User.objects.filter(pk__in=teachers.union(everyone_teaching), is_active=True)


def looks_after(user: User, person_id: UUID) -> bool:
    """Who may read about a person: admins, and the teachers of a student. Raises NotThere for everybody else."""
    if not looked_after_by(user).filter(pk=person_id).exists():
        raise NotThere
    return True


def looked_after_by(user: User) -> QuerySet[User]:
    """Return those about whom somebody may read: for admins everybody, for teachers who learns in their groups."""
    if user.is_admin:
        return User.objects.all()
    if not user.is_teacher:
        return User.objects.none()
    return User.objects.filter(pk__in=_students_of(user), is_active=True)


def _students_of(teacher: User) -> QuerySet[Membership, Any]:
    taught = Group.teachers.through.objects.filter(user=teacher).values("group")
    return Membership.objects.filter(group__in=taught).values("user")


def named(people: QuerySet[User], text: str) -> QuerySet[User]:
    """
    Return those whose name holds every word of a text, however spelled, or the e-mail that they are written to, as far as
    its reader is told it.
    """
    untold = [] if addresses_shown() is Shown.WHOLE else [When(role=Role.STUDENT, then=Value(""))]
    written = Case(
        *untold,
        When(email__endswith=f"@{NO_ADDRESS}", then="contact_email"),
        default="email",
        output_field=EmailField(),
    )
    return people.filter(every_word(text, "first_name", "last_name", written))


@knows_people
def _taught_in_groups(person: User) -> Iterable[QuerySet[Membership, UUID]]:
    return [_students_of(person).values_list("user", flat=True)] if person.is_teacher else ()
