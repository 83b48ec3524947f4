"""Admins hear of trouble without looking: once when it begins, once when it is over, each in their language."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone, translation
from procrastinate.contrib.django.models import ProcrastinateJob
from pydantic import SecretStr

from classbell.accounts.models import User
from classbell.meetings.models import HostSeat, Meeting, ZoomAccount, ZoomHost, ZoomTrouble
from classbell.meetings.sync import health
from classbell.meetings.zoom_accounts import account
from classbell.notices.mailing import mail_notice
from classbell.notices.models import Channel, Dispatch, DispatchStatus, Notice
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.operation import troubles
from classbell.operation.models import JobOrigin, Trouble, TroubleKind
from classbell.operation.tasks import forget_origins
from classbell.zoom.errors import ZoomUnavailable
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_meetings import make_meeting

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
FACTS = {"meetings": 3, "jobs": 40}
WITH_MAIL = override_settings(EMAIL_HOST="mail.school.example")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What another test activated is not this one's."""
    with translation.override("en"):
        yield


@pytest.fixture
def admin() -> User:
    return make_admin()


def kinds() -> list[str]:
    """Return what people were told, the first first."""
    return list(Notice.objects.order_by("created_at", "pk").values_list("kind", flat=True))


def note_each_minute(facts: dict[str, int] | None, *, minutes: range) -> None:
    start = timezone.now().replace(second=0, microsecond=0)
    for minute in minutes:
        troubles.note(TroubleKind.BACKLOG, facts, now=start + minute * MINUTE)


def test_trouble_is_told_once_when_it_lasts_and_once_when_it_is_over(admin: User) -> None:
    note_each_minute(FACTS, minutes=range(60))
    assert kinds() == ["backlog"]

    note_each_minute(None, minutes=range(60, 120))
    assert kinds() == ["backlog", "backlog_over"]

    note_each_minute(FACTS, minutes=range(120, 130))
    assert kinds() == ["backlog", "backlog_over", "backlog"]


def test_what_is_over_at_once_is_nobodys_news(admin: User) -> None:
    for minute in range(0, 60, 2):
        note_each_minute(FACTS, minutes=range(minute, minute + 1))
        note_each_minute(None, minutes=range(minute + 1, minute + 2))

    assert kinds() == []


def test_what_comes_back_at_once_was_not_over(admin: User) -> None:
    note_each_minute(FACTS, minutes=range(10))
    for minute in range(10, 60, 4):
        note_each_minute(None, minutes=range(minute, minute + 3))
        note_each_minute(FACTS, minutes=range(minute + 3, minute + 4))

    assert kinds() == ["backlog"]


def test_every_active_admin_is_told_in_their_language_and_nobody_else(admin: User) -> None:
    arab = make_admin(locale="ar")
    make_admin(is_active=False)
    make_teacher()
    make_student()

    note_each_minute(FACTS, minutes=range(3))

    told = {notice.user: notice for notice in Notice.objects.select_related("user")}
    assert set(told) == {admin, arab}
    with translation.override("ar"):
        assert told[arab].words.subject == "أعمال تنتظر منذ أكثر من 15 دقيقة"
    assert "Meetings on their way to Zoom: 3; jobs: 40." in told[admin].words.text


@WITH_MAIL
def test_trouble_is_mailed_but_not_that_mail_does_not_go_out(admin: User) -> None:
    start = timezone.now()
    for kind in (TroubleKind.BACKLOG, TroubleKind.MAIL_FAILING):
        for minute in range(3):
            troubles.note(kind, FACTS | {"count": 1}, now=start + minute * MINUTE)

    queued = ProcrastinateJob.objects.filter(task_name="notices.mail_notice").values_list("args__notice_id", flat=True)
    assert sorted(kinds()) == ["backlog", "mail_failing"]
    assert list(queued) == [str(Notice.objects.get(kind="backlog").pk)]
    mail_notice(notice_id=Notice.objects.get(kind="backlog").pk, now=start)
    assert [sent.to for sent in mail.outbox] == [[admin.email]]


def test_first_page_of_admins_says_what_they_were_told_until_it_is_over(admin: User, client: Client) -> None:
    client.force_login(admin)
    note_each_minute(FACTS, minutes=range(3))
    assert "Work has waited for more than 15 minutes" in client.get("/").content.decode()

    note_each_minute(None, minutes=range(3, 30))

    assert "Work has waited for more than 15 minutes" not in client.get("/").content.decode()


def test_two_workers_that_look_at_once_tell_once(admin: User) -> None:
    now = timezone.now()
    Trouble.objects.create(kind=TroubleKind.BACKLOG, since=now - 10 * MINUTE)

    for _worker in range(2):
        troubles.note(TroubleKind.BACKLOG, FACTS, now=now)

    assert kinds() == ["backlog"]


def test_meetings_and_jobs_that_are_late_are_a_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(troubles, "is_configured", lambda: True)
    now = timezone.now()
    assert troubles.backlog(now) is None
    late, soon, young = make_meeting(), make_meeting(), make_meeting()
    Meeting.objects.filter(pk=late.pk).update(updated_at=now - 16 * MINUTE, next_attempt_at=None)
    Meeting.objects.filter(pk=soon.pk).update(updated_at=now - 60 * MINUTE, next_attempt_at=now + MINUTE)
    Meeting.objects.filter(pk=young.pk).update(updated_at=now - 14 * MINUTE, next_attempt_at=None)
    ProcrastinateJob.objects.all()._raw_delete("default")

    assert troubles.backlog(now) == {"meetings": 1, "jobs": 0}


def test_while_zoom_ails_what_waits_for_it_is_no_news_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = {"zoom_account_id": "account", "zoom_client_id": "client", "zoom_client_secret": SecretStr("secret")}
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=connected))
    health.note_failure(account(), ZoomUnavailable("no answer in time"))
    assert (known := health.health()) is not None
    assert known.trouble == ZoomTrouble.UNAVAILABLE

    with pytest.raises(troubles.Unclear):
        troubles.backlog(timezone.now())


def test_host_without_a_licence_with_a_meeting_to_come_is_found(admin: User) -> None:
    now = timezone.now()
    host = ZoomHost.objects.create(
        account=ZoomAccount.objects.create(account_id="an-account"),
        zoom_user_id="u1",
        email="h1@school.example",
        is_active=True,
        is_licensed=True,
    )
    seat = HostSeat.objects.create(host=host, number=1)
    Meeting.objects.filter(pk=make_meeting().pk).update(seat=seat)
    assert troubles.licence_lost(now) is None

    ZoomHost.objects.update(is_licensed=False)

    assert troubles.licence_lost(now) == {"hosts": 1, "meetings": 1}


@WITH_MAIL
def test_mail_that_was_not_taken_twice_is_found() -> None:
    now = timezone.now()
    notice = tell(make_student(), Kind.ZOOM_WELL_AGAIN, {}, now=now)
    Dispatch.objects.create(notice=notice, channel=Channel.MAIL, status=DispatchStatus.WAITING, tries=1)
    assert troubles.mail_failing(now) is None

    Dispatch.objects.update(tries=2)

    assert troubles.mail_failing(now) == {"count": 1}


def test_school_without_a_mail_server_has_none_that_fails() -> None:
    notice = tell(make_student(), Kind.ZOOM_WELL_AGAIN, {}, now=timezone.now())
    Dispatch.objects.create(notice=notice, channel=Channel.MAIL, status=DispatchStatus.WAITING, tries=9)

    assert troubles.mail_failing(timezone.now()) is None


@pytest.mark.parametrize(
    ("free", "found"),
    [(50 * 1024**3, None), (9 * 1024**3, {"megabytes": 9 * 1024, "percent": 9}), (0, {"megabytes": 0, "percent": 0})],
)
def test_disk_of_the_embedded_database_is_watched(
    monkeypatch: pytest.MonkeyPatch, free: int, found: dict[str, int] | None
) -> None:
    address = f"postgresql://postgres@/postgres?host={settings.ENVIRONMENT.data}/postgres"
    monkeypatch.setattr(settings.ENVIRONMENT, "database_url", address)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=100 * 1024**3, free=free))

    assert troubles.disk_full(timezone.now()) == found


def test_disk_of_a_server_of_the_schools_own_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.ENVIRONMENT, "database_url", "postgresql://classbell@db.school.example/classbell")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=100, free=0))

    assert troubles.disk_full(timezone.now()) is None


def test_one_thing_that_cannot_be_looked_at_keeps_no_other_from_being_told(
    admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_now: object) -> None:
        raise RuntimeError("no such disk")

    monkeypatch.setattr(
        troubles, "CHECKS", {TroubleKind.DISK_FULL: broken, TroubleKind.BACKLOG: lambda _now: dict(FACTS)}
    )
    start = timezone.now()
    for minute in range(3):
        troubles.look_for_trouble(now=start + minute * MINUTE)

    assert kinds() == ["backlog"]


def test_where_jobs_came_from_is_forgotten_with_them() -> None:
    tell(make_student(), Kind.ZOOM_WELL_AGAIN, {}, now=timezone.now())
    job = ProcrastinateJob.objects.get(task_name="notices.mail_notice")
    JobOrigin.objects.create(job_id=job.pk, request_id="kept")
    JobOrigin.objects.create(job_id=job.pk + 1_000_000, request_id="forgotten")

    forget_origins(timestamp=0)

    assert JobOrigin.objects.values_list("request_id", flat=True).get() == "kept"
