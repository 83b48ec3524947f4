"""The people of a stage's school, made in its own database: run as a program, which prints who they are as JSON."""

import json
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import django

from tests import processes
from tests.system import System

# Each on a clock of their own, so that a time without its place is a wrong time.
TEACHERS: Final = {"amina": "Africa/Cairo", "bruno": "America/New_York", "clara": "Asia/Kolkata"}
STUDENTS: Final = ("dana", "emil", "fares", "gita", "hugo", "iris")
MEMBERS: Final = STUDENTS[:4]
# Who teaches what guests pay for.
PRICED: Final = "clara"
# They have nothing to do with anybody else's lessons.
STRANGERS: Final = {"student": "sami", "teacher": "tess"}
LESSONS_LEFT: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who is signed in for the whole day."""

    id: str
    email: str
    token: str


@dataclass(frozen=True, kw_only=True, slots=True)
class School:
    """Everybody by their first name, and what the day begins with."""

    people: dict[str, Person]
    class_id: str
    # Another class, whose members change.
    changing_id: str
    trial: str
    paid: str
    group: str
    page_of: dict[str, str]
    # What is asked for to buy the school's package, and to book a lesson that is paid when it is booked.
    offer: dict[str, Any]
    priced: dict[str, Any]


def fill(system: System) -> School:
    """Make the school in the system's own database."""
    made = processes.run(
        [sys.executable, "-m", "tests.chaos.school"],
        env=system.environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout.splitlines()[-1])
    return School(**told | {"people": {name: Person(**person) for name, person in told["people"].items()}})


def main() -> None:
    """Make the school and print it as JSON."""
    django.setup()

    from allauth.headless import app_settings
    from django.conf import settings
    from django.utils import timezone

    from classbell.accounts.models import Role, User
    from classbell.accounts.tokens import issue_tokens
    from classbell.bookings import hours, makeup
    from classbell.bookings.models import Origin
    from classbell.groups.models import GroupKind
    from classbell.groups.services import create_group, enrol_students
    from classbell.payments.offers import create_offer
    from tests import factories_door as door

    # Nobody's day is about signing in again.
    settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = int(timedelta(days=30).total_seconds())
    assert settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN == app_settings.JWT_ACCESS_TOKEN_EXPIRES_IN

    users: dict[str, User] = {}

    def make(name: str, role: Role, zone: str = "UTC") -> User:
        email = f"{name}@school.example"
        user = User.objects.create_user(email, first_name=name.title(), last_name="Test", role=role, timezone=zone)
        users[name] = user
        return user

    admin = make("admin", Role.ADMIN)
    teachers = [make(name, Role.TEACHER, zone) for name, zone in TEACHERS.items()]
    students = [make(name, Role.STUDENT) for name in STUDENTS]
    make(STRANGERS["student"], Role.STUDENT)
    make(STRANGERS["teacher"], Role.TEACHER)
    for teacher in teachers:
        hours.set_week(teacher=teacher, windows={weekday: [(0, 24 * 60)] for weekday in range(7)})
    door.open_school()
    pages = {teacher.first_name.lower(): door.make_public(teacher).address for teacher in teachers}
    trial = door.make_open_kind(*teachers[:2], name="Trial", address="trial", chosen_by="least_booked")
    paid = door.make_open_kind(*teachers, name="Paid", address="paid", open_to="signed_in", takes_a_lesson=True)
    group = door.make_open_kind(teachers[2], name="Together", address="together", open_to="signed_in", seats=2)
    priced = door.make_open_kind(
        teachers[2], name="Priced", address="priced", takes_a_lesson=True, price=2_500, currency="EUR"
    )
    changing = create_group(kind=GroupKind.CLASS, name="Chemistry", timezone=TEACHERS["bruno"], teachers=teachers[1:2])
    group_of_class = create_group(
        kind=GroupKind.CLASS, name="Algebra", timezone=TEACHERS["amina"], teachers=teachers[:1]
    )
    enrol_students(group_id=group_of_class.pk, students=[users[name] for name in MEMBERS])
    for student in students:
        makeup.give(
            student=student,
            count=LESSONS_LEFT,
            reason="Bought",
            by=admin,
            origin=Origin.PACKAGE,
            now=timezone.now(),
            teacher=None,
            expires_at=None,
        )
    offer = create_offer({"name": "Three lessons", "lessons": 3, "price": 10_000, "currency": "EUR"})
    told = {
        "people": {
            name: {"id": str(user.pk), "email": user.email, "token": issue_tokens(user).access_token}
            for name, user in users.items()
        },
        "class_id": str(group_of_class.pk),
        "changing_id": str(changing.pk),
        "trial": trial.address,
        "paid": paid.address,
        "group": group.address,
        "page_of": pages,
        "offer": {"offer_id": str(offer.pk), "price": offer.price, "currency": offer.currency},
        "priced": {"kind": priced.address, "price": priced.price, "currency": priced.currency},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
