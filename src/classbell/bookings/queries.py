"""Reads of bookings with more than one caller."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import Avg, Count, F, Q, QuerySet
from django_stubs_ext import WithAnnotations

from classbell.accounts.models import Role, User
from classbell.accounts.wall import knows_people, past_the_wall
from classbell.bookings import policies
from classbell.bookings.errors import NoticeTooShort, TooManyReschedules
from classbell.bookings.lessons import NO_LESSON
from classbell.bookings.models import Booking, BookingPolicy, BookingStatus, Feedback
from classbell.groups.people import looked_after_by
from classbell.history import ACTOR, CHANGED
from classbell.meetings.claims import ids_of, taken_periods
from classbell.meetings.models import Meeting, Occurrence, SyncStatus
from classbell.meetings.periods import Interval, union
from classbell.meetings.queries import own_occurrences
from classbell.meetings.sync.gateway import is_configured
from classbell.searching import every_word

# What makes somebody one's student: a lesson that was agreed or took place.
TAUGHT = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)
# Teachers rate students too; that says nothing of them as teachers.
FROM_STUDENTS = Q(feedback_received__booking__teacher=F("pk"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Possible:
    """What a person may still do with a booking."""

    cancel: bool
    reschedule: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ZoomInfo:
    """How a booking stands at Zoom: `status` is none, not_configured, pending, synced or failed."""

    status: str
    meeting: Meeting | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """When a request was said yes to; `by` None: by itself, as its teacher has it."""

    created_at: datetime
    by: User | None


class Rated(TypedDict):
    """What students' ratings come to; `rating` is None while there are none."""

    rating: float | None
    rating_count: int


if TYPE_CHECKING:
    RatedTeacher = WithAnnotations[User, Rated]
else:
    RatedTeacher = User


def people_who_teach() -> QuerySet[User]:
    """Return all active teachers, and the admins who can be booked."""
    teaching = User.objects.filter(availability__isnull=False).order_by().values("pk")
    return User.objects.filter(Q(role=Role.TEACHER) | Q(role=Role.ADMIN, pk__in=teaching), is_active=True)


def people_who_may_teach() -> QuerySet[User]:
    """Return everybody with whom an admin may book: all active teachers and admins, with hours or without."""
    return User.objects.filter(role__in=[Role.TEACHER, Role.ADMIN], is_active=True)


def students_to_book_for(by: User) -> QuerySet[User]:
    """
    Return those for whom somebody may book: for admins everybody who learns here, for teachers who learns in their groups
    and whom they have taught. Never themselves.
    """
    students = User.objects.students().filter(is_active=True).exclude(pk=by.pk)
    if by.is_admin:
        return students
    if not by.is_teacher:
        return students.none()
    taught = Booking.objects.filter(teacher=by, status__in=TAUGHT).order_by().values("student")
    return students.filter(Q(pk__in=looked_after_by(by).order_by().values("pk")) | Q(pk__in=taught))


def teachers(*, search: str = "", subject: str = "") -> QuerySet[RatedTeacher]:
    """Return those who can be booked, with their settings and their students' ratings."""
    found = people_who_teach()
    found = found.filter(every_word(search, "first_name", "last_name", "teaching__bio", "teaching__subjects"))
    if subject:
        found = found.filter(every_word(subject, "teaching__subjects"))
    ids = found.values("pk").distinct()
    return (
        User.objects.filter(pk__in=ids)
        .select_related("teaching")
        .annotate(
            rating=Avg("feedback_received__rating", filter=FROM_STUDENTS),
            rating_count=Count("feedback_received", filter=FROM_STUDENTS),
        )
    )


def possible_for(bookings: list[Booking], user: User, *, now: datetime) -> dict[UUID, Possible]:
    """Say for each booking whether this person may cancel and move it now. A constant number of queries."""
    teachers_here = {booking.teacher_id for booking in bookings}
    rules = {
        policy.teacher_id: policy
        for policy in BookingPolicy.objects.filter(Q(teacher__in=teachers_here) | Q(teacher=None))
    }
    for_all = rules.get(None, BookingPolicy())
    with_a_lesson = (
        _with_a_lesson(bookings) if any(one.late_cancellation_takes_lesson for one in rules.values()) else ()
    )
    limited = {t for t in teachers_here if rules.get(t, for_all).reschedules_per_month is not None}
    moved = policies.moves_this_month(user, limited, now=now)
    return {
        booking.pk: _possible(
            booking,
            user,
            rules.get(booking.teacher_id, for_all),
            moved=moved[booking.teacher_id],
            takes_a_lesson=booking.pk in with_a_lesson,
            now=now,
        )
        for booking in bookings
    }


def _with_a_lesson(bookings: Sequence[Booking]) -> set[UUID]:
    """Return those of some bookings that take a lesson of the student's balance."""
    ids = [booking.pk for booking in bookings]
    return set(Booking.objects.filter(pk__in=ids, paid_by_credit__isnull=False).order_by().values_list("pk", flat=True))


def _possible(
    booking: Booking, user: User, policy: BookingPolicy, *, moved: int, takes_a_lesson: bool, now: datetime
) -> Possible:
    takes_part = user.is_admin or user.pk in (booking.student_id, booking.teacher_id)
    if not takes_part or not booking.is_live or booking.starts_at <= now:
        return Possible(cancel=False, reschedule=False)
    try:
        policies.check_cancel(booking, user, policy, takes_a_lesson=takes_a_lesson, now=now)
        cancel = True
    except NoticeTooShort:
        cancel = False
    try:
        policies.check_reschedule(booking, user, policy, moved=moved, now=now)
        reschedule = not booking.awaits_payment
    except (NoticeTooShort, TooManyReschedules):
        reschedule = False
    return Possible(cancel=cancel, reschedule=reschedule)


def zoom_info(booking: Booking) -> ZoomInfo:
    """Say how a booking stands at Zoom. Its meeting counts while it is wanted."""
    meeting = booking.held_in
    if meeting is None or booking.status in (BookingStatus.PENDING, BookingStatus.CANCELLED) or not meeting.wanted:
        return ZoomInfo(status="none", meeting=None)
    if meeting.is_elsewhere:
        return ZoomInfo(status="elsewhere", meeting=meeting)
    if meeting.zoom_meeting_id:
        return ZoomInfo(status=meeting.sync_status, meeting=meeting)
    if not is_configured():
        return ZoomInfo(status="not_configured", meeting=None)
    failed = meeting.sync_status == SyncStatus.FAILED
    return ZoomInfo(status=SyncStatus.FAILED if failed else SyncStatus.PENDING, meeting=None)


def confirmation_of(booking: Booking) -> Confirmation | None:
    """Return when and by whom it was confirmed, as its history knows; None while it is not. At most two queries."""
    # An entry holds the row as it was before; what it became stands in the next.
    entries = list(booking.history.filter(pgh_label=CHANGED).order_by("pgh_id"))  # type: ignore[attr-defined]
    became = [entry.status for entry in entries[1:]] + [booking.status]
    for entry, status in zip(entries, became, strict=False):
        if (entry.status, status) == (BookingStatus.PENDING, BookingStatus.CONFIRMED):
            actor = str((entry.pgh_context or {}).get(ACTOR, ""))
            is_by_itself = actor in ("", str(booking.student_id))
            by = None if is_by_itself else User.objects.filter(pk=actor).first()
            return Confirmation(created_at=entry.pgh_created_at, by=by)
    return None


def own_claims(booking: Booking) -> list[UUID]:
    """Return the claims that a booking holds on its people's time: they do not stand in its way when it moves."""
    # The time of a group lesson is the others' too.
    session = booking.session if booking.group_lesson_id is None else None
    return ids_of(held_by=booking.pk, occurrence_ids=[session.pk] if session else [])


def sessions_at(student: User, *, starts_at: datetime, ends_at: datetime) -> list[Occurrence]:
    """
    Return the sessions of classes, circles, courses and meetings that a student is expected at within [start, end). Their
    lessons are not among them, nor what they teach themselves: those claim their time.
    """
    return list(
        own_occurrences(student)
        .taking_place()
        .between(starts_at, ends_at)
        .filter(NO_LESSON)
        .exclude(Q(meeting__teacher=student, substitute=None) | Q(substitute=student))
        .select_related("meeting")
        .order_by("starts_at", "pk")
    )


def visible_among(sessions: Sequence[Occurrence], user: User) -> list[Occurrence]:
    """Return those of some sessions that a person may know of."""
    seen = set(
        Occurrence.objects.visible_to(user).filter(pk__in=[one.pk for one in sessions]).values_list("pk", flat=True)
    )
    return [one for one in sessions if one.pk in seen]


def busy_periods(teacher_id: UUID, *, start: datetime, end: datetime) -> list[Interval]:
    """Return when a teacher is taken within [start, end), by whatever: merged, in order, and no word of what it is."""
    return union(taken_periods([teacher_id], start=start, end=end)[teacher_id])


def latest_feedback(teacher_id: UUID, *, most: int) -> list[Feedback]:
    """Return what students said of a teacher, the latest first: everybody may read it."""
    with past_the_wall():
        return list(feedback_about(teacher_id)[:most])


def feedback_about(teacher_id: UUID) -> QuerySet[Feedback]:
    """What students said of a teacher."""
    return Feedback.objects.filter(about=teacher_id, booking__teacher=teacher_id).select_related("author")


@knows_people
def _taught_lessons(person: User) -> Iterable[QuerySet[Booking, UUID]]:
    taught = Booking.objects.filter(teacher=person, status__in=TAUGHT)
    return [taught.values_list("student", flat=True)] if person.is_teacher else ()
