"""
What a meeting inherits, and what follows for Zoom.

Levels, each over the one before: what every school begins with, the school, lessons or the meeting's group, the meeting.
Rooms are kept by people, not by addresses: Zoom is told the addresses of those whom the meeting expects at that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from classbell.accounts.models import User
from classbell.meetings.audience import expected_people
from classbell.meetings.meeting_settings.catalogue import NO_ROOMS, Settings, merged
from classbell.meetings.models import Meeting, SettingDefaults, SettingsOf

# What tells a lesson from other meetings without a group; the parts of the product that stand above hang on meetings so.
OF_LESSONS: Final = ("booking", "booking_series", "group_lesson")


@dataclass(frozen=True, kw_only=True, slots=True)
class Levels:
    """What is asked for at each level, as it was asked there; `kind` is that of lessons, or of the meeting's group."""

    school: Settings
    kind: Settings
    own: Settings

    @property
    def inherited(self) -> dict[str, Any]:
        """What would hold if the meeting asked for nothing."""
        return merged(self.school, self.kind)

    @property
    def held(self) -> dict[str, Any]:
        """What holds."""
        return merged(self.school, self.kind, self.own)


def levels_of(meeting: Meeting) -> Levels:
    """Return what is asked for of a meeting, at each level. At most two queries."""
    scopes = [SettingsOf.SCHOOL, SettingsOf.GROUP if meeting.group_id else SettingsOf.LESSONS]
    rows = SettingDefaults.objects.filter(scope__in=scopes)
    found = {row.scope: row.settings for row in rows if row.group_id in (None, meeting.group_id)}
    kind = found.get(SettingsOf.GROUP, {}) if meeting.group_id else found.get(SettingsOf.LESSONS, {})
    if kind and not meeting.group_id and not is_lesson(meeting):
        kind = {}
    return Levels(school=found.get(SettingsOf.SCHOOL, {}), kind=kind, own=meeting.zoom_settings)


def defaults_of(scope: SettingsOf, group_id: UUID | None = None) -> dict[str, Any]:
    """Return what was asked for there, and only that."""
    row = SettingDefaults.objects.filter(scope=scope, group=group_id).first()
    return dict(row.settings) if row else {}


def below(scope: SettingsOf) -> dict[str, Any]:
    """Return what would hold at a level if nothing were asked for there."""
    return merged() if scope == SettingsOf.SCHOOL else merged(defaults_of(SettingsOf.SCHOOL))


def is_lesson(meeting: Meeting) -> bool:
    """Whether a meeting is one of tutoring: a booked lesson, a series of them, or one that students share."""
    return any(Meeting.objects.filter(pk=meeting.pk, **{f"{name}__isnull": False}).exists() for name in OF_LESSONS)


def held_at_zoom(meeting: Meeting) -> dict[str, Any]:
    """Return the settings that hold for a meeting, rooms and co-hosts as Zoom takes them. Select `seat__host` along."""
    held = levels_of(meeting).held
    held["breakout_room"] = rooms_with_addresses(held["breakout_room"], meeting)
    if held["alternative_hosts"] and meeting.seat is not None:
        # Whoever hosts it is no co-host; with a pool it may be anybody's turn.
        others = [one for one in held["alternative_hosts"].split(";") if one.lower() != meeting.seat.host.email.lower()]
        held["alternative_hosts"] = ";".join(others)
    return held


def rooms_with_addresses(rooms: Mapping[str, Any], meeting: Meeting) -> Settings:
    """Return rooms as Zoom takes them, with those of their people whom the meeting expects and who have an address."""
    if not rooms.get("enable"):
        return NO_ROOMS
    ids = [one for room in rooms.get("rooms", []) for one in _people(room)]
    expected = expected_people(meeting).filter(pk__in=ids, is_active=True) if ids else []
    return in_zooms_words(rooms, {person.pk: person for person in expected if person.has_address})


def in_zooms_words(rooms: Mapping[str, Any], people: Mapping[UUID, User]) -> Settings:
    """Return rooms with the addresses of these people, without those who have none."""
    if not rooms.get("enable"):
        return NO_ROOMS
    named = [
        {"name": room["name"], "participants": [people[one].email for one in _people(room) if one in people]}
        for room in rooms.get("rooms", [])
    ]
    return {"enable": True, "rooms": named}


def shown(settings: Settings) -> dict[str, Any]:
    """Return settings as the API shows them, rooms in Zoom's words with the addresses of everybody in them."""
    found = dict(settings)
    if isinstance(rooms := found.get("breakout_room"), Mapping):
        people = User.objects.in_bulk([one for room in rooms.get("rooms", []) for one in _people(room)])
        found["breakout_room"] = dict(in_zooms_words(rooms, {pk: one for pk, one in people.items() if one.has_address}))
    return found


def _people(room: Mapping[str, Any]) -> list[UUID]:
    return [UUID(one) for one in room.get("people", [])]
