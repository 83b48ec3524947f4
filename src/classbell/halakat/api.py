"""Circles: `/api/v1/halaka`, in the envelope of their specification."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_student, is_teacher_or_admin, signed_in
from classbell.errors import NotAllowed, NotThere
from classbell.groups.answers import describe_person
from classbell.groups.models import Membership, WaitingStudent
from classbell.groups.queries import people_named
from classbell.groups.schemas import ComingStudentsIn
from classbell.halakat import services
from classbell.halakat.answers import answer, describe, done_answer, preview_answer, saved_answer, with_people
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern
from classbell.halakat.periods import Period
from classbell.halakat.permissions import sees_halaka, teaches_halaka
from classbell.halakat.preview import preview_change, preview_new
from classbell.halakat.queries import circle_occurrences, meeting_at
from classbell.halakat.schemas import (
    DoneAnswer,
    HalakaAnswer,
    HalakaIn,
    HalakaPage,
    HalakaPatch,
    HalakaStudents,
    HalakaStudentsAnswer,
    HalakatAnswer,
    OccurrencePatch,
    PeriodIn,
    PreviewAnswer,
    SavedAnswer,
)
from classbell.halakat.steps import Words
from classbell.meetings import occurrences
from classbell.meetings.models import Occurrence
from classbell.meetings.services import sync_now
from classbell.paging import PageQuery, paginate

router = Router(tags=["Halakat"], by_alias=True)
DryRun = Annotated[bool, Query(alias="dryRun", description="Save nothing and say what would be.")]
ONLY_TEACHERS = gettext_lazy("Only teachers can create halakat")


@router.post("", response={200: PreviewAnswer, 201: SavedAnswer})
@allowed(is_teacher_or_admin, otherwise=ONLY_TEACHERS)
@idempotent
def create(request: ApiRequest, body: HalakaIn, dry_run: DryRun = False) -> Status[PreviewAnswer] | Status[SavedAnswer]:
    """
    Make a circle. Its recurring Zoom meeting is there when this answers, if Zoom answers in time; else `zoomMeeting.status`
    is `pending` and it follows. 400 `teacher_busy` names each clash. `zoomCalls` are those that change something at Zoom.

    With `?dryRun=true` nothing is saved, and `data` says what would be: sessions, clashes, calls.
    """
    teacher, now = _teacher(request.user, body.teacher_id), timezone.now()
    pattern = Pattern(
        start_date=body.start_date,
        end_date=body.end_date,
        weekdays=_days(body.days),
        frequency=Frequency(body.frequency),
        start_time=body.start_time.replace(tzinfo=None),
        duration_minutes=body.duration,
        timezone=body.timezone or teacher.timezone,
        excluded=_dates(body.except_),
        periods=_periods(body.periods, body.duration),
    )
    planned = preview_new(Words(teacher=teacher, title=body.title, description=body.description), pattern, now=now)
    if dry_run:
        return Status(200, preview_answer(planned))
    halaka = services.create_halaka(
        teacher=teacher,
        title=body.title,
        description=body.description,
        pattern=pattern,
        capacity=body.max_students,
        now=now,
    )
    _sync(halaka)
    text = _("Halaka created successfully")
    return Status(201, saved_answer("created", text, halaka.pk, request.user, planned))


@router.get("", response=HalakatAnswer)
@allowed(signed_in, for_wards=True)
def list_halakat(request: ApiRequest, page: Query[PageQuery]) -> HalakatAnswer:
    """Your circles, those you are in or teach; all for admins."""
    seen = with_people().filter(pk__in=Halaka.objects.visible_to(request.user).values("pk"))
    found = paginate(seen.filter(ended_at=None), page, by="created_at")
    now = timezone.now()
    described = [describe(halaka, request.user, now=now, with_occurrences=False) for halaka in found.items]
    data = HalakaPage(halakat=described, next_cursor=found.next_cursor)
    return HalakatAnswer(status="success", message="", data=data)


@router.get("/{uuid:halaka_id}", response=HalakaAnswer)
@allowed(sees_halaka, for_wards=True)
def get(request: ApiRequest, halaka_id: UUID) -> HalakaAnswer:
    """One circle with its sessions."""
    return answer("success", "", halaka_id, request.user)


@router.patch("/{uuid:halaka_id}", response=SavedAnswer | PreviewAnswer)
@allowed(teaches_halaka)
def change(
    request: ApiRequest, halaka_id: UUID, body: HalakaPatch, dry_run: DryRun = False
) -> SavedAnswer | PreviewAnswer:
    """
    Change a circle; a new schedule holds from `validFrom` on, what took place stays, Zoom follows. Sessions that were moved
    or cancelled by themselves stay so while the schedule has their day and time. In one of its `periods`, such as Ramadan,
    its sessions move to the period's time, each by a call to Zoom, and what comes after is back at the usual one.

    With `?dryRun=true` nothing is saved, and `data` says what would be: sessions, clashes, calls.
    """
    halaka, now = with_people().get(pk=halaka_id), timezone.now()
    schedule = _schedule(body, halaka)
    words = services.words_of(halaka, title=body.title, description=body.description)
    planned = preview_change(halaka, words, replace(halaka.pattern, **schedule), body.valid_from, now=now)
    if dry_run:
        return preview_answer(planned)
    changed = services.change_halaka(
        halaka_id=halaka_id,
        title=body.title,
        description=body.description,
        capacity=body.max_students,
        unlimited="max_students" in body.model_fields_set and body.max_students is None,
        schedule=schedule,
        valid_from=body.valid_from,
        teacher=_new_teacher(request.user, halaka, body.teacher_id),
        now=now,
    )
    _sync(changed)
    return saved_answer("success", _("Halaka updated successfully"), halaka_id, request.user, planned)


@router.delete("/{uuid:halaka_id}", response=DoneAnswer)
@allowed(teaches_halaka)
def end(request: ApiRequest, halaka_id: UUID) -> DoneAnswer:
    """Stop a circle; its coming sessions are cancelled, its past stays."""
    halaka = services.end_halaka(halaka_id=halaka_id, now=timezone.now())
    for part in halaka.parts.all():
        sync_now(part.meeting_id)
    return done_answer("success", _("Halaka deleted successfully"))


@router.post("/{uuid:halaka_id}/reopen", response=HalakaAnswer)
@allowed(teaches_halaka)
def reopen(request: ApiRequest, halaka_id: UUID) -> HalakaAnswer:
    """
    Go on with an ended circle, with the people who were in it. What was cancelled stays so: the next `PATCH`, also an empty
    one, plans the days that are left of its schedule. Safe to repeat.
    """
    services.reopen_halaka(halaka_id=halaka_id)
    return answer(
        "success", _("Open again. Cancelled meetings stay cancelled; plan new ones."), halaka_id, request.user
    )


@router.patch("/{uuid:halaka_id}/sittings/{uuid:occurrence_id}", response=HalakaAnswer)
@allowed(teaches_halaka)
def change_occurrence(request: ApiRequest, halaka_id: UUID, occurrence_id: UUID, body: OccurrencePatch) -> HalakaAnswer:
    """
    Cancel one session, hold it at another time or in another place (`location`), or let another teacher hold it (`teacherId`;
    null gives it back to the circle's own); the others stay. 400 `teacher_busy` names the clash.
    """
    found = Occurrence.objects.filter(pk=occurrence_id, meeting__halaka_part__halaka=halaka_id)
    occurrence = found.select_related("meeting__teacher").first()
    if occurrence is None:
        raise NotThere(_("This circle has no such session."))
    now = timezone.now()
    if body.cancelled:
        occurrences.cancel_occurrence(occurrence_id=occurrence.pk, reason=body.reason, now=now)
    else:
        occurrences.change_occurrence(
            occurrence_id=occurrence.pk,
            starts_at=body.start_time,
            duration_minutes=body.duration,
            teacher=_who_holds(body, occurrence),
            location=body.location,
            now=now,
        )
    sync_now(occurrence.meeting_id)
    return answer("success", _("Session updated successfully"), halaka_id, request.user)


@router.post("/{uuid:halaka_id}/join", response=HalakaAnswer | DoneAnswer)
@allowed(is_student, for_wards=True)
def join(request: ApiRequest, halaka_id: UUID) -> HalakaAnswer | DoneAnswer:
    """Take a place in a circle, or one in its waiting list when it is full."""
    has_place = services.join_halaka(halaka_id=halaka_id, student=request.user)
    if not has_place:
        return done_answer("waiting", _("The circle is full; you are on the waiting list"))
    return answer("joined", _("Joined successfully"), halaka_id, request.user)


@router.post("/{uuid:halaka_id}/leave", response=DoneAnswer)
@allowed(is_student, for_wards=True)
def leave(request: ApiRequest, halaka_id: UUID) -> DoneAnswer:
    """Give up a place, or one in the waiting list."""
    services.leave_halaka(halaka_id=halaka_id, student=request.user)
    return done_answer("success", _("Left successfully"))


@router.get("/{uuid:halaka_id}/students", response=HalakaStudentsAnswer)
@allowed(teaches_halaka)
def list_students(request: ApiRequest, halaka_id: UUID, page: Query[PageQuery]) -> HalakaStudentsAnswer:
    """Who is in the circle, in the order they joined, and who waits for a place."""
    halaka = Halaka.objects.get(pk=halaka_id)
    found = paginate(Membership.objects.filter(group=halaka.group_id).select_related("user"), page, by="created_at")
    waiting = WaitingStudent.objects.filter(group=halaka.group_id).select_related("student")
    data = HalakaStudents(
        students=[describe_person(row.user) for row in found.items],
        waiting=[describe_person(row.student) for row in waiting],
        next_cursor=found.next_cursor,
    )
    return HalakaStudentsAnswer(status="success", message="", data=data)


@router.post("/{uuid:halaka_id}/students", response={201: HalakaAnswer})
@allowed(teaches_halaka)
@idempotent
def add_students(request: ApiRequest, halaka_id: UUID, body: ComingStudentsIn) -> HalakaAnswer:
    """Put students into the circle, all or none; where places are too few, `when_full` says what becomes of the rest."""
    students = people_named(ids=body.student_ids, emails=body.emails)
    services.add_students(halaka_id=halaka_id, students=students, when_full=body.when_full)
    return answer("created", _("Students added successfully"), halaka_id, request.user)


def _sync(halaka: Halaka) -> None:
    """Bring the meeting that is entered next to Zoom now; the others follow by their jobs."""
    rows = circle_occurrences(halaka)
    meeting = meeting_at(rows, now=timezone.now()) or next((row.meeting for row in rows), None)
    if meeting is not None:
        sync_now(meeting.pk)


def _teacher(user: User, teacher_id: UUID | None) -> User:
    if teacher_id is None or teacher_id == user.pk:
        return user
    if not user.is_admin:
        raise NotAllowed(_("Only admins can create a circle for somebody else."))
    (teacher,) = people_named(ids=[teacher_id])
    return teacher


def _new_teacher(user: User, halaka: Halaka, teacher_id: UUID | None) -> User | None:
    """Return who teaches a circle from now on, None when that stays."""
    if teacher_id is None or teacher_id == halaka.teacher_id:
        return None
    if not user.is_admin:
        raise NotAllowed(_("Only admins can give a circle to another teacher."))
    (teacher,) = people_named(ids=[teacher_id])
    return teacher


def _who_holds(body: OccurrencePatch, occurrence: Occurrence) -> User | None:
    """Return the teacher a session is given to, None to leave that as it is."""
    if "teacher_id" not in body.model_fields_set:
        return None
    if body.teacher_id is None:
        return occurrence.meeting.teacher
    (teacher,) = people_named(ids=[body.teacher_id])
    return teacher


def _schedule(body: HalakaPatch, halaka: Halaka) -> dict[str, Any]:
    """Return what changes of the pattern."""
    given = {
        "start_date": body.start_date,
        "end_date": body.end_date,
        "weekdays": None if body.days is None else _days(body.days),
        "frequency": None if body.frequency is None else Frequency(body.frequency),
        "start_time": None if body.start_time is None else body.start_time.replace(tzinfo=None),
        "duration_minutes": body.duration,
        "timezone": body.timezone,
        "excluded": None if body.except_ is None else _dates(body.except_),
        "periods": None if body.periods is None else _periods(body.periods, body.duration or halaka.duration_minutes),
    }
    return {name: value for name, value in given.items() if value is not None}


def _periods(given: list[PeriodIn], usual_minutes: int) -> tuple[Period, ...]:
    periods = [
        Period(
            name=one.name,
            first_day=one.from_,
            last_day=one.until,
            start_time=one.start_time.replace(tzinfo=None),
            duration_minutes=one.duration or usual_minutes,
        )
        for one in given
    ]
    return tuple(sorted(periods))


def _dates(dates: list[date]) -> tuple[date, ...]:
    return tuple(sorted(set(dates)))


def _days(days: Any) -> tuple[int, ...]:
    return tuple(sorted(set(days)))
