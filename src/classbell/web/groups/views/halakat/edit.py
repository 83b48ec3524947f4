"""Making a circle and changing it, with what the schedule comes to shown before it is saved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.bookings.queries import people_who_teach
from classbell.errors import DomainError
from classbell.halakat import services
from classbell.halakat.models import Halaka
from classbell.halakat.permissions import teaches_halaka
from classbell.halakat.queries import circle_occurrences, meeting_at
from classbell.meetings.models import SyncStatus
from classbell.meetings.services import sync_now
from classbell.web.groups.forms.halakat import HalakaForm
from classbell.web.groups.previews.circles import plan_changed_circle, plan_new_circle
from classbell.web.kit.charts.weeks import first_weekday
from classbell.web.kit.forms.dates import with_days_left_out
from classbell.web.kit.previews import Plan
from classbell.web.kit.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_teacher_or_admin)
def new_halaka(request: PersonRequest) -> HttpResponse:
    """Teachers: a circle of their own. Admins: for any teacher. `preview` saves nothing."""
    user, now = request.user, timezone.now()
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    data = with_days_left_out(request.POST) if request.method == "POST" else None
    hosts = people_who_teach() if user.is_admin else None
    form = HalakaForm(data, first_weekday=first, timezone=user.timezone, teachers=hosts)
    plan = None
    if form.is_valid():
        teacher = form.cleaned_data.get("teacher") or user
        plan = plan_new_circle(
            form.pattern,
            teacher=teacher,
            title=form.cleaned_data["title"],
            description=form.cleaned_data["description"],
            now=now,
            first_weekday=first,
        )
        if not is_preview(request):
            try:
                made = services.create_halaka(
                    teacher=teacher,
                    title=form.cleaned_data["title"],
                    description=form.cleaned_data["description"],
                    pattern=form.pattern,
                    capacity=form.cleaned_data["capacity"],
                    now=now,
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, saved_in_words(made, now))
                return redirect("halaka", halaka_id=made.pk)
    return _page(request, form, plan)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_halaka)
def edit_halaka(request: PersonRequest, halaka_id: UUID) -> HttpResponse:
    """
    Its teacher and admins: its words, places and schedule; admins also who teaches it from now on. What took place stays.
    `preview` saves nothing.
    """
    user, now = request.user, timezone.now()
    halaka = Halaka.objects.select_related("group", "teacher").get(pk=halaka_id)
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    data = with_days_left_out(request.POST) if request.method == "POST" else None
    hosts = people_who_teach() if user.is_admin else None
    form = HalakaForm(data, first_weekday=first, timezone=user.timezone, kept=halaka, teachers=hosts)
    plan = None
    if form.is_valid():
        typed = form.cleaned_data
        plan = plan_changed_circle(
            halaka,
            form.pattern,
            title=typed["title"],
            description=typed["description"],
            valid_from=typed["valid_from"],
            teacher=typed.get("teacher"),
            now=now,
            first_weekday=first,
        )
        if not is_preview(request):
            try:
                changed = services.change_halaka(
                    halaka_id=halaka_id,
                    **form.words(),
                    schedule=form.schedule(),
                    valid_from=typed["valid_from"],
                    now=now,
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"{saved_in_words(changed, now)} {plan.sentence}")
                return redirect("halaka", halaka_id=halaka_id)
    return _page(request, form, plan, halaka=halaka)


def is_preview(request: PersonRequest) -> bool:
    """Whether a planner's form only asks what it would come to."""
    return "preview" in request.POST or "leave_out" in request.POST or request.htmx.target == "plan"


def _page(request: PersonRequest, form: HalakaForm, plan: Plan | None, *, halaka: Halaka | None = None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "plan": plan, "halaka": halaka, "may_leave_out": True}
    if request.htmx.target == "plan":
        return render(request, "planner/plan.html", context)
    status = 400 if form.is_bound and not is_preview(request) else 200
    return render(request, "halakat/edit.html", context, status=status)


def saved_in_words(halaka: Halaka, now: datetime) -> str:
    """Bring the meeting that is entered next to Zoom and say how that went."""
    rows = circle_occurrences(halaka)
    meeting = meeting_at(rows, now=now)
    is_there = meeting is not None and sync_now(meeting.pk) == SyncStatus.SYNCED
    return _("Saved, and on Zoom.") if is_there else _("Saved. Zoom follows.")
