"""A teacher's own hours, time off and settings."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.bidi import isolated
from classbell.bookings import hours
from classbell.bookings.models import Availability, Booking, HoursPeriod, TimeOff
from classbell.bookings.permissions import may_be_booked, owns_availability, owns_time_off
from classbell.bookings.queries import people_who_teach
from classbell.bookings.slots import find_slots, starts_of
from classbell.calendars import reading
from classbell.calendars.tasks import read_soon
from classbell.errors import DomainError
from classbell.hijri import coming_ramadan
from classbell.rehearsal import rehearsal
from classbell.web.kit.charts.weeks import first_weekday
from classbell.web.kit.labels import WEEKDAYS, listed
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.hours import (
    DateForm,
    SettingsForm,
    TimeOffForm,
    WeekRows,
    WindowRow,
    changed_weekdays,
)
from classbell.web.tutoring.presenters.slot_picker import count_by_day
from classbell.zones import place_of

PREVIEW_DAYS = 7
PREVIEW_MINUTES = 60

Windows = Mapping[int, list[tuple[int, int]]]

# What the picture of the week shows; hours outside are typed.
PAINT_HOURS = range(6, 24)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekdayRows:
    """One weekday of the editor; `others` are where its windows can be copied to, `shown` is what it began with."""

    number: int
    name: str
    rows: list[WindowRow]
    others: list[tuple[int, str]]
    shown: str | None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def availability(request: PersonRequest) -> HttpResponse:
    """
    Teachers: the week they can be booked in. Adding, removing and copying rows saves nothing yet. Calendars that they keep
    elsewhere are read because of it: the free times shown leave out what stands there.
    """
    if request.method != "POST":
        read_soon(reading.hurry(request.user.pk, now=timezone.now()))
        return _page(request)
    rows = WeekRows.typed(request.POST)
    if edit_rows(rows, request.POST):
        return _week(request, rows, is_changed=True)
    kept = WeekRows.of(_weekly(request.user))
    both = rows.catch_up(kept)
    windows = rows.windows()
    if both:
        messages.error(request, _said_of_both(kept, both))
    if both or windows is None:
        return _week(request, rows, is_changed=True, status=400)
    changed = changed_weekdays(kept.windows() or {}, windows)
    hours.set_week(teacher=request.user, windows={day: windows[day] for day in changed})
    messages.success(request, _said(changed))
    return _week(request, WeekRows.of(_weekly(request.user))) if request.htmx else redirect("availability")


@require_POST
@allowed(may_be_booked)
def preview(request: PersonRequest) -> HttpResponse:
    """Teachers: what students would see in the next days if the week were as typed. Saves nothing."""
    windows = WeekRows.typed(request.POST).windows()
    context = {"preview": None} if windows is None else _preview_context(request.user, windows)
    return render(request, "availability/preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def change_settings(request: PersonRequest) -> HttpResponse:
    """Teachers: what students read about them, and the rules by which free times are made."""
    if request.method != "POST":  # the address of a refusal, read again
        return redirect("availability")
    form = SettingsForm(request.POST, settings=hours.settings_of(request.user.pk))
    if not form.is_valid():
        return _page(request, settings=form, status=400)
    changes = {name: form.cleaned_data[name] for name in form.changed_data}
    hours.change_settings(teacher=request.user, changes=changes)
    changed = form.changed_labels()
    text = _("Saved: %(what)s.") % {"what": listed(changed)} if changed else _("Nothing was changed.")
    messages.success(request, text)
    return redirect("availability")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def add_date(request: PersonRequest) -> HttpResponse:
    """Teachers: open extra hours on one date."""
    if request.method != "POST":  # the address of a refusal, read again
        return redirect("availability")
    form = DateForm(request.POST)
    if not form.is_valid():
        return _page(request, dates=form, status=400)
    start, end = form.cleaned_data["window"]
    hours.add_availability(teacher=request.user, day=form.cleaned_data["date"], start_minute=start, end_minute=end)
    messages.success(request, _("Extra hours added."))
    return redirect("availability")


@require_POST
@allowed(owns_availability)
def remove_date(request: PersonRequest, availability_id: UUID) -> HttpResponse:
    """Their teacher: close extra hours again. What is booked stays. Safe to repeat."""
    Availability.objects.filter(pk=availability_id).delete()
    messages.success(request, _("Extra hours removed. What is booked stays."))
    return redirect("availability")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def add_time_off(request: PersonRequest) -> HttpResponse:
    """Teachers: close days or hours. What is booked stays, and is counted aloud."""
    if request.method != "POST":  # the address of a refusal, read again
        return redirect("availability")
    form = TimeOffForm(request.POST)
    if form.is_valid():
        starts_at, ends_at = form.period(request.user.zone)
        try:
            hours.add_time_off(
                teacher=request.user, starts_at=starts_at, ends_at=ends_at, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _said_of_time_off(request.user, starts_at, ends_at))
            return redirect("availability")
    return _page(request, time_off=form, status=400)


@require_POST
@allowed(owns_time_off)
def remove_time_off(request: PersonRequest, time_off_id: UUID) -> HttpResponse:
    """Their teacher: open a period again."""
    TimeOff.objects.filter(pk=time_off_id).delete()
    messages.success(request, _("Time off removed: you can be booked again."))
    return redirect("availability")


def edit_rows(rows: WeekRows, data: QueryDict) -> bool:
    """Do what a button of the editor asks for; return whether it was one. A week that was painted comes as it should be."""
    if "paint" in data:
        return True
    day, _dash, number = (data.get("add") or data.get("remove") or data.get("copy") or "").partition("-")
    if day not in {str(weekday) for weekday in rows.days}:
        return False
    if "add" in data:
        rows.add(int(day))
    elif "remove" in data:
        if number.isascii() and number.isdecimal():
            rows.remove(int(day), int(number))
    else:
        rows.copy(
            int(day), (int(other) for other in data.getlist(f"to_{day}") if other in "0123456" and len(other) == 1)
        )
    return True


def _week(request: PersonRequest, rows: WeekRows, *, is_changed: bool = False, status: int = 200) -> HttpResponse:
    """Return the editor alone for htmx, else the whole page with it."""
    if request.htmx.target != "week":
        return _page(request, rows=rows, is_changed=is_changed, status=status)
    context = _week_context(request.user, rows, is_changed=is_changed)
    # htmx shows errors only of what it takes for a success.
    return render(request, "availability/page.html#week", context)


def _page(
    request: PersonRequest,
    *,
    rows: WeekRows | None = None,
    is_changed: bool = False,
    settings: SettingsForm | None = None,
    dates: DateForm | None = None,
    time_off: TimeOffForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, timezone.now()
    today = timezone.localtime(now, user.zone).date()
    context = _week_context(user, rows or WeekRows.of(_weekly(user)), is_changed=is_changed) | {
        "place": place_of(user.zone),
        # Admins have a page for students once they have hours.
        "has_page": user.is_teacher or people_who_teach().filter(pk=user.pk).exists(),
        "settings_form": settings or SettingsForm(settings=hours.settings_of(user.pk)),
        "date_form": dates or DateForm(),
        "time_off_form": time_off or TimeOffForm(),
        "dates": Availability.objects.filter(teacher=user, date__gte=today).order_by("date", "start_minute"),
        "periods": HoursPeriod.objects.filter(teacher=user, last_day__gte=today),
        "ramadan": coming_ramadan(today),
        "time_off": TimeOff.objects.filter(teacher=user, ends_at__gt=now),
    }
    return render(request, "availability/page.html", context, status=status)


def _week_context(user: User, rows: WeekRows, *, is_changed: bool) -> dict[str, object]:
    windows = rows.windows() if is_changed else None
    preview = _preview_context(user, windows) if windows is not None or not is_changed else {"preview": None}
    return preview | {"week": weekdays_of(user, rows), "is_changed": is_changed, "paint_hours": PAINT_HOURS}


def weekdays_of(user: User, rows: WeekRows) -> list[WeekdayRows]:
    """Return the weekdays of the editor in this person's order."""
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    order = [(first + number) % 7 for number in range(7)]
    names = {day: str(WEEKDAYS[day]) for day in order}
    return [
        WeekdayRows(
            number=day,
            name=names[day],
            rows=rows.days[day],
            others=[(other, names[other]) for other in order if other != day],
            shown=rows.shown.get(day),
        )
        for day in order
    ]


def _preview_context(user: User, windows: Windows | None) -> dict[str, object]:
    """Return how many lessons fit on each of the next days; with `windows` as if they had been saved."""
    now = timezone.now()
    first = timezone.localtime(now, user.zone).date()
    with rehearsal() if windows is not None else nullcontext():
        if windows is not None:
            # The database itself answers, by the very statement that students are answered by; then it forgets.
            hours.set_week(teacher=user, windows=windows)
        found = find_slots(teacher_id=user.pk, first=first, days=PREVIEW_DAYS, minutes=PREVIEW_MINUTES, now=now)
    counts: dict[date, int] = count_by_day(starts_of(found), first=first, days=PREVIEW_DAYS, zone=found.zone)
    return {"preview": list(counts.items()), "preview_total": sum(counts.values()), "today": first}


def _weekly(user: User) -> list[Availability]:
    return list(Availability.objects.filter(teacher=user, date=None).order_by("day_of_week", "start_minute"))


def _said(days: list[int]) -> str:
    if not days:
        return _("Nothing was changed.")
    return _("Saved. Changed: %(days)s.") % {"days": listed([str(WEEKDAYS[day]) for day in days])}


def _said_of_both(kept: WeekRows, days: list[int]) -> str:
    said = [f"{WEEKDAYS[day]} ({isolated(kept.shown[day] or _('Closed'))})" for day in days]
    text = _("Your hours were changed elsewhere meanwhile: %(days)s. Save again to have them as you wrote them here.")
    return text % {"days": listed(said)}


def _said_of_time_off(user: User, starts_at: datetime, ends_at: datetime) -> str:
    booked = Booking.objects.live().filter(teacher=user, starts_at__lt=ends_at, ends_at__gt=starts_at).count()
    if not booked:
        return _("Time off added.")
    return ngettext(
        "Time off added. %(n)s lesson lies in it; it stays until you move or cancel it.",
        "Time off added. %(n)s lessons lie in it; they stay until you move or cancel them.",
        booked,
    ) % {"n": booked}
