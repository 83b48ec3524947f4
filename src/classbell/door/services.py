"""Changing what is shown to everybody."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from classbell.accounts.models import User
from classbell.door.errors import AddressTaken, DoorClosed
from classbell.door.models import PublicSchool, PublicTeacher
from classbell.rows import locked, write


def change_school(changes: Mapping[str, Any]) -> PublicSchool:
    """Change what is named of the school's page; values have been checked."""
    with transaction.atomic():
        PublicSchool.objects.get_or_create(pk=1)
        return write(PublicSchool.objects.select_for_update().get(), changes)


def change_teacher_page(teacher: User, changes: Mapping[str, Any]) -> PublicTeacher:
    """
    Change what is named of a teacher's page, which begins with its `address`; values have been checked. Raises
    AddressTaken, also for who was a moment too late.
    """
    try:
        with transaction.atomic():
            # Of two first changes at once, the later one finds the page of the earlier one.
            User.objects.select_for_update(no_key=True).filter(pk=teacher.pk).values_list("pk").first()
            page = locked(PublicTeacher.objects.all(), teacher.pk)
            if page is None:
                return PublicTeacher.objects.create(teacher=teacher, **changes)
            return write(page, changes)
    except IntegrityError as error:
        if "address" not in changes or not PublicTeacher.objects.filter(address=changes["address"]).exists():
            raise
        raise AddressTaken(changes["address"]) from error


def take_down(teacher_id: UUID, *, is_taken_down: bool) -> PublicTeacher:
    """Take a teacher's page down, or let it be shown again if the teacher wants that. Safe to repeat. Raises DoorClosed."""
    with transaction.atomic():
        page = locked(PublicTeacher.objects.all(), teacher_id)
        if page is None:
            raise DoorClosed
        return write(page, {"is_taken_down": is_taken_down})
