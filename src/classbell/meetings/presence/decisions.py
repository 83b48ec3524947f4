"""What people say of a run at Zoom: that it was this session, that it was none, or that its time may decide again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import DomainError, NotThere
from classbell.meetings.models import Meeting, MeetingRun, Occurrence
from classbell.meetings.presence import participations, runs, zoom_report


class SessionNotHeld(DomainError):
    """A session that was cancelled, or of another meeting, was no run of this one."""

    code = "session_not_held"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunTold:
    """One run of a meeting and under which names people came, as far as Zoom told."""

    run: MeetingRun
    names: Sequence[str]


def runs_of(meeting: Meeting) -> QuerySet[MeetingRun]:
    """Return the runs that Zoom told of a meeting, the latest first: those of its sessions and those of none."""
    keys = MeetingRun.objects.order_by().values("pk")
    of_meeting = keys.filter(occurrence__meeting=meeting)
    if meeting.zoom_meeting_id:
        # A union: each part has an index, where conditions joined by OR look at every run there is.
        of_meeting = of_meeting.union(keys.filter(zoom_meeting_id=meeting.zoom_meeting_id))
    found = MeetingRun.objects.filter(pk__in=of_meeting, started_at__isnull=False)
    return found.select_related("occurrence", "decided_by").order_by("-started_at", "pk")


def strays_of(meeting: Meeting) -> QuerySet[MeetingRun]:
    """Return the runs of a meeting that belong to no session and of which nobody has said what they were."""
    return runs_of(meeting).filter(occurrence=None, decided_at=None)


def told(meeting: Meeting, *, at_most: int) -> list[RunTold]:
    """Return the latest runs of a meeting with who came. Two statements."""
    latest = list(runs_of(meeting)[:at_most])
    names = participations.names_in([run.zoom_instance_uuid for run in latest])
    return [RunTold(run=run, names=names.get(run.zoom_instance_uuid, [])) for run in latest]


def say(*, meeting: Meeting, run_id: UUID, occurrence_id: UUID | None, by: User, now: datetime) -> MeetingRun:
    """
    Say which session of its meeting a run was, at whatever time, or with None that it was none. The latest word counts.

    The session is judged by it, or as if it had never been; Zoom's report of the run is asked for again.

    Raises NotThere for a run or a session that is none of this meeting's, SessionNotHeld for one that was cancelled.
    """
    with transaction.atomic():
        run = _locked(meeting, run_id)
        occurrence = _session(meeting, occurrence_id) if occurrence_id else None
        before, run.occurrence = run.occurrence_id, occurrence
        run.decided_by, run.decided_at = by, now
        _keep(run, before, now)
    return run


def unsay(*, meeting: Meeting, run_id: UUID, now: datetime) -> MeetingRun:
    """Let the time of a run decide again which session it was, if any. Safe to repeat. Raises NotThere."""
    with transaction.atomic():
        run = _locked(meeting, run_id)
        before, run.decided_by, run.decided_at = run.occurrence_id, None, None
        run.occurrence = runs.occurrence_of(run)
        _keep(run, before, now)
    return run


def _keep(run: MeetingRun, before: UUID | None, now: datetime) -> None:
    run.save(update_fields=["occurrence", "decided_by", "decided_at"])
    runs.put_in_place(run, before)
    if run.occurrence_id is not None and run.occurrence_id != before:
        zoom_report.ask_again(run.occurrence_id, now=now)


def _locked(meeting: Meeting, run_id: UUID) -> MeetingRun:
    if not runs_of(meeting).filter(pk=run_id).exists():
        raise NotThere(_("Zoom told of no such run of this meeting."))
    return MeetingRun.objects.select_for_update().get(pk=run_id)


def _session(meeting: Meeting, occurrence_id: UUID) -> Occurrence:
    occurrence = meeting.occurrences.filter(pk=occurrence_id).first()
    if occurrence is None:
        raise NotThere(_("This meeting has no such session."))
    if occurrence.is_cancelled:
        raise SessionNotHeld(_("This session was cancelled. Choose another, or say that it was no session."))
    return occurrence
