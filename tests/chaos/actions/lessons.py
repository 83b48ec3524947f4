"""Lessons of one student with one teacher, and those of guests and series."""

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.chaos.journal import Action
from tests.chaos.people import People, at_once
from tests.chaos.school import STUDENTS, TEACHERS

LESSON_MINUTES: Final = 30
SERIES_WEEKS: Final = 3
PLACES: Final = [ZoneInfo(zone) for zone in TEACHERS.values()]


def book(people: People, dice: random.Random) -> None:
    _ask_lesson(people, dice.choice(STUDENTS), dice.choice(list(TEACHERS)), people.hour(dice))


def race(people: People, dice: random.Random) -> None:
    """Three students after one hour of one teacher, at one moment."""
    teacher, start = dice.choice(list(TEACHERS)), people.hour(dice)
    at_once(*(partial(_ask_lesson, people, student, teacher, start) for student in dice.sample(STUDENTS, 3)))


def twice(people: People, dice: random.Random) -> None:
    """One student on two devices, after one hour of one teacher."""
    student, teacher, start = dice.choice(STUDENTS), dice.choice(list(TEACHERS)), people.hour(dice)
    at_once(*[partial(_ask_lesson, people, student, teacher, start)] * 2)


def crowd(people: People, dice: random.Random) -> None:
    """Two students after two teachers, each from two devices, all at one moment and at hours that can all be had."""
    students, teachers = dice.sample(STUDENTS, 2), dice.sample(list(TEACHERS), 2)
    asked = [(student, teacher) for student in students for teacher in teachers] * 2
    starts = [people.hour(dice, range(first, first + 8)) for first in range(40, 120, 10)]
    dice.shuffle(starts)
    tries = zip(asked, starts, strict=True)
    at_once(*(partial(_ask_lesson, people, student, teacher, start) for (student, teacher), start in tries))


def _ask_lesson(people: People, student: str, teacher: str, start: datetime) -> Action:
    body = {
        "teacher_id": people.id(teacher),
        "start_time": start.isoformat(),
        "duration": LESSON_MINUTES,
        "despite_overlap": True,
    }
    facts: dict[str, Any] = {"student": student, "teacher": teacher, "start": start}
    return people.ask("book", student, "/api/bookings/bookings", body, **facts)


def confirm(people: People, dice: random.Random) -> None:
    if (lesson := people.take_hold(dice, "book", "spend")) is not None:
        path = f"/api/bookings/bookings/{lesson.answer['id']}/confirm"
        people.ask("confirm", lesson.facts["teacher"], path, {}, about=lesson.answer["id"])
        people.give_back(lesson)


def cancel(people: People, dice: random.Random) -> None:
    if (lesson := people.take_hold(dice, "book", "spend")) is not None:
        by = lesson.facts[dice.choice(["student", "teacher"])]
        path = f"/api/bookings/bookings/{lesson.answer['id']}/cancel"
        people.ask("cancel", by, path, {"reason": "No time"}, about=lesson.answer["id"])
        people.give_back(lesson)


def move(people: People, dice: random.Random) -> None:
    if (lesson := people.take_hold(dice, "book", "spend")) is not None:
        start = people.hour(dice)
        body = {"start_time": start.isoformat(), "duration": LESSON_MINUTES, "despite_overlap": True}
        path = f"/api/bookings/bookings/{lesson.answer['id']}/reschedule"
        people.ask("move", lesson.facts["teacher"], path, body, about=lesson.answer["id"], start=start)
        people.give_back(lesson)


def give(people: People, dice: random.Random) -> None:
    student, amount = dice.choice(STUDENTS), dice.randint(1, 2)
    body = {"amount": amount, "reason": "Bought", "origin": "package"}
    path = f"/api/balances/{people.id(student)}/entries"
    people.ask("give", "admin", path, body, student=student, amount=amount)


def spend(people: People, dice: random.Random) -> None:
    """One student on two devices, after two lessons with what may be the last of the balance."""
    student = dice.choice(STUDENTS)
    tries = []
    for teacher in dice.sample(list(TEACHERS), 2):
        start = people.hour(dice)
        body = {
            "kind": people.stage.school.paid,
            "teacher_id": people.id(teacher),
            "start_time": start.isoformat(),
            "despite_overlap": True,
        }
        facts: dict[str, Any] = {"student": student, "teacher": teacher, "start": start}
        tries.append(partial(people.ask, "spend", student, "/api/bookings/bookings", body, **facts))
    at_once(*tries)


def series(people: People, dice: random.Random) -> None:
    """Two students after the same time of some weeks, which is said on the clock of one place."""
    teacher, place = dice.choice(list(TEACHERS)), dice.choice(PLACES)
    begin = people.hour(dice, range(26, 38)).astimezone(place).replace(tzinfo=None)
    body = {
        "teacher_id": people.id(teacher),
        "start_time": begin.isoformat(),
        "timezone": place.key,
        "duration": LESSON_MINUTES,
        "weeks": SERIES_WEEKS,
        "despite_overlap": True,
    }
    starts = [(begin + timedelta(weeks=week)).replace(tzinfo=place).astimezone(UTC) for week in range(SERIES_WEEKS)]
    tries = []
    for student in dice.sample(STUDENTS, 2):
        facts: dict[str, Any] = {"student": student, "teacher": teacher, "starts": starts}
        tries.append(partial(people.ask, "series", student, "/api/bookings/series", body, **facts))
    at_once(*tries)


def guest(people: People, dice: random.Random) -> None:
    """Somebody without an account books a trial."""
    start, number = people.hour(dice), dice.randrange(10**6)
    body = {
        "kind": people.stage.school.trial,
        "start_time": start.isoformat(),
        "name": f"Guest {number}",
        "email": f"guest-{number}@family.example",
        "timezone": "Europe/Lisbon",
    }
    people.ask("guest", "", "/api/public/bookings", body, start=start)
