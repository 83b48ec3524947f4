"""
What the demo's teachers offer and what its students booked: one booking in every state.

Run again, it fills only what is missing: a request lapses and a lesson passes, so a later run asks for new ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from classbell.accounts.models import User
from classbell.bookings import feedback, hours, outcomes, services
from classbell.bookings.models import Availability, Booking, BookingStatus, NoShow
from classbell.bookings.series import services as series
from classbell.bookings.slots import find_slots, starts_of
from classbell.demo.people import People, named
from classbell.errors import DomainError
from classbell.meetings.claims import taken_periods
from classbell.meetings.queries import own_occurrences

WEEKDAYS = range(5)
LOOK_AHEAD_DAYS = 14
LESSON = timedelta(hours=1)
WEEKS = 6

# Minutes of the teacher's clock.
MORNING, AFTERNOON, EVENING = (9 * 60, 12 * 60), (14 * 60, 18 * 60), (17 * 60, 21 * 60)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tutor:
    """What a teacher of the demo offers, by weekday (0 = Monday)."""

    name: str
    bio: str
    subjects: Sequence[str]
    windows: Mapping[int, Sequence[tuple[int, int]]]
    rules: Mapping[str, int | bool]


TUTORS: Sequence[Tutor] = (
    Tutor(
        name="teacher",
        bio=(
            "I teach Arabic to people who never thought they would read it. We begin with what you want to say, "
            "and the letters come along. Bring a text you like, or a question; I bring patience."
        ),
        subjects=("Arabic", "Reading", "Conversation"),
        windows={day: [MORNING, AFTERNOON] for day in range(6)},
        rules={"buffer_minutes": 10, "min_notice_minutes": 120, "slot_interval_minutes": 30},
    ),
    Tutor(
        name="khalid",
        bio="أُقرئ القرآن الكريم برواية حفص منذ خمس عشرة سنة. نبدأ بسورة قصيرة، ونصحّح المخارج حرفًا حرفًا، على مهل.",
        subjects=("تلاوة", "تجويد", "Quran"),
        windows={day: [EVENING] for day in (6, 0, 1, 2, 3)},
        rules={"min_notice_minutes": 240},
    ),
    Tutor(
        name="ines",
        bio="Mathematics for engineers and for the curious. I ask more than I answer, and the blackboard is yours.",
        subjects=("Linear algebra", "Calculus"),
        windows={day: [MORNING, EVENING] for day in WEEKDAYS},
        rules={"buffer_minutes": 15, "auto_confirm": True},
    ),
)


def seed_tutoring(people: People, *, now: datetime) -> None:
    """Open the teachers' hours and make the bookings."""
    for tutor in TUTORS:
        _open(tutor, people[tutor.name])
    amina, khalid, ines = named(people, ("teacher", "khalid", "ines"))
    yusuf, maryam, tomas = named(people, ("student", "maryam", "tomas"))
    _held(amina, yusuf, now=now, days_ago=9, rating=5, comment="Patient and clear. I read my first page today.")
    _held(amina, tomas, now=now, days_ago=6, rating=4, comment="Good pace, and a lot of speaking.")
    _held(khalid, maryam, now=now, days_ago=5, rating=5, comment="جزاك الله خيرًا، تصحيح دقيق وصبر جميل.")
    _held(ines, yusuf, now=now, days_ago=3)
    _missed(ines, yusuf, now=now, days_ago=12)
    _cancelled(khalid, yusuf, now=now)
    _waiting(amina, maryam, notes="I would like to practise reading short news texts.", now=now)
    _waiting(amina, tomas, notes="", now=now)
    _waiting(khalid, yusuf, notes="My first lesson in tajwid: where do we begin?", now=now)
    _agreed(amina, yusuf, notes="Chapter 4, the broken plurals.", now=now)
    _agreed(amina, ines, notes="Words for a lesson in mathematics.", now=now)
    _weekly(amina, tomas, notes="Until the exam: one hour of conversation a week.", is_agreed=True, now=now)
    _weekly(amina, maryam, notes="Could we read together every week?", is_agreed=False, now=now)


def _open(tutor: Tutor, teacher: User) -> None:
    if Availability.objects.filter(teacher=teacher).exists():
        return
    hours.set_week(teacher=teacher, windows={day: list(windows) for day, windows in tutor.windows.items()})
    hours.change_settings(teacher=teacher, changes={"bio": tutor.bio, "subjects": list(tutor.subjects), **tutor.rules})


def _held(
    teacher: User, student: User, *, now: datetime, days_ago: int, rating: int | None = None, comment: str = ""
) -> None:
    """A lesson of the past, with what its student said of it."""
    if _between(teacher, student).filter(status=BookingStatus.COMPLETED).exists():
        return
    booking = _confirmed_then(teacher, student, now=now, days_ago=days_ago)
    if booking is not None:
        outcomes.complete_booking(booking_id=booking.pk, now=booking.ends_at)
        if rating is not None:
            feedback.give_feedback(booking_id=booking.pk, author=student, rating=rating, comment=comment)


def _missed(teacher: User, student: User, *, now: datetime, days_ago: int) -> None:
    """A lesson the teacher missed, so that the student is owed one."""
    if _between(teacher, student).filter(no_show=NoShow.TEACHER).exists():
        return
    booking = _confirmed_then(teacher, student, now=now, days_ago=days_ago)
    if booking is not None:
        outcomes.report_no_show(booking_id=booking.pk, who=NoShow.TEACHER, by=student, now=booking.ends_at)


def _cancelled(teacher: User, student: User, *, now: datetime) -> None:
    if _between(teacher, student).filter(status=BookingStatus.CANCELLED).exists():
        return
    booking = _ask(teacher, student, now=now)
    if booking is not None:
        services.cancel_booking(booking_id=booking.pk, by=student, reason="I am travelling that week.", now=now)


def _waiting(teacher: User, student: User, *, notes: str, now: datetime) -> None:
    if not _between(teacher, student).filter(status=BookingStatus.PENDING, starts_at__gt=now, series=None).exists():
        _ask(teacher, student, notes=notes, now=now)


def _agreed(teacher: User, student: User, *, notes: str, now: datetime) -> None:
    if _between(teacher, student).filter(status=BookingStatus.CONFIRMED, ends_at__gt=now, series=None).exists():
        return
    booking = _ask(teacher, student, notes=notes, now=now)
    if booking is not None:
        services.confirm_booking(booking_id=booking.pk, now=now)


def _weekly(teacher: User, student: User, *, notes: str, is_agreed: bool, now: datetime) -> None:
    """Lessons for weeks at the first hour that both have free each time, agreed or still to be answered."""
    status = BookingStatus.CONFIRMED if is_agreed else BookingStatus.PENDING
    if _between(teacher, student).filter(status=status, starts_at__gt=now).exclude(series=None).exists():
        return
    found = find_slots(teacher_id=teacher.pk, first=now.date() + timedelta(days=1), days=LOOK_AHEAD_DAYS, now=now)
    for starts_at in starts_of(found):
        wanted = series.draft_series(
            student=student,
            teacher=teacher,
            starts_at=starts_at,
            duration_minutes=int(LESSON / timedelta(minutes=1)),
            count=WEEKS,
            timezone=teacher.timezone,
            notes=notes,
        )
        try:
            asked = series.request_series(wanted, now=now)
        except DomainError:
            continue
        if is_agreed:
            series.confirm_series(series_id=asked.pk, by=teacher, now=now)
        return


def _confirmed_then(teacher: User, student: User, *, now: datetime, days_ago: int) -> Booking | None:
    """Make a booking as it was made some days ago."""
    then = now - timedelta(days=days_ago + 1)
    booking = _ask(teacher, student, now=then)
    if booking is not None and booking.status == BookingStatus.PENDING:
        booking = services.confirm_booking(booking_id=booking.pk, now=then)
    return booking


def _ask(teacher: User, student: User, *, now: datetime, notes: str = "") -> Booking | None:
    """Ask for the first hour in which both are free, if there is one and it may be asked for."""
    found = find_slots(teacher_id=teacher.pk, first=now.date(), days=LOOK_AHEAD_DAYS, now=now)
    starts_at = next((start for start in starts_of(found) if _is_free(student, start)), None)
    if starts_at is None:
        return None
    try:
        return services.request_booking(
            student=student,
            teacher_id=teacher.pk,
            starts_at=starts_at,
            ends_at=starts_at + LESSON,
            notes=notes,
            now=now,
        )
    except DomainError:
        return None  # Whoever tries the demo may have made policies that forbid it.


def _is_free(student: User, starts_at: datetime) -> bool:
    """Whether the student has neither a class nor another lesson at that hour."""
    ends_at = starts_at + LESSON
    if taken_periods([student.pk], start=starts_at, end=ends_at)[student.pk]:
        return False
    return not own_occurrences(student).taking_place().between(starts_at, ends_at).exists()


def _between(teacher: User, student: User) -> QuerySet[Booking]:
    return Booking.objects.filter(teacher=teacher, student=student)
