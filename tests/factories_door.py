"""The open door, opened through the services that the product uses."""

from typing import Any, cast

from classbell.accounts.models import User
from classbell.bookings.kinds.services import KindChanges, create_kind
from classbell.bookings.models import LessonKind, OpenTo
from classbell.door import services
from classbell.door.models import PublicSchool, PublicTeacher


def open_school(**fields: Any) -> PublicSchool:
    """Open the school to everybody."""
    return services.change_school({"is_open": True, "name": "Nour Academy"} | fields)


def make_public(teacher: User, **fields: Any) -> PublicTeacher:
    """Give a teacher a page that is switched on, at an address of their own."""
    return services.change_teacher_page(teacher, {"is_public": True, "address": f"t-{teacher.pk.hex[-12:]}"} | fields)


def make_open_kind(*teachers: User, **fields: Any) -> LessonKind:
    """Offer everybody a kind of lessons of half an hour that these teach."""
    begin: KindChanges = {"name": "Trial lesson", "minutes": [30], "open_to": OpenTo.EVERYBODY}
    begin["teachers"] = [one.pk for one in teachers]
    return create_kind(begin | cast("KindChanges", fields))
