"""Setting a school up: the checklist knows what is done, and asks Zoom itself."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr

from classbell import cli
from classbell.accounts.invitations import VALID_FOR, invite_admin, invited_person
from classbell.accounts.models import Role, User
from classbell.meetings.models import ZoomHost
from classbell.zoom.check import CLASSIC_SCOPES, GRANULAR_SCOPES
from tests.factories import make_admin, make_class, make_teacher
from tests.web.conftest import School, SignIn
from tests.web.html import links, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    """The browser of the admin of an empty school."""
    return sign_in(make_admin())


def kinds(browser: Client) -> dict[str, str]:
    return {step.name: step.kind for step in browser.get("/setup/").context["steps"]}


def test_empty_school_has_everything_to_do_and_is_led_there(admin: Client) -> None:
    assert set(kinds(admin).values()) == {"wait"}
    assert "/setup/#zoom" in links(admin.get("/"))


def test_what_teaching_needs_comes_before_what_makes_it_better(admin: Client) -> None:
    assert list(kinds(admin)) == ["zoom", "hosts", "teachers", "classes", "mail", "webhooks", "sdk"]


def test_school_with_a_timetable_is_not_told_to_begin(school: School, sign_in: SignIn) -> None:
    assert "Begin here" not in words(sign_in(school.admin).get("/"))


def test_steps_that_are_done_are_marked(admin: Client, host: ZoomHost, monkeypatch: pytest.MonkeyPatch) -> None:
    make_class(teacher=make_teacher())
    monkeypatch.setattr(settings.ENVIRONMENT, "zoom_sdk_key", "key")
    monkeypatch.setattr(settings.ENVIRONMENT, "zoom_sdk_secret", SecretStr("never-shown"))

    done = {name for name, kind in kinds(admin).items() if kind == "ok"}

    assert done == {"hosts", "teachers", "classes", "sdk"}
    assert "never-shown" not in admin.get("/setup/").content.decode()


def test_scopes_are_named_before_they_are_needed(admin: Client) -> None:
    page = words(admin.get("/setup/"))

    assert [scope for scope in (*GRANULAR_SCOPES, *CLASSIC_SCOPES) if scope not in page] == []


def test_step_is_left_out_and_taken_up_again(admin: Client) -> None:
    admin.post("/setup/skip/sdk")
    left_out = kinds(admin)["sdk"]
    admin.post("/setup/skip/sdk", {"again": "1"})

    assert (left_out, kinds(admin)["sdk"]) == ("off", "wait")


def test_step_that_does_not_exist_cannot_be_left_out(admin: Client) -> None:
    assert admin.post("/setup/skip/everything").status_code == 404


def test_check_without_credentials_says_so(admin: Client) -> None:
    answer = admin.post("/setup/check", headers={"HX-Request": "true"})

    assert "The three values are not set yet." in words(answer)


def test_first_admin_comes_in_by_a_link() -> None:
    link = invite_admin("Maria@School.example", locale="ar", now=timezone.now())

    person = invited_person(link.rstrip("/").rpartition("/")[2])
    assert (person.email, person.role, person.locale) == ("maria@school.example", Role.ADMIN, "ar")


def test_command_says_what_its_link_is_and_until_when(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_start_django", lambda: None)
    cli.invite_admin("maria@school.example")

    said, link = capsys.readouterr().out.splitlines()
    assert said.startswith(
        "maria@school.example is an admin. Whoever opens this link chooses their password, once, until "
    )
    assert str((timezone.localtime() + VALID_FOR).year) in said
    assert invited_person(link.rstrip("/").rpartition("/")[2]).role == Role.ADMIN


def test_classes_circles_and_courses_are_counted_by_their_names(admin: Client) -> None:
    make_class()

    assert "1 class, circle or course is here." in words(admin.get("/setup/"))


def test_somebody_with_a_password_becomes_an_admin_and_needs_no_link() -> None:
    teacher = make_teacher()

    link = invite_admin(teacher.email, locale="en", now=timezone.now())

    assert (link, User.objects.get(pk=teacher.pk).role) == ("", Role.ADMIN)
