"""What a pattern makes, as pages show it before anything is saved: sessions, what is in their way, months to look at."""

from calendar import Calendar
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from classbell.bidi import isolated
from classbell.errors import DomainError
from classbell.holidays.queries import Holidays, holidays_among, name_for
from classbell.meetings import claims
from classbell.meetings.audience import Crowd, crowd_of
from classbell.meetings.claims import NewClaim
from classbell.meetings.clashes import open_to_reader
from classbell.meetings.models import Claim, ClaimKind, Meeting, Occurrence
from classbell.meetings.schedule import lay_out, teacher_claims
from classbell.meetings.services import MeetingSpec, want_meetings
from classbell.meetings.sync.gateway import is_configured
from classbell.rehearsal import rehearsal
from classbell.web.kit.labels import letters_of_weekdays
from classbell.zones import place_of

ENDS_TOO_EARLY: Final = gettext_lazy(
    "Zoom would end each session after %(limit)s minutes: no host with a licence is free. Make it shorter, or choose other "
    "times."
)
TOO_MANY_PEOPLE: Final = gettext_lazy(
    "%(people)s people may come, and Zoom would let in %(capacity)s: no larger host is free. Choose other times, or let the "
    "school add a larger licence."
)
WAITS_FOR_ROOM: Final = gettext_lazy("Zoom has no room for all of them at these times; their link would come later.")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedOccurrence:
    """A session to be. `kind` picks its shape: ok, bad (it cannot be), wait (it can, but mind `why`), off (left out)."""

    starts_at: datetime
    ends_at: datetime
    kind: str = "ok"
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """Something that is true of one or more sessions: what, and of which, in order."""

    kind: str
    why: str
    occurrences: Sequence[PlannedOccurrence]


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One day of a month's picture; `kind` is "" where there is no session."""

    number: int
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A month as a calendar shows it: weeks of seven days, None outside the month."""

    first: date
    weeks: Sequence[Sequence[Day | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """
    A pattern's consequences. `sentence` sums them up, `refusal` is there instead when it makes nothing.

    `weekdays` are the one-letter names above the columns of its months.
    """

    sentence: str = ""
    refusal: str = ""
    notes: Sequence[str] = ()
    occurrences: Sequence[PlannedOccurrence] = ()
    months: Sequence[Month] = ()
    weekdays: Sequence[str] = ()
    zone: ZoneInfo | None = None
    place: str = ""

    @property
    def remarks(self) -> list[Remark]:
        """What is to be said of the sessions that clash, are left out, or need a second look; those alike together."""
        alike: dict[tuple[str, str], list[PlannedOccurrence]] = {}
        for occurrence in self.occurrences:
            if occurrence.why:
                alike.setdefault((occurrence.kind, occurrence.why), []).append(occurrence)
        return [Remark(kind=kind, why=why, occurrences=occurrences) for (kind, why), occurrences in alike.items()]

    @property
    def clashes(self) -> int:
        """How many of them cannot be."""
        return sum(occurrence.kind == "bad" for occurrence in self.occurrences)


def plan_of(
    occurrences: Sequence[PlannedOccurrence],
    *,
    zone: ZoneInfo,
    first_weekday: int,
    sentence: str,
    notes: Sequence[str] = (),
) -> Plan:
    """Return what to show of these sessions on the calendar of `zone`."""
    return Plan(
        sentence=sentence,
        notes=notes,
        occurrences=occurrences,
        months=months_of(occurrences, zone=zone, first_weekday=first_weekday),
        weekdays=[letters_of_weekdays()[(first_weekday + number) % 7] for number in range(7)],
        zone=zone,
        place=place_of(zone),
    )


def months_of(occurrences: Iterable[PlannedOccurrence], *, zone: ZoneInfo, first_weekday: int) -> list[Month]:
    """Return the months in which there are sessions, by the calendar of `zone`; weeks begin on `first_weekday`."""
    kinds: dict[date, str] = {}
    for occurrence in occurrences:
        day = occurrence.starts_at.astimezone(zone).date()
        # A day with a clash shows it, whatever else is on it.
        kinds[day] = "bad" if "bad" in (kinds.get(day), occurrence.kind) else occurrence.kind
    calendar = Calendar(first_weekday)
    return [
        Month(
            first=date(year, month, 1),
            weeks=[
                [Day(number=day.day, kind=kinds.get(day, "")) if day.month == month else None for day in week]
                for week in calendar.monthdatescalendar(year, month)
            ],
        )
        for year, month in sorted({(day.year, day.month) for day in kinds})
    ]


def summary(occurrences: Sequence[PlannedOccurrence]) -> str:
    """Say what a plan comes to: "12 sessions; 3 clashes."."""
    held = sum(occurrence.kind != "off" for occurrence in occurrences)
    clashes = sum(occurrence.kind == "bad" for occurrence in occurrences)
    parts = [ngettext("%(n)s session", "%(n)s sessions", held) % {"n": held}]
    if clashes:
        parts.append(ngettext("%(n)s clash", "%(n)s clashes", clashes) % {"n": clashes})
    return _("; ").join(parts) + "."


def holiday_in_words(name: str) -> str:
    """Say that a session lies in a holiday."""
    return _("Holiday: %(name)s") % {"name": isolated(name)}


def rehearse(spec: MeetingSpec, *, now: datetime, first_weekday: int) -> Plan:
    """
    Return what wanting this meeting would come to: the engine does it, then all of it is taken back.

    What the engine refuses is the plan's refusal.
    """
    try:
        laid_out = lay_out(Meeting(**spec.fields()), cancelled=spec.cancelled)
        with rehearsal():
            (outcome,) = want_meetings([spec], now=now, batch=False)
    except DomainError as error:
        return Plan(refusal=str(error))
    zone = ZoneInfo(spec.timezone)
    taken = in_the_way(teacher_claims(laid_out), zone=zone) if outcome.clashes else {}
    holidays = holidays_among([occurrence.starts_at for occurrence in laid_out])
    occurrences = [_planned(one, taken.get(one.starts_at, ""), holidays) for one in laid_out]
    return plan_of(
        occurrences,
        zone=zone,
        first_weekday=first_weekday,
        sentence=summary(occurrences),
        notes=notes_of(outcome.meeting) if outcome.meeting is not None else [],
    )


def notes_of(meeting: Meeting) -> list[str]:
    """Return what is to be said of where a planned meeting would be held; nothing when all is well."""
    if meeting.is_elsewhere:
        return []
    if meeting.seat is None:
        return [str(WAITS_FOR_ROOM)] if is_configured() else []
    minutes, crowd = meeting.ends_after_minutes, crowd_of(meeting)
    return [
        *([ENDS_TOO_EARLY % {"limit": minutes}] if minutes is not None else []),
        *([crowd_in_words(crowd)] if crowd is not None else []),
    ]


def crowd_in_words(crowd: Crowd) -> str:
    """Say that more people may come to a planned meeting than Zoom would let in."""
    return TOO_MANY_PEOPLE % {"people": crowd.people, "capacity": crowd.capacity}


def in_the_way(wanted: Sequence[NewClaim], *, zone: ZoneInfo, ignoring: Collection[UUID] = ()) -> dict[datetime, str]:
    """
    Return, by its start, what stands in the way of each period wanted, with its hours on the clock of `zone`. `ignoring`
    are ids of claims that will be gone by then.
    """
    found = claims.conflicting(wanted, ignoring=ignoring)
    told = open_to_reader([blocker for _claim, blocker in found])
    return {claim.starts_at: _blocker(blocker, zone, is_told=blocker.pk in told) for claim, blocker in found}


def _blocker(claim: Claim, zone: ZoneInfo, *, is_told: bool) -> str:
    if not is_told:
        return _("The teacher has something else")
    occurrence = claim.occurrence
    if occurrence is None and claim.kind == ClaimKind.ELSEWHERE:
        return _("Busy in their own calendar")
    if occurrence is None:
        return _("Taken by a request that waits for its answer")
    starts_at, ends_at = occurrence.starts_at.astimezone(zone), occurrence.ends_at.astimezone(zone)
    return _("Taken by %(what)s, %(period)s") % {
        "what": isolated(occurrence.meeting.title),
        "period": isolated(f"{starts_at:%H:%M}–\N{WORD JOINER}{ends_at:%H:%M}"),
    }


def _planned(occurrence: Occurrence, taken: str, holidays: Holidays) -> PlannedOccurrence:
    meeting = occurrence.meeting
    holiday = holidays.at(occurrence.starts_at, group_id=meeting.group_id, teacher_id=meeting.teacher_id)
    kind, why = "ok", ""
    if occurrence.is_cancelled:
        kind, why = "off", holiday_in_words(name_for(holiday)) if holiday else _("Not held")
    elif taken:
        kind, why = "bad", taken
    elif holiday is not None:
        kind, why = "wait", holiday_in_words(name_for(holiday))
    return PlannedOccurrence(starts_at=occurrence.starts_at, ends_at=occurrence.ends_at, kind=kind, why=why)
