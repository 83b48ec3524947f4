"""Booking a lesson for a student, as teachers and admins do."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed
from classbell.bookings import services
from classbell.bookings.errors import StudentExpectedElsewhere
from classbell.bookings.models import Booking
from classbell.bookings.permissions import may_be_booked
from classbell.bookings.queries import students_to_book_for
from classbell.errors import DomainError
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.bookings import BookForStudentForm
from classbell.web.tutoring.views.booking_actions import sync
from classbell.zones import place_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def book_for_student(request: PersonRequest) -> HttpResponse:
    """
    Teachers: with themselves, for students of their groups and whom they have taught; admins: for anybody with any teacher.
    The address may name the student.
    """
    form = BookForStudentForm(request.POST or None, by=request.user, initial=_initial(request))
    if form.is_valid():
        try:
            booking = _book(request, form)
        except StudentExpectedElsewhere as error:
            form.add_error("despite_overlap", str(error))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Booked. %(name)s is told.") % {"name": booking.student.name})
            return redirect("booking", booking_id=booking.pk)
    context = {
        "form": form,
        "nobody": not students_to_book_for(request.user).exists(),
        "asks_overlap": "despite_overlap" in form.errors or bool(form["despite_overlap"].value()),
        "place": place_of(request.user.zone),
    }
    return render(request, "bookings/new.html", context, status=400 if form.errors else 200)


def _book(request: PersonRequest, form: BookForStudentForm) -> Booking:
    starts_at, ends_at = form.period
    booking = services.book_for_student(
        by=request.user,
        student=form.cleaned_data["student"],
        teacher=form.cleaned_data.get("teacher", request.user),
        starts_at=starts_at,
        ends_at=ends_at,
        notes=form.cleaned_data["notes"],
        despite_overlap=form.cleaned_data["despite_overlap"],
        now=timezone.now(),
    )
    sync(booking)
    return booking


def _initial(request: PersonRequest) -> dict[str, object]:
    try:
        return {"student": str(UUID(request.GET.get("student", "")))}
    except ValueError:
        return {}
