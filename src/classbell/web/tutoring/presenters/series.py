"""Lessons for weeks as pages show them: finished values, worked out from rows and the reader."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.bidi import isolated
from classbell.bookings.models import Booking, BookingSeries, BookingStatus
from classbell.bookings.queries import visible_among
from classbell.bookings.series.planning import SeriesPlan
from classbell.bookings.series.queries import next_of
from classbell.holidays.queries import holidays_among, name_for
from classbell.web.kit.labels import listed, rule_in_words
from classbell.web.tutoring.presenters.lessons import Lesson, present_booking
from classbell.zones import place_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownDate:
    """
    One date of a plan. `kind` picks its shape: ok, wait (it can be, but mind `why`), bad (it cannot), off (left out). `value`
    names it to be ticked, "" for what cannot be chosen.
    """

    starts_at: datetime
    ends_at: datetime
    kind: str
    why: str
    value: str
    is_ticked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPlan:
    """What a series would come to. `overlaps` says whether some dates need somebody to say that they know."""

    dates: Sequence[ShownDate]
    sentence: str
    at_zoom: str
    overlaps: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownSeries:
    """One series for one reader. `next` is the date by which it is told of: the next that is confirmed, else the last."""

    title: str
    when: str
    place: str
    waiting: Sequence[Lesson]
    others: Sequence[Lesson]
    next: Lesson
    is_live: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedSeries:
    """A series that waits for an answer, in a line: how many of its dates do, and the first of them."""

    series: BookingSeries
    count: int
    when: str
    first: Lesson


def present_asked(waiting: Sequence[Booking], *, user: User, now: datetime) -> list[AskedSeries]:
    """Return the series of dates that wait, each once, in the order of the dates."""
    by_series: dict[UUID, list[Booking]] = {}
    for one in waiting:
        if one.series_id is not None:
            by_series.setdefault(one.series_id, []).append(one)
    return [
        AskedSeries(
            series=dates[0].series,
            count=len(dates),
            when=rule_in_words(dates[0].series.rule, occurrences=len(dates)),
            first=present_booking(dates[0], user=user, now=now),
        )
        for dates in by_series.values()
        if dates[0].series is not None
    ]


def present_plan(
    plan: SeriesPlan, draft: BookingSeries, *, ticked: Collection[str] | None, user: User, for_others: bool
) -> ShownPlan:
    """Return a plan as a page shows it; `ticked` are the days chosen of it, None before anybody chose."""
    known = {one.pk for one in visible_among(plan.overlapped, user)}
    warned = {one.starts_at: isolated(name_for(one.holiday, user)) for one in plan.holidays if not one.is_left_out}
    length = draft.duration_minutes
    dates = []
    for one in plan.dates:
        value = one.starts_at.astimezone(draft.zone).date().isoformat()
        titles = [
            isolated(f"“{session.meeting.title}”") if session.pk in known else _("another session")
            for session in one.overlaps
        ]
        remarks = [
            *([warned[one.starts_at]] if one.starts_at in warned else []),
            *([_("At the same time: %(titles)s") % {"titles": listed(titles)}] if titles else []),
        ]
        dates.append(
            ShownDate(
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                kind="bad" if one.clash else "wait" if remarks else "ok",
                why=one.clash or " · ".join(remarks),
                value="" if one.clash else value,
                is_ticked=not one.clash and (ticked is None or value in ticked),
            )
        )
    dates += [
        ShownDate(
            starts_at=one.starts_at,
            ends_at=one.starts_at + (plan.dates[0].ends_at - plan.dates[0].starts_at) if plan.dates else one.starts_at,
            kind="off",
            why=_("%(holiday)s: no lesson") % {"holiday": isolated(name_for(one.holiday, user))},
            value="",
            is_ticked=False,
        )
        for one in plan.holidays
        if one.is_left_out
    ]
    free = sum(not one.clash for one in plan.dates)
    return ShownPlan(
        dates=sorted(dates, key=lambda one: one.starts_at),
        sentence=ngettext(
            "%(count)s lesson of %(minutes)s minutes can be booked.",
            "%(count)s lessons of %(minutes)s minutes can be booked.",
            free,
        )
        % {"count": free, "minutes": length},
        at_zoom=_at_zoom(plan.calls) if for_others else "",
        overlaps=bool(plan.overlapped),
    )


def present_series(series: BookingSeries, dates: Sequence[Booking], *, user: User, now: datetime) -> ShownSeries:
    """Return a series as `user` sees it; its dates are in order and have what is shown of them selected."""
    holidays = holidays_among([one.starts_at for one in dates])
    shown = {one.pk: present_booking(one, user=user, now=now, holidays=holidays) for one in dates}
    waiting = [one for one in dates if one.status == BookingStatus.PENDING and one.starts_at > now]
    other = series.student if user.pk == series.teacher_id else series.teacher
    takes_part = user.pk in (series.student_id, series.teacher_id)
    both = _("%(student)s with %(teacher)s") % {"student": series.student.name, "teacher": series.teacher.name}
    return ShownSeries(
        title=_("Lessons with %(name)s") % {"name": other.name} if takes_part else both,
        when=rule_in_words(series.rule, occurrences=series.count),
        place=place_of(series.zone),
        waiting=[shown[one.pk] for one in waiting],
        others=[shown[one.pk] for one in dates if one not in waiting],
        next=shown[next_of(dates, now=now).pk],
        is_live=any(one.is_live and one.starts_at > now for one in dates),
    )


def _at_zoom(calls: int) -> str:
    return ngettext(
        "One meeting at Zoom with one link for all of them; it costs %(n)s change there.",
        "One meeting at Zoom with one link for all of them; it costs %(n)s changes there.",
        calls,
    ) % {"n": calls}
