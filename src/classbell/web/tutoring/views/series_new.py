"""Lessons for weeks: students ask for them, teachers and admins book them; first the dates are shown, then it is done."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.acting import guardian_of
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_student
from classbell.bookings.errors import OverlapsOwnSessions, StudentExpectedElsewhere
from classbell.bookings.models import BookingSeries
from classbell.bookings.permissions import may_be_booked
from classbell.bookings.queries import people_who_teach, students_to_book_for
from classbell.bookings.series import services
from classbell.bookings.series.planning import SeriesPlan, plan_series
from classbell.bookings.slots import TeacherNotFound
from classbell.bookings.weekly import count_within
from classbell.errors import DomainError
from classbell.meetings.hosts.pool import ends_after
from classbell.meetings.services import sync_now
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.bookings import PeriodForm
from classbell.web.tutoring.forms.series import PREVIEW, SeriesForm
from classbell.web.tutoring.presenters.series import present_plan
from classbell.web.tutoring.views.teachers import ONLY_STUDENTS
from classbell.zones import place_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_student, otherwise=ONLY_STUDENTS, for_wards=True)
def ask_for_series(request: PersonRequest, teacher_id: UUID) -> HttpResponse:
    """Students: ask this teacher for lessons every week. The address may name the first time, as the picker does."""
    teacher = people_who_teach().filter(pk=teacher_id).distinct().first()
    if teacher is None:
        raise TeacherNotFound
    return _page(request, teacher=teacher)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def book_series(request: PersonRequest) -> HttpResponse:
    """
    Teachers: with themselves, for students of theirs; admins: for anybody with any teacher. The address may name the student.
    """
    return _page(request, teacher=None)


def _page(request: PersonRequest, *, teacher: User | None) -> HttpResponse:
    """Show the form, then the dates, then do it; `teacher` is whom a student asks, None when staff books."""
    user, now = request.user, timezone.now()
    for_others = teacher is None
    form = SeriesForm(
        request.POST or None, by=user, for_others=for_others, initial=_initial(request, for_others=for_others)
    )
    draft = _drafted(form, user, teacher) if form.is_valid() else None
    context: dict[str, Any] = {"plan": None}
    if draft is not None:
        plan = plan_series(draft, by_availability=not for_others, now=now)
        ticked = request.POST.getlist("date") if form.is_seen else None
        if ticked is not None and request.POST.get("step") != PREVIEW:
            make = (
                partial(services.book_series, by=user)
                if for_others
                else partial(services.request_series, guardian=guardian_of(request))
            )
            made = _make(form, partial(make, draft, excluded=_left_out(draft, plan, ticked), now=now))
            if made is not None:
                return _made(request, made)
        context = {
            "plan": present_plan(plan, draft, ticked=ticked, user=user, for_others=for_others),
            "seen": form.shown_for,
            "ends_after": ends_after(draft.duration_minutes, [draft.teacher_id]),
            "keeps_time_in": place_of(draft.zone) if draft.zone != user.zone else "",
        }
    context |= {
        "form": form,
        "teacher": teacher,
        "nobody": for_others and not students_to_book_for(user).exists(),
        "place": place_of(user.zone),
    }
    return render(request, "bookings/series_new.html", context, status=400 if form.errors else 200)


def _drafted(form: SeriesForm, user: User, teacher: User | None) -> BookingSeries | None:
    """Return the series that was typed; None when it makes none, which the form then says."""
    starts_at, _ends_at = form.period
    data = form.cleaned_data
    whose = teacher or data.get("teacher", user)
    try:
        return services.draft_series(
            student=user if teacher is not None else data["student"],
            teacher=whose,
            starts_at=starts_at,
            duration_minutes=data["minutes"],
            count=count_within(data["weeks"], interval_weeks=data["every"]),
            interval_weeks=data["every"],
            timezone=whose.timezone,
            notes=data["notes"],
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _left_out(draft: BookingSeries, plan: SeriesPlan, ticked: Collection[str]) -> set[date]:
    """Return the days, of those that were shown, that were not ticked."""
    days = (one.starts_at.astimezone(draft.zone).date() for one in plan.dates)
    return {day for day in days if day.isoformat() not in ticked}


def _make(form: SeriesForm, make: Callable[..., BookingSeries]) -> BookingSeries | None:
    """Book it as `make` does; None when a rule refuses, which the form then says."""
    try:
        return make(despite_overlap=form.cleaned_data["despite_overlap"])
    except (OverlapsOwnSessions, StudentExpectedElsewhere) as error:
        form.add_error("despite_overlap", str(error))
    except DomainError as error:
        form.add_error(None, str(error))
    return None


def _made(request: PersonRequest, series: BookingSeries) -> HttpResponse:
    if series.meeting_id is not None:
        sync_now(series.meeting_id)
    if series.booked_by_id is not None:
        messages.success(request, _("Booked. %(name)s is told.") % {"name": series.student.name})
    elif series.meeting_id is not None:
        messages.success(request, _("Booked and confirmed."))
    else:
        said = _("Asked. The answer of %(teacher)s will be here and under Notifications.")
        messages.success(request, said % {"teacher": series.teacher.name})
    return redirect("booking-series", series_id=series.pk)


def _initial(request: PersonRequest, *, for_others: bool) -> dict[str, object]:
    """Return what the address says: the student, or the time that was picked."""
    if for_others:
        try:
            return {"student": str(UUID(request.GET.get("student", "")))}
        except ValueError:
            return {}
    picked = PeriodForm({"slot": request.GET.get("slot", ""), "length": request.GET.get("length", "60")})
    if not picked.is_valid():
        return {}
    starts_at, ends_at = picked.period
    local = timezone.localtime(starts_at, request.user.zone)
    return {"day": local.date(), "time": local.time(), "minutes": (ends_at - starts_at) // timedelta(minutes=1)}
