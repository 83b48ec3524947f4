"""Lessons for weeks: asked for, answered, moved and cancelled as one. Single dates: by the operations of bookings."""

import datetime as dt
from datetime import datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Router, Status

from classbell.accounts.acting import for_ward_named, guardian_of
from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.bookings.api.answers import answer_list
from classbell.bookings.api.bookings import (
    ONLY_STUDENTS,
    ONLY_TEACHERS_CONFIRM,
    ONLY_TEACHERS_DECLINE,
    whom_to_book_for,
)
from classbell.bookings.models import BookingSeries
from classbell.bookings.permissions import books_lessons, takes_part_in_series, teaches_series
from classbell.bookings.queries import people_who_teach, visible_among
from classbell.bookings.schemas.bookings import ReasonIn
from classbell.bookings.schemas.series import (
    CancelSeriesIn,
    ConfirmSeriesIn,
    HolidayAmongOut,
    PlannedDateOut,
    RescheduleSeriesIn,
    SeriesAnswer,
    SeriesChanged,
    SeriesIn,
    SeriesMoved,
    SeriesOut,
    SeriesPlanOut,
)
from classbell.bookings.series import services
from classbell.bookings.series.moving import reschedule_series
from classbell.bookings.series.planning import SeriesPlan, plan_series
from classbell.bookings.series.queries import dates_in_order, find_series, next_of, status_of
from classbell.bookings.slots import TeacherNotFound
from classbell.bookings.weekly import count_until, count_within
from classbell.errors import NotAllowed
from classbell.holidays.queries import name_for
from classbell.meetings.recurrence import place
from classbell.meetings.services import sync_now

router = Router()
ONLY_PARTICIPANTS = gettext_lazy("Only the teacher or student can see or change this series of lessons")


@router.post("/series", response={200: SeriesPlanOut, 201: SeriesAnswer})
@allowed(books_lessons, otherwise=ONLY_STUDENTS, for_wards=True)
@idempotent
def make_series(
    request: ApiRequest, body: SeriesIn, dry_run: bool = False
) -> Status[SeriesPlanOut] | Status[SeriesAnswer]:
    """
    Ask a teacher for lessons every week, or every few; all dates hold their time until they are answered or lapse together.
    One recurring Zoom meeting, with one link, is behind those that are confirmed. Dates in holidays that leave dates out
    are left out by themselves. All dates or none: 400 `slot_unavailable` names each that cannot be and why (leave it out by
    `except`); `overlaps_own_sessions` and `too_many_open_requests` as of single bookings.

    With `student_id` teachers book for their students and admins for anybody, as of single bookings: CONFIRMED at once.

    `?dry_run=true` answers 200 with the dates, what stands in the way of each, the holidays among them and what it costs at
    Zoom, and saves nothing. With a ward's
    `student_id`, here or in the query, guardians ask as the student would.
    """
    with for_ward_named(request, body.student_id if body.teacher_id != request.user.pk else None):
        return _make(request, body, dry_run=dry_run)


def _make(request: ApiRequest, body: SeriesIn, *, dry_run: bool) -> Status[SeriesPlanOut] | Status[SeriesAnswer]:
    user, now = request.user, timezone.now()
    for_other = body.student_id not in {None, user.pk}
    if body.student_id is not None and for_other:
        student, teacher = whom_to_book_for(user, body.student_id, body.teacher_id)
    elif not user.is_student:
        raise NotAllowed(str(ONLY_STUDENTS))
    else:
        student, teacher = user, _teacher(body.teacher_id)
    draft = _draft(body, student=student, teacher=teacher)
    excluded = frozenset(body.except_)
    if dry_run:
        plan = plan_series(draft, excluded=excluded, by_availability=not for_other, now=now)
        return Status(200, _describe_plan(plan, draft, user))
    make = (
        partial(services.book_series, draft, by=user)
        if for_other
        else partial(services.request_series, draft, guardian=guardian_of(request))
    )
    series = make(excluded=excluded, use_credits=body.use_credits, despite_overlap=body.despite_overlap, now=now)
    _sync(series)
    return Status(201, SeriesAnswer(series=_describe(series.pk, user)))


@router.get("/series/{uuid:series_id}", response=SeriesAnswer)
@allowed(takes_part_in_series, otherwise=ONLY_PARTICIPANTS, for_wards=True)
def one_series(request: ApiRequest, series_id: UUID) -> SeriesAnswer:
    """One series with all its dates, those too that were declined or cancelled."""
    return SeriesAnswer(series=_describe(series_id, request.user))


@router.post("/series/{uuid:series_id}/confirm", response=SeriesChanged)
@allowed(teaches_series, otherwise=ONLY_TEACHERS_CONFIRM)
def confirm(request: ApiRequest, series_id: UUID, body: ConfirmSeriesIn) -> SeriesChanged:
    """
    Say yes to all dates that wait, or to those in `only` and no to the others. One Zoom meeting is made for all, within this
    request if Zoom answers in time. 400 `booking_not_pending` when none waits.
    """
    series = services.confirm_series(
        series_id=series_id, only=body.only, reason=body.reason, by=request.user, now=timezone.now()
    )
    _sync(series)
    return _changed(_("Lessons confirmed"), series_id, request.user)


@router.post("/series/{uuid:series_id}/decline", response=SeriesChanged)
@allowed(teaches_series, otherwise=ONLY_TEACHERS_DECLINE)
def decline(request: ApiRequest, series_id: UUID, body: ReasonIn) -> SeriesChanged:
    """Say no to all dates that wait; their times are free again. 400 `booking_not_pending` when none waits."""
    services.decline_series(series_id=series_id, by=request.user, reason=body.reason, now=timezone.now())
    return _changed(_("Lessons declined"), series_id, request.user)


@router.post("/series/{uuid:series_id}/cancel", response=SeriesChanged)
@allowed(takes_part_in_series, otherwise=ONLY_PARTICIPANTS, for_wards=True)
def cancel(request: ApiRequest, series_id: UUID, body: CancelSeriesIn) -> SeriesChanged:
    """
    Cancel what is to come, or what begins `from` some day on. 400 `booking_closed` when nothing is to come then,
    `notice_too_short` when the rules ask you for more notice for one of these dates.
    """
    series = services.cancel_series(
        series_id=series_id,
        by=request.user,
        since=_since(series_id, body.from_),
        reason=body.reason,
        guardian=guardian_of(request),
        now=timezone.now(),
    )
    _sync(series)
    return _changed(_("Lessons cancelled"), series_id, request.user)


@router.post("/series/{uuid:series_id}/reschedule", response=SeriesMoved)
@allowed(takes_part_in_series, otherwise=ONLY_PARTICIPANTS, for_wards=True)
def reschedule(request: ApiRequest, series_id: UUID, body: RescheduleSeriesIn) -> SeriesMoved:
    """
    Hold what is to come, or what begins `from` some day on, at another time of the week; the Zoom meeting follows and keeps
    its link. All dates or none: 400 `slot_unavailable` names each that cannot be. Those whose new time begins in a holiday
    that leaves dates out are cancelled.
    """
    move = reschedule_series(
        series_id=series_id,
        by=request.user,
        starts_at=body.start_time,
        duration_minutes=body.duration,
        since=_since(series_id, body.from_),
        reason=body.reason,
        despite_overlap=body.despite_overlap,
        guardian=guardian_of(request),
        now=timezone.now(),
    )
    _sync(move.series)
    return SeriesMoved(
        message=_("Lessons moved"),
        series=_describe(series_id, request.user),
        moved=[one.pk for one in move.moved],
        left_out=[one.pk for one in move.left_out],
    )


def _teacher(teacher_id: UUID) -> User:
    teacher = people_who_teach().filter(pk=teacher_id).distinct().first()
    if teacher is None:
        raise TeacherNotFound
    return teacher


def _draft(body: SeriesIn, *, student: User, teacher: User) -> BookingSeries:
    named = body.timezone or teacher.timezone
    interval = body.interval_weeks
    count = (
        count_within(body.weeks, interval_weeks=interval)
        if body.weeks is not None
        else count_until(body.start_time, body.until or dt.date.min, zone=ZoneInfo(named), interval_weeks=interval)
    )
    return services.draft_series(
        student=student,
        teacher=teacher,
        starts_at=body.start_time,
        duration_minutes=body.duration,
        count=count,
        interval_weeks=interval,
        timezone=named,
        notes=body.notes,
    )


def _since(series_id: UUID, given: dt.date | datetime | None) -> datetime | None:
    if given is None or isinstance(given, datetime):
        return given
    return place(datetime.combine(given, dt.time()), find_series(series_id).zone)


def _sync(series: BookingSeries) -> None:
    """Make the series' meeting true within this request, if Zoom answers in time."""
    if series.meeting_id is not None:
        sync_now(series.meeting_id)


def _changed(message: str, series_id: UUID, user: User) -> SeriesChanged:
    return SeriesChanged(message=message, series=_describe(series_id, user))


def _describe(series_id: UUID, user: User) -> SeriesOut:
    series = find_series(series_id)
    dates = dates_in_order(series)
    described = answer_list(dates, user)
    return SeriesOut(
        id=series.pk,
        status=status_of(dates),
        student=series.student_id,
        teacher=series.teacher_id,
        student_name=series.student.name,
        teacher_name=series.teacher.name,
        start_time=series.starts_at,
        duration_minutes=series.duration_minutes,
        interval_weeks=series.interval_weeks,
        timezone=series.timezone,
        notes=series.notes,
        booked_by=series.booked_by_id,
        booked_by_name=series.booked_by.name if series.booked_by else None,
        bookings=described,
        zoom_info=described[dates.index(next_of(dates, now=timezone.now()))].zoom_info,
        created_at=series.created_at,
    )


def _describe_plan(plan: SeriesPlan, draft: BookingSeries, user: User) -> SeriesPlanOut:
    known = {one.pk for one in visible_among(plan.overlapped, user)}
    return SeriesPlanOut(
        bookings=[
            PlannedDateOut(
                start_time=one.starts_at,
                end_time=one.ends_at,
                clash=one.clash or None,
                overlaps=[
                    session.meeting.title if session.pk in known else _("another session") for session in one.overlaps
                ],
            )
            for one in plan.dates
        ],
        holidays=[
            HolidayAmongOut(
                start_time=one.starts_at,
                date=one.starts_at.astimezone(draft.zone).date(),
                name=name_for(one.holiday, user),
                effect="leave_out" if one.is_left_out else "warn",
            )
            for one in plan.holidays
        ],
        calls=plan.calls,
    )
