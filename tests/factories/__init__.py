"""People and groups for tests, made through the services that the product uses."""

from itertools import count
from typing import Any

from django.utils import timezone

from classbell.accounts.guardians.services import add_guardian
from classbell.accounts.models import Role, User
from classbell.accounts.services import PersonInput, create_person
from classbell.groups.models import Group, GroupKind
from classbell.groups.services import create_group, enrol_students

PASSWORD = "a-long-enough-password"

# All of one length, so that names sort in the order in which they were made, whatever was made before.
_numbers = count(100_001)


def make_student(**fields: Any) -> User:
    """Create a student who can sign in with PASSWORD."""
    return _make_person(Role.STUDENT, fields)


def make_teacher(**fields: Any) -> User:
    """Create a teacher who can sign in with PASSWORD."""
    return _make_person(Role.TEACHER, fields)


def make_admin(**fields: Any) -> User:
    """Create an admin who can sign in with PASSWORD."""
    return _make_person(Role.ADMIN, fields)


def make_teacher_who_learns(**fields: Any) -> User:
    """Create a teacher who is a student too."""
    return make_teacher(learns=True, **fields)


def make_guardian(*wards: User, relation: str = "", **fields: Any) -> User:
    """Create somebody who is nothing but these students' guardian, and can sign in with PASSWORD."""
    guardian = _make_person(Role.GUARDIAN, fields)
    guard(guardian, *wards, relation=relation)
    return guardian


def guard(guardian: User, *wards: User, relation: str = "") -> None:
    """Make somebody these students' guardian."""
    admin = User(role=Role.ADMIN)
    for ward in wards:
        add_guardian(student_id=ward.pk, email=guardian.email, relation=relation, by=admin, now=timezone.now())


def make_class(*, teacher: User | None = None, students: int | list[User] = 0, **fields: Any) -> Group:
    """Create a class with one teacher and these students, or so many new ones."""
    values: dict[str, Any] = {"kind": GroupKind.CLASS, "name": f"Class {next(_numbers)}"} | fields
    group = create_group(teachers=[teacher or make_teacher()], **values)
    members = students if isinstance(students, list) else [make_student() for _ in range(students)]
    if members:
        enrol_students(group_id=group.pk, students=members)
    return group


def _make_person(role: Role, fields: dict[str, Any]) -> User:
    number = next(_numbers)
    asked = PersonInput(
        email=fields.pop("email", f"{role}-{number}@school.example"),
        first_name=fields.pop("first_name", role.label.title()),
        last_name=fields.pop("last_name", f"Number {number}"),
        timezone=fields.pop("timezone", "UTC"),
        role=role,
        learns=fields.pop("learns", False),
    )
    user = create_person(asked, password=fields.pop("password", PASSWORD))
    if fields:
        for name, value in fields.items():
            setattr(user, name, value)
        user.save(update_fields=list(fields))
    return user
