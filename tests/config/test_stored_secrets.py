"""`classbell rotate-secrets`: after the secret key was changed, what is stored encrypted is read by the new one."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from pydantic import SecretStr

import classbell
from classbell.accounts.cards import Child, create_children
from classbell.accounts.models import IdempotencyKey, IdentityProvider
from classbell.accounts.passkeys import MfaAdapter, data_anew
from classbell.accounts.sso.provider import Provider
from classbell.accounts.sso.providers import add_provider, find_provider
from classbell.bookings.guests.links import make_link
from classbell.bookings.guests.links import token_of as token_of_guest
from classbell.bookings.models import GuestLink, LinkPurpose
from classbell.calendars.models import ExternalCalendar
from classbell.calendars.sealing import sealed
from classbell.config.rotation import run_rotation
from classbell.config.stored_secrets import STORED, rotate
from classbell.encryption import encrypt
from classbell.hooks.models import Webhook
from classbell.hooks.secrets import kept_of, new_secret, signed_headers
from classbell.meetings.account_changes import add_account
from classbell.meetings.models import ZoomAccount, ZoomToken
from classbell.meetings.user_app import keep_user_app, user_app
from classbell.meetings.zoom_accounts import Secrets, account, seal, secrets_of
from classbell.notices.feeds import open_calendar_feed, token_of
from classbell.notices.gateways import HttpGateway, gateway_of, keep_gateway
from classbell.notices.models import CalendarFeed, Channel
from classbell.notices.push import Browser, public_key, subscribe
from classbell.privacy.exports import content_of
from classbell.privacy.models import Export
from tests.factories import make_student, make_teacher
from tests.factories_bookings import make_booking
from tests.secret_keys import secret_keys

pytestmark = pytest.mark.django_db

OLD, NEW = "the-key-of-before-long-enough-to-sign", "the-key-of-now-long-enough-to-sign-too"
NOW = datetime(2027, 1, 15, 9, 0, tzinfo=UTC)
SOURCE = Path(classbell.__file__).parent


@pytest.fixture
def kept() -> Iterator[dict[str, object]]:
    """One of everything that is stored encrypted, by the key of before."""
    with secret_keys(OLD):
        person = make_teacher()
        secret = generate_totp_secret()
        TOTP.activate(person, secret)
        codes = RecoveryCodes.activate(person)
        webhook = Webhook.objects.create(
            url="https://receiver.example/",
            events=["session.changed"],
            secret=kept_of(new_secret()),
            previous_secret=kept_of(new_secret()),
            previous_until=NOW,
            created_at=NOW,
        )
        add_provider(
            Provider(
                slug="school",
                name="School",
                issuer="https://login.school.example",
                client_id="classbell",
                client_secret=SecretStr("a client secret"),
            )
        )
        Export.objects.create(
            person=person, asked_by=person, asked_at=NOW, ready_at=NOW, content=encrypt(b"a copy", purpose="export")
        )
        IdempotencyKey.objects.create(
            user=person,
            key="k",
            fingerprint="f",
            status=201,
            created_at=NOW,
            answer=encrypt(b"{}", purpose="idempotency"),
        )
        ZoomToken.objects.create(account_id="a", ciphertext=encrypt(b"{}", purpose="other credentials"), expires_at=NOW)
        values = {"name": "East", "client_id": "east", "client_secret": "the east's"}
        add_account(account_id="east", values=values, now=NOW)
        ZoomAccount.objects.create(
            account_id="user:u", by_consent=True, owner=person, sealed=seal(Secrets(refresh_token="a refresh token"))
        )
        keep_user_app(client_id="app", client_secret="the app's", webhook_secret="")
        link = make_link(make_booking(), LinkPurpose.MANAGE, now=NOW)
        feed = open_calendar_feed(person, now=NOW)
        keep_gateway(Channel.SMS, HttpGateway(address="https://sms.example/send"), now=NOW)
        ExternalCalendar.objects.create(
            teacher=person, kind="ics", name="East", sealed=sealed({"url": "u"}), due_at=NOW, created_at=NOW
        )
        public_key(now=NOW)
        point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        browser = Browser(endpoint="https://push.example/1", p256dh=point, auth="BTBZMqHH6r4Tts7J_aSIgg")
        subscribe(person, browser, session_key="", now=NOW)
        yield {
            "feed": token_of(feed),
            "link": link,
            "person": person,
            "totp": secret,
            "codes": codes.get_unused_codes(),
            "webhook": webhook,
        }


def said(*, dry_run: bool = False) -> tuple[int, str]:
    """Run the command; return its exit status and what it says."""
    lines: list[str] = []
    status = run_rotation(dry_run=dry_run, tell=lines.append)
    return status, "\n".join(lines)


def counts() -> dict[str, tuple[int, int]]:
    return {one.stored.name: (one.anew, one.already) for one in rotate(dry_run=True)}


def test_afterwards_everything_is_read_without_the_key_of_before(kept: dict[str, object]) -> None:
    with secret_keys(NEW, OLD):
        status, _text = said()

    assert status == 0
    with secret_keys(NEW):
        provider, adapter = find_provider("school"), MfaAdapter()
        assert provider is not None
        assert provider.client_secret.get_secret_value() == "a client secret"
        assert adapter.decrypt(Authenticator.objects.get(type="totp").data["secret"]) == kept["totp"]
        codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes"))
        assert codes.get_unused_codes() == kept["codes"]
        assert content_of(Export.objects.get()) == b"a copy"
        assert account("east").client_secret == "the east's"
        assert secrets_of(ZoomAccount.objects.get(by_consent=True)).refresh_token == "a refresh token"
        app = user_app()
        assert app is not None
        assert app.client_secret == "the app's"
        assert token_of_guest(GuestLink.objects.get()) == kept["link"]
        assert gateway_of(Channel.SMS) == HttpGateway(address="https://sms.example/send")
        assert token_of(CalendarFeed.objects.get()) == kept["feed"]
        webhook = Webhook.objects.get()
        assert webhook.previous_secret
        assert signed_headers(webhook, message_id="1", body="{}", at=NOW)["webhook-signature"]


def test_looking_counts_each_kind_and_changes_nothing(kept: dict[str, object]) -> None:
    before = bytes(IdentityProvider.objects.get().secret)

    with secret_keys(NEW, OLD):
        status, text = said(dry_run=True)

    assert status == 0
    assert "second steps and recovery codes: 2 to encrypt anew, 0 already" in text
    assert (
        "Zoom's access token: 0 to encrypt anew, 0 already by the present key, 1 unreadable, of no use any more" in text
    )
    assert bytes(IdentityProvider.objects.get().secret) == before


def test_broken_off_it_goes_on_where_it_was(kept: dict[str, object]) -> None:
    with secret_keys(NEW, OLD):
        steps = rotate(dry_run=False)
        next(steps)
        del steps
        first = counts()["secrets of webhooks' receivers"], counts()["secrets of identity providers"]
        said()
        again = said()

    assert first == ((0, 1), (1, 0))
    assert again[0] == 0
    assert "encrypted anew, 0 already" not in again[1].replace("Zoom's access token: 0 encrypted anew, 0 already", "")


def test_what_cannot_be_read_is_named_and_nothing_is_changed(kept: dict[str, object]) -> None:
    with secret_keys("a-third-key-that-nobody-has-kept"):
        codes = RecoveryCodes.activate(make_student(email="sami@school.example"))
    before = bytes(Webhook.objects.get().secret)

    with secret_keys(NEW, OLD):
        status, text = said()

    assert status == 1
    assert f"second steps and recovery codes: Recovery codes of sami@school.example ({codes.instance.pk})" in text
    assert "CLASSBELL_SECRET_KEY_OLD" in text
    assert bytes(Webhook.objects.get().secret) == before


def test_a_second_step_that_was_kept_as_it_is_gets_encrypted() -> None:
    secret = generate_totp_secret()
    plain = {"secret": secret}

    assert MfaAdapter().decrypt(secret) == secret
    for data in (data_anew(plain, lambda kept: kept), data_anew(data_anew(plain, str), str)):
        assert secret not in str(data)
        assert MfaAdapter().decrypt(data["secret"]) == secret
    migrated = data_anew({"migrated_codes": ["12345678"], "used_mask": 0}, str)
    assert [MfaAdapter().decrypt(code) for code in migrated["migrated_codes"]] == ["12345678"]
    assert migrated["used_mask"] == 0


def test_no_code_fits_a_second_step_whose_key_is_lost() -> None:
    with secret_keys(OLD):
        kept = MfaAdapter().encrypt(generate_totp_secret())

    with secret_keys(NEW):
        assert MfaAdapter().decrypt(kept) != MfaAdapter().decrypt(kept)


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES])
def test_no_secret_of_a_second_step_lies_in_the_database(kept: dict[str, object], kind: str) -> None:
    data = str(Authenticator.objects.get(type=kind).data)

    assert "gAAAA" in data
    assert str(kept["totp"]) not in data


def test_says_when_the_key_of_before_may_go_and_that_cards_hang_on_it(kept: dict[str, object]) -> None:
    create_children([Child(first_name="Nour", last_name="Ali", contact="", timezone="UTC")])
    with secret_keys(NEW, OLD):
        _status, text = said()

    assert "for 30 days after" in text
    assert "1 students come in by one" in text


def test_everything_that_is_stored_encrypted_is_in_the_list() -> None:
    """Whoever calls `encrypt` has a line in STORED, and each line names somebody who does."""
    encrypting = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or node.module != "classbell.encryption":
                continue
            if "encrypt" in {name.name for name in node.names}:
                encrypting.add(".".join(("classbell", *path.relative_to(SOURCE).with_suffix("").parts)))

    assert encrypting == {stored.module for stored in STORED}
