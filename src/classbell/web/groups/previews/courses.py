"""A batch of sessions as a plan to look at, from the dry run that the API answers too."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.courses.batches import Batch, create_sessions
from classbell.courses.errors import ClashKind, SessionClash
from classbell.courses.models import Course
from classbell.courses.pattern import NewSession, Pattern, sessions_of
from classbell.errors import DomainError
from classbell.meetings.claims import NewClaim
from classbell.meetings.models import FREE_MINUTES, ClaimKind
from classbell.web.kit.previews import (
    ENDS_TOO_EARLY,
    Plan,
    PlannedOccurrence,
    crowd_in_words,
    holiday_in_words,
    in_the_way,
    plan_of,
    summary,
)


def plan_sessions(course: Course, pattern: Pattern, *, now: datetime, first_weekday: int) -> Plan:
    """Return what planning these sessions would come to: made, counted, and taken back."""
    try:
        wanted = sessions_of(pattern)
        batch = create_sessions(course_id=course.pk, wanted=wanted, now=now, dry_run=True)
    except DomainError as error:
        return Plan(refusal=str(error))
    occurrences = _occurrences(course, wanted, batch)
    return plan_of(
        occurrences,
        zone=course.zone,
        first_weekday=first_weekday,
        sentence=_sentence(occurrences, batch),
        notes=[
            *([ENDS_TOO_EARLY % {"limit": FREE_MINUTES}] if batch.is_cut_short else []),
            *([crowd_in_words(batch.crowd)] if batch.crowd is not None else []),
        ],
    )


def _sentence(occurrences: Sequence[PlannedOccurrence], batch: Batch) -> str:
    later = sum(made for _day, made in batch.budget.later)
    if not later:
        return summary(occurrences)
    text = ngettext(
        "Zoom’s daily limit: the last %(n)s session gets its link after midnight UTC.",
        "Zoom’s daily limit: the last %(n)s sessions get their links after midnight UTC.",
        later,
    )
    return f"{summary(occurrences)} {text % {'n': later}}"


def _occurrences(course: Course, wanted: Sequence[NewSession], batch: Batch) -> list[PlannedOccurrence]:
    taken = _taken(course, [clash for clash in batch.clashes if clash.kind is ClashKind.TEACHER_BUSY])
    clashing = {clash.index: _clashing(clash, taken) for clash in batch.clashes}
    planned = [
        clashing.get(index) or PlannedOccurrence(starts_at=session.starts_at, ends_at=session.ends_at)
        for index, session in enumerate(wanted)
    ]
    return sorted(planned, key=lambda occurrence: occurrence.starts_at)


def _clashing(clash: SessionClash, taken: Mapping[datetime, str]) -> PlannedOccurrence:
    match clash.kind:
        case ClashKind.EXCLUDED:
            kind, why = "off", _("Left out")
        case ClashKind.HOLIDAY:
            kind, why = "off", holiday_in_words(clash.blocked_by)
        case ClashKind.HOLIDAY_WARNING:
            kind, why = "wait", holiday_in_words(clash.blocked_by)
        case ClashKind.PAST:
            kind, why = "bad", _("This time has passed")
        case ClashKind.NO_HOST:
            kind, why = "bad", _("No room at Zoom")
        case _:
            kind, why = "bad", taken.get(clash.starts_at) or _("The teacher has something else")
    return PlannedOccurrence(starts_at=clash.starts_at, ends_at=clash.ends_at, kind=kind, why=why)


def _taken(course: Course, clashes: Sequence[SessionClash]) -> dict[datetime, str]:
    wanted = [
        NewClaim(kind=ClaimKind.TEACHER, resource_id=course.teacher_id, starts_at=c.starts_at, ends_at=c.ends_at)
        for c in clashes
    ]
    return in_the_way(wanted, zone=course.zone)
