"""Lessons left: one's own, and a student's, with the statement of what became of each."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.bookings import makeup
from classbell.bookings.ledger import credits_shown, lines_of, reason_of, taught_with
from classbell.bookings.models import Booking, Origin
from classbell.bookings.permissions import reads_balance_of_person
from classbell.bookings.policies import days_to_make_up
from classbell.errors import DomainError, NotAllowed
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.makeups import CorrectionForm
from classbell.zones import place_of

A_PAGE = 25


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def makeups(request: PersonRequest) -> HttpResponse:
    """Everybody: the lessons that they can use, and what became of the others."""
    return _page(request, request.user)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(reads_balance_of_person)
def person_makeups(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Teachers: those of a student for lessons with them; admins: all of them, and to correct them."""
    person = get_object_or_404(User, pk=person_id)
    if not request.user.is_admin:
        if request.method == "POST":
            raise NotAllowed
        return _page(request, person)
    form = CorrectionForm(
        request.POST or None,
        days=days_to_make_up(None),
        zone=request.user.zone,
    )
    if form.is_valid():
        try:
            _correct(request, person, form)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Corrected. %(name)s is told.") % {"name": person.name})
            return redirect("person-makeups", person_id=person_id)
    return _page(request, person, form=form)


def _correct(request: PersonRequest, person: User, form: CorrectionForm) -> None:
    data, now = form.cleaned_data, timezone.now()
    if not form.gives:
        makeup.take(
            student=person,
            teacher=data["teacher"],
            count=data["count"],
            reason=data["reason"],
            by=request.user,
            now=now,
        )
        return
    teacher, expires_at = data["teacher"], form.expires_at
    if expires_at is None and teacher is not None and form.origin == Origin.MAKEUP:
        expires_at = now + timedelta(days=days_to_make_up(teacher.pk))
    makeup.give(
        student=person,
        teacher=teacher,
        count=data["count"],
        origin=form.origin,
        expires_at=expires_at,
        reason=data["reason"],
        by=request.user,
        now=now,
    )


def _page(request: PersonRequest, person: User, *, form: CorrectionForm | None = None) -> HttpResponse:
    user = request.user
    seen = credits_shown(person.pk, reader=user)
    usable = seen.usable(timezone.now()).select_related("teacher", "group", "missed", "session__meeting")
    page = Paginator(lines_of(seen).order_by("-at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "person": person,
        "is_own": person.pk == user.pk,
        "usable": [{"credit": credit, "teachers": taught_with(credit)} for credit in usable],
        "page": page,
        "lines": [
            {"entry": entry, "reason": reason_of(entry), "booking": _shown(entry.booking, user)} for entry in page
        ],
        "form": form,
        "place": place_of(user.zone),
    }
    return render(request, "makeups/page.html", context, status=400 if form is not None and form.errors else 200)


def _shown(booking: Booking | None, reader: User) -> Booking | None:
    """Return the booking of a line if its reader may open it: a lesson of a group's credit may be another teacher's."""
    if booking is None or reader.is_admin or reader.pk in (booking.student_id, booking.teacher_id):
        return booking
    return None
