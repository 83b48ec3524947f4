"""Kinds of lessons, `/api/kinds`: what is offered, and when it is free."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from ninja import Query, Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.bookings.kinds import rules, services
from classbell.bookings.kinds.choosing import teachers_of
from classbell.bookings.kinds.queries import kind_named, kinds_for, with_teachers
from classbell.bookings.kinds.services import KindChanges
from classbell.bookings.kinds.slots import KindSlots, slots_of_kind
from classbell.bookings.models import LessonKind
from classbell.bookings.schemas.kinds import (
    KindDayOut,
    KindQuestionOut,
    KindSlotOut,
    KindSlotsAnswer,
    KindSlotsQuery,
    KindTeacherOut,
    LessonKindIn,
    LessonKindOut,
    LessonKindPatch,
    LessonKindsAnswer,
)
from classbell.meetings.hosts.pool import ends_after

router = Router(tags=["Tutoring"])
# Where null is a value: no price, and the teacher's own.
NULL_IS_A_VALUE = frozenset({"price", "min_notice_minutes", "buffer_minutes"})


@router.get("", response=LessonKindsAnswer)
@allowed(signed_in, for_wards=True)
def list_kinds(request: ApiRequest) -> LessonKindsAnswer:
    """The kinds of lessons that you may book, in the school's order; for admins those too that are not offered."""
    return LessonKindsAnswer(kinds=[describe_kind(one, request.user) for one in with_teachers(kinds_for(request.user))])


@router.post("", response={201: LessonKindOut})
@allowed(is_admin)
@idempotent
def create_kind(request: ApiRequest, body: LessonKindIn) -> LessonKindOut:
    """Offer a new kind of lesson. 400 `invalid_input` names each field that cannot be so."""
    return _shown(services.create_kind(_changes(body)).pk, request.user)


@router.get("/{uuid:kind_id}", response=LessonKindOut)
@allowed(signed_in, for_wards=True)
def get_kind(request: ApiRequest, kind_id: UUID) -> LessonKindOut:
    """One kind of lesson."""
    return _shown(kind_id, request.user)


@router.patch("/{uuid:kind_id}", response=LessonKindOut)
@allowed(is_admin)
def change_kind(request: ApiRequest, kind_id: UUID, body: LessonKindPatch) -> LessonKindOut:
    """Change what is named; what is booked stays as it was booked."""
    services.change_kind(kind_id=kind_id, changes=_changes(body))
    return _shown(kind_id, request.user)


@router.delete("/{uuid:kind_id}", response={204: None})
@allowed(is_admin)
def remove_kind(request: ApiRequest, kind_id: UUID) -> Status[None]:
    """Take it away; one of which there were lessons stays for their sake, not offered any more."""
    services.remove_kind(kind_id=kind_id)
    return Status(204, None)


@router.get("/{uuid:kind_id}/slots", response=KindSlotsAnswer, exclude_none=True)
@allowed(signed_in, for_wards=True)
def kind_slots(request: ApiRequest, kind_id: UUID, asked: Query[KindSlotsQuery]) -> KindSlotsAnswer:
    """
    When lessons of a kind are free: with one teacher, or with any who teaches it, each time with how many. A kind with seats
    also has the lessons that were begun and have some left.
    """
    kind = kind_named(kinds_for(request.user), str(kind_id))
    if asked.teacher_id is not None:
        rules.check_taught(kind, asked.teacher_id)
    return find_kind_slots(kind, [asked.teacher_id] if asked.teacher_id else teachers_of(kind), asked)


def find_kind_slots(
    kind: LessonKind, teacher_ids: list[UUID], asked: Any, *, shows_seats: bool = True
) -> KindSlotsAnswer:
    """
    Return the free times of a kind with some teachers, as `date`, `days`, `duration` and `timezone` of a query ask for them.
    How many seats are left, and so how many others come, is not everybody's to know.

    Raises LengthNotOffered.
    """
    zone = ZoneInfo(asked.timezone or settings.TIME_ZONE)
    minutes = asked.duration or kind.minutes[0]
    now = timezone.now()
    rules.check_length(kind, now, now + timedelta(minutes=minutes))
    found = slots_of_kind(kind, teacher_ids, first=asked.date, days=asked.days, minutes=minutes, zone=zone, now=now)
    limit = ends_after(minutes, teacher_ids)
    return KindSlotsAnswer(
        kind=kind.address,
        timezone=zone.key,
        duration=minutes,
        ends_after_minutes=limit,
        days=_days(found, shows_seats=shows_seats),
    )


def describe_kind(kind: LessonKind, user: User | None) -> LessonKindOut:
    """Return a kind, read by `with_teachers`, as somebody sees it."""
    return LessonKindOut(
        **{
            name: getattr(kind, name)
            for name in LessonKindOut.model_fields
            if name not in {"teachers", "questions", "meeting_settings"}
        },
        questions=[KindQuestionOut(**question) for question in kind.questions],
        meeting_settings=kind.meeting_settings if user is not None and user.is_admin else None,
        teachers=[KindTeacherOut(id=one.teacher_id, name=one.teacher.name) for one in kind.taught_by.all()],
    )


def _shown(kind_id: UUID, user: User) -> LessonKindOut:
    return describe_kind(kind_named(with_teachers(kinds_for(user)), str(kind_id)), user)


def _changes(body: LessonKindPatch) -> KindChanges:
    given = body.model_dump(exclude_unset=True)
    return cast("KindChanges", {k: v for k, v in given.items() if v is not None or k in NULL_IS_A_VALUE})


def _days(found: KindSlots, *, shows_seats: bool) -> list[KindDayOut]:
    days = {
        found.first + timedelta(days=number): KindDayOut(date=found.first + timedelta(days=number), available_slots=[])
        for number in range(found.days)
    }
    for slot in found.slots:
        start = datetime.fromtimestamp(slot.start * 60, UTC).astimezone(found.zone)
        end = datetime.fromtimestamp((slot.start + found.minutes) * 60, UTC).astimezone(found.zone)
        days[start.date()].available_slots.append(
            KindSlotOut(
                start_time=f"{start:%H:%M}",
                end_time=f"{end:%H:%M}",
                datetime_start=start,
                datetime_end=end,
                teachers=slot.teachers,
                seats=slot.seats if shows_seats else None,
                holiday=slot.holiday or None,
            )
        )
    return list(days.values())
