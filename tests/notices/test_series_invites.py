"""What is planned for many dates comes as one invitation, and each later mail is about the same event as the feed has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage as Received

import pytest
from django.core import mail
from django.db.models import Q
from django.test import override_settings
from icalendar import Calendar
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.bookings.models import BookingSeries
from classbell.bookings.series import services as series_services
from classbell.bookings.series.moving import reschedule_series
from classbell.bookings.services import cancel_booking
from classbell.courses.batches import create_sessions
from classbell.courses.pattern import NewSession
from classbell.courses.services import create_course
from classbell.groups.services import enrol_students, join_group, remove_students
from classbell.groups.signals import moved_up
from classbell.meetings.changes import change_meeting
from classbell.meetings.invitations import schedule_meeting
from classbell.meetings.models import Meeting
from classbell.meetings.occurrences import cancel_occurrence, move_occurrence
from classbell.meetings.services import cancel_meeting
from classbell.notices import occurrences, tasks
from classbell.notices.calendar import feed_of, file_of
from classbell.notices.mailing import mail_notice
from classbell.notices.models import Notice
from tests.bookings.series.school import asked_series, booked_series, dates, open_tutor
from tests.factories import make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly
from tests.notices.test_calendar_readers import Seen, by_icalendar, by_vobject
from tests.notices.test_invites import part, received

pytestmark = pytest.mark.django_db

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


@pytest.fixture(autouse=True)
def with_mail() -> Iterator[None]:
    """A school that sends mail, here into Django's outbox."""
    with override_settings(EMAIL_HOST="mail.school.example", DEFAULT_FROM_EMAIL="School <bell@school.example>"):
        yield


def now() -> datetime:
    return datetime.now(UTC)


def sent_to(person: User) -> list[Received]:
    """Send what is not sent yet, and return this person's mails among it."""
    before = len(mail.outbox)
    for notice in Notice.objects.filter(mailed_at=None).order_by("created_at", "pk"):
        mail_notice(notice_id=notice.pk, now=now())
    return [one for one in received()[before:] if one["To"] == person.email]


def invitation(message: Received) -> str:
    """Return the iCalendar object of a mail: what calendars find as its alternative is what they find as its file."""
    alternative, file = part(message, "text/calendar"), part(message, "application/ics")
    text: str = file.get_content().decode()
    assert alternative.get_content().split() == text.split()
    assert alternative.get_param("method") == str(Calendar.from_ical(text)["METHOD"])
    return text


def method_of(text: str) -> str:
    return str(Calendar.from_ical(text)["METHOD"])


def shown(text: str) -> list[Seen]:
    """Return what two libraries both show of it."""
    found = sorted(by_icalendar(text))
    assert sorted(by_vobject(text)) == found
    return found


def in_feed(person: User) -> list[Seen]:
    return [one for one in shown(feed_of(person, now=now()).decode()) if one.status == "CONFIRMED"]


def do_the_jobs() -> None:
    """Do what waits of telling who came into a group."""
    jobs = ProcrastinateJob.objects.filter(task_name=tasks.tell_enrolled.name)
    for job in jobs:
        tasks.tell_enrolled(**job.args)
    jobs.delete()


def planned(meeting: Meeting) -> None:
    occurrences.tell_planned(meeting_ids=[meeting.pk], now=now())


@pytest.fixture
def student() -> User:
    """Somebody in a class."""
    return make_student()


@pytest.fixture
def meeting(student: User) -> Meeting:
    """Four sessions of the student's class, a week apart, as somebody plans them."""
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=[student])
    meeting = schedule_meeting(weekly(teacher, group=group), now=now())
    planned(meeting)
    return meeting


def test_a_series_of_a_class_is_one_invitation_to_each_member(meeting: Meeting, student: User) -> None:
    planned(meeting)  # a job that runs twice

    (message,) = sent_to(student)

    text = invitation(message)
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert method_of(text) == "REQUEST"
    assert str(event["attendee"]).lower() == f"mailto:{student.email}"
    assert str(event["organizer"]) == "mailto:bell@school.example"
    assert shown(text) == in_feed(student)
    assert [one.starts_at for one in shown(text)] == [
        meeting.starts_at.astimezone(meeting.zone) + WEEK * week for week in range(4)
    ]
    assert sent_to(meeting.teacher) == []


def test_one_date_of_a_series_is_moved_and_cancelled_by_itself(meeting: Meeting, student: User) -> None:
    sent_to(student)
    first, second, *_others = meeting.occurrences.order_by("starts_at")

    move_occurrence(occurrence_id=first.pk, starts_at=first.starts_at + HOUR, now=now())
    occurrences.tell_moved(occurrence_id=first.pk, now=now())
    (moved,) = map(invitation, sent_to(student))
    cancel_occurrence(occurrence_id=second.pk, reason="", now=now())
    occurrences.tell_cancelled(occurrence_ids=[second.pk], now=now())
    (cancelled,) = map(invitation, sent_to(student))

    parts = [Calendar.from_ical(text).walk("VEVENT")[0] for text in (moved, cancelled)]
    assert [method_of(text) for text in (moved, cancelled)] == ["REQUEST", "CANCEL"]
    assert {str(one["uid"]) for one in parts} == {f"{meeting.pk}@classbell"} == {one.uid for one in in_feed(student)}
    assert [one.decoded("recurrence-id") for one in parts] == [first.starts_at, second.starts_at]
    assert parts[0].decoded("dtstart") == first.starts_at + HOUR
    assert parts[0].decoded("sequence") < parts[1].decoded("sequence")
    assert first.starts_at + HOUR in {one.starts_at for one in in_feed(student)}


def test_another_timetable_is_the_same_event_with_what_was_decided_about_single_dates(
    meeting: Meeting, student: User
) -> None:
    sent_to(student)
    first, second, *_others = meeting.occurrences.order_by("starts_at")
    cancel_occurrence(occurrence_id=second.pk, reason="", now=now())

    change_meeting(meeting_id=meeting.pk, changes={"starts_at": first.starts_at + 2 * HOUR}, now=now())
    occurrences.tell_timetable(meeting_id=meeting.pk, now=now())
    (text,) = map(invitation, sent_to(student))

    assert method_of(text) == "REQUEST"
    assert shown(text) == in_feed(student)
    assert len(shown(text)) == 3
    assert {one.uid for one in shown(text)} == {f"{meeting.pk}@classbell"}


def test_a_series_that_is_not_held_is_taken_out_as_a_whole(meeting: Meeting, student: User) -> None:
    sent_to(student)
    coming = [one.pk for one in meeting.occurrences.all()]

    cancel_meeting(meeting_id=meeting.pk, now=now())
    occurrences.tell_cancelled(occurrence_ids=coming, now=now())
    (text,) = map(invitation, sent_to(student))

    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert (method_of(text), str(event["status"])) == ("CANCEL", "CANCELLED")
    assert str(event["uid"]) == f"{meeting.pk}@classbell"
    assert "recurrence-id" not in event


def test_sessions_of_a_course_are_one_mail_with_one_file(student: User) -> None:
    course = create_course(teacher=make_teacher(), title="Sarf", timezone="UTC")
    enrol_students(group_id=course.group_id, students=[student])
    starts_at = next_monday_at(9)
    wanted = [
        NewSession(title="Sarf", starts_at=starts_at + WEEK * week, duration_minutes=60, timezone="UTC", numbered=True)
        for week in range(30)
    ]

    made = create_sessions(course_id=course.pk, wanted=wanted, now=now()).sessions
    occurrences.tell_planned(meeting_ids=[one.meeting_id for one in made], now=now())
    (message,) = sent_to(student)

    text = invitation(message)
    assert method_of(text) == "PUBLISH"
    assert len(shown(text)) == 30
    assert shown(text) == in_feed(student)
    assert "30 sessions" in message["Subject"]


def test_a_place_comes_with_what_is_planned() -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=[])
    meeting = make_meeting(weekly(teacher, group=group))
    student = make_student()
    enrol_students(group_id=group.pk, students=[student])

    moved_up.send(type(group), group=group, student=student)
    (text,) = map(invitation, sent_to(student))

    assert {one.uid for one in shown(text)} == {f"{meeting.pk}@classbell"}
    assert shown(text) == in_feed(student)


@pytest.mark.parametrize("way", ["put in", "joined"])
def test_who_comes_late_gets_what_was_planned_before(way: str) -> None:
    teacher, there = make_teacher(), make_student()
    group = make_class(teacher=teacher, students=[there])
    meeting = make_meeting(weekly(teacher, group=group))
    do_the_jobs()
    late, before = make_student(), len(sent_to(there))

    if way == "joined":
        join_group(group_id=group.pk, student=late)
    else:
        enrol_students(group_id=group.pk, students=[late])
    do_the_jobs()
    (text,) = map(invitation, sent_to(late))

    assert method_of(text) == "REQUEST"
    assert {one.uid for one in shown(text)} == {f"{meeting.pk}@classbell"}
    assert shown(text) == in_feed(late)
    assert len(sent_to(there)) == before


def test_who_comes_before_anything_is_planned_or_left_again_is_told_nothing() -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=[])
    early, gone = make_student(), make_student()
    enrol_students(group_id=group.pk, students=[early])
    do_the_jobs()
    make_meeting(weekly(teacher, group=group))
    enrol_students(group_id=group.pk, students=[gone])
    remove_students(group_id=group.pk, students=[gone])
    do_the_jobs()

    assert sent_to(early) == []
    assert sent_to(gone) == []


def test_who_moves_up_hears_once() -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=[make_student()], capacity=1)
    make_meeting(weekly(teacher, group=group))
    waiting = make_student()
    join_group(group_id=group.pk, student=waiting)
    remove_students(group_id=group.pk, students=list(group.members.all()))
    do_the_jobs()

    assert [notice.kind for notice in Notice.objects.filter(user=waiting)] == ["circle_place"]


def test_lessons_for_weeks_are_one_event_for_both() -> None:
    series = asked_series()
    sent_to(series.teacher)
    series_services.confirm_series(series_id=series.pk, by=series.teacher, now=now())
    sent_to(series.student)

    for person in (series.student, series.teacher):
        *_asked, message = [one for one in received() if one["To"] == person.email]
        text = invitation(message)
        assert method_of(text) == "REQUEST"
        assert [one.starts_at for one in shown(text)] == [one.starts_at for one in dates(series)]
        assert shown(text) == in_feed(person)


def test_lessons_confirmed_in_part_are_those_that_are_held() -> None:
    series = asked_series()
    first, second, third, *_others = dates(series)

    series_services.confirm_series(series_id=series.pk, only=[second.pk, third.pk], by=series.teacher, now=now())
    (text,) = map(invitation, sent_to(series.student))

    assert [one.starts_at for one in shown(text)] == [second.starts_at, third.starts_at]
    assert first.starts_at not in {one.starts_at for one in in_feed(series.student)}


@pytest.fixture
def booked() -> BookingSeries:
    """Five lessons that are confirmed, of which everybody has been told."""
    series = booked_series(by=open_tutor(), student=make_student())
    sent_to(series.student)
    return series


def test_one_lesson_of_the_series_is_cancelled_by_itself(booked: BookingSeries) -> None:
    second = dates(booked)[1]

    cancel_booking(booking_id=second.pk, by=booked.teacher, reason="", now=now())
    (text,) = map(invitation, sent_to(booked.student))

    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert method_of(text) == "CANCEL"
    assert event.decoded("recurrence-id") == second.starts_at
    assert {one.uid for one in in_feed(booked.student)} == {str(event["uid"])}
    assert len(in_feed(booked.student)) == 4


@pytest.mark.parametrize("since", [0, 2])
def test_the_rest_of_the_lessons_moves_within_the_same_event(booked: BookingSeries, since: int) -> None:
    was = dates(booked)
    to = was[since].starts_at + 2 * HOUR

    reschedule_series(series_id=booked.pk, by=booked.teacher, starts_at=to, since=was[since].starts_at, now=now())
    (text,) = map(invitation, sent_to(booked.student))

    assert method_of(text) == "REQUEST"
    assert [one.starts_at for one in shown(text)] == [one.starts_at for one in dates(booked)]
    assert shown(text) == in_feed(booked.student)
    assert len({one.uid for one in shown(text)}) == 1


@pytest.mark.parametrize(("since", "method"), [(0, "CANCEL"), (3, "REQUEST")])
def test_lessons_that_are_cancelled_leave_the_calendar(booked: BookingSeries, since: int, method: str) -> None:
    was = dates(booked)

    series_services.cancel_series(series_id=booked.pk, by=booked.teacher, since=was[since].starts_at, now=now())
    (text,) = map(invitation, sent_to(booked.student))

    assert method_of(text) == method
    if method == "REQUEST":
        assert [one.starts_at for one in shown(text)] == [one.starts_at for one in was[:since]]
    assert len(in_feed(booked.student)) == since


def test_a_file_of_one_date_does_not_replace_its_series(meeting: Meeting, student: User) -> None:
    first = meeting.occurrences.order_by("starts_at")[0]

    text = file_of(student, Q(pk=first.pk), now=now()).decode()

    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event.decoded("recurrence-id") == first.starts_at
    assert "rrule" not in event


def test_a_single_session_of_a_class_is_an_invitation_too(student: User) -> None:
    teacher = make_teacher()
    single = make_meeting(spec(teacher, group=make_class(teacher=teacher, students=[student])))
    planned(single)

    (text,) = map(invitation, sent_to(student))

    assert (method_of(text), shown(text)) == ("REQUEST", in_feed(student))
