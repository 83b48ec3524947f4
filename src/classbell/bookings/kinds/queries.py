"""Reads of kinds of lessons with more than one caller."""

from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from classbell.accounts.models import User
from classbell.bookings.kinds.errors import NoSuchKind
from classbell.bookings.models import KindTeacher, LessonKind
from classbell.bookings.models.kind import LessonKindQuerySet
from classbell.bookings.queries import people_who_may_teach


def kinds_for(user: User) -> LessonKindQuerySet:
    """Return the kinds that somebody with an account may see: what they may book, and for admins all."""
    return LessonKind.objects.all() if user.is_admin else LessonKind.objects.offered()


def teaching() -> QuerySet[KindTeacher]:
    """Return who teaches which kind, still, in the order of each kind's list."""
    return KindTeacher.objects.filter(teacher__in=people_who_may_teach()).order_by("priority", "pk")


def with_teachers(kinds: QuerySet[LessonKind]) -> QuerySet[LessonKind]:
    """Return kinds with who teaches each, still, as `taught_by`, in the order of its list. One statement more."""
    return kinds.prefetch_related(Prefetch("taught_by", queryset=teaching().select_related("teacher")))


def kind_named(kinds: QuerySet[LessonKind], name: str) -> LessonKind:
    """Return one of some kinds by its id, or the address that names it in links. Raises NoSuchKind."""
    try:
        by_name = Q(pk=UUID(name))
    except ValueError:
        by_name = Q(address=name)
    found = kinds.filter(by_name).first()
    if found is None:
        raise NoSuchKind
    return found
