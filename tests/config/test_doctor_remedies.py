"""What somebody forgot or broke, one thing at a time: the doctor names it and says what to do."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from unittest import mock

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.db import OperationalError, connection
from django.test import override_settings
from pydantic import SecretStr

from classbell.config.doctor import examine
from classbell.config.findings import Finding, Verdict
from classbell.meetings.sync import gateway
from tests.factories import make_admin, make_student
from tests.simulator import free_port

pytestmark = pytest.mark.django_db


def be(monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    """Have these settings instead."""
    monkeypatch.setattr(django_settings, "ENVIRONMENT", django_settings.ENVIRONMENT.model_copy(update=changed))
    gateway._client.cache_clear()


def said_of(subject: str) -> list[Finding]:
    return [finding for finding in examine() if finding.subject == subject]


def the_one(subject: str) -> tuple[Verdict, str]:
    """Return what is said of a subject of which one thing is said."""
    (finding,) = said_of(subject)
    return finding.verdict, finding.text


@pytest.fixture
def other_clock() -> Iterator[str]:
    """Return the address of a program whose clock is two minutes ahead, and which knows nothing of what it is asked for."""

    class Ahead(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            assert timestamp is None
            return format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Ahead)
    Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_no_admin() -> None:
    make_student()
    admin = make_admin()
    assert said_of("Admins") == []

    type(admin).objects.filter(pk=admin.pk).update(is_active=False)

    verdict, text = the_one("Admins")
    assert verdict is Verdict.BROKEN
    assert "classbell invite-admin" in text


def test_no_worker() -> None:
    verdict, text = the_one("Workers")

    assert verdict is Verdict.WARNING
    assert "classbell worker" in text


def test_no_webhook_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, zoom_webhook_secret=SecretStr(""))

    verdict, text = the_one("Webhooks")

    assert verdict is Verdict.WARNING
    assert "ZOOM_WEBHOOK_SECRET" in text


def test_accounts_of_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    make_student(email="student@classbell.example")
    be(monkeypatch, public_url="https://127.0.0.2:9")

    verdict, text = the_one("Demo accounts")

    assert verdict is Verdict.BROKEN
    assert "deactivate them" in text


def test_no_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, public_url="http://127.0.0.2:9")

    verdict, text = the_one("HTTPS")

    assert verdict is Verdict.BROKEN
    assert "nginx.conf" in text


def test_wrong_clock(monkeypatch: pytest.MonkeyPatch, other_clock: str) -> None:
    zoom = {"zoom_account_id": "a", "zoom_client_id": "b", "zoom_client_secret": SecretStr("c")}
    be(monkeypatch, zoom_oauth_url=f"{other_clock}/oauth/token", zoom_api_url=f"{other_clock}/v2", **zoom)

    verdict, text = the_one("Clock")

    assert verdict is Verdict.BROKEN
    assert "NTP" in text


@override_settings(EMAIL_HOST="127.0.0.2", EMAIL_PORT=9)
def test_unreachable_mail() -> None:
    verdict, text = the_one("Mail")

    assert verdict is Verdict.BROKEN
    assert "127.0.0.2:9" in text
    assert "EMAIL_" in text


def test_tables_of_an_older_version() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'notices'")

    verdict, text = the_one("Database")

    assert verdict is Verdict.BROKEN
    assert "classbell migrate" in text


def test_without_a_database_the_rest_is_still_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, public_url="http://127.0.0.2:9", metrics_token=SecretStr("short"))
    with ExitStack() as stack:
        for method in ("cursor", "chunked_cursor"):
            stack.enter_context(mock.patch.object(connection, method, side_effect=OperationalError("it is away")))
        found = {finding.subject: finding for finding in examine()}

    assert found["Database"].verdict is Verdict.BROKEN
    assert "DATABASE_URL" in found["Database"].text
    assert {"HTTPS", "Mail", "CLASSBELL_METRICS_TOKEN"} <= found.keys()
    assert found.keys().isdisjoint({"Workers", "Admins", "Demo accounts"})


def test_authorities_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca-certificates.crt")
    be(monkeypatch, public_url="https://127.0.0.2:9")

    verdict, text = the_one("SSL_CERT_FILE")

    assert verdict is Verdict.BROKEN
    assert "apt-get install ca-certificates" in text
    assert "public address" in " ".join(finding.text for finding in said_of("System"))
    assert said_of("Mail") != []


def test_program_without_its_static_files() -> None:
    assert said_of("Static files") == []
    with mock.patch.object(finders, "find", return_value=None):
        verdict, text = the_one("Static files")

    assert verdict is Verdict.BROKEN
    assert "pip install --force-reinstall" in text


def test_static_files_that_the_proxy_does_not_hand_on(monkeypatch: pytest.MonkeyPatch, other_clock: str) -> None:
    be(monkeypatch, public_url=other_clock.replace("127.0.0.1", "127.0.0.1.nip.example"))
    assert said_of("Static files") == []  # Nobody answers there: said already.
    be(monkeypatch, public_url=other_clock)
    with mock.patch("classbell.config.doctor_files.is_public", return_value=True):
        verdict, text = the_one("Static files")

    assert verdict is Verdict.BROKEN
    assert "answers 404" in text
    assert "Let the proxy hand /static/ on" in text


@pytest.mark.parametrize("where", ["environment", "settings file", "data folder"])
def test_secret_that_others_may_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str) -> None:
    secret = tmp_path / ("secret-key" if where == "data folder" else "zoom")
    secret.write_text("Xy7")
    secret.chmod(0o640)
    monkeypatch.setenv("CLASSBELL_DATA", str(tmp_path))
    if where == "environment":
        monkeypatch.setenv("ZOOM_CLIENT_SECRET_FILE", str(secret))
    elif where == "settings file":
        (tmp_path / "classbell.env").write_text(f"ZOOM_CLIENT_SECRET_FILE={secret}\n")

    verdict, text = the_one("Secret file")
    secret.chmod(0o600)

    assert verdict is Verdict.WARNING
    assert f"chmod 600 {secret}" in text
    assert "Xy7" not in text
    assert said_of("Secret file") == []
