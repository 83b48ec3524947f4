"""People of an installation under test who have every way in there is: run as a program, prints them as JSON."""

import json
import sys
from dataclasses import dataclass

import django

from tests import processes
from tests.system import System


@dataclass(frozen=True, kw_only=True)
class People:
    """Who they are, by e-mail address; all have this password. The key is the admin's, the invitation the newcomer's."""

    admin: str
    teacher: str
    student: str
    teacher_id: str
    student_id: str
    password: str
    api_key: str
    invitation: str


def fill(system: System, *, password: str) -> People:
    """Make them in the system's own database."""
    command = [sys.executable, "-m", "tests.operation.story", password]
    made = processes.run(command, env=system.environment, check=True, capture_output=True, text=True)
    return People(**json.loads(made.stdout.splitlines()[-1]))


def main() -> None:
    """Make the people and print them."""
    django.setup()

    from django.utils import timezone

    from classbell.accounts.invitations import invitation_link
    from classbell.accounts.keys.scopes import SCOPES
    from classbell.accounts.keys.services import make_key
    from classbell.accounts.models import Role, User
    from classbell.bookings import hours

    password, now = sys.argv[1], timezone.now()
    admin = User.objects.create_user("head@school.example", password, first_name="Head", role=Role.ADMIN)
    teacher = User.objects.create_user("tutor@school.example", password, first_name="Tutor", role=Role.TEACHER)
    student = User.objects.create_user("student@school.example", password, first_name="Student")
    newcomer = User.objects.create_user("newcomer@school.example", first_name="Newcomer")
    hours.set_week(teacher=teacher, windows={weekday: [(0, 24 * 60)] for weekday in range(7)})
    people = {
        "admin": admin.email,
        "teacher": teacher.email,
        "student": student.email,
        "teacher_id": str(teacher.pk),
        "student_id": str(student.pk),
        "password": password,
        "api_key": make_key(owner=admin, name="Program", scopes=SCOPES, expires_at=None, now=now).secret,
        "invitation": invitation_link(newcomer),
    }
    print(json.dumps(people))


if __name__ == "__main__":
    main()
