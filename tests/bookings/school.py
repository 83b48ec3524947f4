"""Fills an installation under test with one tutor and many students, and prints their tokens: run as a program."""

import json
import os
import sys
from dataclasses import dataclass

import django

from tests import processes
from tests.system import System


@dataclass(frozen=True, kw_only=True)
class School:
    """A tutor who can be booked at any hour, and students; all signed in."""

    teacher_id: str
    teacher_token: str
    student_tokens: list[str]


def fill(system: System, *, students: int) -> School:
    """Make these people in the system's own database."""
    made = processes.run(
        [sys.executable, "-m", "tests.bookings.school", str(students)],
        env=system.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return School(**json.loads(made.stdout.splitlines()[-1]))


def main() -> None:
    """Make the people and print them as JSON."""
    django.setup()

    from classbell.accounts.models import Role, User
    from classbell.accounts.tokens import issue_tokens
    from classbell.bookings import hours

    teacher = User.objects.create_user("tutor@school.example", first_name="Tutor", role=Role.TEACHER)
    hours.set_week(teacher=teacher, windows={weekday: [(0, 24 * 60)] for weekday in range(7)})
    students = [User(email=f"student-{number}@school.example") for number in range(int(sys.argv[1]))]
    User.objects.bulk_create(students)
    school = {
        "teacher_id": str(teacher.pk),
        "teacher_token": issue_tokens(teacher).access_token,
        "student_tokens": [issue_tokens(student).access_token for student in students],
    }
    print(json.dumps(school))


if __name__ == "__main__":
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "classbell.config.settings"
    main()
