"""The open door, opened through the services that the product uses."""

from typing import Any

from classbell.accounts.models import User
from classbell.door import services
from classbell.door.models import PublicSchool, PublicTeacher


def open_school(**fields: Any) -> PublicSchool:
    """Open the school to everybody."""
    return services.change_school({"is_open": True, "name": "Nour Academy"} | fields)


def make_public(teacher: User, **fields: Any) -> PublicTeacher:
    """Give a teacher a page that is switched on, at an address of their own."""
    return services.change_teacher_page(teacher, {"is_public": True, "address": f"t-{teacher.pk.hex[-12:]}"} | fields)
