"""Where mails are kept instead of being sent, admins read them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings

from classbell.ids import uuid7
from classbell.notices import mailbox
from classbell.notices.mailbox import kept_mails
from tests.factories import make_admin
from tests.web.conftest import SignIn
from tests.web.html import words as words_of

PAGE = "/setup/mails/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that takes mails in."""
    kept = django_settings.ENVIRONMENT.model_copy(update={"mailbox": str(tmp_path / "mails")})
    monkeypatch.setattr(django_settings, "ENVIRONMENT", kept)
    with override_settings(EMAIL_BACKEND="classbell.notices.mailbox.MailboxBackend"):
        yield tmp_path / "mails"


def send(subject: str = "درس الجبر") -> None:
    mail = EmailMultiAlternatives(subject, "Come at ten.", to=["Sami <sami@school.example>"])
    mail.attach_alternative("<script>alert(1)</script><p>Come at <b>ten</b>.</p>", "text/html")
    mail.attach_alternative("BEGIN:VCALENDAR", "text/calendar; method=REQUEST")
    mail.attach("session.ics", b"BEGIN:VCALENDAR", "application/ics")
    mail.send()


def test_admin_reads_what_would_have_been_sent(folder: Path, sign_in: SignIn) -> None:
    send()
    browser = sign_in(make_admin())
    (kept,) = kept_mails(10)

    listed, shown = words_of(browser.get(PAGE)), words_of(browser.get(f"{PAGE}{kept.id}/"))
    page, file = browser.get(f"{PAGE}{kept.id}/").content.decode(), browser.get(f"{PAGE}{kept.id}/files/0")

    assert "درس الجبر" in listed
    assert "sami@school.example" in listed
    assert "Come at ten." in shown
    assert "session.ics" in shown
    assert "sandbox srcdoc=" in page
    assert "&lt;b&gt;ten&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert (file.content, file["Content-Disposition"]) == (b"BEGIN:VCALENDAR", 'attachment; filename="session.ics"')


def test_only_the_latest_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_KEPT", 2)
    # Of one millisecond the order is anybody's.
    monkeypatch.setattr(mailbox, "uuid7", iter(sorted(uuid7() for _number in range(3))).__next__)

    for number in range(3):
        send(f"Mail {number}")

    assert [mail.subject for mail in kept_mails(10)] == ["Mail 2", "Mail 1"]


def test_empty_box_says_what_to_do(folder: Path, sign_in: SignIn) -> None:
    assert "None yet" in words_of(sign_in(make_admin()).get(PAGE))


@pytest.mark.parametrize(
    "path", ["", "00000000-0000-7000-8000-000000000000/", "00000000-0000-7000-8000-000000000000/files/0"]
)
def test_there_is_no_such_page_where_mails_are_sent(sign_in: SignIn, path: str) -> None:
    assert sign_in(make_admin()).get(f"{PAGE}{path}").status_code == 404
