"""Writing a summary: by itself when a run is over, or with the words that a test gives it."""

from collections.abc import Sequence
from datetime import datetime

from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Run, Summary
from zoomsim.summaries import events

FEWEST_PEOPLE = 2


def starts_by_itself(meeting: Meeting) -> bool:
    """Whether a meeting is summed up without anybody asking for it; what is encrypted from end to end cannot be."""
    settings = meeting.settings
    return bool(settings.get("auto_start_meeting_summary")) and settings.get("encryption_type") != "e2ee"


def finish(sim: Simulation, meeting: Meeting, run: Run) -> None:
    """Sum up a run that has ended, if it is to be and people spoke with each other, and announce it."""
    people = list(dict.fromkeys(stay.name for stay in run.stays))
    if starts_by_itself(meeting) and len(people) >= FEWEST_PEOPLE and run.ended_at is not None:
        minutes = max(1, round((run.ended_at - run.started_at).total_seconds() / 60))
        write(
            sim,
            meeting,
            run,
            overview=f"{', '.join(people)} met about {meeting.topic} for {minutes} min.",
            details=[(meeting.topic, f"{people[0]} led through {meeting.topic}.")],
            next_steps=[f"{people[-1]} prepares for the next meeting."],
            at=run.ended_at,
        )


def write(
    sim: Simulation,
    meeting: Meeting,
    run: Run,
    *,
    overview: str,
    details: Sequence[tuple[str, str]],
    next_steps: Sequence[str],
    at: datetime,
) -> Summary:
    """Keep the summary of a run, in place of one that there is, and announce it."""
    before = sim.store.summaries.get(run.uuid)
    summary = Summary(
        uuid=run.uuid,
        meeting_id=meeting.id,
        title=f"Meeting summary for {meeting.topic}",
        overview=overview,
        details=list(details),
        next_steps=list(next_steps),
        created_at=before.created_at if before else at,
        modified_at=at,
    )
    sim.store.save_summary(summary)
    if before is None:
        events.completed(sim, summary)
    else:
        events.updated(sim, summary)
    return summary


def delete(sim: Simulation, summary: Summary) -> None:
    """Take a summary away, and announce it."""
    sim.store.remove_summary(summary)
    events.deleted(sim, summary)
