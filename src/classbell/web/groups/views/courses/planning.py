"""The planner: days on one side, the sessions they make on the other, then saved at once while Zoom follows."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed
from classbell.courses.batches import create_sessions
from classbell.courses.pattern import sessions_of
from classbell.courses.permissions import teaches_course
from classbell.errors import DomainError
from classbell.web.groups.forms.courses import SessionsForm
from classbell.web.groups.previews.courses import plan_sessions
from classbell.web.groups.views.courses.browse import get_course
from classbell.web.kit.charts.weeks import first_weekday
from classbell.web.kit.forms.dates import with_days_left_out
from classbell.web.kit.requests import PersonRequest
from classbell.zones import place_of


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_course)
def plan(request: PersonRequest, course_id: UUID) -> HttpResponse:
    """Its teacher and admins: all of the sessions or none. `preview` saves nothing."""
    user, now = request.user, timezone.now()
    course = get_course(course_id)
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    data = with_days_left_out(request.POST) if request.method == "POST" else None
    form = SessionsForm(data, course=course, first_weekday=first)
    is_preview = "preview" in request.POST or "leave_out" in request.POST or request.htmx.target == "plan"
    outlook = None
    if form.is_valid():
        if not is_preview:
            try:
                made = create_sessions(course_id=course_id, wanted=sessions_of(form.pattern()), now=now).sessions
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                count = len(made)
                said = ngettext("%(n)s session planned. Zoom follows.", "%(n)s sessions planned. Zoom follows.", count)
                messages.success(request, said % {"n": count})
                return redirect("course", course_id=course_id)
        outlook = plan_sessions(course, form.pattern(), now=now, first_weekday=first)
    context = {
        "form": form,
        "course": course,
        "plan": outlook,
        "may_leave_out": True,
        "place": place_of(course.zone),
    }
    if request.htmx.target == "plan":
        return render(request, "planner/plan.html", context)
    return render(request, "courses/plan.html", context, status=400 if form.is_bound and not is_preview else 200)
