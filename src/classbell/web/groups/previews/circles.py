"""A circle's schedule as a plan to look at, from the preview that the API answers too."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.bidi import isolated
from classbell.errors import DomainError
from classbell.halakat.answers import calls_in_words, in_words
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Pattern, occurrences_of
from classbell.halakat.periods import Period
from classbell.halakat.preview import Fate, Preview, preview_change, preview_new
from classbell.halakat.preview import PlannedOccurrence as Previewed
from classbell.halakat.services import words_of
from classbell.halakat.steps import Words
from classbell.holidays.queries import name_for
from classbell.meetings.claims import NewClaim
from classbell.meetings.models import Claim, ClaimKind
from classbell.meetings.recurrence import ClockChange
from classbell.web.kit.previews import (
    ENDS_TOO_EARLY,
    Plan,
    PlannedOccurrence,
    crowd_in_words,
    holiday_in_words,
    in_the_way,
    plan_of,
)


def plan_new_circle(
    pattern: Pattern, *, teacher: User, title: str, description: str, now: datetime, first_weekday: int
) -> Plan:
    """Return what making this circle would come to. Saves nothing."""
    words = Words(teacher=teacher, title=title, description=description)
    try:
        preview = preview_new(words, pattern, now=now)
    except DomainError as error:
        return Plan(refusal=str(error))
    plan = _plan(preview, pattern, taken=_taken(preview, teacher, None, pattern), first_weekday=first_weekday)
    past = sum(start <= now and pattern.day_of(start) not in pattern.excluded for start in occurrences_of(pattern))
    if not past:
        return plan
    text = ngettext(
        "%(n)s more session is over already; it is listed, and nobody’s attendance is known of it.",
        "%(n)s more sessions are over already; they are listed, and nobody’s attendance is known of them.",
        past,
    )
    return replace(plan, notes=[*plan.notes, text % {"n": past}])


def plan_changed_circle(
    halaka: Halaka,
    pattern: Pattern,
    *,
    title: str,
    description: str,
    valid_from: date | None,
    teacher: User | None,
    now: datetime,
    first_weekday: int,
) -> Plan:
    """
    Return what changing this circle, and who teaches it (None: as it is), would come to; what took place is left out.
    Saves nothing.
    """
    words = words_of(halaka, title=title, description=description)
    try:
        preview = preview_change(halaka, words, pattern, valid_from, now=now)
    except DomainError as error:
        return Plan(refusal=str(error))
    taken = _taken(preview, halaka.teacher, halaka, pattern)
    plan = _plan(preview, pattern, taken=taken, first_weekday=first_weekday)
    if teacher is None or teacher.pk == halaka.teacher_id:
        return plan
    handed = _handed_over(preview, teacher)
    is_all = not any(preview.count(fate) for fate in (Fate.ADDED, Fate.MOVED, Fate.REMOVED))
    return replace(plan, sentence=handed if is_all else f"{handed} {plan.sentence}")


def plan_periods(halaka: Halaka, periods: Sequence[Period], *, now: datetime, first_weekday: int) -> Plan:
    """Return what it would come to if these were the times that a circle keeps between dates. Saves nothing."""
    pattern = replace(halaka.pattern, periods=tuple(periods))
    try:
        preview = preview_change(halaka, words_of(halaka), pattern, now=now)
    except DomainError as error:
        return Plan(refusal=str(error))
    plan = _plan(preview, pattern, taken=_taken(preview, halaka.teacher, halaka, pattern), first_weekday=first_weekday)
    if not preview.count(Fate.MOVED):
        return plan
    return replace(plan, sentence=f"{plan.sentence} {calls_in_words(preview)}.", notes=[*plan.notes, *_hours(preview)])


def _hours(preview: Preview) -> list[str]:
    """Say to which hours sessions move, and how many to each."""
    moved = [one for one in preview.occurrences if one.fate == Fate.MOVED and not one.is_cancelled]
    counted = Counter((one.wall.time(), one.ends_at - one.starts_at) for one in moved)
    said = []
    for (starts, lasts), count in sorted(counted.items(), key=lambda one: -one[1]):
        ends = (datetime.combine(moved[0].wall, starts) + lasts).time()
        text = ngettext("%(n)s session is held %(hours)s.", "%(n)s sessions are held %(hours)s.", count)
        said.append(text % {"n": count, "hours": isolated(f"{starts:%H:%M}–\N{WORD JOINER}{ends:%H:%M}")})
    return said


def _handed_over(preview: Preview, teacher: User) -> str:
    """Say how many sessions somebody takes over: those to come, but those of substitutes."""
    count = sum(not occurrence.is_cancelled and occurrence.substitute is None for occurrence in preview.occurrences)
    text = ngettext("%(name)s takes over %(n)s coming session.", "%(name)s takes over %(n)s coming sessions.", count)
    return text % {"name": isolated(teacher.name), "n": count}


def _plan(preview: Preview, pattern: Pattern, *, taken: Mapping[datetime, str], first_weekday: int) -> Plan:
    notes = []
    if preview.zoom_meetings > 1:
        text = ngettext(
            "Zoom limits how many sessions a meeting has, so there is %(n)s meeting.",
            "Zoom limits how many sessions a meeting has, so there are %(n)s meetings, one after another.",
            preview.zoom_meetings,
        )
        notes.append(text % {"n": preview.zoom_meetings})
    if preview.ends_after_minutes is not None:
        notes.append(ENDS_TOO_EARLY % {"limit": preview.ends_after_minutes})
    if preview.crowd is not None:
        notes.append(crowd_in_words(preview.crowd))
    return plan_of(
        [_planned(occurrence, taken) for occurrence in preview.occurrences],
        zone=pattern.zone,
        first_weekday=first_weekday,
        sentence=f"{in_words(preview)}.",
        notes=notes,
    )


def _planned(occurrence: Previewed, taken: Mapping[datetime, str]) -> PlannedOccurrence:
    kind, why = "ok", ""
    holiday = occurrence.holiday
    if occurrence.is_cancelled:
        kind, why = "off", holiday_in_words(name_for(holiday)) if holiday else _("Not held")
    elif occurrence.starts_at in taken:
        kind, why = "bad", taken[occurrence.starts_at]
    elif occurrence.clock == ClockChange.SKIPPED:
        kind, why = "wait", _("The clocks skip this hour; it is held later by as much")
    elif occurrence.clock == ClockChange.REPEATED:
        kind, why = "wait", _("The clocks repeat this hour; the first one counts")
    elif holiday is not None:
        kind, why = "wait", holiday_in_words(name_for(holiday))
    return PlannedOccurrence(starts_at=occurrence.starts_at, ends_at=occurrence.ends_at, kind=kind, why=why)


def _taken(preview: Preview, teacher: User, halaka: Halaka | None, pattern: Pattern) -> dict[datetime, str]:
    """Return what stands in the way by the start of the session, with its hours on the circle's clock where it is known."""
    if not preview.clashes:
        return {}
    wanted = [
        NewClaim(kind=ClaimKind.TEACHER, resource_id=teacher.pk, starts_at=clash.starts_at, ends_at=clash.ends_at)
        for clash in preview.clashes
    ]
    own = Claim.objects.filter(occurrence__meeting__halaka_part__halaka=halaka) if halaka else Claim.objects.none()
    known = in_the_way(wanted, zone=pattern.zone, ignoring=list(own.values_list("pk", flat=True)))
    return {clash.starts_at: known.get(clash.starts_at) or _taken_by(clash.blocked_by) for clash in preview.clashes}


def _taken_by(what: str) -> str:
    return _("Taken by %(what)s") % {"what": isolated(what)} if what else _("The teacher has something else")
