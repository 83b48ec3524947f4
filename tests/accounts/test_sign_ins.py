"""Where one is signed in: listed, and ended at once, pages and tokens alike."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from classbell.accounts.models import Role, User
from classbell.accounts.services import deactivate_person, let_back_in, set_role
from classbell.accounts.sessions import SessionStore
from classbell.accounts.sign_in_models import SignIn, SignInAttempt
from classbell.accounts.sign_ins import kept
from classbell.accounts.tasks import purge_ended_sign_ins
from classbell.audit.labels import in_words
from classbell.audit.queries import Asked, history
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_admin, make_student

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SESSIONS = "/api/me/sessions"


def browser_of(user: User, agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


def tokens_of(user: User) -> dict[str, str]:
    client = ApiClient()
    body = {"email": user.email, "password": PASSWORD}
    tokens: dict[str, str] = client.post("/api/auth/token", body, user_agent="okhttp/4.12.0").json()
    return tokens


def app_of(user: User) -> ApiClient:
    return ApiClient(access_token=tokens_of(user)["access_token"])


def listed(client: ApiClient) -> list[dict[str, Any]]:
    sessions: list[dict[str, Any]] = client.get(SESSIONS).json()["sessions"]
    return sessions


def is_in(browser: Client) -> bool:
    return bool(browser.get("/me/").status_code == 200)


def test_browsers_and_apps_are_listed_with_where_they_are() -> None:
    user = make_student()
    browser_of(user)
    app = app_of(user)

    latest, earlier = listed(app)

    assert (latest["type"], latest["device"], latest["is_current"]) == ("app", "okhttp", True)
    assert (earlier["type"], earlier["device"], earlier["is_current"]) == ("pages", "Firefox, Windows", False)
    assert earlier["address"] == "127.0.0.1"
    assert sorted(latest) == ["address", "began_at", "device", "id", "is_current", "seen_at", "type"]


def test_nobody_sees_or_ends_what_is_somebody_elses() -> None:
    user, other = make_student(), make_admin()
    browser = browser_of(user)
    (theirs,) = SignIn.objects.filter(user=user)

    app = app_of(other)

    assert [one["is_current"] for one in listed(app)] == [True]
    assert app.delete(f"{SESSIONS}/{theirs.pk}").status_code == 404
    assert is_in(browser)


def test_app_ends_a_browser_at_once() -> None:
    user = make_student()
    browser, app = browser_of(user), app_of(user)

    assert app.delete(f"{SESSIONS}/{listed(app)[1]['id']}").status_code == 204

    assert not is_in(browser)
    assert len(listed(app)) == 1
    assert app.delete(f"{SESSIONS}/{listed(app)[0]['id']}").status_code == 204
    assert app.get(SESSIONS).status_code == 401


def test_page_ends_an_app_with_both_its_tokens() -> None:
    user = make_student()
    browser, tokens = browser_of(user), tokens_of(user)
    app = SignIn.objects.get(user=user, is_app=True)

    page = browser.post(reverse("my-session-end", args=[app.pk]), follow=True)

    assert "Signed out there: okhttp." in page.content.decode()
    assert ApiClient(access_token=tokens["access_token"]).get("/api/auth/me").status_code == 401
    refused = ApiClient().post("/api/auth/token/refresh", {"refresh_token": tokens["refresh_token"]})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_refresh_token")
    assert is_in(browser)


def test_page_says_which_one_this_is_and_signs_it_out_the_usual_way() -> None:
    user = make_student()
    browser = browser_of(user)
    (this,) = SignIn.objects.filter(user=user)

    text = browser.get(reverse("my-sessions")).content.decode()
    answer = browser.post(reverse("my-session-end", args=[this.pk]))

    assert "This device, now" in text
    assert "Sign out everywhere else" not in text
    assert answer.headers["Location"] == reverse("account_logout")
    assert is_in(browser)


@pytest.mark.parametrize("way", ["page", "api"])
def test_all_others_end_and_this_one_stays(way: str) -> None:
    user, stranger = make_student(), make_student()
    others = [browser_of(user), browser_of(user)]
    browser, app, strange = browser_of(user), app_of(user), browser_of(stranger)

    if way == "page":
        page = browser.post(reverse("my-sessions-end-others"), follow=True)
        assert "Signed out on 3 other devices." in page.content.decode()
    else:
        assert app.delete(SESSIONS).json() == {"ended": 3}

    assert [is_in(other) for other in others] == [False, False]
    assert (is_in(browser), app.get("/api/auth/me").status_code == 200) == (way == "page", way == "api")
    assert is_in(strange)


def test_programs_have_no_sessions() -> None:
    from tests.factories_keys import issue_key, program

    assert program(issue_key()).get(SESSIONS).json()["code"] == "not_for_keys"


def test_new_password_leaves_this_session_listed_and_no_other() -> None:
    user = make_student()
    browser, other = browser_of(user), browser_of(user)
    app = app_of(user)
    new = "quite-another-password"

    browser.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}, follow=True
    )

    assert is_in(browser)
    assert not is_in(other)
    assert app.get(SESSIONS).status_code == 401
    user.refresh_from_db()
    assert [row.agent for row in kept.sign_ins_of(user, now=datetime.now(UTC))] == [FIREFOX]


@pytest.mark.parametrize("what", ["deactivated", "another role"])
def test_nothing_is_listed_that_has_ended(what: str) -> None:
    user = make_student()
    browser_of(user)
    app_of(user)
    if what == "deactivated":
        deactivate_person(user_id=user.pk)
        let_back_in(user_id=user.pk)
    else:
        set_role(user_id=user.pk, role=Role.TEACHER)

    assert len(listed(app_of(user))) == 1


def test_signing_out_takes_it_off_the_list_and_the_night_forgets_it() -> None:
    user = make_student()
    browser = browser_of(user)
    app = app_of(user)

    browser.post("/accounts/logout/")

    assert [one["type"] for one in listed(app)] == ["app"]
    SignInAttempt.objects.update(at=datetime(2020, 1, 1, tzinfo=UTC))
    purge_ended_sign_ins(timestamp=0)
    assert SignIn.objects.count() == 1
    assert not SignInAttempt.objects.exists()


def test_sign_in_of_a_version_before_is_listed_once_it_is_seen() -> None:
    user = make_student()
    browser = browser_of(user)
    SignIn.objects.all().delete()
    store = browser.session
    del store[kept.NOTED]
    store.save()

    browser.get("/me/")

    assert SignIn.objects.get().agent == FIREFOX


def test_most_requests_note_nothing_and_an_old_note_is_renewed() -> None:
    user = make_student()
    browser = browser_of(user)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    SignIn.objects.update(seen_at=long_ago)

    browser.get("/me/")
    assert SignIn.objects.get().seen_at == long_ago

    store = browser.session
    store[kept.NOTED] = [store.session_key, long_ago.timestamp()]
    store.save()
    browser.get("/me/")
    assert SignIn.objects.get().seen_at > long_ago


def test_app_is_seen_by_its_requests_and_by_refreshing() -> None:
    user = make_student()
    tokens = tokens_of(user)
    long_ago = datetime.now(UTC) - timedelta(hours=1)

    for use in (
        lambda: ApiClient(access_token=tokens["access_token"]).get("/api/auth/me"),
        lambda: ApiClient().post("/api/auth/token/refresh", {"refresh_token": tokens["refresh_token"]}),
    ):
        SignIn.objects.update(seen_at=long_ago)
        store = Session.objects.get()
        data = store.get_decoded() | {kept.NOTED: [store.session_key, long_ago.timestamp()]}
        Session.objects.update(session_data=SessionStore().encode(data))
        assert use().status_code == 200
        assert SignIn.objects.get().seen_at > long_ago


def test_history_of_a_person_tells_their_sign_ins_and_what_failed() -> None:
    user = make_student(first_name="Nour", last_name="Said")
    Client().post("/accounts/login/", {"login": user.email, "password": "not it"})
    browser_of(user)

    lines = in_words(history(Asked(kind="person", id=user.pk), limit=10).entries)

    assert [(line.kind, line.what) for line in lines] == [("Sign-in", "signed in"), ("Sign-in", "wrong password")]
    assert "Nour Said" in lines[0].title
    assert [line.actor for line in lines] == ["Nour Said", "Somebody"]
    assert {change.name: change.after for change in lines[0].changes} == {
        "Device": "Firefox, Windows",
        "Network address": "127.0.0.1",
    }
    assert not history(Asked(), limit=10).entries
    assert len(history(Asked(kind="sign_in"), limit=10).entries) == 2


def test_failure_for_nobody_is_told_without_what_was_typed(api: Any) -> None:
    Client().post("/accounts/login/", {"login": "secret-word@school.example", "password": "not it"})

    answer = api(make_admin()).get("/api/audit", kind="sign_in")

    # The latest is the admin's own sign-in.
    said = answer.json()["entries"][1]
    assert "Nobody of ours" in said["title"]
    assert "secret-word" not in answer.content.decode()
