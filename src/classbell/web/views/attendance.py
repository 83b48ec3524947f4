"""Who is here (while a meeting runs), who was there (afterwards), and what a student finds about themselves."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.errors import DomainError, NotThere
from classbell.meetings import attendance_services as services
from classbell.meetings.api.attendance import find_sitting
from classbell.meetings.board import live_board
from classbell.meetings.identity import match_person
from classbell.meetings.models import (
    Attendance,
    Meeting,
    Occurrence,
    OccurrenceStatus,
    Participation,
    SittingOutcome,
)
from classbell.meetings.permissions import can_keep_attendance_of, keeps_attendance
from classbell.meetings.presence import Period, Stay, StaySource, presence
from classbell.meetings.queries import expected_people
from classbell.meetings.reasons import sentence
from classbell.meetings.verdicts import AttendanceStatus, SittingResult
from classbell.web.requests import PersonRequest
from classbell.web.timeline import Bar, Scale, bars_for, scale_for

SECONDS_BETWEEN_LOOKS = 5
SHOWN_OF_MINE = 60
KINDS = {
    AttendanceStatus.PRESENT: "ok",
    AttendanceStatus.LATE: "wait",
    AttendanceStatus.PARTIAL: "wait",
    AttendanceStatus.ABSENT: "bad",
    AttendanceStatus.UNKNOWN: "off",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One person's attendance as the page shows it: the verdict, its reasons in words, and the strip."""

    record: Attendance
    kind: str
    word: str
    reasons: Sequence[str]
    bars: Sequence[Bar]


@require_safe
@allowed(keeps_attendance)
def board(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher, the teachers of its class, and admins: who is here, who is missing, who is unknown. Renews itself."""
    meeting, sitting = _sitting(request, meeting_id)
    now = timezone.now()
    seen = live_board(sitting, now=now)
    context = {
        "meeting": meeting,
        "sitting": sitting,
        "board": seen,
        "is_live": sitting.status == OccurrenceStatus.LIVE,
        "expected": len(seen.missing) + sum(one.expected for one in (*seen.here, *seen.left)),
        "here_expected": sum(one.expected for one in seen.here),
        "people": seen.missing,
        "look_again": SECONDS_BETWEEN_LOOKS,
        "now": now,
    }
    template = "attendance/board.html#board" if request.htmx.target == "board" else "attendance/board.html"
    return render(request, template, context)


@require_POST
@allowed(keeps_attendance)
def match(request: PersonRequest, meeting_id: UUID, participation_id: UUID) -> HttpResponse:
    """As `board`: say who an unknown participant is; remembered for the next time."""
    stay = get_object_or_404(Participation, pk=participation_id, occurrence__meeting=meeting_id)
    if not can_keep_attendance_of(request.user, stay.occurrence):
        raise NotThere
    chosen = _uuid(request.POST.get("person", ""))
    person = User.objects.filter(pk=chosen).first() if chosen else None
    if person is None:
        messages.error(request, _("Choose who it is."))
    else:
        match_person(participation_id=stay.pk, user=person, by=request.user)
        messages.success(
            request, _("%(name)s is %(person)s, from now on too.") % {"name": stay.name, "person": person.name}
        )
    return redirect(_back(request, meeting_id))


@require_safe
@allowed(keeps_attendance)
def attendance(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """As `board`: the verdicts of one sitting with their reasons, corrections and objections."""
    meeting, sitting = _sitting(request, meeting_id)
    outcome = SittingOutcome.objects.filter(occurrence=sitting).first()
    counted = _counted(sitting, outcome)
    scale = scale_for(counted)
    records = list(
        Attendance.objects.filter(occurrence=sitting)
        .select_related("user", "overridden_by", "answered_by")
        .order_by("user__last_name", "user__first_name", "pk")
    )
    stays = _stays(sitting)
    lines = [_line(record, stays, counted, scale) for record in records]
    context = {
        "meeting": meeting,
        "sitting": sitting,
        "outcome": outcome,
        "is_void": outcome is not None and outcome.result == SittingResult.VOID,
        "outcome_reasons": [sentence(reason) for reason in (*outcome.reasons, *outcome.teacher_reasons)]
        if outcome
        else [],
        "lines": lines,
        "summary": _summary(records),
        "objections": [line for line in lines if line.record.objected_at and not line.record.answered_at],
        "statuses": AttendanceStatus.choices,
        "begins_at": scale.at(counted.starts_at),
        "lasts": round(scale.at(counted.ends_at) - scale.at(counted.starts_at), 2),
        "counted": counted,
        "sittings": _begun(meeting, request.user),
        "expected": expected_people(meeting).count() if not records else len(records),
        "strangers": Participation.objects.filter(occurrence=sitting, user=None).count(),
    }
    return render(request, "attendance/sitting.html", context)


@require_POST
@allowed(keeps_attendance)
def override(request: PersonRequest, meeting_id: UUID, student_id: UUID) -> HttpResponse:
    """As `board`: overrule one verdict with a reason, or let it count again; and answer an objection."""
    _meeting, sitting = _sitting(request, meeting_id)
    now, status = timezone.now(), request.POST.get("status", "")
    try:
        if answer := request.POST.get("answer", "").strip():
            services.answer_objection(
                occurrence_id=sitting.pk, student_id=student_id, answer=answer, by=request.user, now=now
            )
        if status == "calculated":
            services.lift_override(occurrence_id=sitting.pk, student_id=student_id)
        elif status:
            services.override_attendance(
                occurrence_id=sitting.pk,
                student_id=student_id,
                status=AttendanceStatus(status),
                reason=request.POST.get("reason", "") or request.POST.get("answer", ""),
                by=request.user,
                now=now,
            )
        messages.success(request, _("Saved."))
    except DomainError as error:
        messages.error(request, str(error))
    except ValueError as error:
        raise NotThere from error
    return redirect(f"{_back(request, meeting_id)}#person-{student_id}")


@require_safe
@allowed(signed_in)
def mine(request: PersonRequest) -> HttpResponse:
    """Everybody: their own attendance, the latest first, with the reasons, and a way to object."""
    records = list(
        Attendance.objects.filter(user=request.user)
        .select_related("occurrence__meeting", "overridden_by", "answered_by", "user")
        .order_by("-occurrence__starts_at")[:SHOWN_OF_MINE]
    )
    lines = [_plain_line(record) for record in records]
    return render(request, "attendance/mine.html", {"lines": lines, "summary": _summary(records)})


@require_POST
@allowed(signed_in)
def objection(request: PersonRequest, occurrence_id: UUID) -> HttpResponse:
    """Whoever it is about: say that it is wrong."""
    try:
        services.object_to(
            occurrence_id=occurrence_id,
            student=request.user,
            objection=request.POST.get("objection", ""),
            now=timezone.now(),
        )
        messages.success(request, _("Your teacher will look at it and answer you here."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("my-attendance")


def _sitting(request: PersonRequest, meeting_id: UUID) -> tuple[Meeting, Occurrence]:
    """Return the meeting and the sitting named in the address, by default the one that runs or ran last."""
    meeting = get_object_or_404(
        Meeting.objects.visible_to(request.user).select_related("teacher", "group"), pk=meeting_id
    )
    sitting = find_sitting(meeting, request.GET.get("occurrence"), user=request.user, now=timezone.now())
    if not can_keep_attendance_of(request.user, sitting):
        raise NotThere
    return meeting, sitting


def _begun(meeting: Meeting, user: User) -> QuerySet[Occurrence]:
    return meeting.occurrences.visible_to(user).filter(starts_at__lte=timezone.now()).order_by("-starts_at")[:40]


def _counted(sitting: Occurrence, outcome: SittingOutcome | None) -> Period:
    if outcome is not None and outcome.counted_from is not None and outcome.counted_until is not None:
        return Period(starts_at=outcome.counted_from, ends_at=outcome.counted_until)
    return Period(starts_at=sitting.starts_at, ends_at=sitting.ends_at)


def _stays(sitting: Occurrence) -> Mapping[UUID, list[Stay]]:
    stays: dict[UUID, list[Stay]] = defaultdict(list)
    rows = Participation.objects.filter(occurrence=sitting).exclude(user=None)
    for user_id, joined_at, left_at, source in rows.values_list("user_id", "joined_at", "left_at", "source"):
        stays[user_id].append(Stay(joined_at=joined_at, left_at=left_at, source=StaySource(source)))
    return stays


def _line(record: Attendance, stays: Mapping[UUID, list[Stay]], counted: Period, scale: Scale) -> Line:
    stretches = presence(stays.get(record.user_id, []), until=counted.ends_at)
    absent = record.computed_status == AttendanceStatus.ABSENT
    return _plain_line(record, bars_for(stretches, sitting=counted, scale=scale, absent=absent))


def _plain_line(record: Attendance, bars: Sequence[Bar] = ()) -> Line:
    status = AttendanceStatus(record.status)
    return Line(
        record=record,
        kind=KINDS[status],
        word=str(status.label),
        reasons=[sentence(reason) for reason in record.reasons],
        bars=bars,
    )


def _summary(records: Sequence[Attendance]) -> list[tuple[str, str, int]]:
    """Return (shape, word, number) of each status that occurs."""
    counts: dict[AttendanceStatus, int] = defaultdict(int)
    for record in records:
        counts[AttendanceStatus(record.status)] += 1
    return [(KINDS[status], str(status.label), counts[status]) for status in AttendanceStatus if counts[status]]


def _back(request: HttpRequest, meeting_id: UUID) -> str:
    page = "meeting-board" if request.POST.get("from") == "board" else "meeting-attendance"
    occurrence = request.GET.get("occurrence", "")
    return reverse(page, args=[meeting_id]) + (f"?occurrence={_uuid(occurrence)}" if _uuid(occurrence) else "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
