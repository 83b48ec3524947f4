"""Who was there, and what it counts for."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.disclosure import address_of, avatar_of, name_of
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.errors import NotAllowed, NotThere
from classbell.meetings.api.answers import (
    describe_class,
    describe_stay,
    find_recorded_meeting,
    latest_or_next,
    status_of,
)
from classbell.meetings.attendance import services
from classbell.meetings.attendance.reasons import sentence
from classbell.meetings.attendance.schemas import (
    AnswerIn,
    AttendanceAnswer,
    AttendanceOut,
    AttendanceSummary,
    AttendeeOut,
    DifferenceOut,
    ExpectedOut,
    ObjectionIn,
    OccurrenceAttendanceOut,
    OutcomeOut,
    OverrideIn,
    ParticipantsAnswer,
    ParticipantStats,
)
from classbell.meetings.audience import expected_people
from classbell.meetings.models import (
    Attendance,
    Meeting,
    Occurrence,
    OccurrenceOutcome,
    OccurrenceStatus,
    Participation,
)
from classbell.meetings.periods import Difference
from classbell.meetings.permissions import can_keep_attendance_of, keeps_attendance_named
from classbell.meetings.reports.occurrences import people_in
from classbell.meetings.verdicts import AttendanceStatus, OccurrenceResult
from classbell.wire import Word

router = Router()
NOBODY_EXPECTED = "Nobody was expected by name; see participants for who came"
IN_PROGRESS = "Meeting in progress - final attendance will be recorded when meeting ends"


@router.get("/meetings/{meeting_id}/participants", response=ParticipantsAnswer, by_alias=True)
@allowed(keeps_attendance_named)
def participants(request: ApiRequest, meeting_id: str, occurrence: Word | None = None) -> ParticipantsAnswer:
    """
    Everybody who was seen in a meeting, connection by connection, and who was expected. Of a series, the session named by
    `occurrence`, else the one that runs, was last, or comes next.
    """
    now = timezone.now()
    meeting = find_recorded_meeting(request.user, meeting_id)
    row = _kept_occurrence(request.user, meeting, occurrence, now=now)
    stays = list(Participation.objects.filter(occurrence=row).order_by("joined_at", "pk"))
    expected = [user for user in expected_people(meeting) if user.pk not in (meeting.teacher_id, row.teacher_id)]
    seen = people_in(row)
    came = {user.pk for user in expected} & {person.user_id for person in seen}
    total = sum(person.seconds for person in seen)
    return ParticipantsAnswer(
        meeting=OccurrenceAttendanceOut(
            id=meeting.pk,
            title=meeting.title,
            class_=describe_class(meeting),
            start_time=row.starts_at,
            status=status_of(meeting, [row], now=now),
        ),
        participants=[describe_stay(stay, now=now) for stay in stays],
        expected_attendees=[_expected(user, attended=user.pk in came) for user in expected],
        stats=ParticipantStats(
            total_participants=len(seen),
            joined_count=len(came),
            expected_count=len(expected),
            attendance_rate=round(100 * len(came) / len(expected), 1) if expected else 0.0,
            total_duration_seconds=total,
            avg_duration_seconds=round(total / len(seen)) if seen else 0,
        ),
    )


@router.get("/meetings/{meeting_id}/attendance", response=AttendanceAnswer, by_alias=True)
@allowed(signed_in, for_wards=True)
def attendance(request: ApiRequest, meeting_id: str, occurrence: Word | None = None) -> AttendanceAnswer:
    """
    The verdict on each expected person, with its reasons. Students see their own. While the meeting runs there are no
    verdicts yet: `inProgress`, and how many are there.
    """
    now = timezone.now()
    meeting = find_recorded_meeting(request.user, meeting_id)
    row = find_occurrence(meeting, occurrence, user=request.user, now=now)
    records = Attendance.objects.filter(occurrence=row).select_related("user", "overridden_by", "answered_by")
    if not can_keep_attendance_of(request.user, row):
        records = records.filter(user=request.user)
    if row.status == OccurrenceStatus.LIVE:
        here = Participation.objects.filter(occurrence=row, left_at=None).exclude(user=row.teacher_id)
        present = here.exclude(user=None).values("user").distinct().count()
        return AttendanceAnswer(
            summary=_summary([], present=present, total=expected_people(meeting).count()),
            records=[],
            outcome=None,
            message=IN_PROGRESS,
            in_progress=True,
        )
    outcome = OccurrenceOutcome.objects.filter(occurrence=row).first()
    found = list(records.order_by("user__last_name", "user__first_name", "pk"))
    is_open = outcome is not None and outcome.result == OccurrenceResult.HELD and not found
    message = NOBODY_EXPECTED if is_open and not expected_people(meeting).exists() else None
    return AttendanceAnswer(
        summary=_summary(found),
        records=[describe(record, outcome.difference_of(record.user_id) if outcome else None) for record in found],
        outcome=_describe_outcome(outcome) if outcome else None,
        message=message,
        in_progress=False,
    )


@router.patch("/meetings/{meeting_id}/attendance/{uuid:student_id}", response=AttendanceOut)
@allowed(keeps_attendance_named)
def override(
    request: ApiRequest, meeting_id: str, student_id: UUID, body: OverrideIn, occurrence: Word | None = None
) -> AttendanceOut:
    """Let your word stand above the calculated verdict, with a reason; null as `status` lets the verdict count again."""
    now = timezone.now()
    row = _kept_occurrence(request.user, find_recorded_meeting(request.user, meeting_id), occurrence, now=now)
    if body.status is None:
        return _changed(services.lift_override(occurrence_id=row.pk, student_id=student_id))
    return _changed(
        services.override_attendance(
            occurrence_id=row.pk,
            student_id=student_id,
            status=AttendanceStatus(body.status),
            reason=body.reason,
            by=request.user,
            now=now,
        )
    )


@router.post("/meetings/{meeting_id}/attendance/objection", response={201: AttendanceOut})
@allowed(signed_in, for_wards=True)
def objection(request: ApiRequest, meeting_id: str, body: ObjectionIn, occurrence: Word | None = None) -> AttendanceOut:
    """Say that your own attendance is recorded wrongly. Once per session."""
    now = timezone.now()
    row = find_occurrence(find_recorded_meeting(request.user, meeting_id), occurrence, user=request.user, now=now)
    return _changed(services.object_to(occurrence_id=row.pk, student=request.user, objection=body.objection, now=now))


@router.post("/meetings/{meeting_id}/attendance/{uuid:student_id}/answer", response=AttendanceOut)
@allowed(keeps_attendance_named)
def answer(
    request: ApiRequest, meeting_id: str, student_id: UUID, body: AnswerIn, occurrence: Word | None = None
) -> AttendanceOut:
    """Answer a student's objection. To agree, overrule the verdict too."""
    now = timezone.now()
    row = _kept_occurrence(request.user, find_recorded_meeting(request.user, meeting_id), occurrence, now=now)
    return _changed(
        services.answer_objection(
            occurrence_id=row.pk, student_id=student_id, answer=body.answer, by=request.user, now=now
        )
    )


def find_occurrence(meeting: Meeting, occurrence: str | None, *, user: User, now: datetime) -> Occurrence:
    """
    Return the session named by our id or Zoom's; without a name the one that runs, else the last that began, else the next,
    of those that `user` may see.

    Raises NotThere.
    """
    occurrences = list(meeting.occurrences.visible_to(user).order_by("starts_at"))
    found: Occurrence | None
    if occurrence:
        found = next((s for s in occurrences if occurrence in (str(s.pk), s.zoom_occurrence_id)), None)
    else:
        found = latest_or_next(meeting, occurrences, now=now)
    if found is None:
        raise NotThere
    found.meeting = meeting
    return found


def _kept_occurrence(user: User, meeting: Meeting, occurrence: str | None, *, now: datetime) -> Occurrence:
    row = find_occurrence(meeting, occurrence, user=user, now=now)
    if not can_keep_attendance_of(user, row):
        raise NotAllowed
    return row


def _changed(record: Attendance) -> AttendanceOut:
    """Return what a change has made of a record; the status that counts is worked out by the database."""
    changed = Attendance.objects.select_related("user", "overridden_by", "occurrence__outcome").get(pk=record.pk)
    outcome: OccurrenceOutcome | None = getattr(changed.occurrence, "outcome", None)
    return describe(changed, outcome.difference_of(changed.user_id) if outcome else None)


def describe(record: Attendance, difference: Difference[UUID] | None = None) -> AttendanceOut:
    """Return one person's attendance with its reasons in words."""
    return AttendanceOut(
        student_id=record.user_id,
        status=record.status,
        computed_status=record.computed_status,
        student=AttendeeOut(id=record.user_id, name=name_of(record.user), email=address_of(record.user)),
        seconds=record.seconds,
        counted_seconds=record.counted_seconds,
        first_joined_at=record.first_joined_at,
        last_left_at=record.last_left_at,
        source=record.decided_by,
        reasons=[sentence(reason) for reason in record.reasons],
        override_reason=record.override_reason or None,
        overridden_by=record.overridden_by.name if record.overridden_by else None,
        overridden_at=record.overridden_at,
        objection=record.objection or None,
        objected_at=record.objected_at,
        objection_answer=record.objection_answer or None,
        answered_at=record.answered_at,
        difference=DifferenceOut(webhook_seconds=difference.webhook_seconds, report_seconds=difference.report_seconds)
        if difference
        else None,
    )


def _summary(records: list[Attendance], *, present: int | None = None, total: int | None = None) -> AttendanceSummary:
    count = Counter(record.status for record in records)
    return AttendanceSummary(
        total=len(records) if total is None else total,
        present=count["present"] if present is None else present,
        absent=count["absent"],
        partial=count["partial"],
        late=count["late"],
        excused=count["excused"],
        unknown=count["unknown"],
    )


def _describe_outcome(outcome: OccurrenceOutcome) -> OutcomeOut:
    return OutcomeOut(
        result=outcome.result,
        reasons=[sentence(reason) for reason in (*outcome.reasons, *outcome.teacher_reasons)],
        counted_from=outcome.counted_from,
        counted_until=outcome.counted_until,
    )


def _expected(user: User, *, attended: bool) -> ExpectedOut:
    return ExpectedOut(
        id=user.pk,
        name=name_of(user),
        email=address_of(user),
        avatar=avatar_of(user),
        role=user.role,
        attended=attended,
    )
