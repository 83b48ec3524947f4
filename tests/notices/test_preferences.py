"""How people are told: as the school has it, as each chooses, not at night, all of a day at once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.accounts.models import ReminderTime, User
from classbell.meetings.models import Meeting
from classbell.notices import dispatching
from classbell.notices.dispatching import CLAIM_HOLDS, PAUSES
from classbell.notices.mailing import mail_digest
from classbell.notices.models import Dispatch, DispatchStatus, Notice, NotificationChoices
from classbell.notices.preferences import (
    QuietHours,
    QuietHoursEmpty,
    Way,
    change_preferences,
    choose_as_school,
    preferences_of,
)
from classbell.notices.reminders import remind_due
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from classbell.notices.topics import TOPICS, Topic, topic_of
from tests.api_client import ApiClient
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, spec

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
NIGHT = QuietHours(begin=time(22), end=time(6, 30))
Api = Callable[..., ApiClient]
RIYADH = ZoneInfo("Asia/Riyadh")


@pytest.fixture(autouse=True)
def with_mail() -> Iterator[None]:
    """A school that sends mail, here into Django's outbox."""
    with override_settings(EMAIL_HOST="mail.school.example"):
        yield


@pytest.fixture
def student() -> User:
    """Somebody in Riyadh."""
    return make_student(timezone="Asia/Riyadh")


def moved(user: User, *, now: datetime = NOON) -> Notice:
    return tell(user, Kind.SESSION_MOVED, {"title": "Algebra", "when": NOON.isoformat()}, path="/meetings/1/", now=now)


def queued() -> list[tuple[str, datetime | None]]:
    jobs = ProcrastinateJob.objects.filter(task_name__startswith="notices.mail").order_by("id")
    return [(job.task_name, job.scheduled_at) for job in jobs]


def test_what_the_school_sets_holds_for_whoever_has_chosen_nothing(student: User) -> None:
    other = make_student()
    change_preferences(other, {"channels": {Topic.SESSIONS: {"mail": True}}})
    change_preferences(None, {"channels": {Topic.SESSIONS: {"mail": False}}})

    wants = [preferences_of(person).wants(Topic.SESSIONS, Way.MAIL) for person in (student, other)]

    assert wants == [False, True]
    assert preferences_of(student).wants(Topic.LESSONS, Way.MAIL)


def test_who_has_it_all_as_the_school_does_follows_it_again(student: User) -> None:
    change_preferences(None, {"digest_at": time(18)})
    change_preferences(student, {"digest_at": None, "reminder_minutes": ReminderTime.HOUR})
    own = preferences_of(student)

    choose_as_school(student)

    assert (own.digest_at, own.reminder_minutes) == (None, ReminderTime.HOUR)
    assert preferences_of(student).digest_at == time(18)


def test_what_is_not_to_be_mailed_is_on_the_page_only_and_the_other_way_round(student: User) -> None:
    change_preferences(student, {"channels": {Topic.SESSIONS: {"mail": False}, Topic.CIRCLES: {"page": False}}})

    shown = moved(student)
    mailed = tell(student, Kind.PLACE, {"title": "Fatiha"}, now=NOON)

    assert (shown.on_page, mailed.on_page) == (True, False)
    assert list(ProcrastinateJob.objects.values_list("args__notice_id", flat=True)) == [str(mailed.pk)]


def test_trouble_at_the_school_is_always_on_the_page() -> None:
    admin = make_admin()
    change_preferences(admin, {"channels": {Topic.SCHOOL: {"page": False, "mail": False}}})

    notice = tell(admin, Kind.DISK_FULL, {"megabytes": 1, "percent": 1}, now=NOON)

    assert notice.on_page
    assert queued() == []


OF_THE_SCHOOL = (
    *("zoom_", "webhook_", "consent_", "backlog", "inbox_", "licence_", "mail_", "address_", "disk_", "guardian_"),
    *("own_", "teachers_zoom_", "host_", "user_app_", "sign_up_", "payment_", "refund_", "refunded_"),
)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_topic(kind: Kind) -> None:
    # Of admins, and that somebody is a guardian now, which is nobody's choice.
    is_of_the_school = kind.startswith(OF_THE_SCHOOL)

    assert (topic_of(kind) is Topic.SCHOOL) == is_of_the_school == (kind not in TOPICS)


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (NIGHT, "2026-11-30T21:59", None),
        (NIGHT, "2026-11-30T22:00", "2026-12-01T06:30"),
        (NIGHT, "2026-12-01T00:00", "2026-12-01T06:30"),
        (NIGHT, "2026-12-01T06:29", "2026-12-01T06:30"),
        (NIGHT, "2026-12-01T06:30", None),
        (QuietHours(begin=time(12), end=time(14)), "2026-11-30T13:00", "2026-11-30T14:00"),
        (QuietHours(begin=time(12), end=time(14)), "2026-11-30T14:00", None),
        (QuietHours(begin=time(12), end=time(0)), "2026-11-30T13:00", "2026-12-01T00:00"),
    ],
)
def test_quiet_hours_end_on_the_readers_clock(hours: QuietHours, at: str, until: str | None) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=RIYADH)

    ends = hours.until(moment.astimezone(UTC), RIYADH)

    assert (ends and ends.astimezone(RIYADH).strftime("%Y-%m-%dT%H:%M")) == until


@pytest.mark.parametrize(("day", "ends"), [("2027-03-28", 1), ("2027-10-31", 2)], ids=["to summer", "to winter"])
def test_night_in_which_the_clock_is_changed_ends_on_the_wall(day: str, ends: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = QuietHours(begin=time(22), end=time(3))
    moment = datetime.fromisoformat(f"{day}T00:30").replace(tzinfo=berlin)

    assert hours.until(moment, berlin) == datetime.fromisoformat(f"{day}T0{ends}:00+00:00")


def test_mail_of_the_night_comes_in_the_morning_but_not_what_is_urgent(student: User) -> None:
    change_preferences(student, {"quiet_hours": NIGHT})
    midnight = datetime(2026, 12, 1, tzinfo=RIYADH)

    moved(student, now=midnight)
    tell(student, Kind.SESSION_BEGUN, {"title": "Algebra", "time": NOON.isoformat()}, now=midnight)

    morning = datetime(2026, 12, 1, 6, 30, tzinfo=RIYADH)
    assert queued() == [("notices.mail_notice", morning), ("notices.mail_notice", None)]


def test_quiet_hours_that_end_when_they_begin_are_refused(student: User) -> None:
    with pytest.raises(QuietHoursEmpty):
        change_preferences(student, {"quiet_hours": QuietHours(begin=time(6), end=time(6))})

    assert not NotificationChoices.objects.exists()


class TestDigest:
    """All mails of a day as one."""

    @pytest.fixture(autouse=True)
    def at_six(self, student: User) -> None:
        change_preferences(student, {"digest_at": time(18)})

    def test_mails_of_a_day_come_as_one_when_the_reader_wants_them(self, student: User) -> None:
        notices = [moved(student), tell(student, Kind.PLACE, {"title": "Fatiha"}, now=NOON)]

        at_six = datetime(2026, 11, 30, 18, tzinfo=RIYADH)
        assert queued() == [("notices.mail_digest", at_six)]
        for _time in range(2):
            mail_digest(user_id=student.pk, now=at_six)

        (sent,) = mail.outbox
        assert (sent.subject, sent.to) == ("2 notifications", [student.email])
        assert "“Algebra” is moved" in sent.body
        assert "You have a place in Fatiha" in sent.body
        assert set(Dispatch.objects.values_list("status", flat=True)) == {DispatchStatus.SENT}
        assert not Notice.objects.filter(pk__in=[one.pk for one in notices], mailed_at=None).exists()

    def test_one_alone_comes_as_itself(self, student: User) -> None:
        notice = moved(student)

        mail_digest(user_id=student.pk, now=NOON)

        (sent,) = mail.outbox
        assert sent.subject.startswith("“Algebra” is moved to")
        assert sent.extra_headers["Message-ID"] == f"<{notice.pk}@classbell>"

    def test_what_a_killed_process_had_in_hand_goes_again_as_it_was(self, student: User) -> None:
        moved(student)
        moved(student)
        taken = dispatching.claim_collected(student.pk, now=NOON)
        later = moved(student)

        mail_digest(user_id=student.pk, now=NOON + CLAIM_HOLDS)

        claims = Dispatch.objects.exclude(notice=later)
        assert [sent.subject for sent in mail.outbox] == ["2 notifications"]
        assert sorted(claims.values_list("notice_id", "status")) == [(pk, DispatchStatus.SENT) for pk in sorted(taken)]
        assert Dispatch.objects.get(notice=later).status == DispatchStatus.WAITING

    def test_while_another_has_it_in_hand_nothing_is_sent(self, student: User) -> None:
        moved(student)
        ProcrastinateJob.objects.exists()
        dispatching.claim_collected(student.pk, now=NOON)

        mail_digest(user_id=student.pk, now=NOON + timedelta(minutes=1))

        assert mail.outbox == []

    def test_what_the_mail_server_does_not_take_is_tried_again(
        self, student: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moved(student)
        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.EmailMessage.send", _refuse)
            mail_digest(user_id=student.pk, now=NOON)
        failed = Dispatch.objects.get()

        mail_digest(user_id=student.pk, now=NOON + PAUSES[0])

        assert (failed.status, failed.tries) == (DispatchStatus.WAITING, 1)
        assert len(mail.outbox) == 1

    def test_who_wants_no_mail_any_more_gets_none(self, student: User) -> None:
        moved(student)
        User.objects.update(wants_mail=False)

        mail_digest(user_id=student.pk, now=NOON)

        assert (mail.outbox, Dispatch.objects.get().status) == ([], DispatchStatus.DROPPED)

    def test_reminders_do_not_wait(self, student: User) -> None:
        tell(student, Kind.SESSION_COMING, {"title": "Algebra", "when": NOON.isoformat()}, now=NOON)

        assert queued() == [("notices.mail_notice", None)]


def _refuse(*_arguments: object, **_values: object) -> None:
    raise OSError("not now")


class TestReminders:
    """Who has chosen nothing is reminded as the school sets it."""

    @pytest.fixture
    def meeting(self, student: User) -> Meeting:
        return make_meeting(
            spec(teacher := make_teacher(), group=make_class(teacher=teacher, students=[student]), starts_at=SOON)
        )

    @pytest.mark.parametrize(
        ("own", "before", "told"),
        [
            (None, ReminderTime.NEVER, 1),
            (ReminderTime.NEVER, ReminderTime.NEVER, 0),
            (ReminderTime.QUARTER, ReminderTime.NEVER, 0),
            (None, ReminderTime.QUARTER, 0),
            (ReminderTime.HOUR, ReminderTime.QUARTER, 1),
        ],
        ids=["as the school", "wants none", "later", "chose later before", "chose anew"],
    )
    def test_school_reminds_an_hour_before(
        self, meeting: Meeting, student: User, own: ReminderTime | None, before: ReminderTime, told: int
    ) -> None:
        User.objects.filter(pk=student.pk).update(reminder_minutes=before)
        change_preferences(None, {"reminder_minutes": ReminderTime.HOUR})
        if own is not None:
            change_preferences(student, {"reminder_minutes": own})

        remind_due(now=SOON - timedelta(minutes=30))

        assert Notice.objects.filter(user=student).count() == told


SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)


class TestApi:
    """`/api/me/notifications` and `/api/school/notifications`."""

    def test_people_read_and_change_how_they_are_told(self, student: User, api: Api) -> None:
        client = api(student)
        body = {
            "kinds": {"sessions": {"mail": False}},
            "quiet_hours": {"from": "22:00", "until": "06:30"},
            "digest_at": "18:00",
            "reminder_minutes": 60,
            "mail": False,
        }

        changed = client.patch("/api/me/notifications", body)

        told = client.get("/api/me/notifications").json()["notifications"]
        assert changed.json()["notifications"] == told
        assert {kind["kind"]: kind["channels"] for kind in told["kinds"]}["sessions"] == {
            "page": True,
            "mail": False,
            "push": True,
            "sms": False,
            "whatsapp": False,
            "telegram": False,
        }
        assert {name: told[name] for name in body if name != "kinds"} == {k: v for k, v in body.items() if k != "kinds"}
        assert told["timezone"] == "Asia/Riyadh"

    def test_null_takes_away_and_what_is_not_named_stays(self, student: User, api: Api) -> None:
        change_preferences(student, {"quiet_hours": NIGHT, "digest_at": time(18)})

        told = api(student).patch("/api/me/notifications", {"quiet_hours": None}).json()["notifications"]

        assert (told["quiet_hours"], told["digest_at"]) == (None, "18:00")

    def test_schools_choice_reaches_people(self, student: User, api: Api) -> None:
        api(make_admin()).patch("/api/school/notifications", {"digest_at": "07:00"})

        assert api(student).get("/api/me/notifications").json()["notifications"]["digest_at"] == "07:00"
        assert api(student).patch("/api/school/notifications", {}).status_code == 403

    def test_everything_is_as_the_school_has_it_again(self, student: User, api: Api) -> None:
        change_preferences(student, {"digest_at": time(18), "reminder_minutes": ReminderTime.DAY})

        told = api(student).patch("/api/me/notifications", {"as_school": True}).json()["notifications"]

        assert (told["digest_at"], told["reminder_minutes"]) == (None, 0)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"kinds": {"gossip": {"mail": True}}}, "kinds"),
            ({"quiet_hours": {"from": "22:00"}}, "quiet_hours"),
            ({"quiet_hours": {"from": "late", "until": "06:00"}}, "quiet_hours"),
            ({"digest_at": "25:00"}, "digest_at"),
            ({"reminder_minutes": 7}, "reminder_minutes"),
            ({"mail": "perhaps"}, "mail"),
        ],
    )
    def test_what_cannot_be_chosen_is_refused_by_its_field(
        self, student: User, api: Api, body: dict[str, object], field: str
    ) -> None:
        refused = api(student).patch("/api/me/notifications", body)

        assert refused.status_code == 400
        assert refused.json()["details"][0]["field"].startswith(field)

    def test_empty_quiet_hours_are_refused(self, student: User, api: Api) -> None:
        body = {"quiet_hours": {"from": "06:00", "until": "06:00"}}

        assert api(student).patch("/api/me/notifications", body).json()["code"] == "quiet_hours_empty"
