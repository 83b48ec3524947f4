"""The calendar: a week or a month of everything one teaches or attends, lessons, circles, courses and classes in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.bookings.lessons import WITH_LESSON, lesson_of
from classbell.bookings.models import Booking, BookingStatus
from classbell.bookings.queries import people_who_teach
from classbell.groups.models import GroupKind
from classbell.hijri import HijriDate, to_hijri
from classbell.holidays.models import Holiday
from classbell.holidays.queries import holidays_by_day
from classbell.meetings.models import Occurrence
from classbell.meetings.permissions import can_host
from classbell.meetings.queries import own_occurrences
from classbell.web.calendar.charts import Place, hours_shown, place_day
from classbell.web.kit.charts.weeks import Week, asked_day, first_weekday, midnight, week_of
from classbell.web.kit.forms.teacher import ChosenTeacher, chosen_teacher
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.presenters import ShownOccurrence, present
from classbell.zones import place_of

VIEWS = ("week", "month")
LESSON = "lesson"


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A session on the calendar. `kind` is a group's kind or "lesson"; `can_move` whether the reader may drag it."""

    occurrence: ShownOccurrence
    kind: str
    can_move: bool
    place: Place | None = None

    @property
    def starts_at(self) -> datetime:
        """When it begins."""
        return self.occurrence.starts_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A lesson that is asked for and holds its time, but is not confirmed."""

    booking: Booking
    with_whom: str
    place: Place | None = None

    @property
    def starts_at(self) -> datetime:
        """When it would begin."""
        return self.booking.starts_at


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
    """
    A local day with what it holds; `now` is where the clock stands, on today only. `hijri` is the day in the other calendar
    for who wants to see it.
    """

    date: date
    is_today: bool
    is_past: bool
    is_outside: bool
    blocks: Sequence[Block]
    asked: Sequence[Asked]
    now: Place | None
    holidays: Sequence[Holiday]
    hijri: HijriDate | None

    @property
    def agenda(self) -> list[Block | Asked]:
        """All of it in the order of time, as a phone lists it."""
        return sorted([*self.blocks, *self.asked], key=lambda one: one.starts_at)


@require_safe
@allowed(signed_in, for_wards=True)
def calendar(request: PersonRequest) -> HttpResponse:
    """Everybody: their own; admins may look at any teacher's. View, date and teacher are in the address."""
    now, user = timezone.now(), request.user
    view = request.GET.get("view", "")
    view = view if view in VIEWS else VIEWS[0]
    today = timezone.localtime(now, user.zone).date()
    shown = asked_day(request.GET.get("date", "")) or today
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    weeks = _weeks(view, shown, first_weekday=first)
    whose = _whose(request)
    month = shown.month if view == "month" else None
    days = _days(weeks, whose=whose, reader=user, now=now, month=month)
    first_hour, last_hour = hours_shown(_places(days))
    context = {
        "view": view,
        "shown": shown,
        "today": today,
        "is_current": today in [day for week in weeks for day in week.days] and (month in (None, today.month)),
        "weeks": [days[at : at + 7] for at in range(0, len(days), 7)],
        "days": days,
        "starts_on": weeks[0].starts_on,
        "ends_on": weeks[-1].ends_on,
        "previous": _turned(view, shown, -1),
        "following": _turned(view, shown, 1),
        "first_hour": first_hour,
        "hours": range(first_hour, last_hour),
        "whose": whose,
        "of_whom": "" if whose == user else f"&teacher={whose.pk}",
        "others": _choice(user, whose) if user.is_admin else None,
        "is_empty": not any(day.blocks or day.asked for day in days),
        "can_move": any(block.can_move for day in days for block in day.blocks),
        "place": place_of(user.zone),
    }
    return render(request, "calendar/page.html", context)


def _whose(request: PersonRequest) -> User:
    """Return whose calendar is shown: a named teacher's for admins, one's own otherwise."""
    user = request.user
    if not user.is_admin:
        return user
    return chosen_teacher(User.objects.all(), request.GET.get("teacher", "")) or user


def _choice(user: User, whose: User) -> ChosenTeacher:
    return ChosenTeacher(
        people=people_who_teach(),
        label=_("Whose calendar"),
        required=False,
        nobody=_("Mine"),
        kept=[whose],
        initial="" if whose == user else str(whose.pk),
        attrs={"data-submits": ""},
    )


def _weeks(view: str, shown: date, *, first_weekday: int) -> list[Week]:
    """Return the week of a day, or the weeks that its month touches."""
    if view == "week":
        return [week_of(shown, first_weekday=first_weekday)]
    week = week_of(shown.replace(day=1), first_weekday=first_weekday)
    weeks = [week]
    while (week := week.shifted(1)).starts_on.replace(day=1) <= shown.replace(day=1):
        weeks.append(week)
    return weeks


def _turned(view: str, shown: date, step: int) -> date:
    """Return the day to show after turning the page."""
    if view == "week":
        return shown + timedelta(weeks=step)
    return (shown.replace(day=15) + timedelta(days=30 * step)).replace(day=1)


def _days(weeks: Sequence[Week], *, whose: User, reader: User, now: datetime, month: int | None) -> list[CalendarDay]:
    start, _ = weeks[0].bounds(reader.zone)
    _, end = weeks[-1].bounds(reader.zone)
    rows = list(
        own_occurrences(whose)
        .between(start, end)
        .select_related("meeting__teacher", "meeting__group", "substitute", *WITH_LESSON)
        .order_by("starts_at", "pk")
    )
    requests = Booking.objects.filter(status=BookingStatus.PENDING, starts_at__lt=end, ends_at__gt=start)
    mine = requests.filter(Q(teacher=whose) | Q(student=whose))
    asked = list(mine.select_related("student", "teacher").order_by("starts_at", "pk"))
    today = timezone.localtime(now, reader.zone).date()
    holidays = holidays_by_day(whose, weeks[0].starts_on, weeks[-1].ends_on)
    return [
        _day(day, rows, asked, holidays.get(day, ()), reader=reader, now=now, today=today, month=month)
        for week in weeks
        for day in week.days
    ]


def _day(
    day: date,
    rows: Sequence[Occurrence],
    asked: Sequence[Booking],
    holidays: Sequence[Holiday],
    *,
    reader: User,
    now: datetime,
    today: date,
    month: int | None,
) -> CalendarDay:
    start, end = midnight(day, reader.zone), midnight(day + timedelta(days=1), reader.zone)
    held = [row for row in rows if row.starts_at < end and row.ends_at > start]
    wanted = [booking for booking in asked if booking.starts_at < end and booking.ends_at > start]
    periods = [(row.starts_at, row.ends_at) for row in held] + [(one.starts_at, one.ends_at) for one in wanted]
    places = place_day(periods, day=day, zone=reader.zone)
    clock = place_day([(now, now + timedelta(minutes=1))], day=day, zone=reader.zone)[0] if day == today else None
    return CalendarDay(
        date=day,
        is_today=day == today,
        is_past=day < today,
        is_outside=month is not None and day.month != month,
        blocks=[_block(row, place, reader=reader, now=now) for row, place in zip(held, places, strict=False)],
        asked=[
            Asked(booking=one, with_whom=_other(one, reader).name, place=place)
            for one, place in zip(wanted, places[len(held) :], strict=True)
        ],
        now=clock,
        holidays=holidays,
        hijri=to_hijri(day) if reader.shows_hijri else None,
    )


def _block(row: Occurrence, place: Place, *, reader: User, now: datetime) -> Block:
    meeting = row.meeting
    occurrence = present(row, user=reader, now=now)
    kind = LESSON if lesson_of(row) else (meeting.group.kind if meeting.group else GroupKind.CLASS)
    ahead = row.starts_at > now and not row.is_cancelled
    return Block(occurrence=occurrence, kind=kind, can_move=ahead and can_host(reader, meeting), place=place)


def _other(booking: Booking, reader: User) -> User:
    return booking.student if reader.pk == booking.teacher_id else booking.teacher


def _places(days: Sequence[CalendarDay]) -> list[Place]:
    blocks = [block.place for day in days for block in day.blocks]
    asked = [one.place for day in days for one in day.asked]
    return [place for place in blocks + asked if place is not None]
