"""What is shown to everybody: nothing that was not switched on."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from classbell.accounts.models import Role
from classbell.bookings.models import KindTeacher, LessonKind
from classbell.bookings.queries import RatedTeacher, teachers
from classbell.door.errors import DoorClosed
from classbell.door.models import PublicSchool, PublicTeacher

# More than any school offers; a page of them all is read at once.
MOST_KINDS: Final = 200


def school() -> PublicSchool:
    """Return the school's page; the one that every school begins with is not saved, and closed."""
    return PublicSchool.objects.first() or PublicSchool()


def open_school() -> PublicSchool:
    """Return the school's page. Raises DoorClosed while it is not open."""
    found = school()
    if not found.is_open:
        raise DoorClosed
    return found


def page_of(teacher_id: UUID) -> PublicTeacher | None:
    """Return a teacher's page, shown or not; None while there is none."""
    return PublicTeacher.objects.filter(pk=teacher_id).first()


def shown_teachers() -> QuerySet[RatedTeacher]:
    """
    Return the teachers who have a page that is shown while the school is open, with it as `public_page`, their settings and
    ratings, by name.
    """
    shown = PublicTeacher.objects.shown().order_by().values("pk")
    found = teachers().filter(pk__in=shown).select_related("public_page")
    return found.order_by("last_name", "first_name", "pk")


def shown_teacher(address: str) -> RatedTeacher:
    """Return the teacher whose page has this address. Raises DoorClosed for one that is not shown."""
    found = shown_teachers().filter(public_page__address=address).first()
    if found is None:
        raise DoorClosed
    return found


def shown_teachers_of(kind: LessonKind) -> set[UUID]:
    """Return the ids of those who teach a kind and have a page that is shown. One statement without what is read of them."""
    shown = PublicTeacher.objects.shown().filter(teacher__kinds_taught__kind=kind, teacher__is_active=True)
    return set(shown.filter(teacher__role__in=[Role.TEACHER, Role.ADMIN]).order_by().values_list("pk", flat=True))


def kinds_taught(teacher_ids: Collection[UUID]) -> Mapping[UUID, Sequence[LessonKind]]:
    """Return which kinds that everybody may book each of these teachers teaches, in the school's order. One statement."""
    taught: dict[UUID, list[LessonKind]] = {one: [] for one in teacher_ids}
    rows = KindTeacher.objects.filter(teacher__in=teacher_ids, kind__in=LessonKind.objects.offered_to_guests())
    for row in rows.select_related("kind").order_by("kind__place", "kind__name", "kind_id"):
        taught[row.teacher_id].append(row.kind)
    return taught


def shown_kinds(
    teachers: Sequence[RatedTeacher] | None = None,
) -> Sequence[tuple[LessonKind, Sequence[PublicTeacher]]]:
    """
    Return the kinds that everybody may book, in the school's order, with the pages of those who teach them; one that nobody
    with a page teaches is left out. Two statements, and one more where `teachers`, all who are shown, are not given.
    """
    pages = {one.pk: one.public_page for one in (shown_teachers() if teachers is None else teachers)}
    rows = KindTeacher.objects.filter(teacher__in=pages).order_by("priority", "pk")
    kinds = LessonKind.objects.offered_to_guests().prefetch_related(Prefetch("taught_by", rows))[:MOST_KINDS]
    found = [(kind, [pages[row.teacher_id] for row in kind.taught_by.all()]) for kind in kinds]
    return [(kind, taught) for kind, taught in found if taught]


def shown_kind(address: str) -> tuple[LessonKind, Sequence[RatedTeacher]]:
    """
    Return a kind that everybody may book and the teachers with a page who teach it, by the school's list. Raises DoorClosed
    where there is none. Two statements.
    """
    kind = LessonKind.objects.offered_to_guests().filter(address=address).first()
    found = shown_teachers().filter(kinds_taught__kind=kind).order_by("kinds_taught__priority", "pk") if kind else ()
    if kind is None or not found:
        raise DoorClosed
    return kind, list(found)
