"""
What a school offers: every change of kinds of lessons.

Kinds are the school's: their prices, lengths and who may book them bind it, so admins make and change them. A tutor who works
alone is an admin too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from classbell.bookings.kinds.checks import checked_columns
from classbell.bookings.kinds.errors import KindRefused, NoSuchKind
from classbell.bookings.kinds.questions import Question
from classbell.bookings.models import KindTeacher, LessonKind, MakeUpCredit
from classbell.bookings.queries import people_who_may_teach
from classbell.rows import locked, write

MOST_TEACHERS: Final = 500


class KindChanges(TypedDict, total=False):
    """
    What to say of a kind; what is not named stays, or begins as the model has it. Without an `address` it is made of the
    name. `teachers` are ids in the order in which they are chosen by the list.
    """

    name: str
    address: str
    description: str
    minutes: Sequence[int]
    price: int | None
    currency: str
    trial: bool
    seats: int
    open_to: str
    min_notice_minutes: int | None
    buffer_minutes: int | None
    questions: Sequence[Question]
    meeting_settings: Mapping[str, Any]
    colour: str
    chosen_by: str
    takes_a_lesson: bool
    is_active: bool
    place: int
    teachers: Sequence[UUID]


def create_kind(values: KindChanges) -> LessonKind:
    """Offer a new kind of lesson, last in the list unless `place` says. Raises KindRefused."""
    kind = LessonKind(minutes=[60], place=LessonKind.objects.count())
    given: dict[str, Any] = dict(values)
    given.setdefault("name", "")
    if not given.get("address"):
        given["address"] = _free_address(given["name"])
    teachers = given.pop("teachers", [])
    columns = checked_columns(kind, given)
    for name, value in columns.items():
        setattr(kind, name, value)
    with transaction.atomic():
        _save(kind, force_insert=True)
        _have_taught_by(kind, teachers)
    return kind


def change_kind(*, kind_id: UUID, changes: KindChanges) -> LessonKind:
    """Change what is named of a kind; what is booked stays as it was booked. Raises NoSuchKind, KindRefused."""
    given: dict[str, Any] = dict(changes)
    teachers = given.pop("teachers", None)
    with transaction.atomic():
        kind = locked(LessonKind.objects.all(), kind_id)
        if kind is None:
            raise NoSuchKind
        columns = checked_columns(kind, given)
        for name, value in columns.items():
            setattr(kind, name, value)
        if columns:
            _save(kind, update_fields=[*columns, "updated_at"])
        if teachers is not None:
            _have_taught_by(kind, teachers)
    return kind


def remove_kind(*, kind_id: UUID) -> None:
    """
    Take a kind away. One of which there were lessons, or are owed or sold, stays for their sake, not offered any more;
    otherwise nothing is left. Raises NoSuchKind.
    """
    with transaction.atomic():
        kind = locked(LessonKind.objects.all(), kind_id)
        if kind is None:
            raise NoSuchKind
        is_owed = MakeUpCredit.objects.filter(kind=kind).exists()
        if kind.bookings.exists() or kind.group_lessons.exists() or is_owed:
            write(kind, {"is_active": False})
            return
        try:
            with transaction.atomic():
                kind.delete()
        except ProtectedError:
            write(kind, {"is_active": False})


def _save(kind: LessonKind, **how: Any) -> None:
    try:
        with transaction.atomic():
            kind.save(**how)
    except IntegrityError as error:
        raise KindRefused({"address": _("another kind has that address: choose another one")}) from error


def _have_taught_by(kind: LessonKind, teacher_ids: Sequence[UUID]) -> None:
    wanted = list(dict.fromkeys(teacher_ids))
    there = set(people_who_may_teach().filter(pk__in=wanted).values_list("pk", flat=True))
    # Somebody who teaches it and was deactivated stays: they teach it again when they are back.
    there |= set(kind.taught_by.filter(teacher__in=wanted).values_list("teacher", flat=True))
    if len(wanted) > MOST_TEACHERS or set(wanted) - there:
        raise KindRefused({"teachers": _("name teachers or admins of the school, each once")})
    kind.taught_by.exclude(teacher__in=wanted).delete()
    KindTeacher.objects.bulk_create(
        [KindTeacher(kind=kind, teacher_id=one, priority=number) for number, one in enumerate(wanted)],
        update_conflicts=True,
        unique_fields=["kind", "teacher"],
        update_fields=["priority"],
    )


def _free_address(name: str) -> str:
    """Return an address made of a name that no kind has; where the name has no letters of it, a plain one."""
    begin = slugify(name)[:50].strip("-_").replace("_", "-") or "lesson"
    taken = set(LessonKind.objects.filter(address__startswith=begin).values_list("address", flat=True))
    return next(one for one in (begin, *(f"{begin}-{number}" for number in range(2, 10_000))) if one not in taken)
