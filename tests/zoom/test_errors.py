import pytest

from classbell.zoom import errors
from classbell.zoom.errors import (
    ZoomBusy,
    ZoomCircuitOpen,
    ZoomDailyLimit,
    ZoomError,
    ZoomNotConfigured,
    ZoomThrottled,
    ZoomUnavailable,
    safe_text,
)
from tests.zoom.payloads import payload

ALL = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, ZoomError)]
WORTH_ASKING_AGAIN = {ZoomUnavailable, ZoomThrottled, ZoomDailyLimit, ZoomCircuitOpen, ZoomBusy}


def test_only_what_passes_by_itself_is_retryable():
    assert {kind for kind in ALL if kind.retryable} == WORTH_ASKING_AGAIN


def test_error_says_what_where_and_which_code():
    error = ZoomUnavailable("no answer in time", method="POST", path="/users/{userId}/meetings", status=503, code=1)

    assert str(error) == (
        "Zoom cannot be reached at the moment: no answer in time (POST /users/{userId}/meetings, status 503, code 1)."
    )


def test_error_without_a_request_is_a_sentence_too():
    assert str(ZoomNotConfigured()) == "Zoom integration not configured."


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("User does not exist: nobody@school.example.", "User does not exist: …"),
        ("for the registrant (student07@school.example). Later.", "for the registrant (…). Later."),
        ("go to https://us06web.zoom.us/j/85240173966?pwd=abc now", "go to … now"),
        ("two\nlines", "two lines"),
        ("Meeting does not exist: 85240173966.", "Meeting does not exist: 85240173966."),
        (
            "scopes:[report:read:list_meeting_participants:admin]",
            "scopes:[report:read:list_meeting_participants:admin]",
        ),
        ("settings.registrants_email_notification: Invalid field.",) * 2,
    ],
)
def test_messages_of_zoom_lose_addresses_and_links_but_stay_useful(text, safe):
    assert safe_text(text) == safe


@pytest.mark.parametrize(
    "secret",
    [
        payload("oauth_token.200")["access_token"],
        payload("GET_users_userId_token_zak.200")["token"],
        payload("GET_meetings_meetingId.200")["encrypted_password"],
        payload("GET_meetings_meetingId.200")["start_url"],
        payload("POST_meetings_registrants.201")["join_url"],
    ],
    ids=["access token", "zak", "passcode in links", "start link", "join link"],
)
@pytest.mark.parametrize("sentence", ["{}", "token={}.", '"{}"', "x: {}, y"])
def test_secret_in_a_message_of_zoom_is_left_out(secret, sentence):
    shown = safe_text(sentence.format(secret))

    assert all(part not in shown for part in secret.replace("?", ".").replace("=", ".").split(".") if len(part) > 5)
