"""The text that a host pastes into a mail."""

from zoneinfo import ZoneInfo

from zoomsim.meetings.view import join_url, listed_start
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting


def invitation_text(sim: Simulation, meeting: Meeting) -> str:
    """Return the invitation, with the time in the meeting's own zone."""
    host = sim.store.users[meeting.host_id]
    lines = [f"{host.display_name} is inviting you to a scheduled Zoom meeting.", "", f"Topic: {meeting.topic}"]
    if start := listed_start(meeting, sim.now()):
        local = start.astimezone(ZoneInfo(meeting.timezone))
        lines.append(f"Time: {local:%b %d, %Y %I:%M %p} {meeting.timezone}")
    if meeting.recurrence is not None:
        lines.append(
            f"        {len([occurrence for occurrence in meeting.all_occurrences if not occurrence.deleted])} occurrence(s)"
        )
    lines += ["", "Join Zoom Meeting", join_url(sim, meeting), "", f"Meeting ID: {_spaced(meeting.id)}"]
    if meeting.password:
        lines.append(f"Passcode: {meeting.password}")
    return "\r\n".join(lines) + "\r\n"


def _spaced(number: int) -> str:
    digits = str(number)
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
