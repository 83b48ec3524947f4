"""Choosing a time of one kind of lesson as a stranger, with one teacher or any."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from classbell.bookings.models import LessonKind
from classbell.bookings.models.settings import MOST_DAYS_AHEAD
from classbell.bookings.queries import RatedTeacher
from classbell.web.tutoring.presenters.kinds import OfKind
from classbell.web.tutoring.presenters.slot_picker import Picker, pick, read_address


def times_of(
    kind: LessonKind, teachers: Sequence[RatedTeacher], query: Mapping[str, str], *, zone: ZoneInfo, now: datetime
) -> Picker:
    """
    Return when a kind is free with any of these teachers, on the clock of `zone`, as an address or a form asks for it; a
    length that the kind does not have is its shortest.
    """
    asked = read_address(query, usual_minutes=kind.minutes[0])
    if asked.minutes not in kind.minutes:
        asked = replace(asked, minutes=kind.minutes[0])
    offer = OfKind(kind=kind, teacher_ids=[one.pk for one in teachers], now=now, shows_seats=False)
    return pick(offer, asked, zone=zone, days_ahead=MOST_DAYS_AHEAD, now=now)
