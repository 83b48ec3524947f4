"""Finding a teacher, and asking for a lesson: open to everybody to look at, to students to book."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from classbell.accounts.acting import guardian_of
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, anyone, is_student
from classbell.bookings import queries, services
from classbell.bookings.errors import OverlapsOwnSessions, TooManyOpenRequests
from classbell.bookings.finding import find
from classbell.bookings.models import Booking, LessonKind, MakeUpCredit, TeacherSettings
from classbell.bookings.policies import check_request, policy_of
from classbell.bookings.queries import RatedTeacher
from classbell.bookings.slots import TeacherNotFound
from classbell.errors import DomainError
from classbell.meetings.services import sync_now
from classbell.web.kit.device import visitor_zone
from classbell.web.kit.requests import PersonRequest, VisitorRequest
from classbell.web.tutoring.forms.bookings import BookForm, SearchForm
from classbell.web.tutoring.labels import policy_in_words
from classbell.web.tutoring.presenters.finding import removals_of, selects_for, wanted_of
from classbell.web.tutoring.presenters.kinds import KindCard, card_of
from classbell.web.tutoring.presenters.slot_picker import (
    Asked,
    OfTeacher,
    Picker,
    nearest_free,
    pick,
    read_address,
)
from classbell.zones import place_of

ONLY_STUDENTS = gettext_lazy("Only students can ask for lessons.")
TEACHERS_A_PAGE = 20
FEEDBACK_SHOWN = 5
# What an address says of a time: who has begun to choose one is not asked for the kind of lesson again.
OF_THE_PICKER = ("day", "from", "length", "slot")


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A teacher as students see them; `rating` is None while nobody rated."""

    teacher: User
    bio: str
    subjects: Sequence[str]
    place: str
    rating: float | None
    rating_count: int
    next_free: datetime | None = None
    zone: ZoneInfo | None = None
    clock_place: str = ""


@require_safe
@allowed(anyone, for_wards=True)
def teachers(request: VisitorRequest) -> HttpResponse:
    """Everybody, signed in or not; students their last teachers first. What was asked for stays in the address."""
    asked, now = SearchForm(request.GET).asked, timezone.now()
    # While a visitor's place is not known, they see each teacher's clock, and days and hours are the school's.
    zone = _reader_zone(request)
    clock = zone or ZoneInfo(settings.TIME_ZONE)
    student = request.user if request.user.is_authenticated and is_student(request.user) else None
    found = find(wanted_of(asked, clock), student=student, now=now)
    page = Paginator(found.others, TEACHERS_A_PAGE).get_page(request.GET.get("page"))
    last = found.last if page.number == 1 else []
    people = {teacher.pk: teacher for teacher in found.people.filter(pk__in=[*last, *page])}
    cards = {
        pk: replace(
            _card(people[pk]),
            next_free=found.free.get(pk),
            zone=zone or people[pk].zone,
            clock_place=place_of(zone or people[pk].zone),
        )
        for pk in (*last, *page)
        if pk in people
    }
    selects = selects_for(asked)
    context = {
        "page": page,
        "last": [cards[pk] for pk in last if pk in cards],
        "bookable": [cards[pk] for pk in page if pk in cards and cards[pk].next_free],
        "others": [cards[pk] for pk in page if pk in cards and not cards[pk].next_free],
        "q": asked["q"],
        "selects": selects,
        "removals": removals_of(asked, selects),
        "clock_place": place_of(clock),
    } | _visitors_place(request)
    return render(request, "teachers/list.html", context)


@never_cache
@require_safe
@allowed(anyone, for_wards=True)
def teacher(request: VisitorRequest, teacher_id: UUID) -> HttpResponse:
    """Everybody: who it is and when they are free. Students go on to book. The address holds day, length and slot."""
    chosen = _bookable(teacher_id)
    picker = _picker(request, chosen, read_address(request.GET.dict()))
    context = _booking_context(request, chosen, picker)
    if picker.chosen is not None:
        context["form"] = BookForm(initial={"slot": picker.chosen.value, "length": picker.minutes})
        if not picker.chosen_is_free:
            context |= _taken(request, chosen, picker, said=_("This time is not free any more."))
    name = "teachers/detail.html#picker" if request.htmx.target == "picker" else "teachers/detail.html"
    if name == "teachers/detail.html":
        context["feedback"] = queries.latest_feedback(chosen.pk, most=FEEDBACK_SHOWN)
        if request.user.is_authenticated:
            context["rules"] = policy_in_words(policy_of(chosen.pk))
    return _render(request, name, context, zone=picker.zone)


@require_http_methods(["GET", "POST"])
@allowed(is_student, otherwise=ONLY_STUDENTS, for_wards=True)
def book(request: PersonRequest, teacher_id: UUID) -> HttpResponse:
    """Students: ask for the time they picked. Whatever is refused, what they typed stays and other times are offered."""
    if request.method != "POST":  # whoever had to sign in again comes back by this address
        return redirect("teacher", teacher_id=teacher_id)
    chosen = _bookable(teacher_id)
    form = BookForm(request.POST)
    if form.is_valid():
        try:
            booking = _book(request, chosen, form, now=timezone.now())
        except OverlapsOwnSessions:
            form.add_error("despite_overlap", _("Tick this to ask for it all the same, or choose another time."))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _said(booking))
            return redirect("booking", booking_id=booking.pk)
    return _booking_refused(request, chosen, form)


def _book(request: PersonRequest, teacher: User, form: BookForm, *, now: datetime) -> Booking:
    starts_at, ends_at = form.period
    booking = services.request_booking(
        student=request.user,
        teacher_id=teacher.pk,
        starts_at=starts_at,
        ends_at=ends_at,
        notes=form.cleaned_data["notes"],
        use_credit=form.cleaned_data["use_credit"],
        despite_overlap=form.cleaned_data["despite_overlap"],
        guardian=guardian_of(request),
        now=now,
    )
    if booking.meeting_id is not None:
        sync_now(booking.meeting_id)
    return booking


def _booking_refused(request: PersonRequest, teacher: RatedTeacher, form: BookForm) -> HttpResponse:
    """Show the same step again with what was typed."""
    picker = _picker(request, teacher, read_address(request.POST.dict()))
    context = _booking_context(request, teacher, picker) | {"form": form}
    if form.non_field_errors() or "slot" in form.errors:
        context |= _taken(request, teacher, picker, said="")
    context["feedback"] = queries.latest_feedback(teacher.pk, most=FEEDBACK_SHOWN)
    return _render(request, "teachers/detail.html", context, zone=picker.zone, status=400)


def _taken(request: VisitorRequest, teacher: User, picker: Picker, *, said: str) -> dict[str, object]:
    """Return what to offer in place of a time that cannot be had."""
    user = request.user
    now = timezone.now()
    offer = OfTeacher(teacher=teacher, now=now)
    nearest = nearest_free(offer, picker, student=user, now=now) if user.is_authenticated else ()
    return {"taken": True, "taken_says": said, "nearest": nearest}


def _booking_context(request: VisitorRequest, teacher: RatedTeacher, picker: Picker) -> dict[str, object]:
    user = request.user
    may_book = user.is_authenticated and is_student(user) and user.pk != teacher.pk
    owed = MakeUpCredit.objects.usable(timezone.now()).filter(student=user.pk).with_teacher(teacher)
    return {
        "card": _card(teacher),
        "picker": picker,
        "address": reverse("teacher", args=[teacher.pk]),
        "at_once": _settings(teacher).auto_confirm,
        "may_book": may_book,
        "is_own_page": user.pk == teacher.pk,
        "credit": owed.first() if may_book and picker.chosen is not None else None,
        # A visitor is asked to sign in first.
        "kinds": _kinds(request, teacher, can_be_booked=may_book or not user.is_authenticated),
        "refusal": _too_many(user, teacher.pk) if user.is_authenticated and may_book else "",
        "overlaps": queries.sessions_at(user, starts_at=picker.chosen.starts_at, ends_at=picker.chosen.ends_at)
        if user.is_authenticated and may_book and picker.chosen is not None
        else (),
    } | _visitors_place(request)


def _kinds(request: VisitorRequest, teacher: User, *, can_be_booked: bool) -> list[KindCard]:
    """Return the kinds of lessons that a teacher offers, to be chosen before a time is. None is asked for of a time."""
    if any(name in request.GET for name in OF_THE_PICKER) or request.method == "POST":
        return []
    offered = LessonKind.objects.offered().filter(taught_by__teacher=teacher)
    return [card_of(kind, teacher.pk, can_be_booked=can_be_booked) for kind in offered]


def _too_many(student: User, teacher_id: UUID) -> str:
    """Return why this student may not ask this teacher for one more lesson, "" when they may."""
    try:
        check_request(student, teacher_id, policy_of(teacher_id), now=timezone.now())
    except TooManyOpenRequests as error:
        return str(error)
    return ""


def _picker(request: VisitorRequest, teacher: User, asked: Asked) -> Picker:
    # While a visitor's place is not known, they see the teacher's clock, and are told so.
    zone = _reader_zone(request) or teacher.zone
    now = timezone.now()
    offer = OfTeacher(teacher=teacher, now=now)
    return pick(offer, asked, zone=zone, days_ahead=_settings(teacher).max_days_ahead, now=now)


def _reader_zone(request: VisitorRequest) -> ZoneInfo | None:
    return request.user.zone if request.user.is_authenticated else visitor_zone(request)


def _visitors_place(request: VisitorRequest) -> dict[str, str]:
    """Return in which place a visitor reads, "" while that is not known: for parts/visitorzone.html."""
    zone = visitor_zone(request)
    return (
        {"device_zone": zone.key, "device_place": place_of(zone)} if zone else {"device_zone": "", "device_place": ""}
    )


def _render(
    request: VisitorRequest, name: str, context: dict[str, object], *, zone: ZoneInfo, status: int = 200
) -> HttpResponse:
    with timezone.override(zone):
        return render(request, name, context, status=status)


def _bookable(teacher_id: UUID) -> RatedTeacher:
    """Raises TeacherNotFound."""
    found = queries.teachers().filter(pk=teacher_id).first()
    if found is None:
        raise TeacherNotFound
    return found


def _card(teacher: RatedTeacher) -> Card:
    teaching = _settings(teacher)
    return Card(
        teacher=teacher,
        bio=teaching.bio,
        subjects=teaching.subjects,
        place=place_of(teacher.zone),
        rating=teacher.rating,
        rating_count=teacher.rating_count,
    )


def _settings(teacher: User) -> TeacherSettings:
    return getattr(teacher, "teaching", None) or TeacherSettings(teacher_id=teacher.pk)


def _said(booking: Booking) -> str:
    if booking.meeting_id is not None:
        return _("Booked and confirmed.")
    return _("Asked. The answer of %(teacher)s will be here and under Notifications.") % {
        "teacher": booking.teacher.name
    }
