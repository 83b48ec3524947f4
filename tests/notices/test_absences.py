"""Who is told that somebody is missing from a session that runs, when, and that they came after all."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from classbell.accounts.guardians.services import add_guardian, remove_guardian
from classbell.accounts.models import User
from classbell.meetings.attendance.excused import excuse
from classbell.meetings.models import (
    Attendance,
    BackupRoom,
    MatchedBy,
    Occurrence,
    OccurrenceStatus,
    Participation,
    WebhookEvent,
)
from classbell.notices.absences import alert_due, take_back
from classbell.notices.models import AbsenceAlert, Notice
from classbell.notices.preferences import AbsenceAlerts, Told, absence_alerts, change_preferences
from classbell.notices.texts import Kind
from tests.api_client import ApiClient
from tests.at_once import at_once
from tests.factories import make_admin, make_class, make_guardian, make_student, make_teacher
from tests.factories_attendance import excused_time, make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db

BOTH = frozenset({Told.TEACHER, Told.ADMINS})
# The rules that nobody has changed call somebody late after ten minutes; the school of these tests tells five later.
DUE = 15


def tells(*, minutes: int | None = 5, who: frozenset[Told] = BOTH) -> None:
    after = None if minutes is None else timedelta(minutes=minutes)
    change_preferences(None, {"absences": AbsenceAlerts(after=after, tells=who)})


@pytest.fixture
def ana() -> User:
    return make_student(first_name="Ana", last_name="")


@pytest.fixture
def admin() -> User:
    return make_admin()


@pytest.fixture
def session(ana: User, admin: User) -> Occurrence:
    """A class that runs: its teacher and Cid are there, Ana and Ben are not."""
    ben, cid = (make_student(first_name=name, last_name="") for name in ("Ben", "Cid"))
    session = running(make_occurrence(make_class(students=[ana, ben, cid]), ended=None))
    make_stay(session, cid, 0, None)
    tells()
    return session


def running(session: Occurrence) -> Occurrence:
    session.status = OccurrenceStatus.LIVE
    session.save()
    make_stay(session, session.meeting.teacher, 0, None)
    return session


def heard(reader: User, kind: Kind = Kind.STUDENTS_MISSING) -> list[list[str]]:
    """Return of whom somebody was told, by notice in order."""
    facts = Notice.objects.filter(user=reader, kind=kind).order_by("pk").values_list("facts", flat=True)
    return [one.get("names") or [one["student"]] for one in facts]


def test_teacher_and_admins_hear_who_is_missing_once_in_one_notice(session: Occurrence, admin: User) -> None:
    counts = [alert_due(now=minute(at)) for at in (DUE - 1, DUE, DUE + 1, 59)]

    assert counts == [0, 2, 0, 0]
    assert heard(admin) == heard(session.meeting.teacher) == [["Ana", "Ben"]]
    notice = Notice.objects.get(user=admin)
    assert notice.path == f"/meetings/{session.meeting_id}/board/?occurrence={session.pk}"
    assert notice.stale_at == session.ends_at


def test_limit_counts_from_when_the_room_was_open_as_verdicts_do(session: Occurrence) -> None:
    Occurrence.objects.update(actual_starts_at=minute(8))

    assert [alert_due(now=minute(at)) for at in (DUE + 7, DUE + 8)] == [0, 2]


@pytest.mark.parametrize(
    ("who", "of_admin", "of_teacher"),
    [(frozenset({Told.TEACHER}), 0, 1), (frozenset({Told.ADMINS}), 1, 0), (frozenset[Told](), 0, 0)],
    ids=["teacher", "admins", "nobody"],
)
def test_school_says_who_is_told(
    session: Occurrence, admin: User, who: frozenset[Told], of_admin: int, of_teacher: int
) -> None:
    tells(who=who)

    alert_due(now=minute(DUE))

    assert (len(heard(admin)), len(heard(session.meeting.teacher))) == (of_admin, of_teacher)


def test_guardians_hear_of_their_own_child_alone_and_that_it_came(session: Occurrence, ana: User, admin: User) -> None:
    tells(who=frozenset(Told))
    guardian = add_guardian(student_id=ana.pk, email="salma@example.org", by=admin, now=minute(0)).guardian

    alert_due(now=minute(DUE))
    make_stay(session, ana, 16, None)
    take_back(now=minute(DUE + 2))

    assert (heard(guardian), heard(guardian, Kind.STUDENT_CAME)) == ([["Ana"]], [["Ana"]])
    assert set(Notice.objects.filter(user=guardian).values_list("path", flat=True)) == {""}
    assert heard(admin) == [["Ana", "Ben"]]


def test_who_is_no_guardian_any_more_keeps_nothing_and_hears_nothing(
    session: Occurrence, ana: User, admin: User
) -> None:
    tells(who=frozenset({Told.GUARDIANS}))
    ben = User.objects.get(first_name="Ben")
    for child in (ana, ben):
        guardian = add_guardian(student_id=child.pk, email="salma@example.org", by=admin, now=minute(0)).guardian
    alert_due(now=minute(DUE))
    assert sorted(heard(guardian)) == [["Ana"], ["Ben"]]

    remove_guardian(student_id=ana.pk, guardian_id=guardian.pk)
    for child in (ana, ben):
        make_stay(session, child, 16, None)
    take_back(now=minute(DUE + 2))

    assert (heard(guardian), heard(guardian, Kind.STUDENT_CAME)) == ([["Ben"]], [["Ben"]])


def test_nobody_is_told_while_the_school_has_not_said_when(session: Occurrence) -> None:
    tells(minutes=None)

    assert alert_due(now=minute(DUE)) == 0


def test_substitute_is_told_in_place_of_the_teacher(session: Occurrence) -> None:
    substitute = make_teacher()
    Occurrence.objects.update(substitute=substitute)
    make_stay(session, substitute, 0, None)
    tells(who=frozenset({Told.TEACHER}))

    alert_due(now=minute(DUE))

    assert (len(heard(substitute)), len(heard(session.meeting.teacher))) == (1, 0)


def test_guardian_who_wants_to_hear_nothing_of_it_about_this_child_does_not(session: Occurrence, ana: User) -> None:
    tells(who=frozenset(Told))
    mother, father = make_guardian(ana), make_guardian(ana)
    change_preferences(mother, {"children": {str(ana.pk): {"absences": False}}})

    alert_due(now=minute(DUE))

    assert (heard(mother), heard(father)) == ([], [["Ana"]])


def test_who_came_and_left_is_not_missing(session: Occurrence, ana: User, admin: User) -> None:
    make_stay(session, ana, 1, 3)

    alert_due(now=minute(DUE))

    assert heard(admin) == [["Ben"]]


def test_excused_and_deactivated_people_are_not_missing(session: Occurrence, ana: User) -> None:
    excuse(excused_time(ana, occurrence=session), now=minute(0))
    User.objects.filter(first_name="Ben").update(is_active=False)

    assert alert_due(now=minute(DUE)) == 0


def test_of_whom_a_person_has_decided_nothing_is_said(session: Occurrence, ana: User, admin: User) -> None:
    Attendance.objects.create(occurrence=session, user=ana, override_status="present", override_reason="By phone")

    alert_due(now=minute(DUE))

    assert heard(admin) == [["Ben"]]


def test_somebody_unrecognised_may_be_them_until_it_is_said_who_it_is(session: Occurrence) -> None:
    stranger = make_stay(session, None, 0, None)
    before = alert_due(now=minute(DUE))
    Participation.objects.filter(pk=stranger.pk).update(matched_by=MatchedBy.NOBODY)

    assert (before, alert_due(now=minute(DUE + 1))) == (0, 2)


@pytest.mark.parametrize("status", [OccurrenceStatus.SCHEDULED, OccurrenceStatus.ENDED, OccurrenceStatus.CANCELLED])
def test_session_that_does_not_run_has_nobody_missing(session: Occurrence, status: OccurrenceStatus) -> None:
    Occurrence.objects.update(status=status)

    assert alert_due(now=minute(DUE)) == 0


def test_session_that_would_not_count_has_nobody_missing(ana: User, admin: User) -> None:
    """The room was opened without its teacher, who has not come."""
    session = make_occurrence(make_class(students=[ana]), ended=None, zoom_settings={"join_before_host": True})
    Occurrence.objects.update(status=OccurrenceStatus.LIVE)
    make_stay(session, make_student(), 0, None)
    tells()

    assert alert_due(now=minute(DUE)) == 0


def test_session_in_a_backup_room_has_nobody_missing(session: Occurrence) -> None:
    BackupRoom.objects.create(occurrence=session, url="https://rooms.example/a", given_at=minute(0), used_at=minute(1))

    assert alert_due(now=minute(DUE)) == 0


def test_nothing_heard_of_anybody_is_no_absence(session: Occurrence) -> None:
    Participation.objects.all().delete()

    assert alert_due(now=minute(DUE)) == 0


def test_nobody_is_missing_while_messages_of_their_meeting_wait(session: Occurrence) -> None:
    session.meeting.zoom_meeting_id = "123"
    session.meeting.save()
    WebhookEvent.objects.create(
        event="meeting.participant_joined", digest=b"1", body={}, zoom_meeting_id="123", happened_at=minute(1)
    )
    before = alert_due(now=minute(DUE))
    WebhookEvent.objects.update(processed_at=minute(DUE))

    assert (before, alert_due(now=minute(DUE))) == (0, 2)


@pytest.mark.parametrize(("at", "told"), [(-2, 0), (1, 2)], ids=["silent since before the hour", "heard in the hour"])
def test_nobody_is_missing_while_zoom_is_silent(session: Occurrence, at: int, told: int) -> None:
    """The room was opened early; since the last message two more sessions were to begin, and nothing is heard of them."""
    others = [make_occurrence(make_class(), started=None) for _other in range(2)]
    for number, other in enumerate([session, *others]):
        other.meeting.zoom_meeting_id = str(number)
        other.meeting.save()
    event = WebhookEvent.objects.create(event="meeting.started", digest=b"1", body={}, happened_at=minute(at))
    WebhookEvent.objects.filter(pk=event.pk).update(received_at=minute(at), processed_at=minute(at))

    assert alert_due(now=minute(DUE)) == told


def test_who_comes_after_all_is_told_of_with_the_time(session: Occurrence, ana: User, admin: User) -> None:
    alert_due(now=minute(DUE))
    make_stay(session, ana, 14, None)

    counts = [take_back(now=minute(DUE + 1)), take_back(now=minute(DUE + 2)), alert_due(now=minute(DUE + 2))]

    assert counts == [1, 0, 0]
    assert heard(admin, Kind.STUDENT_CAME) == heard(session.meeting.teacher, Kind.STUDENT_CAME) == [["Ana"]]
    assert Notice.objects.get(user=admin, kind=Kind.STUDENT_CAME).words == (
        "Ana came at 09:14 (UTC time): “Algebra”",
        "You were told that Ana was missing from “Algebra”. Ana came at 09:14 (UTC time).",
    )


def test_nothing_is_taken_back_that_was_not_said(session: Occurrence, ana: User) -> None:
    make_stay(session, ana, 14, None)

    assert take_back(now=minute(DUE)) == 0


def test_report_that_knows_better_takes_back_too(session: Occurrence, ana: User) -> None:
    alert_due(now=minute(DUE))
    Occurrence.objects.update(status=OccurrenceStatus.ENDED)
    make_stay(session, ana, 2, 60, source="report")

    assert (take_back(now=minute(130)), take_back(now=minute(131))) == (1, 0)


def test_absence_is_said_in_quiet_hours_and_not_kept_for_the_mail_of_the_day(session: Occurrence, admin: User) -> None:
    change_preferences(None, {"digest_at": minute(600).time()})

    alert_due(now=minute(DUE))

    assert not Notice.objects.filter(dispatches__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_workers_who_look_at_once_tell_once(session: Occurrence, admin: User, ana: User) -> None:
    at_once([lambda: alert_due(now=minute(DUE))] * 3)
    make_stay(session, ana, 16, None)
    at_once([lambda: take_back(now=minute(DUE + 2))] * 3)

    assert heard(admin) == [["Ana", "Ben"]]
    assert heard(admin, Kind.STUDENT_CAME) == [["Ana"]]
    assert AbsenceAlert.objects.count() == 4


def test_admin_sets_it_by_the_api_and_others_may_not(admin: User, ana: User, api: Callable[..., ApiClient]) -> None:
    wanted = {"absences": {"minutes": 3, "tells": ["admins"]}}

    answer = api(admin).patch("/api/school/notifications", wanted).json()
    wrong = api(admin).patch("/api/school/notifications", {"absences": {"minutes": -1, "tells": []}})
    refused = api(ana).patch("/api/school/notifications", wanted)

    assert answer["notifications"]["absences"] == wanted["absences"]
    assert (wrong.status_code, refused.status_code) == (400, 403)
    assert absence_alerts() == AbsenceAlerts(after=timedelta(minutes=3), tells=frozenset({Told.ADMINS}))
