"""Each mail goes out once: whoever sends it twice, whatever the mail server says, whenever a process ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core import mail
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import User
from classbell.notices import dispatching, mailing
from classbell.notices.dispatching import CLAIM_HOLDS, PAUSES
from classbell.notices.mailing import mail_notice
from classbell.notices.models import Channel, Dispatch, DispatchStatus, Notice
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from tests.at_once import done_at_once
from tests.factories import make_admin, make_student
from tests.mail_server import MailServer

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def with_mail() -> Iterator[None]:
    """A school that sends mail, here into Django's outbox."""
    with override_settings(EMAIL_HOST="mail.school.example"):
        yield


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that is sent to by SMTP."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with (
        MailServer() as server,
        override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=server.port, EMAIL_USE_TLS=False),
    ):
        yield server


def told(user: User | None = None) -> Notice:
    return tell(user or make_student(), Kind.ZOOM_WELL_AGAIN, {}, now=NOW)


def waiting() -> list[datetime | None]:
    """Return when the jobs that were queued for later are due."""
    jobs = ProcrastinateJob.objects.filter(task_name="notices.mail_notice", scheduled_at__isnull=False)
    return list(jobs.order_by("scheduled_at").values_list("scheduled_at", flat=True))


@pytest.mark.django_db
def test_mail_is_sent_once_though_its_job_is_done_twice() -> None:
    notice = told()

    for _time in range(2):
        mail_notice(notice_id=notice.pk, now=NOW)

    assert len(mail.outbox) == 1
    dispatch = Dispatch.objects.get()
    assert (dispatch.status, dispatch.claimed_at, dispatch.sent_at) == (DispatchStatus.SENT, NOW, NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_it_at_once_one_does() -> None:
    notice = told()

    done_at_once([partial(mail_notice, notice_id=notice.pk, now=NOW)] * 3)

    assert len(mail.outbox) == 1
    assert Dispatch.objects.get().status == DispatchStatus.SENT


@pytest.mark.django_db
def test_what_a_process_left_in_the_middle_is_sent_under_the_same_message_id(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """Nobody catches it."""

    def killed(*_arguments: object, **_values: object) -> None:
        raise Killed

    notice = told()
    with monkeypatch.context() as patch:
        patch.setattr(dispatching, "note_sent", killed)
        with pytest.raises(Killed):
            mail_notice(notice_id=notice.pk, now=NOW)

    mail_notice(notice_id=notice.pk, now=NOW + timedelta(minutes=1))
    while_claimed, due = len(mail.outbox), waiting()
    mail_notice(notice_id=notice.pk, now=NOW + CLAIM_HOLDS)

    assert (while_claimed, due) == (1, [NOW + CLAIM_HOLDS])
    assert {sent.extra_headers["Message-ID"] for sent in mail.outbox} == {f"<{notice.pk}@classbell>"}
    assert Dispatch.objects.get().status == DispatchStatus.SENT


@pytest.mark.django_db
def test_mail_that_is_not_taken_is_tried_again_later_and_later_and_given_up(server: MailServer) -> None:
    server.refuses = True
    notice, now = told(), NOW
    for pause in PAUSES:
        mail_notice(notice_id=notice.pk, now=now)
        now += pause
        assert waiting()[-1] == now

    mail_notice(notice_id=notice.pk, now=now)

    dispatch = Dispatch.objects.get()
    assert (dispatch.status, dispatch.tries, dispatch.failed_at) == (DispatchStatus.FAILED, len(PAUSES) + 1, now)
    assert "not now" in dispatch.error
    assert len(waiting()) == len(PAUSES)
    assert dispatching.failing(now=now) == 1


@pytest.mark.django_db
def test_mail_goes_out_when_the_server_takes_mail_again(server: MailServer) -> None:
    notice = told()
    server.refuses = True
    mail_notice(notice_id=notice.pk, now=NOW)
    server.refuses = False

    mail_notice(notice_id=notice.pk, now=NOW + PAUSES[0])

    assert len(server.mails) == 1
    assert Dispatch.objects.values_list("status", "tries", "error").get() == (DispatchStatus.SENT, 1, "")


@pytest.mark.django_db
def test_address_that_is_refused_for_good_is_not_tried_again_and_admins_hear_of_it_once(server: MailServer) -> None:
    admin, student = make_admin(), make_student()
    server.unknown.add(student.email)

    for _time in range(2):
        mail_notice(notice_id=told(student).pk, now=NOW)

    heard = Notice.objects.get(user=admin)
    assert set(Dispatch.objects.values_list("status", "error")) == {(DispatchStatus.REFUSED, "nobody of this name")}
    assert (waiting(), dispatching.failing(now=NOW)) == ([], 0)
    assert (heard.kind, heard.path) == (Kind.ADDRESS_REFUSED, f"/people/{student.pk}/")


@pytest.mark.django_db
def test_mail_that_cannot_be_written_is_noted_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_notice: Notice) -> None:
        raise ValueError("no such fact")

    notice = told()
    with monkeypatch.context() as patch:
        patch.setattr(mailing, "mail_of", broken)
        mail_notice(notice_id=notice.pk, now=NOW)
    failed = Dispatch.objects.get()
    mail_notice(notice_id=notice.pk, now=NOW + PAUSES[0])

    assert failed.error == "ValueError: no such fact"
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_mail_that_is_of_no_use_any_more_waits_no_longer() -> None:
    notice = told()
    Dispatch.objects.create(notice=notice, channel=Channel.MAIL, status=DispatchStatus.WAITING, tries=3)
    Notice.objects.update(stale_at=NOW)

    mail_notice(notice_id=notice.pk, now=NOW)

    assert Dispatch.objects.get().status == DispatchStatus.DROPPED
    assert mail.outbox == []
