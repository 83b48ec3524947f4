"""
What Zoom should show, worked out from a meeting and its sessions at one moment; and how that differs from what it shows.

Pure: no database, no clock, no Zoom. Only the future counts: Zoom moves a start that lies in the past to "now" without a
word, so a series is always described from its next session on.
"""

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from classbell.meetings.meeting_settings.catalogue import PasscodeRule, differing, merged, sent, worth_sending
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.recurrence import ZOOM_MAX_OCCURRENCES
from classbell.meetings.sync.zoom_recurrence import to_zoom
from classbell.zoom.models import Meeting as ZoomMeeting
from classbell.zoom.models import MeetingSummary
from classbell.zoom.models import Occurrence as ZoomOccurrence

SCHEDULED = 2
RECURRING = 8
DIGITS_OF_A_PASSCODE = 6
# A series that is longer than Zoom takes is told there anew once it shows fewer sessions than these.
FEWEST_SHOWN = ZOOM_MAX_OCCURRENCES // 2

# Zoom's lists cut the agenda to 250 characters, so the marker comes first.
MARKER = re.compile(r"^\[classbell:([0-9a-f]{32})\]")
LONGEST_AGENDA = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One coming session as the spec has it; times are aware UTC."""

    occurrence_id: str
    original_starts_at: datetime
    starts_at: datetime
    duration_minutes: int
    cancelled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoomSpec:
    """
    What Zoom should show from one moment on. `recurrence` is None for a single meeting; `slots` belong to a series, as
    does `starts_at_wall`, the naive wall time of its next session; they are as many as Zoom takes, and `goes_on` says that
    there are more after them. `cancelled_before` are those before it that are
    cancelled: a new series would begin without them, an older one may still show them. `passcode` is the one people have
    been told, for a meeting that is made again; where it is "", `passcode_rule` says what a new one gets.
    """

    topic: str
    agenda: str
    timezone: str
    duration_minutes: int
    starts_at: datetime
    starts_at_wall: datetime
    start_is_past: bool
    recurrence: Mapping[str, object] | None
    slots: tuple[Slot, ...]
    goes_on: bool
    cancelled_before: tuple[Slot, ...]
    settings: Mapping[str, object]
    passcode: str
    passcode_rule: str

    def schedule_body(self) -> dict[str, object]:
        """Return the part of a request that says when: type, start, duration, timezone and the whole rule."""
        body: dict[str, object] = {"duration": self.duration_minutes, "timezone": self.timezone}
        if self.recurrence is None:
            return body | {"type": SCHEDULED, "start_time": _utc(self.starts_at)}
        return body | {
            "type": RECURRING,
            "start_time": self.starts_at_wall.strftime("%Y-%m-%dT%H:%M:%S"),
            "recurrence": dict(self.recurrence),
        }

    def create_body(self) -> dict[str, object]:
        """Return the body of Zoom's create request."""
        body: dict[str, object] = {"topic": self.topic, "agenda": self.agenda, "settings": worth_sending(self.settings)}
        if self.passcode:
            body["password"] = self.passcode
        elif self.passcode_rule == PasscodeRule.DIGITS:
            body["password"] = "".join(secrets.choice("0123456789") for _digit in range(DIGITS_OF_A_PASSCODE))
        elif self.passcode_rule == PasscodeRule.NONE:
            body |= {"password": "", "default_password": False}
        return body | self.schedule_body()

    @property
    def slots_needed(self) -> tuple[Slot, ...]:
        """The sessions that Zoom must show: of a series that goes on, the others may come later."""
        return self.slots[:FEWEST_SHOWN] if self.goes_on else self.slots


@dataclass(frozen=True, kw_only=True, slots=True)
class OccurrenceChange:
    """One session of a series to put right: `body` for an update, None to delete it."""

    occurrence_id: str
    body: Mapping[str, object] | None


def marker(meeting_id: UUID) -> str:
    """Return what we write into the agenda to recognise a meeting of ours whose answer got lost."""
    return f"[classbell:{meeting_id.hex}]"


def marked_meeting(summary: MeetingSummary) -> UUID | None:
    """Return the id of the meeting that a row of Zoom's list was made for, or None when it is not ours."""
    found = MARKER.match(summary.agenda or "")
    return UUID(found[1]) if found else None


def zoom_spec_of(
    meeting: Meeting, occurrences: Sequence[Occurrence], *, now: datetime, settings: Mapping[str, Any] | None = None
) -> ZoomSpec | None:
    """
    Return what Zoom should show for `meeting` from `now` on, or None when nothing of it lies ahead, or all of it elsewhere.
    `settings` are those that hold for it, as `held_at_zoom` says; without them those of its own that stand over what every
    school begins with.

    A single meeting lies ahead until it ends. A series does while a session is still to start; when all that is left of
    it is the session now running, it is described as a single meeting. Of one that is longer than Zoom takes, the next
    sessions are: the same meeting goes on showing those after them, with its link and whoever is registered.
    """
    ahead = [slot for slot in _slots(occurrences) if slot.original_starts_at > now and slot.starts_at > now]
    held = [index for index, slot in enumerate(ahead) if not slot.cancelled]
    cancelled_before: list[Slot] = []
    goes_on = False
    if meeting.is_elsewhere:
        return None
    running = [o for o in occurrences if not o.is_cancelled and not o.location and o.starts_at <= now < o.ends_at]
    if meeting.is_recurring and held:
        cancelled_before, ahead = ahead[: held[0]], ahead[held[0] : held[-1] + 1]
        goes_on, ahead = len(ahead) > ZOOM_MAX_OCCURRENCES, ahead[:ZOOM_MAX_OCCURRENCES]
        first, duration = ahead[0].original_starts_at, meeting.duration_minutes
        recurrence = to_zoom(meeting.rule, occurrences_left=len(ahead), starts_at=_wall(first, meeting))
    elif held or running:
        first = ahead[held[0]].starts_at if held else running[0].starts_at
        # Its session may be longer or shorter than the meeting was; of a series only the rule's own length is Zoom's.
        single = None if meeting.is_recurring else next(iter(_slots(running)), None)
        duration = ahead[held[0]].duration_minutes if held else (single or meeting).duration_minutes
        recurrence, ahead = None, []
    else:
        return None
    asked = merged(meeting.zoom_settings) if settings is None else settings
    return ZoomSpec(
        topic=meeting.title,
        agenda=f"{marker(meeting.pk)}\n{meeting.description}"[:LONGEST_AGENDA].strip(),
        timezone=meeting.timezone,
        duration_minutes=duration,
        starts_at=first,
        starts_at_wall=_wall(first, meeting),
        start_is_past=first <= now,
        recurrence=recurrence,
        slots=tuple(ahead),
        goes_on=goes_on,
        cancelled_before=tuple(cancelled_before),
        settings=sent(asked, registration=meeting.registration),
        passcode=meeting.password,
        passcode_rule=asked["passcode"],
    )


def meeting_changes(spec: ZoomSpec, shown: ZoomMeeting, *, without: Collection[str] = ()) -> dict[str, object]:
    """
    Return the smallest update body that makes the whole meeting right; empty when it is. `without` are settings that are not
    asked for again, because Zoom keeps them as they are.
    """
    body: dict[str, object] = {}
    if shown.topic != spec.topic:
        body["topic"] = spec.topic
    if (shown.agenda or "").strip() != spec.agenda:
        body["agenda"] = spec.agenda
    differ = differing(spec.settings, shown.settings)
    if settings := {name: value for name, value in differ.items() if name not in without}:
        body["settings"] = settings
    if _schedule_differs(spec, shown):
        body |= spec.schedule_body()
    return body


def occurrence_changes(spec: ZoomSpec, shown: Sequence[ZoomOccurrence]) -> list[OccurrenceChange]:
    """Return what single sessions of a series need once its rule is right: cancelled ones deleted, moved ones moved."""
    available = {o.occurrence_id: o for o in shown if o.status == "available"}
    changes = []
    for slot in (*spec.cancelled_before, *spec.slots):
        known = available.get(slot.occurrence_id)
        if known is None:
            continue
        if slot.cancelled:
            changes.append(OccurrenceChange(occurrence_id=slot.occurrence_id, body=None))
        elif known.start_time != slot.starts_at or known.duration != slot.duration_minutes:
            body = {"start_time": _utc(slot.starts_at), "duration": slot.duration_minutes}
            changes.append(OccurrenceChange(occurrence_id=slot.occurrence_id, body=body))
    return changes


def _schedule_differs(spec: ZoomSpec, shown: ZoomMeeting) -> bool:
    if shown.timezone != spec.timezone or shown.duration != spec.duration_minutes:
        return True
    if spec.recurrence is None:
        # What is left of a series that is running out stays the series it is.
        return shown.type == SCHEDULED and not spec.start_is_past and shown.start_time != spec.starts_at
    available = {o.occurrence_id for o in shown.occurrences if o.status == "available"}
    wanted = {slot.occurrence_id for slot in spec.slots if not slot.cancelled}
    needed = {slot.occurrence_id for slot in spec.slots_needed if not slot.cancelled}
    cancelled = {slot.occurrence_id for slot in spec.slots if slot.cancelled}
    earliest = min(int(id_) for id_ in wanted)
    coming = {id_ for id_ in available if int(id_) >= earliest}
    return shown.type != RECURRING or not needed <= available or not coming <= wanted | cancelled


def _slots(occurrences: Sequence[Occurrence]) -> list[Slot]:
    return [
        Slot(
            occurrence_id=o.zoom_occurrence_id,
            original_starts_at=o.original_starts_at,
            starts_at=o.starts_at,
            duration_minutes=int((o.ends_at - o.starts_at).total_seconds() // 60),
            # What is held elsewhere is no session of Zoom's.
            cancelled=o.is_cancelled or bool(o.location),
        )
        for o in sorted(occurrences, key=lambda o: o.original_starts_at)
    ]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _wall(occurrence: datetime, meeting: Meeting) -> datetime:
    """
    Return the naive wall time at which the rule puts a session: Zoom keeps it when it is sent without Z.

    Not the session's own: where the clocks skip that hour, the session is held an hour later than the rule says.
    """
    return datetime.combine(
        occurrence.astimezone(meeting.zone).date(), meeting.starts_at.astimezone(meeting.zone).time()
    )
