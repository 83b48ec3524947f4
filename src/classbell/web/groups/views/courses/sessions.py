"""One session of a course: moved, held by somebody else, or cancelled."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.bookings.queries import people_who_teach
from classbell.courses import services
from classbell.courses.models import Session
from classbell.courses.permissions import teaches_course
from classbell.errors import NotThere
from classbell.web.groups.forms.courses import SessionForm
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.views.one_occurrence import Whole, call_off, occurrence_page, was_changed


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_course)
def session(request: PersonRequest, course_id: UUID, session_id: UUID) -> HttpResponse:
    """The course's teacher and admins: its title, its time, and who holds it; the others stay."""
    found = _session(course_id, session_id)
    form = SessionForm(request.POST if request.method == "POST" else None, session=found, teachers=people_who_teach())
    change = partial(services.change_session, session_id=session_id)
    said = _("Changed. The other sessions stay as they are.")
    if was_changed(request, form, change, meeting_id=found.meeting_id, said=said):
        return redirect("course", course_id=course_id)
    whole = Whole(
        name=found.course.title,
        url=reverse("course", args=[course_id]),
        cancel_url=reverse("course-session-cancel", args=[course_id, session_id]),
    )
    return occurrence_page(
        request, "courses/session.html", form, found.occurrence, whole=whole, zone=found.meeting.zone
    )


@require_POST
@allowed(teaches_course)
def cancel_session(request: PersonRequest, course_id: UUID, session_id: UUID) -> HttpResponse:
    """The course's teacher and admins: call one session off; the others stay."""
    found = _session(course_id, session_id)
    cancel = partial(services.cancel_session, session_id=session_id)
    call_off(request, cancel, meeting_id=found.meeting_id, said=_("This session is cancelled. The others stay."))
    return redirect("course", course_id=course_id)


def _session(course_id: UUID, session_id: UUID) -> Session:
    """Raises NotThere for a session of another course."""
    found = services.find_session(session_id)
    if found.course_id != course_id:
        raise NotThere(_("There is no such session."))
    return found
