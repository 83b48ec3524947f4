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

from classbell.accounts.acting import guardian_of
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_student
from classbell.bookings import services
from classbell.bookings.errors import OverlapsOwnSessions
from classbell.bookings.kinds.choosing import teachers_of
from classbell.bookings.kinds.errors import AnswersRefused
from classbell.bookings.kinds.queries import kind_named, kinds_for
from classbell.bookings.kinds.rules import check_taught
from classbell.bookings.models import Booking, BookingStatus, LessonKind, MakeUpCredit
from classbell.bookings.models.settings import MOST_DAYS_AHEAD
from classbell.bookings.queries import sessions_at
from classbell.bookings.slots import TeacherNotFound
from classbell.errors import DomainError
from classbell.meetings.services import sync_now
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
            booking = _book(request, kind, teacher, form, now=timezone.now())
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


def _book(
    request: PersonRequest, kind: LessonKind, teacher: User | None, form: KindBookForm, *, now: datetime
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
        "lacks_lesson": kind.takes_a_lesson and not _has_lesson_for(user, kind, now=now),
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


def _has_lesson_for(student: User, kind: LessonKind, *, now: datetime) -> bool:
    """Whether a student's balance has a lesson that a lesson of this kind can be booked with."""
    return MakeUpCredit.objects.usable(now).filter(student=student).for_kind(kind.pk).exists()


def _said(booking: Booking) -> str:
    if booking.status == BookingStatus.CONFIRMED:
        return _("Booked and confirmed with %(teacher)s.") % {"teacher": booking.teacher.name}
    return _("Asked. The answer of %(teacher)s will be here and under Notifications.") % {
        "teacher": booking.teacher.name
    }
