"""The live board: who is here, who is missing, who is unknown, and what its teacher does about it."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.errors import DomainError, NotThere
from classbell.meetings.attendance.rules import excused_in, rules_at
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus, Participation
from classbell.meetings.permissions import can_keep_attendance_of, keeps_attendance
from classbell.meetings.presence.board import live_board
from classbell.meetings.presence.identity import forget_match, match_person, say_nobody
from classbell.notices import nudges
from classbell.web.attendance.presenters.live_board import present_board
from classbell.web.attendance.views.attendance import kept_occurrence, uuid_or_none
from classbell.web.kit.requests import PersonRequest

SECONDS_BETWEEN_LOOKS = 5
NOTHING_NEW = 204
# In place of a person, for a participant who is nobody of ours.
NOBODY = "nobody"


@require_safe
@allowed(keeps_attendance)
def board(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher, the teachers of its class, and admins. Renews itself, and only when there is something new."""
    meeting, occurrence = kept_occurrence(request, meeting_id)
    context = _context(meeting, occurrence)
    if request.htmx.target == "board" and request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=NOTHING_NEW)
    return _render(request, context)


@require_POST
@allowed(keeps_attendance)
def match(request: PersonRequest, meeting_id: UUID, participation_id: UUID) -> HttpResponse:
    """As `board`: say who an unknown participant is, remembered for the next time, or that it is nobody of ours."""
    stay = _stay(request, meeting_id, participation_id)
    if request.POST.get("person") == NOBODY:
        say_nobody(participation_id=stay.pk)
        messages.success(request, _("%(name)s is nobody of ours in this session.") % {"name": stay.name or "?"})
        return _back(request, stay.occurrence)
    chosen = uuid_or_none(request.POST.get("person", ""))
    person = User.objects.filter(pk=chosen).first() if chosen else None
    if person is None:
        messages.error(request, _("Choose who it is."))
    else:
        match_person(participation_id=stay.pk, user=person, by=request.user)
        names = {"name": stay.name, "person": person.name}
        messages.success(request, _("%(name)s is %(person)s, from now on too.") % names)
    return _back(request, stay.occurrence)


@require_POST
@allowed(keeps_attendance)
def unmatch(request: PersonRequest, meeting_id: UUID, participation_id: UUID) -> HttpResponse:
    """As `board`: take back what was said of who a participant is."""
    stay = _stay(request, meeting_id, participation_id)
    forget_match(participation_id=stay.pk)
    messages.success(request, _("%(name)s is unknown again.") % {"name": stay.name})
    return _back(request, stay.occurrence)


@require_POST
@allowed(keeps_attendance)
def nudge(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """As `board`: tell somebody who is missing, or without a name all of them, that the class has begun."""
    _meeting, occurrence = kept_occurrence(request, meeting_id)
    person = uuid_or_none(request.POST.get("person", ""))
    try:
        told = nudges.nudge(occurrence_id=occurrence.pk, students=[person] if person else None, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _told([student.name for student in told]))
    return _back(request, occurrence)


def _stay(request: PersonRequest, meeting_id: UUID, participation_id: UUID) -> Participation:
    stays = Participation.objects.select_related("occurrence__meeting")
    stay = get_object_or_404(stays, pk=participation_id, occurrence__meeting=meeting_id)
    if not can_keep_attendance_of(request.user, stay.occurrence):
        raise NotThere
    return stay


def _told(names: list[str]) -> str:
    if not names:
        return _("They were told a short while ago.")
    if len(names) == 1:
        return _("%(name)s is told that the session has begun.") % {"name": names[0]}
    words = ngettext("%(count)d student is told.", "%(count)d students are told.", len(names))
    return words % {"count": len(names)}


def _context(meeting: Meeting, occurrence: Occurrence) -> dict[str, object]:
    now = timezone.now()
    late_after = timedelta(minutes=rules_at(meeting.group_id, occurrence.starts_at).policy.late_after_minutes)
    found = live_board(occurrence, now=now)
    seen = present_board(
        found,
        teacher_id=occurrence.teacher_id,
        late_from=max(occurrence.starts_at, occurrence.actual_starts_at or occurrence.starts_at) + late_after,
        nudged=nudges.nudged_at(occurrence.pk),
        may_nudge_again=nudges.PAUSE,
        excused=excused_in(occurrence, {user.pk for user in found.missing}),
        now=now,
    )
    return {
        "meeting": meeting,
        "occurrence": occurrence,
        "board": seen,
        "is_live": occurrence.status == OccurrenceStatus.LIVE,
        "is_over": occurrence.status == OccurrenceStatus.ENDED,
        "is_expected": occurrence.status == OccurrenceStatus.SCHEDULED,
        "may_nudge_all": sum(one.nudged_at is None and not one.is_excused for one in seen.missing) > 1,
        "look_again": SECONDS_BETWEEN_LOOKS,
        "seen": f"{occurrence.status}-{seen.digest}",
    }


def _back(request: PersonRequest, occurrence: Occurrence) -> HttpResponse:
    if request.htmx.target == "board":
        meeting, again = kept_occurrence(request, occurrence.meeting_id)
        return _render(request, _context(meeting, again))
    return redirect(f"{reverse('meeting-board', args=[occurrence.meeting_id])}?occurrence={occurrence.pk}")


def _render(request: PersonRequest, context: dict[str, object]) -> HttpResponse:
    template = "attendance/board.html#board" if request.htmx.target == "board" else "attendance/board.html"
    return render(request, template, context)
