"""A guest's own pages, each behind a link of their mails: confirm, join, move, cancel, keep in an account."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.invitations import invitation_link
from classbell.accounts.permissions import allowed, anyone
from classbell.accounts.sso.policy import needs_provider
from classbell.bookings import hours
from classbell.bookings.guests import services
from classbell.bookings.models import Booking, BookingStatus, LinkPurpose
from classbell.bookings.queries import own_claims, possible_for
from classbell.door.guests import admit_to_account_mail, confirm
from classbell.errors import DomainError
from classbell.meetings.joining.clicks import note_press
from classbell.meetings.joining.entrance import come_as_host
from classbell.meetings.queries import join_link
from classbell.meetings.services import sync_now
from classbell.moments import moment_in_words
from classbell.notices.calendar import file_of
from classbell.recordings.consent import agree, text_to_ask
from classbell.web.door.payments import payment_if_cancelled, payment_of
from classbell.web.kit.device import visitor_zone
from classbell.web.kit.presenters.asked_text import asked_text, version_agreed_to
from classbell.web.kit.requests import VisitorRequest, typed_text
from classbell.web.tutoring.forms.bookings import MoveForm
from classbell.web.tutoring.presenters.kinds import offer_to_move
from classbell.web.tutoring.presenters.lessons import present_booking
from classbell.web.tutoring.presenters.slot_picker import nearest_free, pick, read_address
from classbell.zones import place_of

View = Callable[..., HttpResponse]


def guests_page(view: View) -> View:
    """
    Say on a page what a link refuses, and show times where the guest is. Kept by no browser, proxy or search engine; no other
    site is told of it, as with all pages.
    """

    @wraps(view)
    def answering(request: VisitorRequest, token: str, **others: Any) -> HttpResponse:
        try:
            response = view(request, token, **others)
        except DomainError as error:
            response = render(request, "guests/gone.html", {"refusal": str(error)}, status=error.status)
        response["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(answering)


@require_safe
@allowed(anyone)
@guests_page
def lesson(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever has the link: how the lesson stands and what can be done."""
    return _lesson_page(request, token)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
@guests_page
def confirmed(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever has the mailed link: yes, that is my lesson. By a button, because mail programs open links by themselves."""
    if request.method == "POST":
        try:
            booking = confirm(token, now=timezone.now())
        except DomainError as error:
            if error.code != "already_confirmed":
                return _lesson_page(request, token, refusal=str(error), status=error.status)
            messages.success(request, str(error))
        else:
            messages.success(request, _said(booking))
    return redirect("guest-lesson", token=token)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
@guests_page
def join(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever has the link: on to the room at Zoom, by the same rules as everybody who learns."""
    _link, booking = services.guests_lesson(token, now=timezone.now())
    guest, meeting = booking.student, booking.held_in
    if booking.status != BookingStatus.CONFIRMED or meeting is None or not meeting.wanted:
        return redirect("guest-lesson", token=token)
    if request.method == "POST":
        agree(guest, version=version_agreed_to(request), by=guest, now=timezone.now())
    if (text := text_to_ask(guest)) is not None:
        return render(request, "guests/agree.html", asked_text(request, text) | {"token": token})
    try:
        come_as_host(meeting, guest, now=timezone.now())
    except DomainError as closed:
        return _lesson_page(request, token, refusal=str(closed), status=closed.status)
    link = join_link(meeting, guest)
    if not link:
        return _lesson_page(request, token, refusal=_("The room is not ready yet. Try again in a minute."), status=503)
    note_press(meeting, guest, now=timezone.now())
    return HttpResponseRedirect(link)


@require_safe
@allowed(anyone)
@guests_page
def calendar(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever has the link: the lesson for their own calendar."""
    _link, booking = services.guests_lesson(token, now=timezone.now())
    meeting = booking.held_in
    if meeting is None:
        return redirect("guest-lesson", token=token)
    content = file_of(booking.student, Q(meeting=meeting), now=timezone.now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="classbell.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
@guests_page
def move(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever has the link: to one of the free times, by the same rules as students."""
    _link, booking = services.guests_lesson(token, now=timezone.now())
    form = MoveForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        starts_at, _end = form.period
        try:
            moved = services.move_as_guest(
                token,
                starts_at=starts_at,
                ends_at=starts_at + (booking.ends_at - booking.starts_at),
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            _sync(moved)
            messages.success(request, _("Moved to %(when)s.") % {"when": moment_in_words(starts_at)})
            return redirect("guest-lesson", token=token)
    return _move_page(request, token, booking, form)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
@guests_page
def cancel(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever has the link: not to take place, after being asked."""
    _link, booking = services.guests_lesson(token, now=timezone.now())
    if request.method == "POST":
        try:
            cancelled = services.cancel_as_guest(token, reason=typed_text(request, "reason"), now=timezone.now())
        except DomainError as error:
            return _lesson_page(request, token, refusal=str(error), status=error.status)
        _sync(cancelled)
        messages.success(request, _("Cancelled."))
        return redirect("guest-lesson", token=token)
    context = _context(request, token, booking) | {"payment": payment_if_cancelled(booking, now=timezone.now())}
    return render(request, "guests/cancel.html", context)


@require_POST
@allowed(anyone)
@guests_page
def keep(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever has the link: mail the guest how they keep their lessons in an account."""
    _link, booking = services.guests_lesson(token, now=timezone.now())
    try:
        admit_to_account_mail(request, booking.student)
        services.ask_for_account(token, now=timezone.now())
    except DomainError as error:
        return _lesson_page(request, token, refusal=str(error), status=error.status)
    messages.success(request, _("A mail with the link is on its way to your address."))
    return redirect("guest-lesson", token=token)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
@guests_page
def account(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever has the link in the mail: an account with all lessons, or their account takes them over."""
    link, known = services.account_waiting(token, now=timezone.now())
    context = {"email": link.booking.student.contact_email, "has_account": known is not None, "token": token}
    if request.method != "POST":
        return render(request, "guests/account.html", context)
    try:
        kept = services.keep_in_account(token, now=timezone.now())
    except DomainError as error:
        return render(request, "guests/account.html", context | {"refusal": str(error)}, status=error.status)
    messages.success(request, _("Your lessons are in your account."))
    if known is not None or needs_provider(kept):
        return redirect("account_login")
    return HttpResponseRedirect(urlsplit(invitation_link(kept)).path)


def _lesson_page(request: VisitorRequest, token: str, *, refusal: str = "", status: int = 200) -> HttpResponse:
    link, booking = services.guests_lesson(token, now=timezone.now())
    payment = payment_of(booking, now=timezone.now())
    if payment.has_come:
        link, booking = services.guests_lesson(token, now=timezone.now())
    context = _context(request, token, booking) | {
        "payment": payment,
        "refusal": refusal,
        "may_confirm": booking.is_held and booking.is_live and link.purpose == LinkPurpose.CONFIRM,
        "held_minutes": settings.ENVIRONMENT.guest_hold_minutes,
    }
    with timezone.override(context["zone"]):
        return render(request, "guests/lesson.html", context, status=status)


def _move_page(request: VisitorRequest, token: str, booking: Booking, form: MoveForm | None) -> HttpResponse:
    context = _context(request, token, booking)
    zone, now = context["zone"], timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    asked = read_address(
        given.dict() | {"length": str(booking.duration_minutes)}, usual_minutes=booking.duration_minutes
    )
    own = own_claims(booking)
    days_ahead = hours.settings_of(booking.teacher_id).max_days_ahead
    offer = offer_to_move(booking, own, now=now)
    picker = pick(offer, asked, zone=zone, days_ahead=days_ahead, now=now)
    picker = replace(picker, lengths=[picker.minutes])  # it stays as long as it is
    is_taken = (picker.chosen is not None and not picker.chosen_is_free) or bool(form and form.errors)
    if form is None and picker.chosen is not None:
        form = MoveForm(initial={"slot": picker.chosen.value, "length": picker.minutes})
    context |= {
        "picker": picker,
        "address": reverse("guest-move", args=[token]),
        "form": form,
        "taken": is_taken,
        "taken_says": "" if form is not None and form.is_bound else _("This time is not free any more."),
        "nearest": nearest_free(offer, picker, student=booking.student, now=now, own_claims=own) if is_taken else (),
        "overlaps": (),
    }
    with timezone.override(zone):
        return render(request, "guests/move.html", context, status=400 if form and form.errors else 200)


def _context(request: VisitorRequest, token: str, booking: Booking) -> dict[str, Any]:
    now, guest = timezone.now(), booking.student
    zone = visitor_zone(request) or guest.zone
    return {
        "token": token,
        "booking": booking,
        "lesson": present_booking(booking, user=guest, now=now),
        "may": possible_for([booking], guest, now=now)[booking.pk],
        "zone": zone,
        "place": place_of(zone),
    }


def _said(booking: Booking) -> str:
    if booking.status == BookingStatus.CONFIRMED:
        return _("Your lesson is confirmed. A mail with everything is on its way.")
    return _("Thank you. Your teacher has your request and answers by mail.")


def _sync(booking: Booking) -> None:
    if (meeting := booking.held_in) is not None:
        sync_now(meeting.pk)
