import json
from datetime import UTC, datetime

import httpx
import pytest

from classbell.zoom.classify import error_from_answer, error_from_token_answer, seconds_to_wait
from classbell.zoom.errors import (
    InvalidField,
    ZoomDailyLimit,
    ZoomError,
    ZoomInvalid,
    ZoomNotFound,
    ZoomNotPermitted,
    ZoomScopeMissing,
    ZoomThrottled,
    ZoomUnauthorized,
    ZoomUnavailable,
)
from tests.zoom.payloads import FOLDER, raw

NOW = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)
SECONDS_TO_MIDNIGHT = 9 * 3600.0


def classify(status, body=b"", *, method="POST", **headers):
    sent = httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return error_from_answer(method=method, path="/x", status=status, headers=sent, body=body, now=NOW)


def answer(code, message="No."):
    return json.dumps({"code": code, "message": message}).encode()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error.400_200_paid_only", ZoomNotPermitted),
        ("error.400_300_bad_json", ZoomInvalid),
        ("error.400_300_page_token", ZoomInvalid),
        ("error.400_300_validation", ZoomInvalid),
        ("error.400_3027_host_register", ZoomInvalid),
        ("error.400_3038_meeting_over", ZoomInvalid),
        ("error.400_404_registration_off", ZoomInvalid),
        ("error.400_4711_missing_scope", ZoomScopeMissing),
        ("error.401_124_expired_token", ZoomUnauthorized),
        ("error.401_124_invalid_token", ZoomUnauthorized),
        ("error.404_1001_user", ZoomNotFound),
        ("error.404_3001_meeting", ZoomNotFound),
        ("error.429_daily", ZoomDailyLimit),
        ("error.429_host_100_per_day", ZoomDailyLimit),
        ("error.429_per_second", ZoomThrottled),
        ("error.429_registrant_3_per_day", ZoomDailyLimit),
        ("GET_meetings_recordings.404", ZoomNotFound),
    ],
)
def test_documented_answer_is_its_error(name, kind):
    status = int(name.split(".")[1].split("_")[0])

    error = classify(status, raw(name))

    assert type(error) is kind
    assert error.status == status
    assert error.code == json.loads(raw(name))["code"]
    assert not error.may_have_happened


def test_every_error_payload_is_covered_above():
    covered = test_documented_answer_is_its_error.pytestmark[0].args[1]

    assert {path.stem for path in FOLDER.glob("error.*.json")} <= {name for name, _kind in covered}


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 303, ZoomInvalid),
        (400, 1010, ZoomNotPermitted),
        (400, 1120, ZoomNotPermitted),
        (400, 2300, ZoomInvalid),
        (404, 2300, ZoomInvalid),
        (400, 3000, ZoomInvalid),
        (400, 3018, ZoomInvalid),
        (400, 3037, ZoomInvalid),
        (400, 3063, ZoomInvalid),
        (400, 3161, ZoomNotPermitted),
        (400, 12702, ZoomInvalid),
        (401, 4711, ZoomScopeMissing),
        (400, 104, ZoomScopeMissing),
        (400, 124, ZoomUnauthorized),
        (403, 2306, ZoomNotPermitted),
        (404, 404, ZoomInvalid),
        (404, 300, ZoomInvalid),
        (409, 1005, ZoomInvalid),
    ],
)
def test_code_decides(status, code, kind):
    assert type(classify(status, answer(code))) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, ZoomInvalid), (401, ZoomUnauthorized), (403, ZoomNotPermitted), (418, ZoomError), (302, ZoomError)],
)
def test_undocumented_code_is_judged_by_its_status(status, kind):
    assert type(classify(status, answer(99999))) is kind


@pytest.mark.parametrize(
    "body", [b"", b"<html>Not Found</html>", answer(99999), b"[]"], ids=["empty", "html", "code", "list"]
)
def test_404_without_a_known_code_is_not_taken_for_deleted(body):
    error = classify(404, body)

    assert type(error) is ZoomError
    assert not error.retryable


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", answer(5010)], ids=["empty", "html", "json"])
def test_trouble_inside_zoom_is_unavailable_and_may_have_done_it(status, body):
    error = classify(status, body)

    assert type(error) is ZoomUnavailable
    assert error.retryable
    assert error.may_have_happened


def test_trouble_while_reading_changed_nothing():
    assert not classify(503, method="GET").may_have_happened


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("error.429_daily", "account"),
        ("error.429_host_100_per_day", "host"),
        ("error.429_registrant_3_per_day", "registrant"),
    ],
)
def test_daily_limit_says_whose_and_lasts_until_utc_midnight(name, scope):
    error = classify(429, raw(name))

    assert isinstance(error, ZoomDailyLimit)
    assert error.scope == scope
    assert error.retry_after == SECONDS_TO_MIDNIGHT


def test_daily_limit_is_known_by_its_header_too():
    error = classify(429, b"", x_ratelimit_type="Daily-limit")

    assert isinstance(error, ZoomDailyLimit)
    assert error.scope == "account"


def test_throttling_lasts_a_second_unless_zoom_says_otherwise():
    assert classify(429, raw("error.429_per_second")).retry_after == 1.0
    assert classify(429, raw("error.429_per_second"), retry_after="3").retry_after == 3.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("0.5", 0.5),
        ("2026-11-30T00:00:00Z", SECONDS_TO_MIDNIGHT),
        ("2026-11-30T02:00:00+02:00", SECONDS_TO_MIDNIGHT),
        ("2026-11-30T00:00:00", SECONDS_TO_MIDNIGHT),
        ("Mon, 30 Nov 2026 00:00:00 GMT", SECONDS_TO_MIDNIGHT),
        ("2026-11-29T00:00:00Z", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_every_form(text, seconds):
    assert seconds_to_wait(text, NOW) == seconds


def test_refused_fields_are_named():
    error = classify(400, raw("error.400_300_validation"))

    assert isinstance(error, ZoomInvalid)
    assert error.fields == (InvalidField(field="settings.approval_type", message="Invalid field."),)
    assert str(error) == (
        "Zoom refused the request: Validation Failed (settings.approval_type: Invalid field) (POST /x, status 400, code 300)."
    )


def test_missing_scopes_are_named():
    error = classify(400, raw("error.400_4711_missing_scope"))

    assert isinstance(error, ZoomScopeMissing)
    assert error.scopes == ("meeting:write:meeting", "meeting:write:meeting:admin")


def test_tracking_id_is_kept_for_zoom_support():
    assert classify(404, raw("error.404_3001_meeting"), x_zm_trackingid="WEB_1").tracking_id == "WEB_1"


@pytest.mark.parametrize(
    ("status", "name", "words"),
    [
        (400, "oauth_token.400_bad_client", "Invalid client_id or client_secret, invalid_client"),
        (401, "oauth_token.400_bad_client", "Invalid client_id or client_secret, invalid_client"),
        (400, "oauth_token.400_bad_account", "Bad Request, invalid_request"),
        (400, "oauth_token.400_bad_grant", "unsupported grant type, unsupported_grant_type"),
    ],
)
def test_refused_token_request_says_why(status, name, words):
    error = error_from_token_answer(status=status, headers={}, body=raw(name), now=NOW)

    assert type(error) is ZoomUnauthorized
    assert str(error) == f"Zoom refused the credentials: {words} (POST /oauth/token, status {status})."


@pytest.mark.parametrize(("status", "kind"), [(429, ZoomThrottled), (503, ZoomUnavailable), (404, ZoomError)])
def test_other_troubles_of_the_token_endpoint_are_no_verdict_on_the_credentials(status, kind):
    error = error_from_token_answer(status=status, headers={}, body=b"<html>", now=NOW)

    assert type(error) is kind
    assert not error.may_have_happened


@pytest.mark.parametrize(("status", "code"), [(400, 4700), (401, 4700), (401, 104), (400, 104), (403, 4711)])
def test_scopes_that_zoom_names_are_missing_whatever_number_says_so(status, code):
    message = "Invalid access token, does not contain scopes:[meeting:write:meeting, meeting:write:meeting:admin]."

    error = classify(status, json.dumps({"code": code, "message": message}).encode())

    assert isinstance(error, ZoomScopeMissing)
    assert error.scopes == ("meeting:write:meeting", "meeting:write:meeting:admin")


def test_token_that_is_missing_is_no_matter_of_scopes():
    body = json.dumps({"code": 4700, "message": "Token cannot be empty."}).encode()

    assert isinstance(classify(401, body), ZoomUnauthorized)
