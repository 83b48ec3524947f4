"""Teachers' own calendars elsewhere: added, looked at, changed, removed."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.permissions import allowed, is_admin, is_teacher_or_admin
from classbell.calendars import oauth, reading, services
from classbell.calendars.models import CalendarKind, ExternalCalendar
from classbell.calendars.permissions import owns_calendar
from classbell.calendars.queries import overlapped
from classbell.calendars.tasks import read_soon
from classbell.web.calendar.external import present_calendars
from classbell.web.calendar.forms import CalendarForm, WhatCountsForm
from classbell.web.kit.requests import PersonRequest


@never_cache
@require_safe
@allowed(is_teacher_or_admin)
def calendars(request: PersonRequest) -> HttpResponse:
    """Teachers: their calendars, how each was read, and which sessions lie in busy times. They are read because of it."""
    now = timezone.now()
    read_soon(reading.hurry(request.user.pk, now=now))
    mine = ExternalCalendar.objects.present().filter(teacher=request.user)
    context = {
        "calendars": present_calendars(mine, now=now),
        "overlapped": overlapped(request.user, now=now),
        "is_full": len(mine) >= services.MOST_CALENDARS,
    }
    return render(request, "external/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_teacher_or_admin)
def add(request: PersonRequest) -> HttpResponse:
    """Teachers: add a calendar by its address; it is read at once."""
    form = CalendarForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            services.add_calendar(
                teacher=request.user,
                kind=CalendarKind(typed["kind"]),
                url=typed["url"],
                login=typed["login"],
                password=typed["password"],
                now=timezone.now(),
            )
        except services.SeveralCalendars as error:
            form.offer(error.found)
            form.add_error("url", str(error))
        except services.CalendarInvalid as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("The calendar is added. When it says that you are busy, nobody can book you."))
            return redirect("external-calendars")
    context = {"form": form, "connectable": oauth.configured()}
    return render(request, "external/new.html", context, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(owns_calendar)
def change(request: PersonRequest, calendar_id: UUID) -> HttpResponse:
    """Teachers: what of a calendar of theirs counts; and removing it."""
    now = timezone.now()
    calendar = ExternalCalendar.objects.get(pk=calendar_id)
    kept = {name: getattr(calendar, name) for name in WhatCountsForm.base_fields}
    is_caldav = calendar.kind == CalendarKind.CALDAV
    form = WhatCountsForm(request.POST if request.method == "POST" else None, initial=kept, can_write=is_caldav)
    if form.is_valid():
        counts = dict(form.cleaned_data)
        with transaction.atomic():
            is_wanted = counts.pop("writes_lessons", False)
            services.write_sessions_into(calendar_id=calendar_id, is_wanted=is_wanted, now=now)
            services.change_calendar(calendar_id=calendar_id, changes=counts, now=now)
        read_soon([calendar_id])
        messages.success(request, _("Saved."))
        return redirect("external-calendars")
    (one,) = present_calendars([calendar], now=now)
    return render(request, "external/change.html", {"one": one, "form": form}, status=400 if form.errors else 200)


@require_POST
@allowed(owns_calendar)
def remove(request: PersonRequest, calendar_id: UUID) -> HttpResponse:
    """Teachers: forget a calendar of theirs and what it said."""
    services.remove_calendar(calendar_id=calendar_id, now=timezone.now())
    messages.success(request, _("The calendar is removed. What it said no longer keeps you from being booked."))
    return redirect("external-calendars")


@never_cache
@require_safe
@allowed(is_admin)
def school(request: PersonRequest) -> HttpResponse:
    """Admins: whose calendars cannot be read, and why. Where they are and what they say is their owners' business."""
    now = timezone.now()
    failing = ExternalCalendar.objects.present().exclude(failing_since=None).filter(teacher__is_active=True)
    rows = failing.select_related("teacher").order_by("failing_since", "pk")
    context = {"calendars": present_calendars(rows, now=now), "count": ExternalCalendar.objects.present().count()}
    return render(request, "external/school.html", context)
