"""What people do about a booking. Each asks its service; what is refused says why and keeps what was typed."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from classbell.accounts.acting import doer, guardian_of
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.bookings import feedback, outcomes, policies, services
from classbell.bookings.models import Booking, NoShow
from classbell.bookings.permissions import takes_part, teaches_booking
from classbell.errors import DomainError, NotAllowed
from classbell.meetings.services import sync_now
from classbell.web.kit.labels import call_by_name
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.bookings import NoShowForm, RatingForm, ReasonForm
from classbell.web.tutoring.presenters.actions import cancel_refusal, loses_lesson, no_show_refusal, takes_back
from classbell.web.tutoring.presenters.lessons import present_booking
from classbell.web.tutoring.views.bookings import get_booking, inbox_context, render_booking

require_page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@allowed(teaches_booking)
def confirm(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its teacher and admins: say yes. The Zoom meeting is made at once if Zoom answers in time."""

    def do() -> str:
        sync(services.confirm_booking(booking_id=booking_id, now=timezone.now()))
        return _("Confirmed. %(student)s is told.")

    return _do(request, booking_id, do)


@require_page_or_post
@allowed(teaches_booking)
def decline(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its teacher and admins: say no, and why."""
    form = ReasonForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]

        def do() -> str:
            services.decline_booking(booking_id=booking_id, by=request.user, reason=reason, now=timezone.now())
            return _("Declined. %(student)s is told.")

        return _do(request, booking_id, do, ask=lambda error: _ask_decline(request, booking_id, form, error))
    return _ask_decline(request, booking_id, form)


@require_page_or_post
@allowed(takes_part, for_wards=True)
def cancel(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its student, its teacher, and admins: cancel it, after the rule was said."""
    form = ReasonForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]

        def do() -> str:
            sync(
                services.cancel_booking(
                    booking_id=booking_id,
                    by=request.user,
                    reason=reason,
                    guardian=guardian_of(request),
                    now=timezone.now(),
                )
            )
            return _("Cancelled. The time is free again.")

        return _do(request, booking_id, do, ask=lambda error: _ask_cancel(request, booking_id, form, error))
    return _ask_cancel(request, booking_id, form)


@require_page_or_post
@allowed(takes_part, for_wards=True)
def no_show(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its student, its teacher: say that the other one did not come; admins say who."""
    booking = get_booking(booking_id)
    others = {booking.student_id: NoShow.TEACHER, booking.teacher_id: NoShow.STUDENT}
    form = NoShowForm(_sent(request)) if request.user.pk not in others else None
    if request.method == "POST" and (form is None or form.is_valid()):
        who = others[request.user.pk] if form is None else NoShow(form.cleaned_data["who"])

        def do() -> str:
            outcomes.report_no_show(booking_id=booking_id, who=who, by=doer(request), now=timezone.now())
            return _("Noted.")

        return _do(request, booking_id, do, ask=lambda error: _ask_no_show(request, booking_id, form, error))
    return _ask_no_show(request, booking_id, form)


@require_POST
@allowed(teaches_booking)
def complete(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its teacher and admins: say that it took place."""

    def do() -> str:
        outcomes.complete_booking(booking_id=booking_id, now=timezone.now())
        return _("Completed.")

    return _do(request, booking_id, do)


@require_POST
@allowed(takes_part, for_wards=True)
def create_meeting(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its student, its teacher, and admins: want the Zoom meeting once more. Safe to repeat."""

    def do() -> str:
        before = get_booking(booking_id).held_in
        known = before.zoom_meeting_id if before else ""
        meeting = services.want_meeting_again(booking_id=booking_id, now=timezone.now())
        sync_now(meeting.pk)
        meeting.refresh_from_db(fields=["zoom_meeting_id"])
        is_there = bool(known) and meeting.zoom_meeting_id == known
        return _("The Zoom meeting is there already") if is_there else _("Trying again now.")

    return _do(request, booking_id, do)


@require_POST
@allowed(takes_part, for_wards=True)
def rate(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its student and its teacher: say how it was with the other one, once."""
    booking = get_booking(booking_id)
    if request.user.pk not in (booking.student_id, booking.teacher_id):
        raise NotAllowed
    form = RatingForm(request.POST)
    if not form.is_valid():
        return render_booking(request, booking, rating=form, status=400)
    try:
        feedback.give_feedback(booking_id=booking_id, author=request.user, **form.cleaned_data)
    except DomainError as error:
        return render_booking(request, booking, refusal=str(error), rating=form, status=error.status)
    messages.success(request, _("Thank you."))
    return redirect("booking", booking_id=booking_id)


def sync(booking: Booking) -> None:
    """Make the booking's meeting true within this request, if Zoom answers in time."""
    if (meeting := booking.held_in) is not None:
        sync_now(meeting.pk)


def _sent(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, if anything was; a form without a tick is sent empty."""
    return request.POST if request.method == "POST" else None


def _do(
    request: PersonRequest,
    booking_id: UUID,
    do: Callable[[], str],
    *,
    ask: Callable[[DomainError], HttpResponse] | None = None,
) -> HttpResponse:
    """Do it and say so on the page it came from; what a rule refuses is said where it was asked."""
    from_inbox = "inbox" in request.POST
    try:
        said = do() % {"student": call_by_name(get_booking(booking_id).student)}
    except DomainError as error:
        if request.htmx.target == "inbox":
            messages.error(request, str(error))
            return render(request, "bookings/list.html#inbox", inbox_context(request))
        if ask is not None:
            return ask(error)
        return render_booking(request, get_booking(booking_id), refusal=str(error), status=error.status)
    messages.success(request, said)
    if request.htmx.target == "inbox":
        response = render(request, "bookings/list.html#inbox", inbox_context(request))
        # What was confirmed stands in the list below from now on.
        return trigger_client_event(response, "bookings-answered")
    return redirect("bookings") if from_inbox else redirect("booking", booking_id=booking_id)


def _ask_decline(
    request: HttpRequest, booking_id: UUID, form: ReasonForm, error: DomainError | None = None
) -> HttpResponse:
    booking = get_booking(booking_id)
    name = call_by_name(booking.student)
    return _ask(
        request,
        booking,
        title=_("Decline this request?"),
        consequences=[_("The time becomes free again. %(name)s is told, and reads your reason.") % {"name": name}],
        form=form,
        button=_("Decline"),
        refusal=str(error or ""),
        error=error,
    )


def _ask_cancel(
    request: PersonRequest, booking_id: UUID, form: ReasonForm, error: DomainError | None = None
) -> HttpResponse:
    booking, user = get_booking(booking_id), request.user
    other = call_by_name(booking.teacher if user.pk == booking.student_id else booking.student)
    consequences = [_("The time becomes free again. %(name)s is told, and reads your reason.") % {"name": other}]
    if loses_lesson(booking, user, now=timezone.now()):
        consequences.append(_("It is too late to get back the lesson that it takes: that one is lost."))
    if booking.series is not None:
        consequences.append(_("The other dates of the series stay, with their link."))
    elif booking.meeting_id is not None:
        consequences.append(_("The Zoom meeting is deleted; its link stops working."))
    return _ask(
        request,
        booking,
        title=_("Take the request back?") if takes_back(booking, user) else _("Cancel this lesson?"),
        consequences=consequences,
        form=form,
        button=_("Take the request back") if takes_back(booking, user) else _("Cancel the lesson"),
        refusal=str(error) if error else cancel_refusal(booking, user, now=timezone.now()),
        error=error,
    )


def _ask_no_show(
    request: PersonRequest, booking_id: UUID, form: NoShowForm | None, error: DomainError | None = None
) -> HttpResponse:
    booking, user = get_booking(booking_id), request.user
    return _ask(
        request,
        booking,
        title=_("Did somebody not come?") if form else _missed(booking, user),
        consequences=_after_no_show(booking, user),
        form=form,
        button=_("Report it"),
        refusal=str(error) if error else no_show_refusal(booking, now=timezone.now()),
        error=error,
    )


def _missed(booking: Booking, user: User) -> str:
    other = booking.teacher if user.pk == booking.student_id else booking.student
    return _("Did %(name)s not come?") % {"name": call_by_name(other)}


def _after_no_show(booking: Booking, user: User) -> list[str]:
    student, teacher = call_by_name(booking.student), call_by_name(booking.teacher)
    said = []
    if user.pk != booking.student_id:
        text = _("If %(student)s did not come, the lesson counts as completed and is marked as missed.")
        said.append(text % {"student": student})
    if user.pk != booking.teacher_id:
        days = policies.policy_of(booking.teacher_id).makeup_credit_days
        text = (
            _("If %(teacher)s did not come, the lesson is cancelled and a make-up lesson is due.")
            if days is not None
            else _("If %(teacher)s did not come, the lesson is cancelled.")
        )
        said.append(text % {"teacher": teacher})
    return said


def _ask(
    request: HttpRequest,
    booking: Booking,
    *,
    title: str,
    consequences: list[str],
    form: ReasonForm | NoShowForm | None,
    button: str,
    refusal: str,
    error: DomainError | None,
) -> HttpResponse:
    """Show a page that says what follows and asks; with a refusal it says the rule in place of the button."""
    assert isinstance(request.user, User)  # noqa: S101 -- `allowed` saw to it
    context = {
        "lesson": present_booking(booking, user=request.user, now=timezone.now()),
        "title": title,
        "consequences": consequences,
        "form": form,
        "button": button,
        "refusal": refusal,
        "may_try": not refusal or error is not None,
    }
    status = error.status if error else 400 if form is not None and form.errors else 200
    return render(request, "bookings/ask.html", context, status=status)
