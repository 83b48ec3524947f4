"""Holidays, for admins and teachers: what they come to is shown before anything is saved."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.errors import DomainError
from classbell.holiday_changes import services
from classbell.holiday_changes.affected import Cancelled, cancel_lying_in, cancelled_for, lying_in
from classbell.holiday_changes.api import what_stays
from classbell.holiday_changes.calendars import read_address
from classbell.holidays.errors import HolidayInvalid, OthersAffected
from classbell.holidays.ics import read_calendar
from classbell.holidays.importing import UNNAMED
from classbell.holidays.models import Effect, Holiday
from classbell.holidays.permissions import keeps_holiday
from classbell.holidays.services import Whose, remove_holiday
from classbell.web.holidays.forms import CalendarForm, HolidayForm, initial_of
from classbell.web.holidays.presenters import days_in_words, present_affected, present_holiday, today_of
from classbell.web.kit.requests import PersonRequest
from classbell.years import YEARS
from classbell.zones import place_of

LOOK, LEAVE, CANCEL = "look", "leave", "cancel"


@never_cache
@require_safe
@allowed(is_teacher_or_admin)
def holidays(request: PersonRequest) -> HttpResponse:
    """Teachers and admins: the holidays of a year."""
    asked, today = request.GET.get("year", ""), today_of(request.user)
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in YEARS else today.year
    seen = Holiday.objects.visible_to(request.user)
    rows = seen.touching(date(year, 1, 1), date(year, 12, 31)).with_places()
    kept = set(Holiday.objects.kept_by(request.user).values_list("pk", flat=True))
    shown = [present_holiday(one, kept=kept) for one in rows]
    context = {
        "holidays": shown,
        "coming": None if shown else seen.filter(first_day__gt=date(year, 12, 31)).order_by("first_day", "pk").first(),
        "year": year,
        "this_year": today.year,
        "before": year - 1 if year - 1 in YEARS else None,
        "after": year + 1 if year + 1 in YEARS else None,
    }
    return render(request, "holidays/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_teacher_or_admin)
def new(request: PersonRequest) -> HttpResponse:
    """Admins the school's, teachers their own and their classes': a look at what lies in it, then it is saved."""
    form = HolidayForm(
        request.POST or None,
        by=request.user,
        today=today_of(request.user),
        group_id=_uuid(request.GET.get("group", "")),
    )
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        try:
            return _looked_or_saved(request, form, context)
        except (HolidayInvalid, OthersAffected) as error:
            form.add_error(None, str(error))
    return render(request, "holidays/edit.html", context, status=400 if form.errors else 200)


@never_cache
@require_safe
@allowed(keeps_holiday)
def holiday(request: PersonRequest, holiday_id: UUID) -> HttpResponse:
    """Who keeps it: one holiday, and what lies in it now."""
    found = _found(holiday_id)
    now = timezone.now()
    context = {
        "one": present_holiday(found, kept=[found.pk]),
        "affected": present_affected(lying_in(found, now=now)),
        "still_cancelled": cancelled_for(found, now=now),
        "place": place_of(request.user.zone),
        "clock": place_of(found.zone),
    }
    return render(request, "holidays/detail.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(keeps_holiday)
def change(request: PersonRequest, holiday_id: UUID) -> HttpResponse:
    """Who keeps it: other days, another name or effect."""
    found = _found(holiday_id)
    form = HolidayForm(
        request.POST or None, by=request.user, today=today_of(request.user), is_change=True, initial=initial_of(found)
    )
    context: dict[str, object] = {"form": form, "holiday": found}
    if form.is_valid():
        try:
            return _looked_or_saved(request, form, context, found)
        except (HolidayInvalid, OthersAffected) as error:
            form.add_error(None, str(error))
    return render(request, "holidays/edit.html", context, status=400 if form.errors else 200)


@require_POST
@allowed(keeps_holiday)
def cancel(request: PersonRequest, holiday_id: UUID) -> HttpResponse:
    """Who keeps it: cancel what lies in it."""
    done = cancel_lying_in(_found(holiday_id), by=request.user, now=timezone.now())
    _tell_cancelled(request, done)
    return redirect("holiday", holiday_id)


@require_POST
@allowed(keeps_holiday)
def remove(request: PersonRequest, holiday_id: UUID) -> HttpResponse:
    """Who keeps it: remove it; what was cancelled stays so."""
    still = cancelled_for(_found(holiday_id), now=timezone.now())
    remove_holiday(holiday_id=holiday_id)
    messages.success(request, what_stays(still))
    return redirect("holidays")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_teacher_or_admin)
def import_calendar(request: PersonRequest) -> HttpResponse:
    """Admins the school's, teachers their own and their classes': what a calendar would bring, then it is done."""
    handed_in = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CalendarForm(*handed_in, by=request.user)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        try:
            return _foreseen_or_imported(request, form, context)
        except DomainError as error:
            form.add_error("url" if isinstance(error, HolidayInvalid) and error.field == "url" else None, str(error))
    return render(request, "holidays/import.html", context, status=400 if form.errors else 200)


def _looked_or_saved(
    request: PersonRequest, form: HolidayForm, context: dict[str, object], holiday: Holiday | None = None
) -> HttpResponse:
    """Show what a holiday comes to; save it once that was shown, for the days that were shown. Raises HolidayInvalid."""
    wanted, now = form.cleaned_data, timezone.now()
    of = form.of() if holiday is None else Whose(group=holiday.group, teacher=holiday.teacher)
    given = {name: wanted[name] for name in ("name", "first_day", "last_day")} | {"effect": Effect(wanted["effect"])}
    foreseen, affected = services.foresee(**given, of=of, now=now)
    days = f"{foreseen.first_day} {foreseen.last_day} {foreseen.group_id or foreseen.teacher_id or ''}"
    shown = f"{days} {affected.fingerprint}"
    asked, was_shown = request.POST.get("do", LOOK), request.POST.get("shown", "")
    if asked not in (LEAVE, CANCEL) or was_shown != shown:
        context |= {
            "is_other": asked in (LEAVE, CANCEL) and was_shown.startswith(days),
            "one": present_holiday(foreseen),
            "affected": present_affected(affected),
            "shown": shown,
            "place": place_of(request.user.zone),
            "clock": place_of(foreseen.zone),
        }
        return render(request, "holidays/edit.html", context)
    cancels, seen = asked == CANCEL, affected.fingerprint
    if holiday is None:
        holiday, _lay_there, done = services.add(**given, of=of, cancels=cancels, by=request.user, now=now, seen=seen)
    else:
        holiday, _lay_there, done = services.change(
            **given, holiday_id=holiday.pk, cancels=cancels, by=request.user, now=now, seen=seen
        )
    if done is None:
        messages.success(request, _("Saved."))
    else:
        _tell_cancelled(request, done)
    return redirect("holiday", holiday.pk)


def _foreseen_or_imported(request: PersonRequest, form: CalendarForm, context: dict[str, object]) -> HttpResponse:
    wanted, now = form.cleaned_data, timezone.now()
    of, is_done = form.of(), request.POST.get("do") == "import"
    source, content = ("", wanted["text"].encode()) if wanted["text"] else read_address(wanted["url"])
    calendar = read_calendar(content, today=services.today_of_school(now))
    plan, affected = services.run_import(
        calendar,
        source=source or calendar.name or UNNAMED,
        of=of,
        effect=Effect(wanted["effect"]),
        dry_run=not is_done,
        now=now,
    )
    if is_done:
        count = len(plan.new) + len(plan.changed)
        text = ngettext("%(n)s holiday is imported.", "%(n)s holidays are imported.", count) % {"n": count}
        messages.success(request, text)
        return redirect("holidays")
    context |= {
        "looked": True,
        "source": source or calendar.name,
        "text": wanted["text"],
        "new": [present_holiday(one) for one in plan.new],
        "changed": [
            (present_holiday(one), entry.name, days_in_words(entry.first_day, entry.last_day))
            for one, entry in plan.changed
        ],
        "gone": [present_holiday(one) for one in plan.gone],
        "unchanged": plan.unchanged,
        "with_times": calendar.with_times,
        "affected": present_affected(affected),
        "place": place_of(request.user.zone),
    }
    return render(request, "holidays/import.html", context)


def _tell_cancelled(request: PersonRequest, done: Cancelled) -> None:
    count = done.sessions + done.bookings
    text = ngettext(
        "%(n)s session or lesson is cancelled, and everybody is told.",
        "%(n)s sessions and lessons are cancelled, and everybody is told.",
        count,
    )
    messages.success(request, text % {"n": count})
    if done.kept:
        text = ngettext(
            "%(n)s lesson could not be cancelled. It stands below.",
            "%(n)s lessons could not be cancelled. They stand below.",
            done.kept,
        )
        messages.error(request, text % {"n": done.kept})


def _found(holiday_id: UUID) -> Holiday:
    return Holiday.objects.with_places().get(pk=holiday_id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
