"""Runs at Zoom: which session each was, and what people say of that."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed
from classbell.meetings.api.answers import find_recorded_meeting
from classbell.meetings.models import MeetingRun
from classbell.meetings.permissions import keeps_all_attendance_named
from classbell.meetings.presence import decisions
from classbell.wire import Input, Output

router = Router()
MOST_RUNS = 200


class RunOut(Output):
    """One run. `occurrence_id` null: it was no session; `decided_by` null: nobody said so, its time did."""

    id: UUID
    started_at: datetime | None
    ended_at: datetime | None
    occurrence_id: UUID | None
    decided_by: str | None
    decided_at: datetime | None


class ToldRunOut(RunOut):
    """`names` are those under which people came, as long as Zoom's events are kept."""

    names: list[str]


class RunsOut(Output):
    """Runs, the latest first."""

    runs: list[ToldRunOut]


class WhichSession(Input):
    """The session that the run was, null for none."""

    occurrence_id: UUID | None


@router.get("/meetings/{meeting_id}/runs", response=RunsOut)
@allowed(keeps_all_attendance_named)
def runs(request: ApiRequest, meeting_id: str) -> RunsOut:
    """The latest 200 runs that Zoom told of a meeting, those of its sessions and those of none."""
    told = decisions.told(find_recorded_meeting(request.user, meeting_id), at_most=MOST_RUNS)
    return RunsOut(runs=[ToldRunOut(**dict(_described(one.run)), names=list(one.names)) for one in told])


@router.put("/meetings/{meeting_id}/runs/{uuid:run_id}/occurrence", response=RunOut)
@allowed(keeps_all_attendance_named)
def say(request: ApiRequest, meeting_id: str, run_id: UUID, body: WhichSession) -> RunOut:
    """
    Say which session of the meeting a run was, at whatever time it was, or that it was none. The session is judged by it,
    or as if it had never been. The latest word counts; 400 for a session that was cancelled.
    """
    meeting = find_recorded_meeting(request.user, meeting_id)
    return _described(
        decisions.say(
            meeting=meeting, run_id=run_id, occurrence_id=body.occurrence_id, by=request.user, now=timezone.now()
        )
    )


@router.delete("/meetings/{meeting_id}/runs/{uuid:run_id}/occurrence", response=RunOut)
@allowed(keeps_all_attendance_named)
def unsay(request: ApiRequest, meeting_id: str, run_id: UUID) -> RunOut:
    """Take back what was said of a run: its time decides again which session it was, if any."""
    meeting = find_recorded_meeting(request.user, meeting_id)
    return _described(decisions.unsay(meeting=meeting, run_id=run_id, now=timezone.now()))


def _described(run: MeetingRun) -> RunOut:
    return RunOut(
        id=run.pk,
        started_at=run.started_at,
        ended_at=run.ended_at,
        occurrence_id=run.occurrence_id,
        decided_by=run.decided_by.name if run.decided_by else None,
        decided_at=run.decided_at,
    )
