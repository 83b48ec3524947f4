"""Which weekly time of a file is which meeting that its section has already, so that links stay what they are. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from classbell.courses.models import Section
from classbell.courses.timetable.rows import WeeklyClass
from classbell.courses.timetable.term import Series, Term, series_in
from classbell.groups.models import Group
from classbell.meetings.recurrence import Rule

Piece = tuple[WeeklyClass, Series]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPart:
    """A weekly time without a meeting; `group` is its section's where there is one."""

    weekly: WeeklyClass
    series: Series
    part: int
    group: Group | None


@dataclass(kw_only=True, slots=True)
class Parts:
    """All weekly times of a file beside what there is. `dropped` are meetings of its sections that it no longer has."""

    new: list[NewPart] = field(default_factory=list)
    known: list[tuple[Section, WeeklyClass, Series]] = field(default_factory=list)
    dropped: list[Section] = field(default_factory=list)
    out_of_term: list[WeeklyClass] = field(default_factory=list)


def match_parts(classes: Mapping[str, Sequence[WeeklyClass]], sections: Collection[Section], term: Term) -> Parts:
    """Pair the weekly times with the meetings of their sections: those that meet at that time first, then any."""
    by_code: dict[str, list[Section]] = defaultdict(list)
    for section in sorted(sections, key=lambda section: (section.removed_at is not None, section.part)):
        by_code[section.code].append(section)
    parts = Parts()
    for code, weeklies in classes.items():
        pieces: list[Piece] = []
        for weekly in weeklies:
            series = series_in(weekly, term)
            if series is None:
                parts.out_of_term.append(weekly)
            else:
                pieces.append((weekly, series))
        _match(pieces, by_code.get(code, []), parts)
    return parts


def _match(pieces: Sequence[Piece], known: Sequence[Section], parts: Parts) -> None:
    free = list(known)
    unmatched: list[Piece] = []
    for piece in pieces:
        same = next((section for section in free if _meets_then(section, piece[0])), None) if len(known) > 1 else None
        if same is None:
            unmatched.append(piece)
        else:
            free.remove(same)
            parts.known.append((same, *piece))
    parts.known += [(section, *piece) for section, piece in zip(free, unmatched, strict=False)]
    last = max((section.part for section in known), default=0)
    group = known[0].group if known else None
    parts.new += [
        NewPart(weekly=weekly, series=series, part=last + number, group=group)
        for number, (weekly, series) in enumerate(unmatched[len(free) :], 1)
    ]
    parts.dropped += [section for section in free[len(unmatched) :] if section.removed_at is None]


def _meets_then(section: Section, weekly: WeeklyClass) -> bool:
    meeting = section.meeting
    first = meeting.starts_at.astimezone(meeting.zone)
    return (
        section.removed_at is None
        and (first.time(), meeting.duration_minutes) == (weekly.start, weekly.duration_minutes)
        and Rule.parse(meeting.rule).weekdays == weekly.weekdays
    )
