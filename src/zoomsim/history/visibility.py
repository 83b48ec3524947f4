"""Whose e-mail Zoom shows: that of people in the account, and of outsiders the host already knows by it."""

from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Stay


def shown_email(sim: Simulation, meeting: Meeting, stay: Stay) -> str:
    """Return the e-mail that events and reports show for a stay; empty for strangers."""
    if not stay.email or stay.zoom_user_id or stay.registrant_id:
        return stay.email
    email = stay.email.lower()
    if sim.store.registrant_by_email(meeting.id, email) is not None or email in _named_in_settings(meeting):
        return stay.email
    return ""


def _named_in_settings(meeting: Meeting) -> set[str]:
    """Return the e-mails of invitees, of the exceptions to signing in, and of people assigned to breakout rooms."""
    lists = ("meeting_invitees", "authentication_exception")
    named = {str(item.get("email") or "") for name in lists for item in meeting.settings.get(name, [])}
    for room in meeting.settings.get("breakout_room", {}).get("rooms") or []:
        named |= {str(email) for email in room.get("participants") or []}
    return {email.lower() for email in named if email}
