"""API keys on pages: made, renewed and ended by admins; the secret is shown once."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classbell.accounts.keys.secrets import SECRET
from classbell.accounts.models import ApiKey, Role, User
from tests.factories import make_admin, make_class, make_student
from tests.factories_keys import issue_key, program

pytestmark = pytest.mark.django_db

CLASSES = "/api/zoom/classes"
TIMETABLE = {"name": "Timetable", "lasts": "365", "classes": "read", "bookings": "read write"}


@pytest.fixture
def admin() -> User:
    """Who makes keys."""
    return make_admin(first_name="Leonor", last_name="Reis")


@pytest.fixture
def browser(admin: User) -> Client:
    """Their browser."""
    client = Client()
    client.force_login(admin)
    return client


def secrets_in(page: str) -> set[str]:
    """Return the secrets that stand in a page."""
    return set(re.findall(SECRET.pattern, page))


def test_secret_of_a_new_key_is_shown_once(browser: Client, admin: User) -> None:
    page = browser.post(reverse("key-new"), TIMETABLE)

    assert len(secrets_in(page.content.decode())) == 1
    key = ApiKey.objects.get()
    assert "no-store" in page.headers["Cache-Control"]
    assert (key.name, key.owner, key.scopes) == (
        "Timetable",
        admin,
        ["bookings:read", "bookings:write", "classes:read"],
    )
    assert key.expires_at is not None
    assert timedelta(days=364) < key.expires_at - timezone.now() <= timedelta(days=365)
    assert secrets_in(browser.get(reverse("keys")).content.decode()) == set()


def test_key_may_last_until_it_is_ended(browser: Client) -> None:
    browser.post(reverse("key-new"), TIMETABLE | {"lasts": "0"})

    assert ApiKey.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "", "classes": "read"}, "This field is required."),
        ({"name": "taken", "classes": "read"}, "There is a key of this name."),
        ({"name": "New"}, "choose for at least one part"),
        ({"name": "New", "history": "read write"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(browser: Client, typed: dict[str, str], said: str) -> None:
    issue_key(name="Taken")

    page = browser.post(reverse("key-new"), {"lasts": "90"} | typed)

    text = page.content.decode()
    assert page.status_code == 400
    assert said in text
    assert '<option value="90" selected>' in text
    assert ApiKey.objects.count() == 1


def test_list_says_what_each_may_and_who_answers_for_it(browser: Client, admin: User) -> None:
    issue_key("classes:read", "classes:write", "halakat:write", owner=admin, name="Timetable")

    text = browser.get(reverse("keys")).content.decode()

    assert "<dt>Classes and their members</dt><dd>Read and change</dd>" in text
    assert "<dt>Circles</dt><dd>Change without reading</dd>" in text
    assert "<dd><bdi>Leonor Reis</bdi></dd>" in text
    assert "Attendance and reports" not in text


def test_list_says_which_keys_let_nobody_in(browser: Client, admin: User) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    issue_key(owner=admin, name="Over", expires_at=long_ago + timedelta(days=1), now=long_ago)
    left = issue_key(name="Left").key.owner
    User.objects.filter(pk=left.pk).update(role=Role.TEACHER)

    text = browser.get(reverse("keys")).content.decode()

    assert text.count("Expired: it lets no program in any more.") == 1
    assert text.count("Stopped: whom it acted for is no longer an admin.") == 1


def test_new_secret_is_shown_once_and_the_old_one_works_for_a_day(browser: Client, admin: User) -> None:
    issued = issue_key()

    page = browser.post(reverse("key-rotate", args=[issued.key.pk]))

    (secret,) = secrets_in(page.content.decode())
    assert secret != issued.secret
    assert "The secret before goes on working until" in page.content.decode()
    assert program(issued).get(CLASSES).status_code == 200
    assert ApiKey.objects.get().owner == admin


def test_address_of_a_secret_read_again_leads_to_the_list(browser: Client) -> None:
    again = browser.get(reverse("key-rotate", args=[issue_key().key.pk]))

    assert again.headers["Location"] == reverse("keys")


def test_expired_key_is_not_renewed(browser: Client) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    issued = issue_key(expires_at=long_ago + timedelta(days=1), now=long_ago)

    page = browser.post(reverse("key-rotate", args=[issued.key.pk]), follow=True)

    assert "This key has expired." in page.content.decode()


def test_ended_key_lets_nobody_in_and_is_gone_from_the_list(browser: Client) -> None:
    issued = issue_key(name="Timetable")

    page = browser.post(reverse("key-end", args=[issued.key.pk]), follow=True)

    assert "The key Timetable has ended." in page.content.decode()
    assert program(issued).get(CLASSES).status_code == 401
    assert "No program has a key yet" in page.content.decode()


def test_history_page_names_the_key_that_did_something(browser: Client, admin: User) -> None:
    issued, group, student = issue_key("classes:write", owner=admin, name="Timetable"), make_class(), make_student()
    program(issued).post(f"{CLASSES}/{group.pk}/students", {"student_ids": [str(student.pk)]})

    told = browser.get(reverse("audit") + "?kind=membership").content.decode()

    assert "the key \u2068Timetable\u2069, for \u2068Leonor Reis\u2069" in told
