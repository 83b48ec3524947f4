"""Meetings as Zoom shows them: in full, in lists, and in the occurrences of a series."""

from datetime import datetime

from zoomsim.clock import zulu
from zoomsim.meetings.settings import NO_REGISTRATION, shown_settings
from zoomsim.protocol.wire import Json, written
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, MeetingType, Occurrence
from zoomsim.tokens import zak_life

AGENDA_IN_LISTS = 250


def show_meeting(sim: Simulation, meeting: Meeting, *, with_past: bool = False) -> Json:
    """Return the meeting as GET answers it: a series shows its coming sessions, and without a start of its own."""
    host = sim.store.users[meeting.host_id]
    shown: Json = {
        "uuid": meeting.uuid,
        "id": meeting.id,
        "host_id": meeting.host_id,
        "host_email": host.email,
    }
    if meeting.assistant_id:
        shown["assistant_id"] = meeting.assistant_id
    shown |= {
        "topic": meeting.topic,
        "type": meeting.type,
        "status": "started" if meeting.id in sim.store.running else "waiting",
    }
    if meeting.start is not None and meeting.type != MeetingType.RECURRING:
        shown["start_time"] = zulu(meeting.start)
    shown |= {
        "duration": meeting.duration,
        "timezone": meeting.timezone,
        "agenda": meeting.agenda,
        "created_at": zulu(meeting.created_at),
        "start_url": f"{sim.base_url}/s/{_number(sim, meeting)}?zak={sim.tokens.zak(host.id, zak_life(host))}",
        "join_url": join_url(sim, meeting),
        "chat_join_url": f"{sim.base_url}/launch/jc/{meeting.id}",
        "password": meeting.password,
        "h323_password": meeting.pstn_password,
        "pstn_password": meeting.pstn_password,
        "encrypted_password": meeting.encrypted_password,
        "pre_schedule": meeting.pre_schedule,
        "creation_source": "open_api",
        "settings": shown_settings(meeting),
    }
    return shown | _optional(sim, meeting, with_past=with_past)


def show_created(sim: Simulation, meeting: Meeting) -> Json:
    """Return the meeting as its creation answers it: a series with the start of its first session."""
    shown = show_meeting(sim, meeting)
    if meeting.type == MeetingType.RECURRING and (start := listed_start(meeting, sim.now())):
        shown["start_time"] = zulu(start)
    return shown


def show_in_list(sim: Simulation, meeting: Meeting, start: datetime | None = None) -> Json:
    """Return the few fields that lists have; `start` is that of one session, for lists that show each."""
    start = start or (listed_start(meeting, sim.now()) if meeting.occurrences else meeting.start)
    shown: Json = {
        "uuid": meeting.uuid,
        "id": meeting.id,
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.type,
        "duration": meeting.duration,
        "timezone": meeting.timezone,
        "created_at": zulu(meeting.created_at),
        "join_url": join_url(sim, meeting),
    }
    if start is not None:
        shown["start_time"] = zulu(start)
    if meeting.agenda:
        shown["agenda"] = meeting.agenda[:AGENDA_IN_LISTS]
    if meeting.settings.get("use_pmi"):
        shown["pmi"] = str(sim.store.users[meeting.host_id].pmi)
    return shown


def write_in_list(sim: Simulation, meeting: Meeting, start: datetime | None = None) -> bytes:
    """Return the same as JSON. Whoever looks through all meetings does so again, so it is kept until the meeting changes."""
    if meeting.occurrences or meeting.settings.get("use_pmi"):  # These change by themselves, or with their host.
        return written(show_in_list(sim, meeting, start))
    kept = sim.store.written_in_list
    if (row := kept.get(meeting.id)) is None:
        row = kept[meeting.id] = written(show_in_list(sim, meeting))
    return row


def show_occurrence(occurrence: Occurrence) -> Json:
    """Return one session of a series."""
    return {
        "occurrence_id": str(occurrence.id),
        "start_time": zulu(occurrence.start),
        "duration": occurrence.duration,
        "status": "deleted" if occurrence.deleted else "available",
    }


def listed_start(meeting: Meeting, now: datetime) -> datetime | None:
    """Return the start that lists show: for a series that of its first session to come, else of its last."""
    available = [occurrence.start for occurrence in meeting.all_occurrences if not occurrence.deleted]
    if not available:
        return meeting.start
    return min((start for start in available if start > now), default=max(available))


def join_url(sim: Simulation, meeting: Meeting) -> str:
    """Return the link for everybody; on the host's personal id it carries that id, and the meeting's own as `omn`."""
    query = f"?pwd={meeting.encrypted_password}" if meeting.encrypted_password else ""
    if meeting.settings.get("use_pmi"):
        query += f"{'&' if query else '?'}omn={meeting.id}"
    return f"{sim.base_url}/j/{_number(sim, meeting)}{query}"


def _number(sim: Simulation, meeting: Meeting) -> int:
    """Return the number in links: the meeting's, or the host's personal id that it uses."""
    return sim.store.users[meeting.host_id].pmi if meeting.settings.get("use_pmi") else meeting.id


def _optional(sim: Simulation, meeting: Meeting, *, with_past: bool) -> Json:
    """Return what only some meetings have."""
    shown: Json = {}
    if meeting.settings.get("use_pmi"):
        shown["pmi"] = str(sim.store.users[meeting.host_id].pmi)
    if meeting.approval_type != NO_REGISTRATION:
        shown["registration_url"] = f"{sim.base_url}/meeting/register/{meeting.registration_key}"
    if meeting.recurrence is not None:
        now = sim.now()
        shown["recurrence"] = meeting.recurrence
        shown["occurrences"] = [
            show_occurrence(occurrence) for occurrence in meeting.all_occurrences if with_past or occurrence.start > now
        ]
    if meeting.tracking_fields is not None:
        shown["tracking_fields"] = [{**item, "visible": True} for item in meeting.tracking_fields]
    if meeting.template_id:
        shown["template_id"] = meeting.template_id
    return shown
