"""The room inside our own page: what it hands to Zoom's Meeting SDK, and to whom."""

import json
import re
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.http import HttpResponse

from classbell.meetings.joining.entrance import customer_key
from tests.web.conftest import School, SignIn

SECRET = "the-secret-of-the-sdk-app-0123456789"


@pytest.fixture
def _sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = type(settings.ENVIRONMENT.zoom_sdk_secret)(SECRET)
    monkeypatch.setattr(
        settings,
        "ENVIRONMENT",
        settings.ENVIRONMENT.model_copy(update={"zoom_sdk_key": "sdk-key", "zoom_sdk_secret": secret}),
    )


def handed(response: HttpResponse) -> dict[str, Any]:
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


def test_without_sdk_keys_the_link_serves(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.member).get(f"/meetings/{school.meeting.pk}/room")

    assert response.headers["Location"] == f"/meetings/{school.meeting.pk}/join"


@pytest.mark.usefixtures("_sdk")
def test_host_without_a_token_of_zoom_goes_by_the_link(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.teacher).get(f"/meetings/{school.meeting.pk}/room")

    assert response.status_code == 302


@pytest.mark.usefixtures("_sdk")
def test_strangers_have_no_room(school: School, sign_in: SignIn) -> None:
    assert sign_in(school.stranger).get(f"/meetings/{school.meeting.pk}/room").status_code == 404
