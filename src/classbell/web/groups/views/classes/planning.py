"""Planning a meeting of a class, with what it comes to shown before it is saved."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed
from classbell.bookings.queries import people_who_teach
from classbell.errors import DomainError
from classbell.groups.permissions import teaches_class
from classbell.meetings import services
from classbell.meetings.invitations import schedule_meeting
from classbell.meetings.models import SyncStatus
from classbell.web.groups.forms.classes import MeetingForm
from classbell.web.groups.views.classes.browse import get_class
from classbell.web.kit.charts.weeks import first_weekday
from classbell.web.kit.previews import rehearse
from classbell.web.kit.requests import PersonRequest
from classbell.zones import place_of


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_class)
def plan_meeting(request: PersonRequest, class_id: UUID) -> HttpResponse:
    """Its teachers for themselves, admins for any of them: one meeting or a weekly one. `preview` saves nothing."""
    user, now = request.user, timezone.now()
    group = get_class(class_id)
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    hosts = (group.teachers.all() if group.teachers.exists() else people_who_teach()) if user.is_admin else None
    data = request.POST if request.method == "POST" else None
    form = MeetingForm(data, group=group, first_weekday=first, teachers=hosts)
    is_preview = "preview" in request.POST or request.htmx.target == "plan"
    plan = rehearse(form.spec(user), now=now, first_weekday=first) if is_preview and form.has_schedule else None
    if not is_preview and form.is_valid():
        spec = form.spec(user)
        try:
            meeting = schedule_meeting(spec, now=now)
        except DomainError as error:
            form.add_error(None, str(error))
            plan = rehearse(spec, now=now, first_weekday=first)
        else:
            is_there = services.sync_now(meeting.pk) == SyncStatus.SYNCED
            messages.success(request, _("Planned, and on Zoom.") if is_there else _("Planned. Zoom follows."))
            return redirect("class", class_id=class_id)
    context = {"form": form, "group": group, "plan": plan, "place": place_of(ZoneInfo(group.timezone))}
    if request.htmx.target == "plan":
        return render(request, "planner/plan.html", context)
    return render(request, "classes/plan.html", context, status=400 if form.is_bound and not is_preview else 200)
