"""A term on its way in: handed in, looked at, brought in. Nothing but the draft is kept before the last step."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Q

from classbell import reasons
from classbell.accounts.models import User
from classbell.courses.models import Section, TermDraft, TermImport
from classbell.courses.timetable.files import parse_timetable
from classbell.courses.timetable.licences import licences_for, occurrences_between
from classbell.courses.timetable.services import Crowded, ImportSummary, import_term
from classbell.courses.timetable.term import Term
from classbell.holidays.models import Holiday
from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.rehearsal import rehearsal

# Of what could not be brought in; the rest is counted.
MOST_NAMED: Final = 50
KEPT_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """
    Something that stays out: a section or a line of a file, and why, as `reasons.kept` keeps it; a section also since which
    session.
    """

    what: str
    why: str
    facts: reasons.Facts | None = None
    starts_at: str = ""

    @property
    def reason(self) -> str:
        """Why, in the active language."""
        return reasons.told(self.why, self.facts)


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionsInHoliday:
    """A holiday in the term, its days in ISO 8601: how many sessions are left out for it, and how many are held in it."""

    name: str
    first_day: str
    last_day: str
    left_out: int
    held: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """
    What bringing a term in comes to. Licences are for the whole timetable from its first day on. `other_days_off` counts the
    changed classes in which only days without classes change; the two lists are how these differ from the latest import's.
    `sheets` says of each workbook which of its sheets were not read.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    other_days_off: int = 0
    days_added: list[str] = field(default_factory=list)
    days_dropped: list[str] = field(default_factory=list)
    pruned: int = 0
    gone: list[str] = field(default_factory=list)
    people_created: int = 0
    members_added: int = 0
    members_removed: int = 0
    occurrences: int = 0
    teachers: int = 0
    most_at_once: int = 0
    peak_starts_at: str = ""
    licences_needed: int = 0
    licences_usable: int = 0
    without_host: int = 0
    cut_short: int = 0
    beyond_hosts: int = 0
    holidays: list[SectionsInHoliday] = field(default_factory=list)
    crowded: list[Crowded] = field(default_factory=list)
    crowded_count: int = 0
    clashes: list[Left] = field(default_factory=list)
    mistakes: list[Left] = field(default_factory=list)
    clash_count: int = 0
    mistake_count: int = 0
    sheets: list[Left] = field(default_factory=list)

    @classmethod
    def of(cls, draft: TermDraft) -> "Foreseen":
        """Read what was foreseen for a draft."""
        kept: dict[str, Any] = dict(draft.foreseen)
        for name in ("clashes", "mistakes", "sheets"):
            kept[name] = [Left(**left) for left in kept.get(name, [])]
        kept["crowded"] = [Crowded(**one) for one in kept.get("crowded", [])]
        kept["holidays"] = [SectionsInHoliday(**one) for one in kept.get("holidays", [])]
        return cls(**kept)


def draft_term(
    *,
    timetable: str,
    enrolments: str,
    holidays: Sequence[date],
    starts_on: date,
    weeks: int,
    timezone: str,
    gap_minutes: int,
    prune: bool,
    by: User,
    now: datetime,
    people: str = "",
    sheets: Sequence[tuple[str, str]] = (),
) -> TermDraft:
    """
    Keep a term and what bringing it in would do, found out by doing it and taking it back. Forgets drafts of other days.
    `sheets`, each the name of a file and what is said of its sheets, are told with it.

    Raises TimetableUnreadable.
    """
    draft = TermDraft(
        made_by=by,
        made_at=now,
        timetable=timetable,
        enrolments=enrolments,
        people=people,
        holidays=[day.isoformat() for day in holidays],
        starts_on=starts_on,
        weeks=weeks,
        timezone=timezone,
        gap_minutes=gap_minutes,
        prune=prune,
    )
    with rehearsal():
        summary = _bring_in(draft, now)
        foreseen = replace(_foreseen(draft, summary), sheets=[_left(*one) for one in sheets])
    draft.foreseen = asdict(foreseen)
    TermDraft.objects.filter(made_at__lt=now - KEPT_FOR).delete()
    draft.save()
    return draft


def carry_out(draft: TermDraft, *, now: datetime) -> ImportSummary:
    """Bring the term in as things are now, and forget the draft. One transaction; a second call finds no draft."""
    with transaction.atomic():
        kept = TermDraft.objects.select_for_update().get(pk=draft.pk)
        summary = _bring_in(kept, now)
        remember(_term_of(kept), by=kept.made_by, now=now)
        kept.delete()
    return summary


def remember(term: Term, *, by: User | None, now: datetime) -> None:
    """Keep for which days a term was brought in, to be offered the next time."""
    TermImport.objects.create(
        made_by=by,
        made_at=now,
        holidays=sorted(day.isoformat() for day in term.holidays),
        starts_on=term.starts_on,
        weeks=term.weeks,
        timezone=term.timezone,
        gap_minutes=term.gap_minutes,
    )


def _bring_in(draft: TermDraft, now: datetime) -> ImportSummary:
    timetable = parse_timetable(draft.timetable, draft.enrolments, draft.people)
    return import_term(timetable, _term_of(draft), now=now, prune=draft.prune)


def _term_of(draft: TermDraft) -> Term:
    return Term(
        starts_on=draft.starts_on,
        weeks=draft.weeks,
        timezone=draft.timezone,
        holidays={date.fromisoformat(day): reasons.DAY_OFF for day in draft.holidays},
        gap_minutes=draft.gap_minutes,
    )


def _foreseen(draft: TermDraft, summary: ImportSummary) -> Foreseen:
    start = datetime.combine(draft.starts_on, datetime.min.time(), tzinfo=UTC) - timedelta(days=1)
    licences = licences_for(occurrences_between(start, datetime.max.replace(tzinfo=UTC)))
    clashes = [
        _left(code, found[0].blocked_by, starts_at=found[0].starts_at.isoformat())
        for code, found in summary.clashes.items()
    ]
    mistakes = [_left(f"{one.file}, {one.line}", one.reason) for one in summary.mistakes]
    latest = TermImport.objects.first()
    before = set(latest.holidays) if latest is not None else set()
    return Foreseen(
        other_days_off=len(summary.other_days_off),
        days_added=sorted(set(draft.holidays) - before),
        days_dropped=sorted(before - set(draft.holidays)),
        created=len(summary.created),
        changed=len(summary.changed),
        unchanged=len(summary.unchanged),
        pruned=len(summary.pruned),
        gone=summary.gone,
        people_created=summary.people_created,
        members_added=summary.members_added,
        members_removed=summary.members_removed,
        occurrences=licences.occurrences,
        teachers=licences.teachers,
        most_at_once=licences.most_at_once,
        peak_starts_at=licences.peak[0].isoformat() if licences.peak else "",
        licences_needed=licences.needed,
        licences_usable=licences.usable,
        without_host=len(summary.unhosted),
        cut_short=len(summary.cut_short),
        beyond_hosts=len(summary.beyond_hosts),
        holidays=_in_holidays(draft),
        crowded=summary.crowded[:MOST_NAMED],
        crowded_count=len(summary.crowded),
        clashes=clashes[:MOST_NAMED],
        mistakes=mistakes[:MOST_NAMED],
        clash_count=len(clashes),
        mistake_count=len(mistakes),
    )


def _in_holidays(draft: TermDraft) -> list[SectionsInHoliday]:
    """Return the holidays in which sessions of sections lie, by their first day. One query a holiday of the term."""
    ends_on = draft.starts_on + timedelta(weeks=draft.weeks)
    sections = Section.objects.filter(removed_at=None)
    theirs = Q(group__in=sections.values("group")) | Q(teacher__in=sections.values("meeting__teacher"))
    rows = Holiday.objects.touching(draft.starts_on, ends_on).filter(Q(group=None, teacher=None) | theirs)
    found = []
    for holiday in rows.with_places()[:MOST_NAMED]:
        lying = Occurrence.objects.filter(
            meeting__in=sections.values("meeting"), starts_at__gte=holiday.starts_at, starts_at__lt=holiday.ends_at
        )
        if holiday.group is not None:
            lying = lying.filter(meeting__group=holiday.group)
        if holiday.teacher is not None:
            lying = lying.filter(meeting__teacher=holiday.teacher)
        is_off = Q(status=OccurrenceStatus.CANCELLED)
        for_it = is_off & Q(cancellation_reason__in=holiday.reasons_kept)
        counts = lying.aggregate(left_out=Count("pk", filter=for_it), held=Count("pk", filter=~is_off))
        if any(counts.values()):
            first, last = holiday.first_day.isoformat(), holiday.last_day.isoformat()
            found.append(SectionsInHoliday(name=holiday.name, first_day=first, last_day=last, **counts))
    return found


def _left(what: str, reason: str, *, starts_at: str = "") -> Left:
    why, facts = reasons.kept(reason)
    return Left(what=what, why=why, facts=facts, starts_at=starts_at)
