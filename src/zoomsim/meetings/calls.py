"""The calls of `/users/{userId}/meetings` and `/meetings/{meetingId}`."""

from urllib.parse import quote

from zoomsim.call import Call
from zoomsim.clock import zulu
from zoomsim.lookup import find_meeting, find_user
from zoomsim.meetings import scheduling
from zoomsim.meetings.input import read_meeting
from zoomsim.meetings.invitation import invitation_text
from zoomsim.meetings.listing import list_page, upcoming_day
from zoomsim.meetings.view import join_url, show_created, show_meeting
from zoomsim.protocol.errors import refused
from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Answer

MAX_INVITE_LINKS = 500
MAX_INVITE_LIFE_S = 7_776_000


def create(call: Call) -> Answer:
    """Schedule a meeting."""
    user = find_user(call.sim, call["userId"])
    call.sim.limits.count_write(user.id)
    wanted = read_meeting(call.body(), call.sim.store, timezone=user.timezone, creating=True)
    return Answer(201, show_created(call.sim, scheduling.create_meeting(call.sim, user, wanted)))


def list_of_user(call: Call) -> Answer:
    """List a user's meetings."""
    return Answer(200, list_page(call, find_user(call.sim, call["userId"])))


def upcoming(call: Call) -> Answer:
    """List the meetings of the coming 24 hours, not in pages."""
    meetings = upcoming_day(call, find_user(call.sim, call["userId"]))
    return Answer(200, {"total_records": len(meetings), "meetings": meetings})


def get(call: Call) -> Answer:
    """Show a meeting."""
    meeting = find_meeting(call.sim, call["meetingId"])
    shown = show_meeting(call.sim, meeting, with_past=call.flag("show_previous_occurrences"))
    if occurrence_id := call.query.get("occurrence_id"):
        occurrence = meeting.occurrence(occurrence_id)
        if occurrence is None:
            raise refused(f"Invalid occurrence_id: {occurrence_id}.")
        shown |= {"start_time": zulu(occurrence.start), "duration": occurrence.duration}
        shown["agenda"] = occurrence.agenda if occurrence.agenda is not None else shown["agenda"]
        shown["settings"] |= occurrence.settings or {}
    return Answer(200, shown)


def update(call: Call) -> Answer:
    """Change a meeting, a series, or one session."""
    meeting = find_meeting(call.sim, call["meetingId"])
    call.sim.limits.count_write(meeting.host_id)
    wanted = read_meeting(call.body(), call.sim.store, timezone=meeting.timezone, creating=False)
    if occurrence_id := call.query.get("occurrence_id"):
        scheduling.change_occurrence(call.sim, meeting, occurrence_id, wanted)
    else:
        scheduling.change_meeting(call.sim, meeting, wanted)
    return Answer(204)


def delete(call: Call) -> Answer:
    """Delete a meeting, a series, or one session."""
    meeting = find_meeting(call.sim, call["meetingId"])
    if occurrence_id := call.query.get("occurrence_id"):
        scheduling.delete_occurrence(call.sim, meeting, occurrence_id)
    else:
        scheduling.delete_meeting(call.sim, meeting)
    return Answer(204)


def invitation(call: Call) -> Answer:
    """Return the text that invites people."""
    meeting = find_meeting(call.sim, call["meetingId"])
    return Answer(200, {"invitation": invitation_text(call.sim, meeting), "sip_links": []})


def invite_links(call: Call) -> Answer:
    """Make a link for each name."""
    meeting = find_meeting(call.sim, call["meetingId"])
    reader = Reader(call.body())
    attendees = reader.objects("attendees", most=MAX_INVITE_LINKS, required=True)
    reader.integer("ttl", low=0, high=MAX_INVITE_LIFE_S)
    if not attendees and not reader.errors:
        reader.refuse("attendees")
    names = []
    for index, item in enumerate(attendees):
        one = Reader(item, f"attendees[{index}].")
        names.append(one.text("name", longest=64, required=True) or "")
        reader.errors += one.errors
    reader.raise_errors()
    link = join_url(call.sim, meeting)
    return Answer(201, {"attendees": [{"name": name, "join_url": _named(link, name)} for name in names]})


def caption_token(call: Call) -> Answer:
    """Give the address that takes live captions; nothing that is sent there is shown."""
    meeting = find_meeting(call.sim, call["meetingId"])
    return Answer(200, {"token": f"{call.sim.base_url}/closedcaption?id={meeting.id}&key={meeting.registration_key}"})


def _named(link: str, name: str) -> str:
    return f"{link}{'&' if '?' in link else '?'}uname={quote(name)}"
