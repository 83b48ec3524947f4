"""One person's attendance of one session as the pages show it: the verdict in words, its reasons, the strip."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from classbell.meetings.attendance.reasons import sentence
from classbell.meetings.attendance.records import stays_in
from classbell.meetings.models import Attendance, Occurrence, OccurrenceOutcome, Participation
from classbell.meetings.periods import Period, Stay, presence
from classbell.meetings.verdicts import AttendanceStatus
from classbell.web.kit.charts.timeline import Bar, bars_for, scale_for

KINDS = {
    AttendanceStatus.PRESENT: "ok",
    AttendanceStatus.LATE: "wait",
    AttendanceStatus.PARTIAL: "wait",
    AttendanceStatus.ABSENT: "bad",
    AttendanceStatus.EXCUSED: "off",
    AttendanceStatus.UNKNOWN: "off",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """
    One record: `kind` and `word` of its status, the reasons as sentences, and the strip with what it shows in words.

    `difference` says where Zoom's two accounts disagree, `pressed` when they pressed Join on our page; "" for nothing.
    """

    record: Attendance
    kind: str
    word: str
    reasons: Sequence[str]
    bars: Sequence[Bar]
    begins_at: float
    lasts: float
    picture: str
    difference: str
    pressed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many have one status."""

    status: AttendanceStatus
    kind: str
    word: str
    number: int


def lines_of(
    records: Sequence[Attendance],
    outcomes: Mapping[UUID, OccurrenceOutcome],
    *,
    presses: Mapping[UUID, datetime] = MappingProxyType({}),
) -> list[Line]:
    """
    Return the records, which bring their session along, as lines. One statement.

    `outcomes` by session; `presses` of our Join button by person, where all records are of one session.
    """
    whose = Participation.objects.filter(
        occurrence__in={record.occurrence_id for record in records}, user__in={record.user_id for record in records}
    )
    stays = stays_in(whose)
    return [
        _line(
            record,
            stays.get((record.occurrence_id, record.user_id), []),
            outcomes.get(record.occurrence_id),
            presses.get(record.user_id),
        )
        for record in records
    ]


def counts_of(records: Sequence[Attendance]) -> list[Count]:
    """Return how many have each status that occurs, the best first."""
    numbers = Counter(record.status for record in records)
    return [
        Count(status=status, kind=KINDS[status], word=str(status.label), number=numbers[status])
        for status in AttendanceStatus
        if numbers[status]
    ]


def counted_part(occurrence: Occurrence, outcome: OccurrenceOutcome | None) -> Period:
    """Return the time that attendance is measured against; before it is known, the planned one."""
    if outcome is not None and outcome.counted_from is not None and outcome.counted_until is not None:
        return Period(starts_at=outcome.counted_from, ends_at=outcome.counted_until)
    return Period(starts_at=occurrence.starts_at, ends_at=occurrence.ends_at)


def _line(
    record: Attendance, stays: Sequence[Stay], outcome: OccurrenceOutcome | None, pressed_at: datetime | None
) -> Line:
    status, counted = AttendanceStatus(record.status), counted_part(record.occurrence, outcome)
    scale = scale_for(counted)
    stretches = presence(stays, until=record.occurrence.actual_ends_at or counted.ends_at)
    # Of whom nothing was heard at all, excused or not, no time is counted.
    not_seen = (AttendanceStatus.ABSENT, AttendanceStatus.EXCUSED)
    absent = record.computed_status in not_seen and record.counted_seconds > 0
    return Line(
        record=record,
        kind=KINDS[status],
        word=str(status.label),
        # A figure and its sign stay on one line.
        reasons=[sentence(reason).replace(" %", "\N{NO-BREAK SPACE}%") for reason in record.reasons],
        bars=bars_for(stretches, occurrence=counted, scale=scale, absent=absent),
        begins_at=scale.at(counted.starts_at),
        lasts=round(scale.at(counted.ends_at) - scale.at(counted.starts_at), 2),
        picture=_in_words(stretches, absent=absent),
        difference=_difference(record, outcome),
        pressed=_pressed(pressed_at, was_seen=bool(stays)),
    )


def _in_words(stretches: Sequence[Period], *, absent: bool) -> str:
    """Say when somebody was there, on the reader's clock."""
    if not stretches:
        return _("Not there.") if absent else _("Nothing is known.")
    times = (f"{_clock(stretch.starts_at)}–{_clock(stretch.ends_at)}" for stretch in stretches)
    return _("There %(times)s.") % {"times": pgettext("between names in a list", ", ").join(times)}


def _pressed(moment: datetime | None, *, was_seen: bool) -> str:
    if moment is None:
        return ""
    said = _("Pressed Join at %(time)s.") if was_seen else _("Pressed Join at %(time)s, not seen at Zoom.")
    return said % {"time": _clock(moment)}


def _clock(moment: datetime) -> str:
    return date_format(localtime(moment), "H:i")


def _difference(record: Attendance, outcome: OccurrenceOutcome | None) -> str:
    found = outcome.difference_of(record.user_id) if outcome else None
    if found is None:
        return ""
    minutes = {"live": found.webhook_seconds // 60, "report": found.report_seconds // 60}
    return _("Zoom's live events say %(live)d min, its report %(report)d min.") % minutes
