"""Holidays: `/api/holidays`."""

from datetime import date
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import ValidationError

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.holiday_changes import services
from classbell.holiday_changes.affected import Affected, Cancelled, cancel_lying_in, cancelled_for, lying_in
from classbell.holiday_changes.calendars import read_address
from classbell.holiday_changes.schemas import (
    CancelledOut,
    ChangedHoliday,
    HolidayAnswer,
    HolidayChange,
    HolidayImportAnswer,
    HolidayIn,
    HolidaysAnswer,
    HolidaysQuery,
    ImportIn,
    ImportQuery,
    RemovedAnswer,
    describe_affected,
    describe_holiday,
)
from classbell.holidays.errors import HolidayInvalid
from classbell.holidays.ics import read_calendar
from classbell.holidays.importing import UNNAMED
from classbell.holidays.models import Effect, Holiday
from classbell.holidays.permissions import keeps_holiday
from classbell.holidays.services import Whose, remove_holiday, whose
from classbell.paging import paginate
from classbell.tables.limits import sent_file

router = Router(tags=["Holidays"])
JSON: Final = "application/json"
A_CALENDAR: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "text/calendar": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
            JSON: {
                "schema": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}},
            },
        },
    }
}


@router.get("", response=HolidaysAnswer, by_alias=True)
@allowed(is_teacher_or_admin)
def list_holidays(request: ApiRequest, query: Query[HolidaysQuery]) -> HolidaysAnswer:
    """The school's holidays and one's own groups', for admins all; by their first day."""
    rows = Holiday.objects.visible_to(request.user).with_places()
    if query.year is not None:
        rows = rows.touching(date(query.year, 1, 1), date(query.year, 12, 31))
    if query.group_id is not None:
        rows = rows.filter(group=query.group_id)
    if query.teacher_id is not None:
        rows = rows.filter(teacher=query.teacher_id)
    found = paginate(rows, query, by="first_day")
    return HolidaysAnswer(holidays=[describe_holiday(one) for one in found.items], next_cursor=found.next_cursor)


@router.post("", response={200: HolidayAnswer, 201: HolidayAnswer}, by_alias=True)
@allowed(is_teacher_or_admin)
@idempotent
def create(request: ApiRequest, body: HolidayIn, dry_run: bool = False) -> Status[HolidayAnswer]:
    """
    Make a holiday: admins the school's and anybody's, teachers their own and their groups'. `affected` names what already
    lies in it; it stays unless the body says `"affected": "cancel"`. `?dry_run=true` answers the same with 200; with its
    `fingerprint` sent along, 400 `affected_changed` when something else lies in it by now.
    """
    now, of = timezone.now(), whose(by=request.user, group_id=body.group_id, teacher_id=body.teacher_id)
    effect = Effect(body.effect)
    if dry_run:
        holiday, affected = services.foresee(
            name=body.name, first_day=body.from_, last_day=body.until, of=of, effect=effect, now=now
        )
        return Status(200, HolidayAnswer(holiday=describe_holiday(holiday), affected=describe_affected(affected)))
    holiday, affected, cancelled = services.add(
        name=body.name,
        first_day=body.from_,
        last_day=body.until,
        of=of,
        effect=effect,
        cancels=body.affected == "cancel",
        by=request.user,
        now=now,
        seen=body.fingerprint,
    )
    return Status(201, _described(holiday, affected, cancelled))


@router.post("/import", response=HolidayImportAnswer, by_alias=True, openapi_extra=A_CALENDAR)
@allowed(is_teacher_or_admin)
def import_calendar(request: ApiRequest, query: Query[ImportQuery]) -> HolidayImportAnswer:
    """
    Let holidays be those of a calendar: an `.ics` file, as the body or as the form field `file`, or JSON with its `url`.

    Entries of whole days count, recurring ones each, of this year and the three after it. Imported again, they are found by
    their UID and changed; what the calendar no longer has goes unless it is over. What lies in new ones is named and stays:
    `POST /holidays/{id}/cancel-affected` cancels it. `dry_run=true` changes nothing.
    """
    now, of = timezone.now(), whose(by=request.user, group_id=query.group_id, teacher_id=query.teacher_id)
    source, content = _sent_calendar(request)
    calendar = read_calendar(content, today=services.today_of_school(now))
    plan, affected = services.run_import(
        calendar,
        source=source or calendar.name or UNNAMED,
        of=of,
        effect=Effect(query.effect) if query.effect else None,
        dry_run=query.dry_run,
        now=now,
    )
    return HolidayImportAnswer(
        dry_run=query.dry_run,
        source=source or calendar.name or UNNAMED,
        new=[describe_holiday(holiday) for holiday in plan.new],
        changed=[
            ChangedHoliday(
                **{"from": entry.first_day},
                holiday=describe_holiday(holiday),
                name=entry.name,
                until=entry.last_day,
            )
            for holiday, entry in plan.changed
        ],
        removed=[describe_holiday(holiday) for holiday in plan.gone],
        unchanged=plan.unchanged,
        with_times=calendar.with_times,
        affected=describe_affected(affected),
    )


@router.get("/{uuid:holiday_id}", response=HolidayAnswer, by_alias=True)
@allowed(keeps_holiday)
def read(request: ApiRequest, holiday_id: UUID) -> HolidayAnswer:
    """One holiday, for who may change it, with what lies in it now."""
    return _answer(_found(holiday_id))


@router.patch("/{uuid:holiday_id}", response=HolidayAnswer, by_alias=True)
@allowed(keeps_holiday)
def change(request: ApiRequest, holiday_id: UUID, body: HolidayChange, dry_run: bool = False) -> HolidayAnswer:
    """
    Change its name, days or effect. `affected` names what lies in it then; it stays unless the body says
    `"affected": "cancel"`. `?dry_run=true` answers the same and changes nothing.
    """
    now, effect = timezone.now(), Effect(body.effect) if body.effect else None
    if dry_run:
        kept = _found(holiday_id)
        holiday, affected = services.foresee(
            name=body.name or kept.name,
            first_day=body.from_ or kept.first_day,
            last_day=body.until or kept.last_day,
            of=Whose(group=kept.group, teacher=kept.teacher),
            effect=effect or Effect(kept.effect),
            now=now,
        )
        holiday.pk = kept.pk
        return HolidayAnswer(holiday=describe_holiday(holiday), affected=describe_affected(affected))
    holiday, affected, cancelled = services.change(
        holiday_id=holiday_id,
        name=body.name,
        first_day=body.from_,
        last_day=body.until,
        effect=effect,
        cancels=body.affected == "cancel",
        by=request.user,
        now=now,
        seen=body.fingerprint,
    )
    return _described(holiday, affected, cancelled)


@router.post("/{uuid:holiday_id}/cancel-affected", response=HolidayAnswer, by_alias=True)
@allowed(keeps_holiday)
def cancel_affected(request: ApiRequest, holiday_id: UUID) -> HolidayAnswer:
    """Cancel what lies in a holiday; whom it concerns is told. Safe to repeat. The answer says what still lies there."""
    holiday = _found(holiday_id)
    cancelled = cancel_lying_in(holiday, by=request.user, now=timezone.now())
    return _answer(holiday, cancelled)


@router.delete("/{uuid:holiday_id}", response=RemovedAnswer)
@allowed(keeps_holiday)
def remove(request: ApiRequest, holiday_id: UUID) -> RemovedAnswer:
    """Remove a holiday. What was cancelled for it stays cancelled, and the answer says how much that is."""
    still = cancelled_for(_found(holiday_id), now=timezone.now())
    remove_holiday(holiday_id=holiday_id)
    return RemovedAnswer(message=what_stays(still), still_cancelled=still)


def what_stays(count: int) -> str:
    """Say that removing a holiday gave nothing back."""
    if not count:
        return _("The holiday is removed. New dates are made on these days again.")
    return _("The holiday is removed. What was cancelled for it stays cancelled: %(count)s.") % {"count": count}


def _sent_calendar(request: ApiRequest) -> tuple[str, bytes]:
    """Return the address of a calendar, "" for a file without a name of its own, and what is in it."""
    if request.content_type == JSON:
        try:
            url = ImportIn.model_validate_json(request.body).url
        except ValidationError as error:
            raise HolidayInvalid("url", _("Send the calendar as a file, or its address as url.")) from error
        return read_address(url)
    content = sent_file(request)
    return "", content


def _found(holiday_id: UUID) -> Holiday:
    return Holiday.objects.with_places().get(pk=holiday_id)


def _answer(holiday: Holiday, cancelled: Cancelled | None = None) -> HolidayAnswer:
    return _described(holiday, lying_in(holiday, now=timezone.now()), cancelled)


def _described(holiday: Holiday, affected: Affected, cancelled: Cancelled | None) -> HolidayAnswer:
    return HolidayAnswer(
        holiday=describe_holiday(holiday),
        affected=describe_affected(affected),
        cancelled=_cancelled(cancelled) if cancelled else None,
    )


def _cancelled(cancelled: Cancelled) -> CancelledOut:
    return CancelledOut(sessions=cancelled.sessions, bookings=cancelled.bookings, kept=cancelled.kept)
