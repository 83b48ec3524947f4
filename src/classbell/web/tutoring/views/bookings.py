"""My bookings, and one booking."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.bookings.errors import NoSuchBooking
from classbell.bookings.models import Booking, BookingStatus, Feedback, MakeUpCredit, Origin, Reschedule
from classbell.bookings.models.booking import LIVE_STATUSES
from classbell.bookings.permissions import takes_part
from classbell.bookings.queries import Confirmation, confirmation_of
from classbell.holidays.queries import holidays_among
from classbell.web.kit.presenters.tabs import tabs_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.tutoring.forms.bookings import RatingForm
from classbell.web.tutoring.presenters.actions import actions_of
from classbell.web.tutoring.presenters.lessons import Lesson, present_booking
from classbell.web.tutoring.presenters.series import present_asked
from classbell.zones import place_of

BOOKINGS_A_PAGE = 20
SHOWN = ("upcoming", "past", "cancelled")
SECONDS_BETWEEN_LOOKS = 30
SECONDS_BETWEEN_LOOKS_WHILE_ZOOM_WORKS = 4


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
def bookings(request: PersonRequest) -> HttpResponse:
    """Everybody: their own; admins: all. What to answer is on top; the filter is in the address."""
    context = inbox_context(request)
    if request.htmx.target == "inbox":
        return render(request, "bookings/list.html#inbox", context)
    now, user = timezone.now(), request.user
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else SHOWN[0]
    rows = Paginator(_shown(shown, user, now), BOOKINGS_A_PAGE)
    page = rows.get_page(request.GET.get("page"))
    context |= {
        "tabs": tabs_of(request, _tabs(), shown=shown),
        "shown": shown,
        "page": page,
        "lessons": _lessons(page, user, now),
        **_lessons_left(user, now),
        "place": place_of(user.zone),
    }
    # Only the list is read again after an answer: the whole page would take away what the answer said.
    return render(request, f"bookings/list.html{'#lessons' if request.htmx.target == 'lessons' else ''}", context)


def _lessons_left(user: User, now: datetime) -> dict[str, object]:
    """Return the lessons that a student can use: what makes up for one by itself, the others as a number."""
    usable = list(MakeUpCredit.objects.usable(now).filter(student=user).select_related("teacher"))
    credits_ = [one for one in usable if one.origin == Origin.MAKEUP]
    return {"credits": credits_, "lessons_left": len(usable) - len(credits_)}


@never_cache
@require_safe
@allowed(takes_part, for_wards=True)
def booking(request: PersonRequest, booking_id: UUID) -> HttpResponse:
    """Its student, its teacher, and admins."""
    return render_booking(request, get_booking(booking_id))


def render_booking(
    request: PersonRequest, booking: Booking, *, refusal: str = "", rating: RatingForm | None = None, status: int = 200
) -> HttpResponse:
    """Return the page of one booking; `refusal` is what a rule said to the thing just tried."""
    now, user = timezone.now(), request.user
    lesson = present_booking(booking, user=user, now=now, holidays=holidays_among([booking.starts_at]))
    is_zoom_at_work = lesson.waits and lesson.meeting_id is not None
    context = {
        "booking": booking,
        "lesson": lesson,
        "actions": actions_of(booking, user, now=now),
        "refusal": refusal,
        # Of the meeting of a series, this date.
        "of_date": f"?occurrence={booking.occurrence_id}" if booking.occurrence_id else "",
        "look_again": SECONDS_BETWEEN_LOOKS_WHILE_ZOOM_WORKS if is_zoom_at_work else SECONDS_BETWEEN_LOOKS,
        "place": place_of(user.zone),
        "answers": _answers(booking),
    }
    if request.htmx.target == "lesson":
        return render(request, "bookings/detail.html#lesson", context)
    words = list(Feedback.objects.filter(booking=booking).select_related("author"))
    has_spoken = any(word.author_id == user.pk for word in words)
    may_rate = booking.status == BookingStatus.COMPLETED and user.pk in (booking.student_id, booking.teacher_id)
    context |= {
        "steps": _steps(booking),
        "credit": MakeUpCredit.objects.filter(missed=booking).first(),
        "paid_by_credit": MakeUpCredit.objects.filter(used_by=booking).exists(),
        # What teachers write of students stays with those who wrote it.
        "words": [word for word in words if user.pk == word.author_id or word.about_id == booking.teacher_id],
        "rating": rating or (RatingForm() if may_rate and not has_spoken and not booking.no_show else None),
    }
    return render(request, "bookings/detail.html", context, status=status)


def _answers(booking: Booking) -> list[tuple[str, str]]:
    """Return what was asked and answered; a question that is asked no more, by its key."""
    asked = {} if booking.kind is None else {one["key"]: one["text"] for one in booking.kind.questions}
    return [(asked.get(key, key), answer) for key, answer in booking.answers.items()]


def _steps(booking: Booking) -> list[Reschedule | Confirmation]:
    """Return how it was moved and confirmed, in the order of it."""
    confirmation = confirmation_of(booking)
    steps: list[Reschedule | Confirmation] = [*booking.reschedules.select_related("by")]
    if confirmation is not None:
        steps.append(confirmation)
    return sorted(steps, key=lambda step: step.created_at)


def inbox_context(request: PersonRequest) -> dict[str, object]:
    """Return the requests that wait for this teacher's answer, the first to lapse first."""
    now, user = timezone.now(), request.user
    if not (user.is_teacher or user.is_admin):
        return {"inbox": []}
    asked_for = Booking.objects.filter(status=BookingStatus.PENDING, is_held=False)
    waiting = asked_for.filter(teacher=user, starts_at__gt=now)
    people = ("student", "teacher", "meeting", "series__student", "series__meeting")
    asked = list(waiting.select_related(*people).order_by("lapses_at", "starts_at"))
    single = _lessons([one for one in asked if one.series is None], user, now)
    series = present_asked([one for one in asked if one.series is not None], user=user, now=now)
    return {
        "inbox": single,
        "inbox_series": series,
        "inbox_count": len(single) + len(series),
        "look_again": SECONDS_BETWEEN_LOOKS,
    }


def _lessons(bookings: Iterable[Booking], user: User, now: datetime) -> list[Lesson]:
    rows = list(bookings)
    holidays = holidays_among([row.starts_at for row in rows])
    return [present_booking(row, user=user, now=now, holidays=holidays) for row in rows]


def get_booking(booking_id: UUID) -> Booking:
    """Return a booking with what its page shows. Raises NoSuchBooking."""
    found = Booking.objects.with_people().select_related("cancelled_by").filter(pk=booking_id).first()
    if found is None:
        raise NoSuchBooking
    return found


def _tabs() -> dict[str, str]:
    return {"upcoming": _("Upcoming"), "past": _("Past"), "cancelled": pgettext("bookings", "Cancelled")}


def _shown(shown: str, user: User, now: datetime) -> QuerySet[Booking]:
    mine = Booking.objects.visible_to(user).with_people().select_related("cancelled_by")
    if shown == "cancelled":
        return mine.filter(status=BookingStatus.CANCELLED).order_by("-starts_at", "-pk")
    if shown == "past":
        return mine.exclude(status=BookingStatus.CANCELLED).filter(ends_at__lte=now).order_by("-starts_at", "-pk")
    ahead = mine.filter(status__in=LIVE_STATUSES, ends_at__gt=now)
    # What waits for this person's answer stands above the list already.
    return ahead.exclude(teacher=user, status=BookingStatus.PENDING, starts_at__gt=now).order_by("starts_at", "pk")
