"""Summaries as Zoom shows them: whole, and in lists."""

from zoomsim.clock import zulu
from zoomsim.protocol.wire import Json
from zoomsim.simulation import Simulation
from zoomsim.state.models import Summary


def show_in_list(sim: Simulation, summary: Summary) -> Json:
    """Return of what a summary is, and when it was written."""
    meeting, run = sim.store.meetings[summary.meeting_id], sim.store.run(summary.uuid)
    host = sim.store.users[meeting.host_id]
    began = run.started_at if run else summary.created_at
    ended = (run.ended_at if run else None) or summary.created_at
    return {
        "meeting_host_id": host.id,
        "meeting_host_email": host.email,
        "meeting_uuid": summary.uuid,
        "meeting_id": summary.meeting_id,
        "meeting_topic": meeting.topic,
        "meeting_start_time": zulu(began),
        "meeting_end_time": zulu(ended),
        "summary_start_time": zulu(began),
        "summary_end_time": zulu(ended),
        "summary_created_time": zulu(summary.created_at),
        "summary_last_modified_time": zulu(summary.modified_at),
    }


def show(sim: Simulation, summary: Summary) -> Json:
    """Return a summary whole; by whom it was changed last is there once it was."""
    shown = show_in_list(sim, summary) | {
        "summary_title": summary.title,
        "summary_overview": summary.overview,
        "summary_details": [{"label": label, "summary": text} for label, text in summary.details],
        "next_steps": summary.next_steps,
        "summary_content": _content(summary),
    }
    if summary.modified_at != summary.created_at:
        shown["summary_last_modified_user_id"] = shown["meeting_host_id"]
        shown["summary_last_modified_user_email"] = shown["meeting_host_email"]
    return shown


def _content(summary: Summary) -> str:
    """Return it as one text in Markdown, as newer programs read it."""
    parts = [f"## Quick recap\n{summary.overview}"]
    if summary.next_steps:
        parts.append("## Next steps\n" + "\n".join(f"- {step}" for step in summary.next_steps))
    if summary.details:
        parts.append("## Summary\n" + "\n\n".join(f"### {label}\n{text}" for label, text in summary.details))
    return "\n\n".join(parts)
