"""The course of the demo school: twelve sessions, half of them held. One to come is cancelled, one has a substitute."""

from datetime import datetime, time, timedelta

from classbell.courses.batches import create_sessions
from classbell.courses.models import Course, Session
from classbell.courses.pattern import Pattern, sessions_of
from classbell.courses.services import cancel_session, change_session, create_course
from classbell.demo.people import LISBON, People, named
from classbell.groups.services import enrol_students

TITLE = "Reading the news in Arabic"
STUDENTS = ("student", "sofia", "tomas", "layla", "maryam", "abdullah")
WEEKS_PAST, WEEKS = 3, 6
WEDNESDAY, SATURDAY = 2, 5
CANCELLED, SUBSTITUTED = 11, 10


def make_course(people: People, *, now: datetime) -> None:
    """Plan the course, as it was planned before it began. Needs a transaction."""
    teacher = people["teacher"]
    first = (now - timedelta(days=now.weekday(), weeks=WEEKS_PAST)).date()
    last = first + timedelta(weeks=WEEKS, days=-1)
    then = now - timedelta(weeks=WEEKS_PAST + 1)
    course = create_course(
        teacher=teacher,
        title=TITLE,
        description="One article each time, from the headline to the last line.",
        timezone=LISBON,
        start_date=first,
        end_date=last,
    )
    enrol_students(group_id=course.group_id, students=named(people, STUDENTS))
    pattern = Pattern(
        title="Reading the news",
        weekdays=(WEDNESDAY, SATURDAY),
        start_time=time(15),
        duration_minutes=75,
        first_date=first,
        last_date=last,
        timezone=LISBON,
    )
    create_sessions(course_id=course.pk, wanted=sessions_of(pattern), now=then)
    _change_sessions(course, people, now)


def _change_sessions(course: Course, people: People, now: datetime) -> None:
    ids = dict(Session.objects.filter(course=course).values_list("number", "pk"))
    change_session(session_id=ids[SUBSTITUTED], teacher=people["ines"], now=now)
    cancel_session(session_id=ids[CANCELLED], reason="The school is closed that day.", now=now)
