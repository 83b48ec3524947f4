"""Where a meeting is held: at Zoom, by another link, or in a room."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed
from classbell.bookings.lessons import MEETING_WITH_LESSON
from classbell.errors import DomainError
from classbell.halakat.plan import coming_meetings
from classbell.meetings import services
from classbell.meetings.audience import expected_people
from classbell.meetings.changes import change_meeting
from classbell.meetings.locations import LocationRefused
from classbell.meetings.models import Meeting
from classbell.meetings.permissions import hosts_meeting
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.forms import LocationForm


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(hosts_meeting)
def location(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Its teacher and admins: hold it elsewhere from now on, or at Zoom again; a circle with all its sessions to come."""
    rows = Meeting.objects.select_related("teacher", "group", "halaka_part__halaka", *MEETING_WITH_LESSON)
    meeting = get_object_or_404(rows, pk=meeting_id, wanted=True)
    form = LocationForm(request.POST if request.method == "POST" else None, meeting=meeting)
    if form.is_valid():
        try:
            messages.success(request, _save(meeting, form.location_typed()))
        except LocationRefused as error:
            form.add_error("location", str(error))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("meeting", meeting_id=meeting_id)
    context = {
        "form": form,
        "meeting": meeting,
        "is_circle": hasattr(meeting, "halaka_part"),
        "people": expected_people(meeting).count(),
    }
    return render(request, "meetings/location.html", context, status=400 if form.is_bound else 200)


def _save(meeting: Meeting, place: str) -> str:
    """Hold it there and say so. Raises what change_meeting raises; then nothing has changed."""
    now = timezone.now()
    part = getattr(meeting, "halaka_part", None)
    with transaction.atomic():
        together = coming_meetings(part.halaka, now) if part is not None else []
        for one in sorted({meeting.pk, *(other.pk for other in together)}):
            change_meeting(meeting_id=one, changes={"location": place}, now=now, soon=True)
    services.sync_now(meeting.pk)
    return _("It is held there from now on.") if place else _("It is held at Zoom from now on.")
