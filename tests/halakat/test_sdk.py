"""The Meeting SDK's signatures and host tokens: the documented flow, what a signature holds, and who is turned away."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.headless.tokens.strategies.jwt import internal as jwt_strategy
from django.conf import settings
from joserfc import jwt
from joserfc.jwk import OctKey

from classbell.accounts.tokens import issue_tokens
from classbell.meetings.models import Audience, Meeting, ZoomHost
from classbell.meetings.services import cancel_meeting, sync_now
from classbell.zoom.signature import sdk_signature
from tests.api_client import ApiClient
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_halakat import created, halaka_body
from tests.factories_meetings import make_meeting, spec

pytestmark = pytest.mark.usefixtures("zoom_hosts")

SIGNATURE, ZAK = "/api/v1/zoom/signature", "/api/v1/zoom/zak-token"
SECRET = "s" * 32


def decoded(signature: str, secret: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (header, claims) of an HS256 JWT by another library than the one that signs; fails for another secret."""
    token = jwt.decode(signature, OctKey.import_key(secret), algorithms=["HS256"])
    return dict(token.header), dict(token.claims)


def encoded(header: dict[str, Any], claims: dict[str, Any], secret: str) -> str:
    """Return a JWT, signed with HS256 whatever its header says; unsigned without a secret."""
    parts = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
    signed = hmac.new(secret.encode(), parts.encode(), hashlib.sha256).digest() if secret else b""
    return f"{parts}.{_text(signed)}"


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.usefixtures("sdk_keys")
def test_documented_flow_of_an_attendee(api):
    teacher, student = make_teacher(), make_student()

    made = api(teacher).post("/api/v1/halaka/", halaka_body())
    halaka = made.json()["data"]["halaka"]
    api(student).post(f"/api/v1/halaka/{halaka['id']}/join")
    seen = api(student).get(f"/api/v1/halaka/{halaka['id']}").json()["data"]["halaka"]["zoomMeeting"]
    signed = api(student).post(SIGNATURE, {"meetingNumber": seen["meetingId"], "role": 0})

    assert (made.status_code, set(made.json())) == (201, {"status", "message", "data"})
    assert made.json()["status"] == "created"
    assert {name for name in ("meetingId", "password", "joinUrl", "startUrl") if halaka["zoomMeeting"][name]} == {
        "meetingId", "password", "joinUrl", "startUrl"
    }  # fmt: skip
    assert seen == halaka["zoomMeeting"] | {"startUrl": None}
    assert signed.status_code == 201
    assert signed.json() == {
        "status": "created",
        "message": "Zoom signature generated successfully",
        "data": {"signature": signed.json()["data"]["signature"]},
    }


@pytest.mark.usefixtures("sdk_keys")
def test_documented_flow_of_a_host(api, simulator):
    host = simulator.state()["hosts"][0]["email"]
    teacher = make_teacher(zoom_user=host)
    number = created(api, teacher)["zoomMeeting"]["meetingId"]

    signed = api(teacher).post(SIGNATURE, {"meetingNumber": number, "role": 1})
    zak = api(teacher).post(ZAK, {"userId": host})

    assert signed.status_code == 201
    assert (zak.status_code, set(zak.json())) == (200, {"zak"})
    assert zak.json()["zak"]


@pytest.mark.usefixtures("sdk_keys")
@pytest.mark.parametrize("role", [0, 1])
def test_signature_holds_what_zoom_asks_for(api, role):
    teacher = make_teacher()
    number = created(api, teacher)["zoomMeeting"]["meetingId"]
    asked_at = datetime.now(UTC).timestamp()

    signature = api(teacher).post(SIGNATURE, {"meetingNumber": number, "role": role}).json()["data"]["signature"]

    header, claims = decoded(signature, SECRET)
    issued_at = claims["iat"]
    assert header == {"alg": "HS256", "typ": "JWT"}
    assert claims == {
        "appKey": "sdk-key",
        "sdkKey": "sdk-key",
        "mn": number,
        "role": role,
        "iat": issued_at,
        "exp": issued_at + 7200,
        "tokenExp": issued_at + 7200,
    }
    assert 25 <= asked_at - issued_at <= 60
    assert 1800 <= claims["exp"] - issued_at <= 172800


def test_signature_is_byte_for_byte_what_the_rfc_says():
    now = datetime(2026, 11, 29, 15, tzinfo=UTC)

    signature = sdk_signature(sdk_key="key", sdk_secret=SECRET, meeting_number="84610557213", role=0, now=now)

    header, claims = decoded(signature, SECRET)
    again = ".".join(_text(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    assert signature.rpartition(".")[0] == again


@pytest.fixture
def scene(api, sdk_keys, simulator):
    """A circle on Zoom with its teacher and a member, and everybody who might try the door."""
    hosts = simulator.state()["hosts"]
    teacher = make_teacher(zoom_user=hosts[0]["email"])
    halaka = created(api, teacher)
    member = make_student()
    api(member).post(f"/api/v1/halaka/{halaka['id']}/join")
    for_teachers = make_meeting(spec(make_teacher(), audience=Audience.TEACHERS))
    pending = make_meeting(spec(teacher, title="Not on Zoom yet"))
    over = make_meeting(spec(teacher, title="Cancelled", starts_at=datetime.now(UTC) + timedelta(days=40)))
    sync_now(for_teachers.pk)
    sync_now(over.pk)
    number_of_over = Meeting.objects.get(pk=over.pk).zoom_meeting_id
    cancel_meeting(meeting_id=over.pk, now=datetime.now(UTC))
    return {
        "teacher": teacher,
        "member": member,
        "student": make_student(),
        "other teacher": make_teacher(zoom_user=hosts[1]["email"]),
        "admin": make_admin(),
        "circle": halaka["zoomMeeting"]["meetingId"],
        "meeting of teachers": Meeting.objects.get(pk=for_teachers.pk).zoom_meeting_id,
        "meeting not on Zoom": str(pending.pk),
        "meeting cancelled": number_of_over,
        "unknown meeting": "99999999999",
        "number with tricks": "1 OR 1=1",
        "host": hosts[0]["email"],
        "host in capitals": hosts[0]["email"].upper(),
        "host's id": ZoomHost.objects.get(email=hosts[0]["email"]).zoom_user_id,
        "other host": hosts[1]["email"],
        "me": "me",
        "path": f"../users/{hosts[1]['email']}",
    }


SIGNATURES = [
    ("teacher", "circle", 1, 201, None),
    ("teacher", "circle", 0, 201, None),
    ("member", "circle", 0, 201, None),
    ("admin", "circle", 1, 201, None),
    ("member", "circle", 1, 403, "not_allowed"),
    ("member", "circle", 2, 400, "invalid_input"),
    ("member", "circle", -1, 400, "invalid_input"),
    ("member", "circle", "host", 400, "invalid_input"),
    ("student", "circle", 0, 404, "not_found"),
    ("student", "circle", 1, 404, "not_found"),
    ("other teacher", "circle", 0, 404, "not_found"),
    ("other teacher", "circle", 1, 404, "not_found"),
    ("teacher", "meeting of teachers", 0, 201, None),
    ("teacher", "meeting of teachers", 1, 403, "not_allowed"),
    ("student", "meeting of teachers", 0, 404, "not_found"),
    ("teacher", "meeting not on Zoom", 1, 404, "not_found"),
    ("teacher", "meeting cancelled", 1, 404, "not_found"),
    ("teacher", "unknown meeting", 1, 404, "not_found"),
    ("admin", "unknown meeting", 1, 404, "not_found"),
    ("teacher", "number with tricks", 0, 404, "not_found"),
    (None, "circle", 0, 401, "not_signed_in"),
]

TOKENS = [
    ("teacher", "host", 200, None),
    ("teacher", "host in capitals", 200, None),
    ("admin", "other host", 200, None),
    ("teacher", "other host", 403, "not_allowed"),
    ("teacher", "me", 403, "not_allowed"),
    ("teacher", "path", 403, "not_allowed"),
    ("admin", "path", 404, "not_found"),
    ("other teacher", "host", 403, "not_allowed"),
    ("other teacher", "host's id", 403, "not_allowed"),
    ("member", "host", 403, "not_allowed"),
    (None, "host", 401, "not_signed_in"),
]


def test_signatures_are_for_those_who_may_enter(api, scene):
    outcomes = {}
    for who, what, role, *_expected in SIGNATURES:
        answer = api(scene[who] if who else None).post(SIGNATURE, {"meetingNumber": scene[what], "role": role})
        outcomes[who, what, role] = (answer.status_code, answer.json().get("code"))
        assert (answer.status_code == 201) == ("signature" in answer.json().get("data", {}))

    assert outcomes == {(who, what, role): (status, code) for who, what, role, status, code in SIGNATURES}


def test_host_tokens_are_for_ones_own_zoom_user(api, scene):
    outcomes = {}
    for who, whose, *_expected in TOKENS:
        answer = api(scene[who] if who else None).post(ZAK, {"userId": scene[whose]})
        outcomes[who, whose] = (answer.status_code, answer.json().get("code"))
        assert (answer.status_code == 200) == ("zak" in answer.json())

    assert outcomes == {(who, whose): (status, code) for who, whose, status, code in TOKENS}


def test_forged_and_worn_out_tokens_open_nothing(scene):
    tokens = issue_tokens(scene["teacher"])
    header, claims = (json.loads(_bytes(part)) for part in tokens.access_token.split(".")[:2])
    expired = claims | {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}
    real = settings.SECRET_KEY
    forged = {
        "no token": "",
        "no JWT": "abc",
        "a refresh token": tokens.refresh_token,
        "of another secret": encoded({"alg": "HS256", "typ": "JWT"}, claims, "x" * 32),
        "of the SDK's secret": encoded({"alg": "HS256", "typ": "JWT"}, claims, SECRET),
        "unsigned": encoded({"alg": "none", "typ": "JWT"}, claims, ""),
        "another person's body under this signature": _swapped(tokens.access_token, {"sub": str(scene["admin"].pk)}),
        "expired": encoded(header, expired, real),
    }

    answers = {
        (name, path): ApiClient(access_token=token or None).post(path, body).status_code
        for name, token in forged.items()
        for path, body in (
            (SIGNATURE, {"meetingNumber": scene["circle"], "role": 1}),
            (ZAK, {"userId": scene["host"]}),
        )
    }

    assert set(answers.values()) == {401}, answers
    assert jwt_strategy.validate_access_token(encoded(header, claims, real)) is not None


def _swapped(token: str, changes: dict[str, Any]) -> str:
    header, claims, signed = token.split(".")
    return f"{header}.{_text(json.dumps(json.loads(_bytes(claims)) | changes).encode())}.{signed}"


def test_without_sdk_keys_there_is_no_signature_and_it_says_what_to_set(api):
    teacher = make_teacher()
    number = created(api, teacher)["zoomMeeting"]["meetingId"]

    answer = api(teacher).post(SIGNATURE, {"meetingNumber": number, "role": 1})

    assert (answer.status_code, answer.json()["status"]) == (500, "error")
    assert answer.json()["code"] == "sdk_not_configured"
    assert "ZOOM_SDK_KEY" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (SIGNATURE, {}, "meetingNumber and role are required"),
        (SIGNATURE, {"role": 0}, "meetingNumber and role are required"),
        (SIGNATURE, {"meetingNumber": "", "role": 0}, "meetingNumber and role are required"),
        (SIGNATURE, {"meetingNumber": "74382934944"}, "meetingNumber and role are required"),
        (ZAK, {}, "userId is required"),
        (ZAK, {"userId": " "}, "userId is required"),
    ],
)
def test_missing_fields_are_named(api, path, body, message):
    answer = api(make_teacher()).post(path, body)

    assert answer.status_code == 400
    assert (answer.json()["status"], answer.json()["message"]) == ("error", message)


def test_user_whom_zoom_does_not_know_is_not_there(api):
    teacher = make_teacher(zoom_user="nobody@elsewhere.example")

    answer = api(teacher).post(ZAK, {"userId": "nobody@elsewhere.example"})

    assert (answer.status_code, answer.json()["status"]) == (404, "error")
    assert answer.json()["message"] == "Zoom knows no such user."


@pytest.mark.usefixtures("sdk_keys")
def test_member_who_left_gets_no_signature_any_more(api):
    teacher, student = make_teacher(), make_student()
    halaka = created(api, teacher)
    number = halaka["zoomMeeting"]["meetingId"]
    api(student).post(f"/api/v1/halaka/{halaka['id']}/join")
    before = api(student).post(SIGNATURE, {"meetingNumber": number, "role": 0})

    api(student).post(f"/api/v1/halaka/{halaka['id']}/leave")
    after = api(student).post(SIGNATURE, {"meetingNumber": number, "role": 0})

    assert (before.status_code, after.status_code) == (201, 404)


@pytest.mark.parametrize(("who", "minutes"), [("teacher", 120), ("admin", 10)])
def test_token_of_a_host_that_is_not_ones_own_is_good_for_minutes(api, scene, who, minutes):
    zak = api(scene[who]).post(ZAK, {"userId": scene["host"]}).json()["zak"]

    claims = json.loads(_bytes(zak.split(".")[1]))
    assert claims["exp"] - claims["iat"] == minutes * 60
