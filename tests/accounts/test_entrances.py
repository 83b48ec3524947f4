"""
Whatever ends somebody's access ends it at once, at every way in: pages, tokens of the API, refresh tokens, the calendar's
secret address, links to join, links to choose a password, cards, and the keys of programs that act for them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classbell.accounts.cards import Child, card_link, create_children
from classbell.accounts.invitations import invitation_link
from classbell.accounts.models import Role, User
from classbell.accounts.password_links import password_link
from classbell.accounts.services import deactivate_person, let_back_in, set_role
from classbell.accounts.sign_in_models import SignIn
from classbell.accounts.sign_ins.kept import end_others
from classbell.meetings.models import Meeting
from classbell.notices.feeds import calendar_address, open_calendar_feed, token_of
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_admin, make_student
from tests.factories_keys import issue_key, program
from tests.factories_meetings import make_meeting, spec

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("zoom_hosts")]

# Says whether somebody is let in.
Entrance = Callable[[], bool]
LET_IN = (200, 201)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way in: what opens it for somebody, and which of ENDINGS close it; those that follow a role may stay open else."""

    opened: Callable[[User], Entrance]
    closed_by: frozenset[str]


def by_pages(user: User) -> Entrance:
    browser = Client()
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return lambda: browser.get("/me/").status_code in LET_IN


def by_the_session_of_pages(user: User) -> Entrance:
    """Our own pages' calls of the API."""
    browser = ApiClient()
    browser._client.force_login(user)
    return lambda: browser.get("/api/auth/me").status_code in LET_IN


def signed_in(user: User) -> dict[str, str]:
    tokens: dict[str, str] = ApiClient().post("/api/auth/token", {"email": user.email, "password": PASSWORD}).json()
    return tokens


def by_access_token(user: User) -> Entrance:
    client = ApiClient(access_token=signed_in(user)["access_token"])
    return lambda: client.get("/api/auth/me").status_code in LET_IN


def by_refresh_token(user: User) -> Entrance:
    token = signed_in(user)["refresh_token"]
    return lambda: ApiClient().post("/api/auth/token/refresh", {"refresh_token": token}).status_code in LET_IN


def by_fresh_tokens(user: User) -> Entrance:
    """Those that an earlier refresh gave."""
    token = signed_in(user)["refresh_token"]
    second = ApiClient().post("/api/auth/token/refresh", {"refresh_token": token}).json()
    client = ApiClient(access_token=second["access_token"])
    return lambda: client.get("/api/auth/me").status_code in LET_IN


def the_meeting_of(user: User) -> Meeting:
    return make_meeting(spec(user))


def by_join_link_of_pages(user: User) -> Entrance:
    meeting, browser = the_meeting_of(user), Client()
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return lambda: "/accounts/login/" not in _location(browser.get(reverse("meeting-join", args=[meeting.pk])))


def by_join_link_of_the_api(user: User) -> Entrance:
    meeting = the_meeting_of(user)
    client = ApiClient(access_token=signed_in(user)["access_token"])
    return lambda: client.get(f"/api/zoom/meetings/{meeting.pk}/join").status_code not in (401, 404)


def by_calendar_address(user: User) -> Entrance:
    address = calendar_address(token_of(open_calendar_feed(user, now=timezone.now())) or "").partition("/api/")[2]
    return lambda: ApiClient().get(f"/api/{address}").status_code in LET_IN


def by_password(user: User) -> Entrance:
    body = {"email": user.email, "password": PASSWORD}
    return lambda: ApiClient().post("/api/auth/token", body).status_code in LET_IN


def by_a_key_of_theirs(user: User) -> Entrance:
    client = program(issue_key("classes:read", owner=user))
    return lambda: client.get("/api/zoom/classes").status_code in LET_IN


def by_a_link_to_choose_a_password(user: User) -> Entrance:
    address = password_link(user).partition("/accounts/")[2]

    def try_it() -> bool:
        browser = Client()
        browser.get(f"/accounts/{address}", follow=True)
        new = "somebody-elses-password"
        browser.post(
            browser.get(f"/accounts/{address}").headers.get("Location", "/x"), {"password1": new, "password2": new}
        )
        return ApiClient().post("/api/auth/token", {"email": user.email, "password": new}).status_code in LET_IN

    return try_it


def _location(answer: Any) -> str:
    return str(answer.headers.get("Location", ""))


SESSIONS = frozenset({"deactivated", "deactivated and let in again", "a new password", "another role", "ended"})
DEACTIVATED = frozenset({"deactivated"})
WAYS = {
    "pages": Way(opened=by_pages, closed_by=SESSIONS),
    "pages' calls of the API": Way(opened=by_the_session_of_pages, closed_by=SESSIONS),
    "access token": Way(opened=by_access_token, closed_by=SESSIONS),
    "refresh token": Way(opened=by_refresh_token, closed_by=SESSIONS),
    "fresh tokens": Way(opened=by_fresh_tokens, closed_by=SESSIONS),
    "join link on pages": Way(opened=by_join_link_of_pages, closed_by=SESSIONS),
    "join link by API": Way(opened=by_join_link_of_the_api, closed_by=SESSIONS),
    "calendar address": Way(opened=by_calendar_address, closed_by=DEACTIVATED),
    "password": Way(opened=by_password, closed_by=frozenset({"deactivated", "a new password"})),
    # A key acts for an admin: for nobody else, and not for who is none any more.
    "API key": Way(opened=by_a_key_of_theirs, closed_by=frozenset({"deactivated", "another role"})),
    "link to choose a password": Way(
        opened=by_a_link_to_choose_a_password,
        closed_by=SESSIONS - {"ended"},
    ),
}


def let_in_again(user: User) -> None:
    deactivate_person(user_id=user.pk)
    let_back_in(user_id=user.pk)


def choose_a_password(user: User) -> None:
    """By the page on which one does, in a browser of its own."""
    browser = Client()
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    new = "quite-another-password"
    answer = browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302


def end_all(user: User) -> None:
    assert end_others(user, session_key="none of them", now=timezone.now()) or not SignIn.objects.filter(user=user)


ENDINGS: dict[str, Callable[[User], object]] = {
    "deactivated": lambda user: deactivate_person(user_id=user.pk),
    "deactivated and let in again": let_in_again,
    "a new password": choose_a_password,
    "another role": lambda user: set_role(user_id=user.pk, role=Role.TEACHER),
    "ended": end_all,
}


@pytest.fixture
def user() -> User:
    """An admin, beside another one, so that everything can become of them."""
    make_admin()
    return make_admin()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("way", WAYS)
def test_what_ends_access_ends_it_at_once(user: User, way: str, ending: str) -> None:
    is_let_in = WAYS[way].opened(user)

    ENDINGS[ending](user)

    assert is_let_in() == (ending not in WAYS[way].closed_by)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_open_before(user: User, way: str) -> None:
    assert WAYS[way].opened(user)()


@pytest.mark.parametrize("link_of", [invitation_link, card_link], ids=["invitation", "card"])
def test_links_of_who_is_deactivated_let_nobody_in(link_of: Callable[[User], str]) -> None:
    (child,) = create_children([Child(first_name="Nour", last_name="Ali", contact="", timezone="UTC")])
    user = child if link_of is card_link else make_student(password=None)
    path = "/people/" + link_of(user).partition("/people/")[2]
    deactivate_person(user_id=user.pk)

    assert Client().post(path).status_code == 410


def test_access_token_of_an_ended_sign_in_opens_nothing() -> None:
    user = make_student()
    client = ApiClient(access_token=signed_in(user)["access_token"])
    assert client.get("/api/calendar").status_code == 200

    end_all(user)

    assert [client.get(path).status_code for path in ("/api/calendar", "/api/me/sessions", "/api/me/export")] == [
        401
    ] * 3
