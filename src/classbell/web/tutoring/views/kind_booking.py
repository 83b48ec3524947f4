"""Booking a kind of lesson: with one teacher, or with any who teaches it."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.acting import doer, guardian_of
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_student
from classbell.bookings import makeup, services
from classbell.bookings.errors import OverlapsOwnSessions
from classbell.bookings.kinds.choosing import teachers_of
from classbell.bookings.kinds.errors import AnswersRefused
from classbell.bookings.kinds.queries import kind_named, kinds_for
from classbell.bookings.kinds.rules import check_taught
from classbell.bookings.models import Booking, BookingStatus, LessonKind
from classbell.bookings.models.settings import MOST_DAYS_AHEAD
from classbell.bookings.queries import sessions_at
from classbell.bookings.slots import TeacherNotFound
from classbell.errors import DomainError
from classbell.meetings.services import sync_now
from classbell.money import price_in_words
from classbell.payments.lessons import book_and_pay, has_to_pay
from classbell.payments.models import Purchase
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.kind_bookings import KindBookForm
from classbell.web.tutoring.presenters.kinds import OfKind, facts_of
from classbell.web.tutoring.presenters.slot_picker import nearest_free, pick, read_address
from classbell.web.tutoring.views.teachers import ONLY_STUDENTS


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_student, otherwise=ONLY_STUDENTS, for_wards=True)
def book_kind(request: PersonRequest, address: str, teacher_id: UUID | None = None) -> HttpResponse:
    """
    Students: choose a time for a kind of lesson and book it, with a teacher or with any. Whatever is refused, what they typed
    stays and other times are offered.
    """
    kind = kind_named(kinds_for(request.user), address)
    teacher = _teacher(kind, teacher_id) if teacher_id is not None else None
    form = KindBookForm(request.POST, kind=kind) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            now = timezone.now()
            if has_to_pay(kind, request.user, now=now):
                return redirect("purchase", purchase_id=_book_and_pay(request, kind, teacher, form, now=now).pk)
            booking = _book(request, kind, teacher, form, now=now)
        except OverlapsOwnSessions:
            form.add_error("despite_overlap", _("Tick this to ask for it all the same, or choose another time."))
        except AnswersRefused as error:
            form.refuse_answers(error.refused)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _said(booking))
            return redirect("booking", booking_id=booking.pk)
    return _page(request, kind, teacher, form)


def _book_and_pay(
    request: PersonRequest, kind: LessonKind, teacher: User | None, form: KindBookForm, *, now: datetime
) -> Purchase:
    def book_until(until: datetime) -> Booking:
        return _book(request, kind, teacher, form, to_be_paid_until=until, now=now)

    price, currency = form.seen
    _booking, purchase, _url = book_and_pay(book_until, payer=doer(request), price=price, currency=currency, now=now)
    return purchase


def _book(
    request: PersonRequest,
    kind: LessonKind,
    teacher: User | None,
    form: KindBookForm,
    *,
    to_be_paid_until: datetime | None = None,
    now: datetime,
) -> Booking:
    starts_at, ends_at = form.period
    booking = services.request_booking(
        student=request.user,
        teacher_id=teacher.pk if teacher is not None else None,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        answers=form.answers,
        despite_overlap=form.cleaned_data["despite_overlap"],
        guardian=guardian_of(request),
        held_until=to_be_paid_until,
        to_be_paid=to_be_paid_until is not None,
        now=now,
    )
    if (meeting := booking.held_in) is not None:
        sync_now(meeting.pk)
    return booking


def _page(request: PersonRequest, kind: LessonKind, teacher: User | None, sent: KindBookForm | None) -> HttpResponse:
    now, user = timezone.now(), request.user
    given = request.POST if request.method == "POST" else request.GET
    asked = read_address(given.dict(), usual_minutes=kind.minutes[0])
    teacher_ids = [teacher.pk] if teacher is not None else teachers_of(kind)
    offer = OfKind(kind=kind, teacher_ids=teacher_ids, now=now, clock=teacher.zone if teacher else None)
    picker = pick(offer, asked, zone=user.zone, days_ahead=MOST_DAYS_AHEAD, now=now)
    form = sent
    if form is None and picker.chosen is not None:
        form = KindBookForm(kind=kind, initial={"slot": picker.chosen.value, "length": picker.minutes})
    is_refused = sent is not None and bool(sent.non_field_errors() or "slot" in sent.errors)
    is_taken = (sent is None and picker.chosen is not None and not picker.chosen_is_free) or is_refused
    context = {
        "kind": kind,
        "facts": facts_of(kind),
        "teacher": teacher,
        "teacher_name": teacher.name if teacher is not None else kind.name,
        "address": request.path,
        "picker": picker,
        "price": price_in_words(kind.price or 0, kind.currency) if has_to_pay(kind, user, now=now) else "",
        "lacks_lesson": kind.takes_a_lesson and not makeup.has_for_kind(user, kind, now=now),
        "form": form,
        "overlaps": sessions_at(user, starts_at=picker.chosen.starts_at, ends_at=picker.chosen.ends_at)
        if picker.chosen is not None
        else (),
        "taken": is_taken,
        "taken_says": "" if sent is not None else _("This time is not free any more."),
        "nearest": nearest_free(offer, picker, student=user, now=now) if is_taken else (),
    }
    if request.htmx.target == "picker":
        return render(request, "kinds/book.html#picker", context)
    return render(request, "kinds/book.html", context, status=400 if sent is not None else 200)


def _teacher(kind: LessonKind, teacher_id: UUID) -> User:
    """Raises TeacherNotFound, NotTaughtBy."""
    check_taught(kind, teacher_id)
    found = User.objects.filter(pk=teacher_id, is_active=True).first()
    if found is None:
        raise TeacherNotFound
    return found


def _said(booking: Booking) -> str:
    if booking.status == BookingStatus.CONFIRMED:
        return _("Booked and confirmed with %(teacher)s.") % {"teacher": booking.teacher.name}
    return _("Asked. The answer of %(teacher)s will be here and under Notifications.") % {
        "teacher": booking.teacher.name
    }
