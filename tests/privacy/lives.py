"""A student with a past of every kind, and the class around them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from classbell.accounts.models import User
from classbell.bookings.models import Booking
from classbell.bookings.services import confirm_booking
from classbell.groups.models import Group
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.attendance.services import object_to
from classbell.meetings.models import KnownAlias, Occurrence, WebhookEvent
from classbell.notices.feeds import open_calendar_feed
from classbell.notices.models import Notice
from tests.factories import make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

FIRST, LAST, EMAIL, PRIVATE = "Zubayda", "Qaraqosh-O'Neil", "zubayda@school.example", "zubi@private.example"


@dataclass(frozen=True, kw_only=True)
class Life:
    """Who it is about, the class they are in with others, a session that was held, and a lesson that is to come."""

    student: User
    fellow: User
    teacher: User
    group: Group
    held: Occurrence
    lesson: Booking


def make_life() -> Life:
    """Let a student live: a session with stays, verdicts and an objection, a lesson, notices, and their name everywhere."""
    student = make_student(first_name=FIRST, last_name=LAST, email="zubi@before.example")
    student.email = EMAIL
    student.save(update_fields=["email"])
    fellow, teacher = make_student(), make_teacher()
    group = make_class(teacher=teacher, students=[student, fellow])
    held = make_occurrence(group, title=f"Algebra with {FIRST} {LAST}")
    make_stay(held, student, 0, 60, name="zubi's iPad", email=PRIVATE)
    make_stay(held, fellow, 10, 60)
    make_stay(held, None, 20, 30, name=f"{FIRST.upper()} {LAST}")
    KnownAlias.objects.create(group=group, user=student, alias="zubi's ipad", chosen_by=teacher, chosen_at=minute(60))
    WebhookEvent.objects.create(
        event="meeting.participant_joined",
        digest=b"1" * 32,
        body={"payload": {"object": {"participant": {"user_name": f"{FIRST} {LAST}", "email": EMAIL}}}},
        happened_at=minute(0),
        received_at=minute(0),
        due_at=minute(0),
        processed_at=minute(0),
    )
    record_attendance(occurrence_id=held.pk, now=minute(120))
    object_to(occurrence_id=held.pk, student=fellow, objection=f"I sat beside {LAST}, {FIRST}.", now=minute(130))
    tutor = make_tutor()
    now = datetime.now(UTC)
    lesson = make_booking(teacher=tutor, student=student, starts_at=a_day_ahead(9, hour=9), despite_overlap=True)
    Booking.objects.filter(pk=lesson.pk).update(notes=f"Write to {PRIVATE}")
    confirm_booking(booking_id=lesson.pk, now=now)
    open_calendar_feed(student, now=now)
    Notice.objects.create(
        user=teacher,
        subject=f"{FIRST} {LAST} came",
        text=f"Write to {EMAIL.upper()}.",
        created_at=now - timedelta(days=1),
    )
    return Life(student=student, fellow=fellow, teacher=teacher, group=group, held=held, lesson=lesson)
