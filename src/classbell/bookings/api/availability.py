"""A teacher's own hours, time off and settings."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.bookings import hours
from classbell.bookings.models import Availability, TeacherSettings, TimeOff
from classbell.bookings.permissions import may_be_booked, owns_availability, owns_time_off
from classbell.bookings.schemas.availability import (
    AvailabilityAnswer,
    AvailabilityIn,
    AvailabilityOut,
    AvailabilityPatch,
    SettingsOut,
    SettingsPatch,
    TimeOffAnswer,
    TimeOffIn,
    TimeOffOut,
)
from classbell.bookings.walltime import wall_minutes
from classbell.paging import PageQuery, paginate

router = Router()


@router.post("/availability", response={201: AvailabilityOut})
@allowed(may_be_booked)
@idempotent
def add_availability(request: ApiRequest, body: AvailabilityIn) -> AvailabilityOut:
    """Open a window on your own clock, every week or on one date. Windows may overlap."""
    entry = hours.add_availability(
        teacher=request.user,
        start_minute=wall_minutes(body.start_time),
        end_minute=wall_minutes(body.end_time),
        # Callers of old send a weekday along with a date and mean the date.
        day_of_week=None if body.date is not None else body.day_of_week,
        day=body.date,
    )
    return _availability(entry, request.user)


@router.get("/availability", response=AvailabilityAnswer)
@allowed(may_be_booked)
def list_availability(request: ApiRequest, page: Query[PageQuery]) -> AvailabilityAnswer:
    """Your windows, in the order you made them."""
    found = paginate(Availability.objects.filter(teacher=request.user), page, by="created_at")
    return AvailabilityAnswer(
        availability=[_availability(entry, request.user) for entry in found.items], next_cursor=found.next_cursor
    )


@router.get("/availability/{uuid:availability_id}", response=AvailabilityOut)
@allowed(owns_availability)
def get_availability(request: ApiRequest, availability_id: UUID) -> AvailabilityOut:
    """One window."""
    return _availability(Availability.objects.get(pk=availability_id), request.user)


@router.patch("/availability/{uuid:availability_id}", response=AvailabilityOut)
@allowed(owns_availability)
def change_availability(request: ApiRequest, availability_id: UUID, body: AvailabilityPatch) -> AvailabilityOut:
    """Change some of a window. What is booked already stays."""
    given = body.model_dump(exclude_unset=True)
    given.pop("is_recurring", None)
    for name in ("start", "end"):
        text = given.pop(f"{name}_time", None)
        if text is not None:
            given[f"{name}_minute"] = wall_minutes(text)
    entry = hours.change_availability(availability_id=availability_id, changes=given)
    return _availability(entry, request.user)


@router.delete("/availability/{uuid:availability_id}", response={204: None})
@allowed(owns_availability)
def delete_availability(request: ApiRequest, availability_id: UUID) -> Status[None]:
    """Close a window. What is booked already stays."""
    Availability.objects.filter(pk=availability_id).delete()
    return Status(204, None)


@router.post("/time-off", response={201: TimeOffOut}, by_alias=True)
@allowed(may_be_booked)
@idempotent
def add_time_off(request: ApiRequest, body: TimeOffIn) -> TimeOffOut:
    """Close a period: moments, or whole days on your own clock. What is booked already stays."""
    entry = hours.add_time_off(
        teacher=request.user,
        starts_at=_moment(body.from_, request.user),
        ends_at=_moment(body.to, request.user, after=True),
        reason=body.reason,
    )
    return _time_off(entry)


@router.get("/time-off", response=TimeOffAnswer, by_alias=True)
@allowed(may_be_booked)
def list_time_off(request: ApiRequest, page: Query[PageQuery]) -> TimeOffAnswer:
    """Your time off, present and to come."""
    coming = TimeOff.objects.filter(teacher=request.user, ends_at__gt=timezone.now())
    found = paginate(coming, page, by="starts_at")
    return TimeOffAnswer(time_off=[_time_off(entry) for entry in found.items], next_cursor=found.next_cursor)


@router.delete("/time-off/{uuid:time_off_id}", response={204: None})
@allowed(owns_time_off)
def delete_time_off(request: ApiRequest, time_off_id: UUID) -> Status[None]:
    """Open a period again."""
    TimeOff.objects.filter(pk=time_off_id).delete()
    return Status(204, None)


@router.get("/settings", response=SettingsOut)
@allowed(may_be_booked)
def get_settings(request: ApiRequest) -> SettingsOut:
    """How you offer lessons."""
    return _settings(hours.settings_of(request.user.pk))


@router.patch("/settings", response=SettingsOut)
@allowed(may_be_booked)
def change_settings(request: ApiRequest, body: SettingsPatch) -> SettingsOut:
    """Change some of your settings. `slot_interval_minutes: null` packs slots one after another."""
    given = body.model_dump(exclude_unset=True)
    changes = {name: value for name, value in given.items() if value is not None or name == "slot_interval_minutes"}
    return _settings(hours.change_settings(teacher=request.user, changes=changes))


def _availability(entry: Availability, teacher: User) -> AvailabilityOut:
    return AvailabilityOut(
        id=entry.pk,
        teacher_id=teacher.pk,
        day_of_week=entry.day_of_week,
        start_time=entry.start_time,
        end_time=entry.end_time,
        is_recurring=entry.is_recurring,
        date=entry.date,
        timezone=teacher.timezone,
    )


def _time_off(entry: TimeOff) -> TimeOffOut:
    return TimeOffOut(id=entry.pk, from_=entry.starts_at, to=entry.ends_at, reason=entry.reason)


def _settings(kept: TeacherSettings) -> SettingsOut:
    return SettingsOut(
        bio=kept.bio,
        subjects=kept.subjects,
        buffer_minutes=kept.buffer_minutes,
        min_notice_minutes=kept.min_notice_minutes,
        slot_interval_minutes=kept.slot_interval_minutes,
        max_days_ahead=kept.max_days_ahead,
        auto_confirm=kept.auto_confirm,
    )


def _moment(given: date | datetime, teacher: User, *, after: bool = False) -> datetime:
    """Return a moment; a date is the begin of that day on the teacher's clock, or with `after` its end."""
    if isinstance(given, datetime):
        return given
    return datetime.combine(given + timedelta(days=1 if after else 0), time(), tzinfo=teacher.zone)
