"""Booking a lesson for a student, as teachers and admins do."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.bookings import staff_bookings
from classbell.bookings.errors import StudentExpectedElsewhere
from classbell.bookings.kinds.errors import AnswersRefused, NoSuchKind
from classbell.bookings.models import Booking, LessonKind
from classbell.bookings.permissions import may_be_booked
from classbell.bookings.queries import students_to_book_for
from classbell.errors import DomainError
from classbell.meetings.hosts.pool import ends_after
from classbell.meetings.models import FREE_MINUTES
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.bookings import BookForStudentForm
from classbell.web.tutoring.forms.kind_bookings import BookKindForStudentForm
from classbell.web.tutoring.presenters.kinds import facts_of
from classbell.web.tutoring.views.booking_actions import sync
from classbell.zones import place_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(may_be_booked)
def book_for_student(request: PersonRequest) -> HttpResponse:
    """
    Teachers: with themselves, for students of their groups and whom they have taught; admins: for anybody with any teacher.
    The address may name the student and the kind of lesson.
    """
    kinds = _kinds(request.user)
    kind = _chosen(kinds, request)
    form = _form(request, kind)
    if form.is_valid():
        try:
            booking = _book(request, form, kind)
        except StudentExpectedElsewhere as error:
            form.add_error("despite_overlap", str(error))
        except AnswersRefused as error:
            if isinstance(form, BookKindForStudentForm):
                form.refuse_answers(error.refused)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Booked. %(name)s is told.") % {"name": booking.student.name})
            return redirect("booking", booking_id=booking.pk)
    context = {
        "form": form,
        "kinds": kinds,
        "kind": kind,
        "facts": facts_of(kind) if kind is not None else (),
        "student": _student(request),
        "nobody": not students_to_book_for(request.user).exists(),
        "asks_overlap": "despite_overlap" in form.errors or bool(form["despite_overlap"].value()),
        "place": place_of(request.user.zone),
        "ends_after": ends_after(FREE_MINUTES + 1, [] if request.user.is_admin else [request.user.pk]),
    }
    return render(request, "bookings/new.html", context, status=400 if form.errors else 200)


def _form(request: PersonRequest, kind: LessonKind | None) -> BookForStudentForm:
    data, initial = request.POST or None, {"student": _student(request)}
    if kind is None:
        return BookForStudentForm(data, by=request.user, initial=initial)
    return BookKindForStudentForm(data, by=request.user, kind=kind, initial=initial)


def _book(request: PersonRequest, form: BookForStudentForm, kind: LessonKind | None) -> Booking:
    starts_at, ends_at = form.period
    booking = staff_bookings.book_for_student(
        by=request.user,
        student=form.cleaned_data["student"],
        teacher=form.cleaned_data.get("teacher", request.user),
        starts_at=starts_at,
        ends_at=ends_at,
        notes=form.cleaned_data["notes"],
        despite_overlap=form.cleaned_data["despite_overlap"],
        kind=kind,
        answers=form.answers if isinstance(form, BookKindForStudentForm) else None,
        now=timezone.now(),
    )
    sync(booking)
    return booking


def _kinds(by: User) -> Sequence[LessonKind]:
    """Return the kinds that somebody may book for students: those they teach, for admins all; open to whomever."""
    kinds = LessonKind.objects.filter(is_active=True, taught_by__isnull=False)
    return list((kinds if by.is_admin else kinds.filter(taught_by__teacher=by)).distinct())


def _chosen(kinds: Sequence[LessonKind], request: PersonRequest) -> LessonKind | None:
    """Return the kind that the form, or the address, names; None for a lesson of any length. Raises NoSuchKind."""
    named = request.POST.get("kind", "") if request.method == "POST" else request.GET.get("kind", "")
    if not named:
        return None
    found = next((one for one in kinds if one.address == named), None)
    if found is None:
        raise NoSuchKind
    return found


def _student(request: PersonRequest) -> str:
    try:
        return str(UUID(request.GET.get("student", "")))
    except ValueError:
        return ""
