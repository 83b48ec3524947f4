"""Notifications in browsers: what they read, by which key, and what becomes of browsers that are gone."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings as django_settings
from django.test import Client
from jwt.types import Options
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.accounts.sign_ins.kept import sign_ins_of
from classbell.notices.models import Dispatch, DispatchStatus, Notice, PushKey, PushSubscription
from classbell.notices.preferences import change_preferences
from classbell.notices.push import MOST_BROWSERS, browsers_of, public_key, push_notice
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.notices.topics import Topic
from tests.api_client import ApiClient
from tests.at_once import at_once
from tests.factories import PASSWORD, make_student
from tests.receiver import Received, Receiver, reaching

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CREATED = 201
Api = Callable[..., ApiClient]


@dataclass
class Browser:
    """What a browser keeps for itself and tells of itself, and how it reads what comes."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen bytes..."

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def subscription(self) -> dict[str, Any]:
        keys = {"p256dh": _base64(self.point), "auth": _base64(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def read(self, body: bytes) -> dict[str, Any]:
        """Return what was sent, as the library of the standard's authors reads it."""
        said: dict[str, Any] = json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth))
        return said

    def read_by_the_standard(self, body: bytes) -> dict[str, Any]:
        """Return the same, step by step as RFC 8291 and RFC 8188 have it."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, content = body[21 : 21 + length], body[21 + length :]
        assert len(content) <= size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = _derived(shared, self.auth, b"WebPush: info\0" + self.point + sender, 32)
        key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        said: dict[str, Any] = json.loads(AESGCM(key).decrypt(nonce, content, None).rstrip(b"\0").removesuffix(b"\2"))
        return said


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[Receiver]:
    """A push service, as each maker of browsers runs one."""
    with Receiver(status=CREATED) as service:
        monkeypatch.setattr(django_settings, "ENVIRONMENT", reaching(service))
        yield service


@pytest.fixture
def reader(db: None) -> User:
    return make_student(locale="ar", timezone="Asia/Riyadh")


@pytest.fixture
def browser(service: Receiver, reader: User, api: Api) -> Browser:
    """A browser that shows the reader notifications."""
    browser = Browser(service.url)
    assert api(reader).post("/api/me/push", browser.subscription).status_code == CREATED
    return browser


def told(reader: User, *, stale_at: datetime | None = None) -> Notice:
    facts = {"title": "Algebra", "when": NOW.isoformat()}
    return tell(reader, Kind.SESSION_MOVED, facts, path="/meetings/1/", stale_at=stale_at, now=NOW)


def claims_of(received: Received) -> dict[str, Any]:
    """Return what the signature says, once it is found to be by the key that browsers subscribe to."""
    scheme, _blank, rest = received.headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", PushKey.objects.get().public)
    point = base64.urlsafe_b64decode(parts["k"] + "=")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    unchecked: Options = {"verify_aud": False, "verify_exp": False}
    claims: dict[str, Any] = jwt.decode(parts["t"], key, algorithms=["ES256"], options=unchecked)
    return claims


def test_browser_alone_reads_what_happened_in_its_owners_words(
    service: Receiver, reader: User, browser: Browser
) -> None:
    notice = told(reader)

    push_notice(notice_id=notice.pk, now=NOW)

    (received,) = service.received
    said = browser.read(received.body)
    assert said == browser.read_by_the_standard(received.body)
    assert (said["id"], said["lang"]) == (str(notice.pk), "ar")
    assert "15:00 (بتوقيت الرياض)" in said["title"]
    assert said["link"].endswith("/meetings/1/")
    assert (received.headers["content-encoding"], received.headers["ttl"]) == ("aes128gcm", "172800")
    claims = claims_of(received)
    assert (claims["aud"], claims["sub"][:7]) == (f"http://localhost:{service.port}", "mailto:")
    assert NOW.timestamp() < claims["exp"] <= (NOW + timedelta(days=1)).timestamp()
    assert Dispatch.objects.values_list("channel", "status").get() == ("push", DispatchStatus.SENT)


def test_what_helps_until_the_session_begins_is_kept_no_longer_for_a_browser_that_is_off(
    service: Receiver, reader: User, browser: Browser
) -> None:
    push_notice(notice_id=told(reader, stale_at=NOW + timedelta(minutes=15)).pk, now=NOW)
    push_notice(notice_id=told(reader, stale_at=NOW).pk, now=NOW)

    assert [received.headers["ttl"] for received in service.received] == ["900"]


@pytest.mark.parametrize("status", [404, 410])
def test_browser_that_is_gone_is_forgotten(service: Receiver, reader: User, browser: Browser, status: int) -> None:
    service.status = status

    push_notice(notice_id=told(reader).pk, now=NOW)

    assert not PushSubscription.objects.exists()
    assert Dispatch.objects.get().status == DispatchStatus.REFUSED


@pytest.mark.parametrize("status", [413, 429, 500])
def test_what_the_service_does_not_take_is_tried_again_and_the_browser_stays(
    service: Receiver, reader: User, browser: Browser, status: int
) -> None:
    service.status = status
    notice = told(reader)
    push_notice(notice_id=notice.pk, now=NOW)
    service.status = CREATED
    for _time in range(2):
        push_notice(notice_id=notice.pk, now=NOW + timedelta(seconds=5))

    assert len(service.received) == 2
    assert PushSubscription.objects.count() == 1
    assert Dispatch.objects.values_list("status", "tries").get() == (DispatchStatus.SENT, 1)


def test_one_browser_that_is_gone_keeps_no_other_from_it(
    service: Receiver, reader: User, browser: Browser, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver(status=410) as gone:
        both = reaching(service, webhook_ports=f"443,{service.port},{gone.port}")
        monkeypatch.setattr(django_settings, "ENVIRONMENT", both)
        api(reader).post("/api/me/push", Browser(gone.url).subscription)

        push_notice(notice_id=told(reader).pk, now=NOW)

    assert (len(gone.received), len(service.received), PushSubscription.objects.count()) == (1, 1, 1)
    assert Dispatch.objects.get().status == DispatchStatus.SENT


def test_nothing_is_queued_for_who_has_no_browser_or_does_not_want_it(reader: User, browser: Browser) -> None:
    told(make_student())
    change_preferences(reader, {"channels": {Topic.SESSIONS: {"push": False}}})
    told(reader)

    assert not ProcrastinateJob.objects.filter(task_name="notices.push").exists()


def test_notifications_end_with_the_sign_in(service: Receiver, reader: User, client: Client) -> None:
    reader.set_password(PASSWORD)
    reader.save()
    client.post("/accounts/login/", {"login": reader.email, "password": PASSWORD})
    subscribed = client.post("/api/me/push", Browser(service.url).subscription, content_type="application/json")
    while_in = browsers_of(reader, now=NOW).count()
    client.post("/accounts/logout/")

    push_notice(notice_id=told(reader).pk, now=NOW)

    assert (subscribed.status_code, while_in, service.received) == (CREATED, 1, [])
    assert not sign_ins_of(reader, now=NOW).exists()


def test_browser_of_somebody_else_shows_the_newcomers_notifications(
    service: Receiver, reader: User, browser: Browser, api: Api
) -> None:
    newcomer = make_student()
    api(newcomer).post("/api/me/push", browser.subscription)

    push_notice(notice_id=told(reader).pk, now=NOW)
    push_notice(notice_id=told(newcomer).pk, now=NOW)

    assert len(service.received) == 1


def test_person_ends_their_own_and_nobody_elses(reader: User, browser: Browser, api: Api) -> None:
    end = {"endpoint": browser.endpoint}
    others = api(make_student()).delete("/api/me/push", end).status_code
    listed = api(reader).get("/api/me/push").json()
    mine = [api(reader).delete("/api/me/push", end).status_code for _time in range(2)]

    assert (others, mine) == (204, [204, 204])
    assert (len(listed["subscriptions"]), len(listed["public_key"])) == (1, 87)
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://169.254.169.254/latest"},
        {"endpoint": "https://10.0.0.1/push"},
        {"endpoint": "file:///etc/passwd"},
        {"keys": {"p256dh": "AAAA", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}},
        {"keys": {"p256dh": _base64(b"\4" + b"\0" * 64), "auth": "BTBZMqHH6r4Tts7J_aSIgg"}},
        {"keys": {"p256dh": "ي", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}},
        {"keys": {"p256dh": _base64(Browser("").point), "auth": "AAAA"}},
        {"keys": {}},
    ],
)
def test_what_no_browser_says_of_itself_is_refused(reader: User, api: Api, wrong: dict[str, Any]) -> None:
    said = Browser("https://push.example/1").subscription | wrong

    refused = api(reader).post("/api/me/push", said)

    assert refused.status_code == 400
    assert not PushSubscription.objects.exists()


def test_of_very_many_browsers_the_oldest_is_forgotten(reader: User, api: Api) -> None:
    client = api(reader)
    for number in range(MOST_BROWSERS + 1):
        client.post("/api/me/push", Browser(f"https://push.example/{number}").subscription)

    assert PushSubscription.objects.count() == MOST_BROWSERS


@pytest.mark.django_db(transaction=True)
def test_key_is_made_once_however_many_ask_and_kept_encrypted() -> None:
    keys = at_once([lambda: public_key(now=NOW)] * 4)

    assert len(set(keys)) == 1
    assert b"PRIVATE" not in bytes(PushKey.objects.get().sealed)
