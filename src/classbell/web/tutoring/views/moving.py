"""Moving a booking: to one of the free times, or, for who teaches it, to any time at all."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.acting import guardian_of
from classbell.accounts.permissions import allowed
from classbell.bookings import hours, services
from classbell.bookings.errors import BookingClosed, BookingStarted, OverlapsOwnSessions
from classbell.bookings.models import Booking
from classbell.bookings.permissions import takes_part
from classbell.bookings.queries import own_claims, sessions_at
from classbell.errors import DomainError
from classbell.moments import moment_in_words
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.bookings import MoveAnywhereForm, MoveForm
from classbell.web.tutoring.presenters.actions import move_refusal
from classbell.web.tutoring.presenters.kinds import offer_to_move
from classbell.web.tutoring.presenters.lessons import present_booking
from classbell.web.tutoring.presenters.slot_picker import Offer, Picker, nearest_free, pick, read_address
from classbell.web.tutoring.views.booking_actions import sync
from classbell.web.tutoring.views.bookings import get_booking


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(takes_part, for_wards=True)
def move(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its student: to a free time; its teacher and admins: to any. What is refused keeps what was typed."""
    booking = get_booking(booking_id)
    is_typed = "day" in request.POST
    typed = _typed_form(request, booking, bound=is_typed)
    picked = MoveForm(request.POST) if request.method == "POST" and not is_typed else None
    form = typed if is_typed else picked
    if form is not None and form.is_valid():
        try:
            _move(request, booking, form, now=timezone.now())
        except OverlapsOwnSessions:
            form.add_error("despite_overlap", _("Tick this to move it there all the same, or choose another time."))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("booking", booking_id=booking_id)
    return _page(request, booking, typed=typed, picked=picked)


def _typed_form(request: PersonRequest, booking: Booking, *, bound: bool) -> MoveAnywhereForm | None:
    """Return the form for any time; students have none."""
    user = request.user
    if not (user.is_admin or user.pk == booking.teacher_id):
        return None
    local = timezone.localtime(booking.starts_at, user.zone)
    initial = {"day": local.date(), "time": local.time(), "minutes": booking.duration_minutes}
    return MoveAnywhereForm(request.POST if bound else None, initial=initial, zone=user.zone)


def _move(request: PersonRequest, booking: Booking, form: MoveForm | MoveAnywhereForm, *, now: datetime) -> None:
    starts_at, ends_at = form.period
    done = services.reschedule_booking(
        booking_id=booking.pk,
        by=request.user,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=form.cleaned_data["reason"],
        despite_overlap=form.cleaned_data.get("despite_overlap", False),
        guardian=guardian_of(request),
        now=now,
    )
    sync(done.booking)
    messages.success(request, _("Moved to %(when)s.") % {"when": moment_in_words(starts_at)})


def _page(
    request: PersonRequest, booking: Booking, *, typed: MoveAnywhereForm | None, picked: MoveForm | None
) -> HttpResponse:
    now, user = timezone.now(), request.user
    lesson = present_booking(booking, user=user, now=now)
    picker = _picker(request, booking, now)
    form = picked
    if form is None and picker.chosen is not None:
        form = MoveForm(initial={"slot": picker.chosen.value, "length": picker.minutes})
    is_refused = picked is not None and bool(picked.errors.keys() - {"despite_overlap"})
    is_taken = (picker.chosen is not None and not picker.chosen_is_free) or is_refused
    context = {
        "booking": booking,
        "lesson": lesson,
        "picker": picker,
        "address": reverse("booking-move", args=[booking.pk]),
        "form": form,
        "typed": typed,
        "refusal": _why_not(booking, now) or move_refusal(booking, user, now=now),
        "overlaps": sessions_at(user, starts_at=picker.chosen.starts_at, ends_at=picker.chosen.ends_at)
        if picker.chosen is not None and user.pk == booking.student_id
        else (),
        "taken": is_taken,
        "taken_says": "" if picked else _("This time is not free any more."),
        "nearest": nearest_free(
            _offer(booking, now), picker, student=booking.student, now=now, own_claims=own_claims(booking)
        )
        if is_taken
        else (),
    }
    if request.htmx.target == "picker":
        return render(request, "bookings/move.html#picker", context)
    refused = any(each is not None and each.is_bound for each in (typed, picked))
    return render(request, "bookings/move.html", context, status=400 if refused else 200)


def _picker(request: PersonRequest, booking: Booking, now: datetime) -> Picker:
    given = request.POST if request.method == "POST" else request.GET
    # A time that was typed belongs to the other form.
    words = {
        name: text
        for name, text in given.dict().items()
        if request.method != "POST" or name in ("slot", "length", "wanted")
    }
    asked = read_address(words, usual_minutes=booking.duration_minutes)
    days_ahead = hours.settings_of(booking.teacher_id).max_days_ahead
    return pick(_offer(booking, now), asked, zone=request.user.zone, days_ahead=days_ahead, now=now)


def _offer(booking: Booking, now: datetime) -> Offer:
    return offer_to_move(booking, own_claims(booking), now=now)


def _why_not(booking: Booking, now: datetime) -> str:
    """Return why nobody can move it any more, "" while somebody can."""
    if not booking.is_live:
        return str(BookingClosed(booking.status))
    return str(BookingStarted()) if booking.starts_at <= now else ""
