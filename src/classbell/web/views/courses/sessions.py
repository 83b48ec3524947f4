"""One session of a course: moved, held by somebody else, or called off."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.bookings.queries import people_who_teach
from classbell.courses import services
from classbell.courses.models import Session
from classbell.courses.permissions import teaches_course
from classbell.errors import DomainError, NotThere
from classbell.meetings.services import sync_now
from classbell.web.forms.courses import SessionForm
from classbell.web.forms.halakat import CancelForm
from classbell.web.requests import PersonRequest
from classbell.web.words.general import place_of


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_course)
def session(request: PersonRequest, course_id: UUID, session_id: UUID) -> HttpResponse:
    """The course's teacher and admins: its title, its time, and who holds it; the others stay."""
    found = _session(course_id, session_id)
    form = SessionForm(request.POST if request.method == "POST" else None, session=found, teachers=people_who_teach())
    if form.is_valid():
        changes = form.changes()
        try:
            services.change_session(session_id=session_id, now=timezone.now(), **changes)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            sync_now(found.meeting_id)
            said = _("Changed. The other sessions stay as they are.") if changes else _("Nothing was changed.")
            messages.success(request, said)
            return redirect("course", course_id=course_id)
    context = {
        "session": found,
        "sitting": found.sitting,
        "form": form,
        "cancel": CancelForm(),
        "place": place_of(found.meeting.zone),
    }
    return render(request, "courses/session.html", context, status=400 if form.is_bound else 200)


@require_POST
@allowed(teaches_course)
def cancel_session(request: PersonRequest, course_id: UUID, session_id: UUID) -> HttpResponse:
    """The course's teacher and admins: call one session off; the others stay."""
    found = _session(course_id, session_id)
    form = CancelForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        services.cancel_session(session_id=session_id, reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        sync_now(found.meeting_id)
        messages.success(request, _("This session is cancelled. The others stay."))
    return redirect("course", course_id=course_id)


def _session(course_id: UUID, session_id: UUID) -> Session:
    """Raises NotThere for a session of another course."""
    found = services.find_session(session_id)
    if found.course_id != course_id:
        raise NotThere(_("There is no such session."))
    return found
