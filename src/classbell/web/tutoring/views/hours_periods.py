"""A teacher's hours between two dates: what they come to is shown before anything is saved."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.bookings.hours import InvalidHours
from classbell.bookings.models import Availability, HoursPeriod
from classbell.bookings.periods import PeriodChanged, Windows, add_period, change_period, windows_of
from classbell.bookings.permissions import may_be_booked, owns_hours_period
from classbell.hijri import coming_ramadan
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.hours import HoursPeriodForm, WeekRows
from classbell.web.tutoring.views.availability import edit_rows, weekdays_of
from classbell.zones import place_of

SHOWN_LESSONS = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def new_period(request: PersonRequest) -> HttpResponse:
    """Teachers: hours that replace the usual ones between two dates. It begins with the usual week; Ramadan is suggested."""
    return _page(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(owns_hours_period)
def period(request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Their teacher: change them."""
    return _page(request, get_object_or_404(HoursPeriod, pk=period_id))


@require_POST
@allowed(owns_hours_period)
def remove_period(request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Their teacher: go back to the usual hours. What is booked stays. Safe to repeat."""
    HoursPeriod.objects.filter(pk=period_id).delete()
    messages.success(request, _("Removed. Your usual hours hold on these days again; what is booked stays."))
    return redirect("availability")


def _page(request: PersonRequest, kept: HoursPeriod | None) -> HttpResponse:
    if request.method != "POST":
        rows = WeekRows.of(_weekly(request.user)) if kept is None else WeekRows.of_minutes(windows_of(kept))
        return _render(request, kept, HoursPeriodForm(initial=_initial(request, kept)), rows)
    form, rows = HoursPeriodForm(request.POST), WeekRows.typed(request.POST)
    if edit_rows(rows, request.POST):
        return _render(request, kept, HoursPeriodForm(initial=request.POST.dict()), rows)
    windows = rows.windows()
    if not form.is_valid() or windows is None:
        return _render(request, kept, form, rows, status=400)
    try:
        foreseen = _carry_out(request.user, kept, form, windows, dry_run=True)
        shown = _fingerprint(foreseen)
        if request.POST.get("do") != "save" or request.POST.get("shown") != shown:
            return _render(request, kept, form, rows, foreseen=foreseen, shown=shown)
        _carry_out(request.user, kept, form, windows, dry_run=False)
    except InvalidHours as error:
        form.add_error(None, str(error))
        return _render(request, kept, form, rows, status=400)
    messages.success(request, _("Saved. Free times follow these hours on these days."))
    return redirect("availability")


def _carry_out(
    user: User, kept: HoursPeriod | None, form: HoursPeriodForm, windows: Windows, *, dry_run: bool
) -> PeriodChanged:
    values, now = form.cleaned_data, timezone.now()
    if kept is None:
        return add_period(
            teacher=user,
            name=values["name"],
            first_day=values["first_day"],
            last_day=values["last_day"],
            windows=windows,
            now=now,
            dry_run=dry_run,
        )
    return change_period(
        period_id=kept.pk,
        name=values["name"],
        first_day=values["first_day"],
        last_day=values["last_day"],
        windows=windows,
        now=now,
        dry_run=dry_run,
    )


def _fingerprint(foreseen: PeriodChanged) -> str:
    """Return what tells whether what is saved is what was shown."""
    one = foreseen.period
    what = [one.first_day, one.last_day, one.windows, *(lesson.pk for lesson in foreseen.outside)]
    return sha256(str(what).encode()).hexdigest()[:32]


def _initial(request: PersonRequest, kept: HoursPeriod | None) -> dict[str, object]:
    if kept is not None:
        return {"name": kept.name, "first_day": kept.first_day, "last_day": kept.last_day}
    ramadan = coming_ramadan(timezone.localtime(timezone.now(), request.user.zone).date())
    if ramadan is None or "ramadan" not in request.GET:
        return {}
    return {"name": ramadan.name, "first_day": ramadan.first_day, "last_day": ramadan.last_day}


def _render(
    request: PersonRequest,
    kept: HoursPeriod | None,
    form: HoursPeriodForm,
    rows: WeekRows,
    *,
    foreseen: PeriodChanged | None = None,
    shown: str = "",
    status: int = 200,
) -> HttpResponse:
    user = request.user
    context = {
        "form": form,
        "week": weekdays_of(user, rows),
        "period": kept,
        "foreseen": foreseen,
        "days": (foreseen.period.last_day - foreseen.period.first_day + timedelta(days=1)).days if foreseen else 0,
        "outside": foreseen.outside[:SHOWN_LESSONS] if foreseen else (),
        "more": max(0, len(foreseen.outside) - SHOWN_LESSONS) if foreseen else 0,
        "shown": shown,
        "was_other": bool(foreseen) and request.POST.get("do") == "save",
        "place": place_of(user.zone),
        "ramadan": coming_ramadan(timezone.localtime(timezone.now(), user.zone).date()) if kept is None else None,
    }
    return render(request, "availability/period.html", context, status=status)


def _weekly(user: User) -> list[Availability]:
    return list(Availability.objects.filter(teacher=user, date=None).order_by("day_of_week", "start_minute"))
