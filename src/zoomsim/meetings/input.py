"""What a create or a change of a meeting asks for, read and checked."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zoomsim.clock import parse_time, whole_second
from zoomsim.meetings.settings import check_alternative_hosts, read_settings
from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Json
from zoomsim.state.models import MeetingType, Settings
from zoomsim.state.store import Store

TOPIC_LENGTH = 200
AGENDA_LENGTH = 2000
PASSWORD_LENGTH = 10
PASSWORD_ON_CHANGE = re.compile(r"[A-Za-z0-9@_*-]*\Z")
PASSWORD_ON_CREATE = re.compile(r"[\x21-\x7e]*\Z")
MAX_DURATION = 1440


@dataclass(slots=True, kw_only=True)
class MeetingInput:
    """The fields of the body; None for what was not sent."""

    topic: str | None
    type: int | None
    agenda: str | None
    start: datetime | None
    duration: int | None
    timezone: str | None
    password: str | None
    default_password: bool
    schedule_for: str | None
    pre_schedule: bool | None
    template_id: str | None
    tracking_fields: list[dict[str, str]] | None
    recurrence: Json | None
    settings: Settings


def read_meeting(body: Json, store: Store, *, timezone: str, creating: bool) -> MeetingInput:
    """
    Read a body; `timezone` is whose wall time a start without `Z` is when the body names no zone.

    Raises ZoomError 400/300 that names every bad field, or 400/3000 for an alternative host who cannot be one.
    """
    reader = Reader(body)
    zone = reader.text("timezone")
    if zone and not is_timezone(zone):
        reader.refuse("timezone")
        zone = None
    read = MeetingInput(
        topic=reader.text("topic", longest=TOPIC_LENGTH),
        type=reader.integer("type", choices=tuple(MeetingType)),
        agenda=reader.text("agenda", longest=AGENDA_LENGTH),
        start=_start(reader, zone or timezone),
        duration=reader.integer("duration", low=0, high=MAX_DURATION),
        timezone=zone or None,
        password=_password(reader, PASSWORD_ON_CREATE if creating else PASSWORD_ON_CHANGE),
        default_password=reader.boolean("default_password") is not False,
        schedule_for=reader.text("schedule_for") or None,
        pre_schedule=reader.boolean("pre_schedule"),
        template_id=reader.text("template_id"),
        tracking_fields=_tracking_fields(reader),
        recurrence=body.get("recurrence"),
        settings=read_settings(reader),
    )
    reader.raise_errors()
    check_alternative_hosts(read.settings, store)
    return read


@lru_cache(maxsize=1000)
def is_timezone(name: str) -> bool:
    """Whether this is the name of a zone in the IANA list."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return False
    return True


def _start(reader: Reader, zone: str) -> datetime | None:
    """Return the start; None when none was sent, and for what is no time, which Zoom takes without a word."""
    text = reader.text("start_time")
    if not text:
        return None
    try:
        return whole_second(parse_time(text, zone))
    except (ValueError, OverflowError):
        return None


def _password(reader: Reader, allowed: re.Pattern[str]) -> str | None:
    password = reader.text("password", longest=PASSWORD_LENGTH)
    if password and not allowed.match(password):
        reader.refuse("password")
    return password


def _tracking_fields(reader: Reader) -> list[dict[str, str]] | None:
    if not reader.has("tracking_fields"):
        return None
    found = []
    for index, item in enumerate(reader.objects("tracking_fields")):
        one = Reader(item, f"tracking_fields[{index}].")
        found.append({"field": one.text("field", required=True) or "", "value": one.text("value") or ""})
        reader.errors += one.errors
    return found
