"""What Zoom told of a meeting: which session each run was, said by its time or by a person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.permissions import allowed
from classbell.errors import DomainError
from classbell.meetings.models import Meeting, MeetingRun
from classbell.meetings.permissions import keeps_all_attendance
from classbell.meetings.presence import decisions
from classbell.web.attendance.views.attendance import uuid_or_none
from classbell.web.kit.labels import listed
from classbell.web.kit.requests import PersonRequest

SHOWN = 50
NEAREST_SESSIONS = 12
# What the form says in place of a session.
NONE, BY_TIME = "none", "time"


@require_safe
@allowed(keeps_all_attendance)
def runs(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher, the teachers of its class, and admins."""
    meeting = _meeting(request, meeting_id)
    sessions = list(meeting.occurrences.taking_place().order_by("starts_at"))
    lines = [
        {
            "run": one.run,
            "names": listed(one.names),
            "choices": sorted(
                sorted(
                    sessions, key=lambda session: abs(session.starts_at - (one.run.started_at or session.starts_at))
                )[:NEAREST_SESSIONS],
                key=lambda session: session.starts_at,
            ),
        }
        for one in decisions.told(meeting, at_most=SHOWN)
    ]
    return render(request, "meetings/runs.html", {"meeting": meeting, "lines": lines, "none": NONE, "by_time": BY_TIME})


@require_POST
@allowed(keeps_all_attendance)
def decide(request: PersonRequest, meeting_id: UUID, run_id: UUID) -> HttpResponse:
    """As `runs`: say which session a run was, that it was none, or let its time decide again."""
    meeting, chosen, now = _meeting(request, meeting_id), request.POST.get("session", ""), timezone.now()
    session = uuid_or_none(chosen)
    try:
        if chosen == BY_TIME:
            run = decisions.unsay(meeting=meeting, run_id=run_id, now=now)
            messages.success(request, _("Its time decides again."))
        elif session or chosen == NONE:
            run = decisions.say(meeting=meeting, run_id=run_id, occurrence_id=session, by=request.user, now=now)
            messages.success(request, _said(run))
        else:
            messages.error(request, _("Choose which session it was."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("meeting-runs", meeting_id=meeting_id)


def _said(run: MeetingRun) -> str:
    if run.occurrence_id is None:
        return _("It counts as no session.")
    return _("It counts as that session. Attendance follows in a moment.")


def _meeting(request: PersonRequest, meeting_id: UUID) -> Meeting:
    return get_object_or_404(Meeting.objects.visible_to(request.user), pk=meeting_id)
