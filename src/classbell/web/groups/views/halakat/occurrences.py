"""One session of a circle: moved, held by somebody else, or cancelled."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.bookings.queries import people_who_teach
from classbell.errors import NotThere
from classbell.halakat.models import Halaka
from classbell.halakat.permissions import teaches_halaka
from classbell.meetings.models import Occurrence
from classbell.meetings.occurrences import cancel_occurrence, change_occurrence
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.forms import OccurrenceForm
from classbell.web.meetings.presenters import present
from classbell.web.meetings.views.one_occurrence import Whole, call_off, occurrence_page, was_changed


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_halaka)
def occurrence(request: PersonRequest, halaka_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Its teacher and admins: hold it at another time, or let another teacher hold it; the others stay."""
    halaka, row = _occurrence(halaka_id, occurrence_id)
    data = request.POST if request.method == "POST" else None
    form = OccurrenceForm(data, occurrence=row, zone=halaka.pattern.zone, teachers=people_who_teach())
    change = partial(change_occurrence, occurrence_id=row.pk)
    said = _("Changed. The other sessions stay as they are.")
    if was_changed(request, form, change, meeting_id=row.meeting_id, said=said):
        return redirect("halaka", halaka_id=halaka_id)
    whole = Whole(
        name=halaka.group.name,
        url=reverse("halaka", args=[halaka_id]),
        cancel_url=reverse("halaka-occurrence-cancel", args=[halaka_id, occurrence_id]),
    )
    shown = present(row, user=request.user, now=timezone.now())
    return occurrence_page(request, "planner/occurrence.html", form, shown, whole=whole, zone=halaka.pattern.zone)


@require_POST
@allowed(teaches_halaka)
def cancel_one(request: PersonRequest, halaka_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Its teacher and admins: call one session off; the others stay."""
    _halaka, row = _occurrence(halaka_id, occurrence_id)
    cancel = partial(cancel_occurrence, occurrence_id=row.pk)
    back = reverse("meeting-occurrence-return", args=[row.meeting_id, row.pk])
    said = _("This session is cancelled. The others stay.")
    call_off(request, cancel, meeting_id=row.meeting_id, said=said, back=back)
    return redirect("halaka", halaka_id=halaka_id)


def _occurrence(halaka_id: UUID, occurrence_id: UUID) -> tuple[Halaka, Occurrence]:
    """Raises NotThere for a session of something else."""
    rows = Occurrence.objects.filter(pk=occurrence_id, meeting__halaka_part__halaka=halaka_id)
    row = rows.select_related("meeting__teacher", "meeting__group", "substitute").first()
    if row is None:
        raise NotThere(_("This circle has no such session."))
    return Halaka.objects.select_related("group", "teacher").get(pk=halaka_id), row
