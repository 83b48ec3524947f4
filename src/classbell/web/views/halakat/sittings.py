"""One sitting of a circle: moved, held by somebody else, or called off."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.bookings.queries import people_who_teach
from classbell.errors import DomainError, NotThere
from classbell.halakat import services
from classbell.halakat.models import Halaka
from classbell.halakat.permissions import teaches_halaka
from classbell.meetings.models import Occurrence
from classbell.meetings.services import sync_now
from classbell.web.forms.halakat import CancelForm, SittingForm
from classbell.web.requests import PersonRequest
from classbell.web.shown.sittings import present
from classbell.web.words.general import place_of


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches_halaka)
def sitting(request: PersonRequest, halaka_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Its teacher and admins: hold it at another time, or let another teacher hold it; the others stay."""
    halaka, row = _sitting(halaka_id, occurrence_id)
    data = request.POST if request.method == "POST" else None
    form = SittingForm(data, sitting=row, zone=halaka.pattern.zone, teachers=people_who_teach())
    if form.is_valid():
        changes = form.changes()
        try:
            services.change_sitting(sitting_id=row.pk, now=timezone.now(), **changes)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            sync_now(row.meeting_id)
            said = _("Changed. The other sittings stay as they are.") if changes else _("Nothing was changed.")
            messages.success(request, said)
            return redirect("halaka", halaka_id=halaka_id)
    context = {
        "halaka": halaka,
        "sitting": present(row, user=request.user, now=timezone.now()),
        "form": form,
        "cancel": CancelForm(),
        "place": place_of(halaka.pattern.zone),
    }
    return render(request, "halakat/sitting.html", context, status=400 if form.is_bound else 200)


@require_POST
@allowed(teaches_halaka)
def cancel_sitting(request: PersonRequest, halaka_id: UUID, occurrence_id: UUID) -> HttpResponse:
    """Its teacher and admins: call one sitting off; the others stay."""
    _halaka, row = _sitting(halaka_id, occurrence_id)
    form = CancelForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        services.cancel_sitting(sitting_id=row.pk, reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        sync_now(row.meeting_id)
        messages.success(request, _("This sitting is cancelled. The others stay."))
    return redirect("halaka", halaka_id=halaka_id)


def _sitting(halaka_id: UUID, occurrence_id: UUID) -> tuple[Halaka, Occurrence]:
    """Raises NotThere for a sitting of something else."""
    rows = Occurrence.objects.filter(pk=occurrence_id, meeting__halaka_part__halaka=halaka_id)
    row = rows.select_related("meeting__teacher", "meeting__group", "meeting__booking", "substitute").first()
    if row is None:
        raise NotThere(_("This circle has no such sitting."))
    return Halaka.objects.select_related("group", "teacher").get(pk=halaka_id), row
