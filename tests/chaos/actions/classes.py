"""Circles, courses, lessons of the class, absences of its students, and a calendar elsewhere."""

import random
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tests.chaos.journal import Outcome
from tests.chaos.people import People
from tests.chaos.school import MEMBERS, TEACHERS

CLASS_MINUTES: Final = 30
CLASS_TEACHER: Final = "amina"
BUSY_MINUTES: Final = 30


def circle(people: People, dice: random.Random) -> None:
    teacher = dice.choice(list(TEACHERS))
    place = ZoneInfo(TEACHERS[teacher])
    first = (people.stage.clock.now() + timedelta(days=2)).astimezone(place).date()
    hour = dice.randrange(24)
    starts = [
        datetime(day.year, day.month, day.day, hour, 15, tzinfo=place).astimezone(UTC)
        for day in (first + timedelta(days=number) for number in range(4))
    ]
    body = {
        "title": f"Circle {dice.randrange(10**6)}",
        "startDate": first.isoformat(),
        "endDate": (first + timedelta(days=3)).isoformat(),
        "frequency": "daily",
        "startTime": f"{hour:02}:15",
        "duration": 20,
        "timezone": place.key,
    }
    people.ask("circle", teacher, "/api/v1/halaka", body, starts=starts, teacher=teacher)


def course(people: People, dice: random.Random) -> None:
    teacher = dice.choice(list(TEACHERS))
    place = ZoneInfo(TEACHERS[teacher])
    made = people.ask("course", teacher, "/api/courses", {"title": f"Course {dice.randrange(10**6)}"}, teacher=teacher)
    if made.outcome is not Outcome.DONE:
        return
    first = (people.stage.clock.now() + timedelta(days=7)).astimezone(place).date()
    hour, days = dice.randrange(24), [first + timedelta(days=number) for number in range(3)]
    pattern = {
        "weekdays": [day.weekday() for day in days],
        "start_time": f"{hour:02}:40",
        "duration": 15,
        "from": first.isoformat(),
        "to": days[-1].isoformat(),
        "timezone": place.key,
    }
    starts = [datetime(day.year, day.month, day.day, hour, 40, tzinfo=place).astimezone(UTC) for day in days]
    course = made.answer["course"]["id"]
    path = f"/api/courses/{course}/sessions/batch"
    people.ask("sessions", teacher, path, {"pattern": pattern}, course=course, starts=starts)


def lesson_of_class(people: People, dice: random.Random) -> None:
    """A lesson of the class soon, whose students Zoom knows by name."""
    minutes = dice.choice([15, 20, 25, 30])
    start = (people.stage.clock.now() + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    body = {
        "title": f"Algebra {dice.randrange(10**6)}",
        "startTime": start.isoformat(),
        "duration": CLASS_MINUTES,
        "classId": people.stage.school.class_id,
        "registrationEnabled": True,
    }
    people.ask("class", CLASS_TEACHER, "/api/zoom/meetings", body, start=start)


def excuse(people: People, dice: random.Random) -> None:
    student = dice.choice(MEMBERS)
    meetings = people.journal.done("class")
    if meetings:
        meeting = dice.choice(meetings[-4:])
        start: datetime = meeting.facts["start"]
        body = {
            "from": start.isoformat(),
            "until": (start + timedelta(minutes=CLASS_MINUTES)).isoformat(),
            "meeting_id": meeting.answer["meeting"]["id"],
            "reason": "Ill",
        }
        people.ask("excuse", student, "/api/excuses", body, student=student)


def calendar(people: People, dice: random.Random) -> None:
    """The calendar of a teacher elsewhere gets an entry, and the teacher adds it here unless that is done."""
    people.stage.outside.add_entry(people.hour(dice), BUSY_MINUTES)
    if not people.journal.done("calendar"):
        body = {"type": "ics", "url": f"{people.stage.outside.url}/clara.ics"}
        people.ask("calendar", "clara", "/api/calendars/external", body)
