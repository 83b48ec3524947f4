"""Other times of a circle between two dates, with what they come to before they are saved."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.errors import DomainError
from classbell.halakat.models import Halaka
from classbell.halakat.periods import Period, with_period
from classbell.halakat.permissions import teaches_halaka
from classbell.halakat.services import put_period
from classbell.hijri import coming_ramadan
from classbell.web.groups.forms.periods import PeriodForm, initial_of
from classbell.web.groups.previews.circles import plan_periods
from classbell.web.groups.views.halakat.edit import is_preview, saved_in_words
from classbell.web.kit.charts.weeks import first_weekday
from classbell.web.kit.previews import Plan
from classbell.web.kit.requests import PersonRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_halaka)
def periods(request: PersonRequest, halaka_id: UUID) -> HttpResponse:
    """
    Its teacher and admins: times that hold between two dates only. The address may name the period to change (`of`, its first
    day), or ask for Ramadan. `preview` saves nothing.
    """
    halaka, now = _get(halaka_id), timezone.now()
    kept = _kept(halaka, request.GET.get("of", ""))
    form = PeriodForm(request.POST) if request.method == "POST" else PeriodForm(initial=_initial(request, halaka, kept))
    plan = None
    if form.is_valid():
        of = form.cleaned_data["of"]
        wanted = with_period(halaka.pattern.periods, form.period, instead_of=of)
        plan = _plan(request, halaka, wanted, now)
        if not is_preview(request):
            try:
                changed = put_period(halaka_id=halaka_id, period=form.period, instead_of=of, now=now)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"{saved_in_words(changed, now)} {plan.sentence}")
                return redirect("halaka", halaka_id=halaka_id)
    return _page(request, halaka, form, plan, kept, now)


@require_POST
@allowed(teaches_halaka)
def remove_period(request: PersonRequest, halaka_id: UUID) -> HttpResponse:
    """Its teacher and admins: back to the usual times in a period, named by its first day. Safe to repeat."""
    now, day = timezone.now(), _day(request.POST.get("of", ""))
    try:
        changed = put_period(halaka_id=halaka_id, period=None, instead_of=day, now=now)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("halaka-periods", halaka_id=halaka_id)
    messages.success(request, saved_in_words(changed, now))
    return redirect("halaka", halaka_id=halaka_id)


def _get(halaka_id: UUID) -> Halaka:
    return Halaka.objects.select_related("group", "teacher").get(pk=halaka_id)


def _kept(halaka: Halaka, text: str) -> Period | None:
    day = _day(text)
    return next((one for one in halaka.pattern.periods if one.first_day == day), None)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _initial(request: PersonRequest, halaka: Halaka, kept: Period | None) -> dict[str, Any]:
    if kept is not None:
        return initial_of(kept)
    initial: dict[str, Any] = {"duration": halaka.duration_minutes}
    ramadan = coming_ramadan(timezone.localtime(timezone.now(), halaka.pattern.zone).date())
    if ramadan is not None and "ramadan" in request.GET:
        initial |= {"title": ramadan.name, "first_day": ramadan.first_day, "last_day": ramadan.last_day}
    return initial


def _plan(request: PersonRequest, halaka: Halaka, wanted: tuple[Period, ...], now: datetime) -> Plan:
    first = first_weekday(locale=request.user.locale, timezone=request.user.timezone)
    return plan_periods(halaka, wanted, now=now, first_weekday=first)


def _page(
    request: PersonRequest,
    halaka: Halaka,
    form: PeriodForm,
    plan: Plan | None,
    kept: Period | None,
    now: datetime,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "plan": plan, "halaka": halaka}
    if request.htmx.target == "plan":
        return render(request, "planner/plan.html", context)
    context |= {
        "kept": kept,
        "others": [one for one in halaka.pattern.periods if one != kept],
        "back": _plan(request, halaka, with_period(halaka.pattern.periods, None, instead_of=kept.first_day), now)
        if kept
        else None,
        "ramadan": coming_ramadan(timezone.localtime(now, halaka.pattern.zone).date()),
    }
    status = 400 if form.is_bound and not is_preview(request) else 200
    return render(request, "halakat/periods.html", context, status=status)
