"""The webhooks about meetings being scheduled: created, updated, deleted, recovered."""

from typing import Any

from zoomsim.clock import milliseconds, zulu
from zoomsim.meetings.settings import DEFAULTS
from zoomsim.meetings.view import join_url, listed_start, show_occurrence
from zoomsim.options import Plan
from zoomsim.protocol.wire import Json
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, MeetingType, Occurrence, UserType


def created(sim: Simulation, meeting: Meeting) -> None:
    """Announce a new meeting."""
    about = describe(sim, meeting) | {
        "join_url": join_url(sim, meeting),
        "password": meeting.password,
        "creation_source": "open_api",
    }
    extra: Json = {}
    use_pmi = meeting.settings.get("use_pmi", False)
    alternative_hosts = meeting.settings.get("alternative_hosts", "")
    settings: Json = {"use_pmi": use_pmi, "alternative_hosts": alternative_hosts}
    if meeting.recurrence is not None:
        extra["operation"] = "all"
        about["occurrences"] = [show_occurrence(occurrence) for occurrence in meeting.all_occurrences]
        about["settings"] = settings
        about["recurrence"] = meeting.recurrence
    else:
        about["settings"] = settings | {
            "join_before_host": meeting.settings.get("join_before_host", False),
            "jbh_time": meeting.settings.get("jbh_time", 0),
            "meeting_invitees": meeting.settings.get("meeting_invitees", []),
        }
    if use_pmi:
        about["pmi"] = str(sim.store.users[meeting.host_id].pmi)
    if meeting.tracking_fields:
        about["tracking_fields"] = meeting.tracking_fields
    _emit(sim, "meeting.created", meeting, {**extra, "object": about})


def updated(sim: Simulation, before: Meeting, after: Meeting) -> None:
    """Announce what changed of a meeting; nothing when nothing did."""
    old, new = _facts(before), _facts(after)
    changed = [name for name in new if new[name] != old.get(name)]
    changed += [name for name in old if name not in new]
    if not changed:
        return
    if "start_time" in changed:
        changed.append("timezone")
    _emit_update(
        sim, after, "all", {name: old.get(name) for name in changed}, {name: new.get(name) for name in changed}
    )


def occurrence_updated(sim: Simulation, meeting: Meeting, before: Occurrence, after: Occurrence) -> None:
    """Announce what changed of one session."""
    if before == after:
        return
    sides = []
    for occurrence in (before, after):
        facts: Json = show_occurrence(occurrence)
        if before.agenda != after.agenda:
            facts["agenda"] = occurrence.agenda or meeting.agenda
        side: Json = {"occurrences": [facts]}
        if before.settings != after.settings:
            side["settings"] = occurrence.settings or {}
        sides.append(side)
    _emit_update(sim, meeting, "single", *sides)


def deleted(sim: Simulation, meeting: Meeting) -> None:
    """Announce that a meeting, or a whole series, is gone."""
    if not _announces_deletions(sim, meeting):
        return
    extra: Json = {"operation": "all"} if meeting.recurrence is not None else {}
    _emit(sim, "meeting.deleted", meeting, {**extra, "object": describe(sim, meeting)})


def occurrence_deleted(sim: Simulation, meeting: Meeting, occurrence: Occurrence) -> None:
    """Announce that one session is gone and the series lives on."""
    if not _announces_deletions(sim, meeting):
        return
    about = describe(sim, meeting) | {"occurrences": [brief_occurrence(occurrence)]}
    _emit(sim, "meeting.deleted", meeting, {"operation": "single", "object": about})


def recovered(sim: Simulation, meeting: Meeting) -> None:
    """Announce that a deletion was undone."""
    _emit(sim, "meeting.recovered", meeting, {"operation": "all", "object": describe(sim, meeting)})


def describe(sim: Simulation, meeting: Meeting) -> Json:
    """Return what every event of a scheduled meeting says about it; the id is a number here."""
    about: Json = {
        "uuid": meeting.uuid,
        "id": meeting.id,
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.type,
    }
    if start := listed_start(meeting, sim.now()):
        about["start_time"] = zulu(start)
    return about | {"duration": meeting.duration, "timezone": meeting.timezone}


def brief_occurrence(occurrence: Occurrence) -> Json:
    """Return a session as deletions and registrations name it."""
    return {"occurrence_id": str(occurrence.id), "start_time": zulu(occurrence.start)}


def operator(sim: Simulation) -> Json:
    """Return who did it: what comes through the API is done in somebody's name."""
    return {"operator": sim.me.email, "operator_id": sim.me.id}


def _announces_deletions(sim: Simulation, meeting: Meeting) -> bool:
    """Whether deletions are told of, which takes a paid account and a licensed host."""
    return sim.options.plan is not Plan.FREE and sim.store.users[meeting.host_id].type == UserType.LICENSED


def _emit(sim: Simulation, event: str, meeting: Meeting, payload: Json) -> None:
    sim.webhooks.emit(event, {**operator(sim), **payload}, at=sim.now(), about=str(meeting.id))


def _emit_update(sim: Simulation, meeting: Meeting, scope: str, old: Json, new: Json) -> None:
    payload = {
        "scope": scope,
        "old_object": {"id": meeting.id, **old},
        "time_stamp": milliseconds(sim.now()),
        "object": {"id": meeting.id, **new},
    }
    _emit(sim, "meeting.updated", meeting, payload)


def _facts(meeting: Meeting) -> dict[str, Any]:
    """Return what an update can change, under Zoom's names."""
    facts: Json = {
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.type,
        "agenda": meeting.agenda,
        "duration": meeting.duration,
        "timezone": meeting.timezone,
        "password": meeting.password,
        "settings": DEFAULTS | meeting.settings,
    }
    if meeting.start is not None and meeting.type != MeetingType.RECURRING:
        facts["start_time"] = zulu(meeting.start)
    if meeting.recurrence is not None:
        facts["recurrence"] = meeting.recurrence
        facts["occurrences"] = [show_occurrence(occurrence) for occurrence in meeting.all_occurrences]
    if meeting.tracking_fields:
        facts["tracking_fields"] = meeting.tracking_fields
    return facts
