"""The room inside our own page: what it hands to Zoom's Meeting SDK, and to whom."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from django.conf import settings

from classbell.meetings.joining import entrance
from classbell.meetings.joining.entrance import customer_key
from classbell.meetings.models import JoinClick
from classbell.meetings.services import cancel_meeting
from tests.answers import Answer
from tests.web.conftest import School, SignIn
from tests.web.html import words

SECRET = "the-secret-of-the-sdk-app-0123456789"


@pytest.fixture
def _sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = type(settings.ENVIRONMENT.zoom_sdk_secret)(SECRET)
    account = {"zoom_account_id": "account", "zoom_client_id": "client", "zoom_client_secret": secret}
    app = {"zoom_sdk_key": "sdk-key", "zoom_sdk_secret": secret}
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=account | app))


def handed(response: Answer) -> dict[str, Any]:
    found = re.search(r'<script id="room-sdk" type="application/json">(.*?)</script>', response.content.decode())
    assert found is not None
    return dict(json.loads(found[1])["join"])


@pytest.mark.usefixtures("_sdk")
def test_member_is_handed_a_participants_signature_and_their_key(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/room")

    join = handed(response)
    claims = jwt.decode(join["signature"], SECRET, algorithms=["HS256"])
    assert (claims["mn"], claims["role"], claims["appKey"]) == (school.meeting.zoom_meeting_id, 0, "sdk-key")
    assert 1800 <= claims["exp"] - claims["iat"] <= 172_800
    assert join["customerKey"] == customer_key(school.member)
    assert join["passWord"] == school.meeting.password
    assert "zak" not in join
    assert "https://source.zoom.us" in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]
    assert JoinClick.objects.get().user == school.member


@pytest.mark.usefixtures("_sdk")
def test_sdk_may_come_from_elsewhere_and_the_page_lets_in_nothing_of_zooms_then(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"zoom_sdk_url": "http://127.0.0.1:9090/sdk/"}
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=elsewhere))

    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/room")

    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self' http://127.0.0.1:9090 " in policy
    assert "connect-src 'self' http://127.0.0.1:9090 " in policy
    assert "zoom.us" not in policy
    assert 'src="http://127.0.0.1:9090/sdk/zoom-meeting-' in response.content.decode()


def test_without_sdk_keys_the_link_serves(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/room")

    assert response.headers["Location"] == f"/meetings/{school.meeting.pk}/join"


@pytest.mark.usefixtures("_sdk")
def test_host_without_a_token_of_zoom_goes_by_the_link_that_starts_it(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.teacher).get(f"/meetings/{school.meeting.pk}/room")

    assert response.headers["Location"] == f"/meetings/{school.meeting.pk}/start"


@pytest.mark.usefixtures("_sdk")
def test_button_of_who_starts_it_leads_into_the_page(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.teacher).get(f"/meetings/{school.meeting.pk}/")

    assert f"/meetings/{school.meeting.pk}/room" in page.content.decode()


@pytest.mark.usefixtures("_sdk")
def test_host_is_handed_the_hosts_signature_and_token_and_the_app_as_the_other_way(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "_host_token", lambda _meeting: "the-token")

    response = sign_in(school.teacher).get(f"/meetings/{school.meeting.pk}/room")

    join = handed(response)
    assert jwt.decode(join["signature"], SECRET, algorithms=["HS256"])["role"] == 1
    assert join["zak"] == "the-token"
    assert f'href="/meetings/{school.meeting.pk}/start"' in response.content.decode()


@pytest.mark.usefixtures("_sdk")
def test_strangers_have_no_room(school: School, sign_in: SignIn) -> None:
    assert sign_in(school.stranger).get(f"/meetings/{school.meeting.pk}/room").status_code == 404


WAYS_IN = ["join", "room", "backup"]


@pytest.mark.usefixtures("_sdk")
@pytest.mark.parametrize("way", WAYS_IN)
def test_door_that_is_not_open_yet_is_a_page_that_says_when(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"join_early_minutes": 10}))

    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/{way}")

    assert response.status_code == 400
    assert "The door is closed" in words(response)
    assert "at 08:50 (UTC)" in words(response)


@pytest.mark.usefixtures("_sdk")
@pytest.mark.parametrize("who", ["member", "teacher"])
@pytest.mark.parametrize("way", WAYS_IN)
def test_meeting_that_is_over_is_a_page_that_says_so(school: School, sign_in: SignIn, way: str, who: str) -> None:
    school.meeting.occurrences.update(
        starts_at=datetime(2020, 1, 1, 9, tzinfo=UTC), ends_at=datetime(2020, 1, 1, 10, tzinfo=UTC)
    )

    response = sign_in(school.person(who)).get(f"/meetings/{school.meeting.pk}/{way}")

    assert response.status_code == 400
    assert "This meeting is over." in words(response)


@pytest.mark.usefixtures("_sdk")
@pytest.mark.parametrize("way", WAYS_IN)
def test_meeting_that_was_cancelled_is_a_page_that_says_so(school: School, sign_in: SignIn, way: str) -> None:
    cancel_meeting(meeting_id=school.meeting.pk, now=datetime.now(UTC))

    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/{way}", follow=True)

    assert response.status_code < 500
    assert "This meeting was cancelled" in words(response)


@pytest.mark.usefixtures("_sdk")
@pytest.mark.parametrize("way", WAYS_IN)
def test_student_with_another_kind_of_address_is_told_so(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    closed = {"student_email_domains": "elsewhere.example"}
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=closed))

    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/{way}")

    assert response.status_code == 403
    assert "Students join with an e-mail address of elsewhere.example" in words(response)
    detail = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/")
    assert school.meeting.password not in detail.content.decode()
