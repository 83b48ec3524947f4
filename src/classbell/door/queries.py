"""What is shown to everybody: nothing that was not switched on."""

from uuid import UUID

from django.db.models import QuerySet

from classbell.bookings.queries import RatedTeacher, teachers
from classbell.door.errors import DoorClosed
from classbell.door.models import PublicSchool, PublicTeacher


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
