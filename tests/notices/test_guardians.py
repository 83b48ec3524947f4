"""What guardians are told: what their wards are told of their own, as the guardian chooses, and nothing once it ended."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import override_settings
from django.utils import translation

from classbell.accounts.guardians.services import remove_guardian
from classbell.accounts.models import User
from classbell.accounts.reader import read_by
from classbell.notices.mailing import mail_notice
from classbell.notices.models import Notice
from classbell.notices.preferences import change_preferences, preferences_of
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.notices.topics import Topic
from tests.api_client import ApiClient
from tests.factories import guard, make_guardian, make_student, make_teacher

pytestmark = pytest.mark.django_db
PATH = "/api/me/notifications"
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
FACTS = {"student": "Yusuf Saeed", "teacher": "Amina", "when": NOW.isoformat()}


@pytest.fixture
def child() -> User:
    return make_student(first_name="Yusuf", last_name="Saeed")


def cancelled(child: User) -> None:
    tell(child, Kind.LESSON_CANCELLED, FACTS, path="/bookings/1/", now=NOW)


def told_to(person: User) -> list[Notice]:
    return list(Notice.objects.filter(user=person).exclude(kind=Kind.GUARDIAN_ADDED))


def test_guardians_are_told_what_the_student_is_and_of_whom_it_is(child: User) -> None:
    mother, father = make_guardian(child), make_guardian(child)

    cancelled(child)

    (own,), (theirs,) = told_to(child), told_to(mother)
    assert len(told_to(father)) == 1
    with translation.override("en"):
        assert theirs.words.subject == f"\u2068Yusuf Saeed\u2069: {own.words.subject}"
    assert (own.path, theirs.path) == ("/bookings/1/", f"/children/{child.pk}/bookings/1/")


def test_whoever_did_it_needs_not_be_told(child: User) -> None:
    mother, father = make_guardian(child), make_guardian(child)

    with read_by(child, guardian=mother):
        cancelled(child)

    assert (len(told_to(mother)), len(told_to(father)), len(told_to(child))) == (0, 1, 1)


def test_guardians_choose_of_what_they_are_told(child: User) -> None:
    mother, father = make_guardian(child), make_guardian(child)
    change_preferences(mother, {"channels": {"lessons": {"page": False, "mail": False}}})

    cancelled(child)

    assert [notice.on_page for notice in told_to(mother)] == [False]
    assert [notice.on_page for notice in told_to(father)] == [True]


def test_what_is_no_students_own_and_what_teachers_are_told_stays_with_them(child: User) -> None:
    mother, teacher = make_guardian(child), make_teacher()
    make_guardian(make_student())

    tell(child, Kind.SESSION_BEGUN, {"title": "Algebra", "when": NOW.isoformat()}, now=NOW)
    tell(teacher, Kind.LESSON_CANCELLED, FACTS, now=NOW)

    assert told_to(mother) == []


def test_who_has_an_account_is_told_that_they_are_a_guardian_now(child: User) -> None:
    teacher = make_teacher()

    guard(teacher, child)

    (notice,) = Notice.objects.filter(user=teacher)
    assert (notice.kind, notice.path) == (Kind.GUARDIAN_ADDED, f"/children/{child.pk}/")


@override_settings(EMAIL_HOST="mail.school.example")
def test_what_a_guardian_was_told_goes_with_the_guardianship(child: User) -> None:
    mother, other = make_guardian(child), make_student()
    guard(mother, other)
    cancelled(child)
    cancelled(other)
    (waiting,) = [notice.pk for notice in told_to(mother) if notice.facts["ward"] == str(child.pk)]

    remove_guardian(student_id=child.pk, guardian_id=mother.pk)
    mail_notice(notice_id=waiting, now=NOW)

    assert {notice.facts["ward"] for notice in Notice.objects.filter(user=mother)} == {str(other.pk)}
    assert mail.outbox == []


def silence(guardian: User, student: User, topic: str) -> None:
    change_preferences(guardian, {"children": {str(student.pk): {topic: False}}})


def test_guardians_choose_by_child(child: User) -> None:
    mother, father, other = make_guardian(child), make_guardian(child), make_student()
    guard(mother, other)
    silence(mother, child, "lessons")

    cancelled(child)
    cancelled(other)
    tell(child, Kind.EXCUSE_ACCEPTED, FACTS | {"until": NOW.isoformat()}, now=NOW)

    assert {(notice.kind, notice.facts["ward"]) for notice in told_to(mother)} == {
        (Kind.LESSON_CANCELLED, str(other.pk)),
        (Kind.EXCUSE_ACCEPTED, str(child.pk)),
    }
    assert len(told_to(father)) == 2
    assert len(told_to(child)) == 2


def test_what_was_chosen_about_a_child_is_forgotten_with_the_guardianship(child: User) -> None:
    mother, other = make_guardian(child), make_student()
    guard(mother, other)
    silence(mother, child, "lessons")
    silence(mother, other, "lessons")

    remove_guardian(student_id=child.pk, guardian_id=mother.pk)
    guard(mother, child)

    assert preferences_of(mother).wants_of(child.pk, Topic.LESSONS)
    assert not preferences_of(mother).wants_of(other.pk, Topic.LESSONS)


def test_guardians_read_and_choose_by_child_by_api(child: User, api: Callable[..., ApiClient]) -> None:
    mother, stranger = make_guardian(child), make_student()
    client = api(mother)
    before = client.get(PATH).json()["notifications"]

    changed = client.patch(PATH, {"children": {str(child.pk): {"excuses": False}}})
    refused = client.patch(PATH, {"children": {str(stranger.pk): {"excuses": False}}, "mail": False})
    unknown = client.patch(PATH, {"children": {str(child.pk): {"requests": False}}})

    (kinds,) = [one["kinds"] for one in before["children"]]
    assert kinds == dict.fromkeys(("lessons", "sessions", "reminders", "absences", "excuses", "circles"), True)
    assert changed.json()["notifications"]["children"] == [
        {"student_id": str(child.pk), "name": child.name, "kinds": kinds | {"excuses": False}}
    ]
    assert (refused.status_code, refused.json()["code"]) == (403, "not_their_guardian")
    assert (unknown.status_code, unknown.json()["details"][0]["field"][:8]) == (400, "children")
    assert client.get(PATH).json()["notifications"] == changed.json()["notifications"]
    assert api(stranger).get(PATH).json()["notifications"]["children"] == []
