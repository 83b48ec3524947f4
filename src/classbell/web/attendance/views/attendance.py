"""Who was there, why it counts so, and what a student finds about themselves. While it runs: `board`."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.errors import DomainError, NotThere
from classbell.meetings.api.attendance import find_occurrence
from classbell.meetings.attendance import services
from classbell.meetings.attendance.reasons import sentence
from classbell.meetings.joining.clicks import first_presses
from classbell.meetings.judging.inputs import Policy
from classbell.meetings.models import (
    Attendance,
    MatchedBy,
    Meeting,
    Occurrence,
    OccurrenceOutcome,
    OccurrenceStatus,
    Participation,
)
from classbell.meetings.permissions import can_keep_attendance, can_keep_attendance_of, keeps_attendance
from classbell.meetings.presence.decisions import strays_of
from classbell.meetings.reports.occurrences import people_in
from classbell.meetings.verdicts import AttendanceStatus, OccurrenceResult
from classbell.web.attendance.labels import missing_report_in_words, rules_in_words
from classbell.web.attendance.presenters.attendance import counted_part, counts_of, lines_of
from classbell.web.kit.charts.timeline import scale_for
from classbell.web.kit.requests import PersonRequest, typed_text
from classbell.web.recordings.presenters import recordings_of

SHOWN_OF_MINE = 60
SHOWN_OCCURRENCES = 40


@require_safe
@allowed(keeps_attendance)
def attendance(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """As `board`: the verdicts of one session with their reasons, corrections and objections."""
    meeting, occurrence = kept_occurrence(request, meeting_id)
    context: dict[str, object] = {
        "meeting": meeting,
        "occurrence": occurrence,
        "occurrences": _begun(meeting, request.user),
    }
    if can_keep_attendance(request.user, meeting):
        context["strays"] = strays_of(meeting).count()
    context |= recordings_of(meeting, request.user, now=timezone.now(), occurrence=occurrence)
    return render(request, "attendance/occurrence.html", context | _occurrence_context(occurrence, request.user))


@require_POST
@allowed(keeps_attendance)
def override(request: PersonRequest, meeting_id: UUID, student_id: UUID) -> HttpResponse:
    """As `board`: overrule one verdict with a reason, or let it count again; and answer an objection."""
    _meeting, occurrence = kept_occurrence(request, meeting_id)
    now, status, said = timezone.now(), request.POST.get("status", ""), _("Your answer is kept.")
    try:
        if answer := typed_text(request, "answer"):
            services.answer_objection(
                occurrence_id=occurrence.pk, student_id=student_id, answer=answer, by=request.user, now=now
            )
        if status == "calculated":
            record = services.lift_override(occurrence_id=occurrence.pk, student_id=student_id)
            said = _("%(name)s counts as calculated again.") % {"name": record.user.name}
        elif status:
            record = services.override_attendance(
                occurrence_id=occurrence.pk,
                student_id=student_id,
                status=AttendanceStatus(status),
                reason=typed_text(request, "reason") or typed_text(request, "answer"),
                by=request.user,
                now=now,
            )
            names = {"name": record.user.name, "status": AttendanceStatus(status).label}
            said = _("%(name)s counts as: %(status)s.") % names
    except DomainError as error:
        messages.error(request, str(error))
    except ValueError as error:
        raise NotThere from error
    else:
        messages.success(request, said)
    if request.htmx.target == f"person-{student_id}":
        return _changed_line(request, occurrence, student_id)
    page = reverse("meeting-attendance", args=[meeting_id])
    return redirect(f"{page}?occurrence={occurrence.pk}#person-{student_id}")


@require_safe
@allowed(signed_in, for_wards=True)
def mine(request: PersonRequest) -> HttpResponse:
    """Everybody: their own attendance, the latest first, with the reasons, and a way to object."""
    records = list(
        Attendance.objects.filter(user=request.user)
        .select_related("occurrence__meeting", "overridden_by", "answered_by", "user")
        .order_by("-occurrence__starts_at")[:SHOWN_OF_MINE]
    )
    outcomes = OccurrenceOutcome.objects.in_bulk({record.occurrence_id for record in records})
    context = {"lines": lines_of(records, outcomes), "summary": counts_of(records)}
    return render(request, "attendance/mine.html", context)


@require_POST
@allowed(signed_in, for_wards=True)
def objection(request: PersonRequest, occurrence_id: UUID) -> HttpResponse:
    """Whoever it is about: say that it is wrong."""
    try:
        services.object_to(
            occurrence_id=occurrence_id,
            student=request.user,
            objection=typed_text(request, "objection"),
            now=timezone.now(),
        )
        messages.success(request, _("The teacher will look at it and answer here."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("my-attendance")


def kept_occurrence(request: PersonRequest, meeting_id: UUID) -> tuple[Meeting, Occurrence]:
    """Return the meeting and the session named in the address, by default the one that runs or ran last."""
    meeting = get_object_or_404(
        Meeting.objects.visible_to(request.user).select_related("teacher", "group"), pk=meeting_id
    )
    occurrence = find_occurrence(meeting, request.GET.get("occurrence"), user=request.user, now=timezone.now())
    if not can_keep_attendance_of(request.user, occurrence):
        raise NotThere
    return meeting, occurrence


def uuid_or_none(text: str) -> UUID | None:
    """Return an id that a form or an address gave, None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _begun(meeting: Meeting, user: User) -> QuerySet[Occurrence]:
    begun = meeting.occurrences.visible_to(user).filter(starts_at__lte=timezone.now())
    return begun.order_by("-starts_at")[:SHOWN_OCCURRENCES]


def _records(occurrence: Occurrence) -> list[Attendance]:
    """Return the records in the order in which people look for names, as on the board."""
    records = Attendance.objects.filter(occurrence=occurrence)
    related = records.select_related("user", "occurrence", "overridden_by", "answered_by")
    return sorted(related, key=lambda record: (record.user.name.casefold(), record.pk))


def _occurrence_context(occurrence: Occurrence, user: User) -> dict[str, object]:
    outcome = OccurrenceOutcome.objects.filter(occurrence=occurrence).first()
    counted, records = counted_part(occurrence, outcome), _records(occurrence)
    scale = scale_for(counted)
    lines = lines_of(records, {occurrence.pk: outcome} if outcome else {}, presses=first_presses(occurrence))
    # The strips are turned by the style sheet in languages that run from right to left; words cannot be.
    first_x, last_x = (
        (100 - x if get_language_bidi() else x) for x in map(scale.at, (counted.starts_at, counted.ends_at))
    )
    return {
        "outcome": outcome,
        "rules": rules_in_words(Policy(**outcome.policy)) if outcome and outcome.policy else [],
        "is_void": outcome is not None and outcome.result == OccurrenceResult.VOID,
        "is_live": occurrence.status == OccurrenceStatus.LIVE,
        "outcome_reasons": [sentence(reason) for reason in (*outcome.reasons, *outcome.teacher_reasons)]
        if outcome
        else [],
        "missing_report": missing_report_in_words(occurrence, for_admin=user.is_admin),
        "lines": lines,
        "summary": counts_of(records),
        "disagreements": sum(bool(line.difference) for line in lines),
        "objections": [line for line in lines if line.record.objected_at and not line.record.answered_at],
        "choices": _choices(was_there=occurrence.teacher_id == user.pk),
        "counted": counted,
        "first_x": round(first_x, 2),
        "last_x": round(last_x, 2),
        "came": _came(occurrence) if outcome and not records else [],
        "strangers": Participation.objects.filter(occurrence=occurrence, user=None)
        .exclude(matched_by=MatchedBy.NOBODY)
        .count(),
    }


def _came(occurrence: Occurrence) -> list[tuple[str, int]]:
    """Return who was there of those we know, and for how many minutes: for ended sessions that expect nobody by name."""
    seen = [person for person in people_in(occurrence) if person.user_id and person.user_id != occurrence.teacher_id]
    names = User.objects.in_bulk([person.user_id for person in seen if person.user_id])
    return [(names[person.user_id].name, person.seconds // 60) for person in seen if person.user_id]


def _changed_line(request: PersonRequest, occurrence: Occurrence, student_id: UUID) -> HttpResponse:
    """Answer with one person's line and with the counts, which may have changed with it."""
    outcome = OccurrenceOutcome.objects.filter(occurrence=occurrence).first()
    records = _records(occurrence)
    theirs = [record for record in records if record.user_id == student_id]
    if not theirs:
        raise NotThere
    (line,) = lines_of(theirs, {occurrence.pk: outcome} if outcome else {}, presses=first_presses(occurrence))
    context = {
        "line": line,
        "meeting": occurrence.meeting,
        "occurrence": occurrence,
        "summary": counts_of(records),
        "choices": _choices(was_there=occurrence.teacher_id == request.user.pk),
    }
    return render(request, "attendance/changed.html", context)


def _choices(*, was_there: bool) -> list[tuple[AttendanceStatus, str, str]]:
    """
    Return (status, the letter that chooses it, what a person means who chooses it and says no more). Only who held the
    session has seen anybody; others have to say what they rest it on.
    """
    choices = [
        (AttendanceStatus.PRESENT, "P", _("I saw them there.")),
        (AttendanceStatus.LATE, "L", _("I saw them come late.")),
        (AttendanceStatus.PARTIAL, "T", _("I saw them there for a part of it.")),
        (AttendanceStatus.ABSENT, "A", _("They were not there.")),
        (AttendanceStatus.EXCUSED, "E", _("They had told me that they would be away.")),
        (AttendanceStatus.UNKNOWN, "U", _("I cannot say.")),
    ]
    return choices if was_there else [(status, key, "") for status, key, _meaning in choices]
