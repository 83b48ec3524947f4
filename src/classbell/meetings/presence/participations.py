"""Writes who was in a run: from the events of its connections, or from Zoom's report."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from classbell.meetings.models import MatchedBy, MeetingRun, Occurrence, Participation, WebhookEvent
from classbell.meetings.periods import StaySource
from classbell.meetings.presence import identity
from classbell.meetings.presence.stays import pair_stays
from classbell.zoom.events import ROOM_FACTS, Event, RoomFact, RoomParticipant

ABOUT_PEOPLE: Final = [name for name, fact in ROOM_FACTS.items() if fact in (RoomFact.JOINED, RoomFact.LEFT)]
WRITTEN: Final = [
    "occurrence",
    "zoom_user_id",
    "name",
    "email",
    "registrant_id",
    "customer_key",
    "phone",
    "left_at",
    "leave_reason",
    "user",
    "matched_by",
]


@dataclass(slots=True)
class _Connection:
    """What all events of one connection say together; of who it is, the latest that says anything."""

    joins: set[datetime] = field(default_factory=set)
    leaves: dict[datetime, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    phone: bool = False

    def hear(self, event: Event, participant: RoomParticipant) -> None:
        """Add what one event says."""
        moment = participant.moment or event.happened_at
        if moment is None:
            return
        if event.fact is RoomFact.JOINED:
            self.joins.add(moment)
        else:
            self.leaves[moment] = participant.reason or self.leaves.get(moment, "")
        self.phone |= bool(participant.phone_number)
        said = {
            "zoom_user_id": participant.zoom_user_id,
            "name": participant.name,
            "email": participant.email,
            "registrant_id": participant.registrant_id,
            "customer_key": participant.customer_key,
        }
        self.shown |= {name: value for name, value in said.items() if value}


def write_heard(run: MeetingRun, occurrence: Occurrence, connections: Collection[str] | None) -> None:
    """Make the stays of some connections of a run, or of all, what its events say. A few statements, for any number."""
    if connections is not None and not connections:
        return
    families = _families(run)
    if connections is not None:
        connections = _with_families(connections, families)
    rows = [
        Participation(
            zoom_instance_uuid=run.zoom_instance_uuid,
            connection=name,
            phone=heard.phone,
            joined_at=stay.joined_at,
            left_at=stay.left_at,
            leave_reason=heard.leaves.get(stay.left_at, "") if stay.left_at else "",
            source=StaySource.WEBHOOK,
            **heard.shown,
        )
        for name, heard in _heard(run, connections, families).items()
        for stay in pair_stays(heard.joins, heard.leaves, run.ended_at)
    ]
    write_stays(run, occurrence, rows, source=StaySource.WEBHOOK, connections=connections)


def write_stays(
    run: MeetingRun,
    occurrence: Occurrence,
    rows: Sequence[Participation],
    *,
    source: StaySource,
    connections: Collection[str] | None = None,
) -> None:
    """
    Make these the stays of a run that `source` tells of, or only of some of its connections, and say whose they are.

    What a person said about who somebody is stays. Rows that are there already keep their ids. Needs a transaction.
    """
    there = Participation.objects.filter(zoom_instance_uuid=run.zoom_instance_uuid, source=source)
    if connections is not None:
        there = there.filter(connection__in=connections)
    kept = {(row.connection, row.joined_at) for row in rows}
    gone = [pk for pk, *key in there.values_list("pk", "connection", "joined_at") if tuple(key) not in kept]
    said = _said_by_people(occurrence)
    nobody = _said_to_be_nobody(occurrence)
    aliases = {identity.alias_of(row) for row in rows}
    matches = identity.recognise(occurrence.meeting, aliases, teacher_id=occurrence.teacher_id)
    for row in rows:
        alias = identity.alias_of(row)
        match, person = matches.get(alias), said.get(row.connection) or said.get(alias.key)
        row.occurrence = occurrence
        row.user_id = person or (match.user_id if match else None)
        row.matched_by = MatchedBy.MANUAL if person else match.by if match else ""
        if row.user_id is None and (row.connection in nobody or alias.key in nobody):
            row.matched_by = MatchedBy.NOBODY
    if gone:
        Participation.objects.filter(pk__in=gone).delete()
    Participation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["zoom_instance_uuid", "source", "connection", "joined_at"],
        update_fields=WRITTEN,
    )


def names_in(zoom_instance_uuids: Collection[str]) -> dict[str, list[str]]:
    """Return under which names people came into runs, each once, as long as Zoom's events are kept. One statement."""
    stored = WebhookEvent.objects.filter(zoom_instance_uuid__in=zoom_instance_uuids, event__in=ABOUT_PEOPLE)
    shown = stored.order_by("happened_at").values_list(
        "zoom_instance_uuid", "body__payload__object__participant__user_name"
    )
    names: dict[str, dict[str, None]] = {}
    for uuid, name in shown:
        if isinstance(name, str) and name:
            names.setdefault(uuid, {})[name] = None
    return {uuid: list(found) for uuid, found in names.items()}


def _families(run: MeetingRun) -> dict[str, set[str]]:
    """
    Return under which connections, besides its own name, each `user_id` of a run was told of.

    Some events name a connection by `participant_uuid` and `user_id`, others by `user_id` alone.
    """
    stored = WebhookEvent.objects.filter(zoom_instance_uuid=run.zoom_instance_uuid, event__in=ABOUT_PEOPLE)
    told = stored.order_by().values_list("connection", "body__payload__object__participant__user_id").distinct()
    families: dict[str, set[str]] = defaultdict(set)
    for name, user_id in told:
        if isinstance(user_id, int | str) and name and name != str(user_id):
            families[str(user_id)].add(name)
    return dict(families)


def _with_families(connections: Collection[str], families: Mapping[str, set[str]]) -> set[str]:
    """Return these connections and those that share a `user_id` with one of them, directly or not."""
    found, before = set(connections), 0
    while len(found) != before:
        before = len(found)
        for user_id, names in families.items():
            if user_id in found or names & found:
                found |= {user_id, *names}
    return found


def _heard(
    run: MeetingRun, connections: Collection[str] | None, families: Mapping[str, set[str]]
) -> dict[str, _Connection]:
    """What is told of a `user_id` alone is said of the connection that has it, if it is one only."""
    one_of = {user_id: next(iter(names)) for user_id, names in families.items() if len(names) == 1}
    stored = WebhookEvent.objects.filter(zoom_instance_uuid=run.zoom_instance_uuid, event__in=ABOUT_PEOPLE)
    if connections is not None:
        stored = stored.filter(connection__in=connections)
    heard: dict[str, _Connection] = {}
    for name, body in stored.order_by("happened_at", "digest").values_list("connection", "body"):
        try:
            event = Event.model_validate(body)
        except ValidationError:
            continue  # The inbox says so of that event; what the others say is not lost over it.
        if event.payload.object.participant:
            heard.setdefault(one_of.get(name, name), _Connection()).hear(event, event.payload.object.participant)
    return heard


def _said_by_people(occurrence: Occurrence) -> dict[str, UUID | None]:
    """Return whom a person recognised in this session, by connection and by what they are remembered by."""
    rows = Participation.objects.filter(occurrence=occurrence, matched_by=MatchedBy.MANUAL)
    return {name: row.user_id for row in rows for name in (row.connection, identity.alias_of(row).key) if name}


def _said_to_be_nobody(occurrence: Occurrence) -> set[str]:
    """Return who is nobody of ours in this session, as a person said; by the same as `_said_by_people`."""
    rows = Participation.objects.filter(occurrence=occurrence, matched_by=MatchedBy.NOBODY)
    return {name for row in rows for name in (row.connection, identity.alias_of(row).key) if name}
