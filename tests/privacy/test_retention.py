"""What is older than the school keeps it goes, night by night; what reports rest on stays, and is not judged anew."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.apps import apps
from django.conf import settings
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.groups.services import enrol_student, remove_students
from classbell.jobs import defer
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import (
    Attendance,
    JoinClick,
    KnownAlias,
    Occurrence,
    OccurrenceOutcome,
    Participation,
    WebhookEvent,
)
from classbell.notices.models import Notice
from classbell.privacy import retention
from classbell.privacy.classification import Kept
from classbell.privacy.models import RetentionRun
from classbell.privacy.register import register
from classbell.privacy.retention import batches_by_kind, forget_old
from tests.factories import make_admin, make_class, make_student
from tests.factories_attendance import make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
# The history of who was in which class.
MEMBERSHIPS: Final[Any] = apps.get_model("groups", "MembershipEvent")


def years_later(kind: Kept) -> datetime:
    """Return a moment at which what is made now is too old by an hour."""
    return NOW + timedelta(days=kind.days or 7, hours=200 * 24)


def forgotten(now: datetime) -> dict[str, int]:
    """Let the job run, and return what went."""
    return {done.kind.name: done.rows for done in forget_old(now=now) if done.rows}


def held(days: int = 0) -> Occurrence:
    """Make a session that was held, with two stays and its verdicts."""
    group = make_class(students=2)
    occurrence = make_occurrence(group, days=days)
    for student in group.members.all():
        make_stay(occurrence, student, 0, 60)
    record_attendance(occurrence_id=occurrence.pk, now=minute(120))
    return occurrence


def test_stays_go_and_attendance_stays_whatever_is_judged_again() -> None:
    occurrence = held()
    before = list(Attendance.objects.order_by("pk").values())
    assert {row["status"] for row in before} == {"present"}

    assert forgotten(years_later(Kept.STAYS))["STAYS"] == 2
    assert not Participation.objects.exists()
    assert OccurrenceOutcome.objects.get().is_final

    record_attendance(occurrence_id=occurrence.pk, now=NOW)
    assert list(Attendance.objects.order_by("pk").values()) == before


def test_what_a_report_of_this_year_needs_stays() -> None:
    held()
    before = NOW + timedelta(days=366)

    forget_old(now=before)

    assert Participation.objects.count() == 2
    assert not OccurrenceOutcome.objects.get().is_final


def test_each_kind_goes_by_its_own_setting(monkeypatch) -> None:
    teacher, student = make_admin(), make_student()
    group = make_class(students=[student])
    meeting = make_occurrence(group).meeting
    for name, processed_at in (("meeting.alert", NOW), ("meeting.started", None)):
        WebhookEvent.objects.create(
            event=name,
            digest=name.encode(),
            body={},
            happened_at=NOW,
            received_at=NOW,
            due_at=NOW,
            processed_at=processed_at,
        )
    Notice.objects.create(user=student, subject="Hello", created_at=NOW)
    KnownAlias.objects.create(group=group, user=student, alias="stu", chosen_by=teacher, chosen_at=NOW)
    JoinClick.objects.create(meeting=meeting, user=student, action="join", clicked_at=NOW)

    assert "INBOX" not in forgotten(NOW + timedelta(days=89))
    assert forgotten(NOW + timedelta(days=91))["INBOX"] == 1
    assert WebhookEvent.objects.get().event == "meeting.started", "nobody has understood it yet"
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"keep_notices_days": 30}))
    assert Notice.objects.filter(subject="Hello").exists()
    assert forgotten(NOW + timedelta(days=92))["NOTICES"] >= 1
    assert forgotten(years_later(Kept.ALIASES))["ALIASES"] == 1
    assert not JoinClick.objects.exists()


def test_old_history_goes_though_nobody_may_edit_it() -> None:
    group, student = make_class(), make_student()
    enrol_student(group_id=group.pk, student=student)
    remove_students(group_id=group.pk, students=[student])
    assert MEMBERSHIPS.objects.filter(user=student).count() == 2

    forget_old(now=NOW + timedelta(days=settings.ENVIRONMENT.keep_history_days - 1))
    assert MEMBERSHIPS.objects.filter(user=student).count() == 2

    forget_old(now=years_later(Kept.HISTORY))
    assert not MEMBERSHIPS.objects.filter(user=student).exists()


def test_jobs_that_wait_stay_and_those_that_failed_go() -> None:
    defer("privacy.make_export", export_id="waits")
    defer("privacy.make_export", export_id="failed")
    ProcrastinateJob.objects.filter(args__export_id="failed").update(status="failed")

    forget_old(now=years_later(Kept.JOBS))

    assert set(ProcrastinateJob.objects.values_list("args__export_id", flat=True)) == {"waits"}


def test_it_goes_in_batches_and_says_what_it_did(monkeypatch) -> None:
    student = make_student()
    Notice.objects.bulk_create(Notice(user=student, subject=str(number), created_at=NOW) for number in range(5))
    monkeypatch.setattr(retention, "ROWS_A_BATCH", 2)

    done = {one.kind: one for one in forget_old(now=years_later(Kept.NOTICES))}

    assert done[Kept.NOTICES].rows == 5
    run = RetentionRun.objects.get(kind="notices")
    assert (run.deleted, run.finished) == (5, True)


def test_what_is_too_much_for_one_night_goes_on_the_next(monkeypatch) -> None:
    student = make_student()
    Notice.objects.bulk_create(Notice(user=student, subject=str(number), created_at=NOW) for number in range(5))
    monkeypatch.setattr(retention, "ROWS_A_BATCH", 2)
    monkeypatch.setattr(retention, "SECONDS_A_KIND", -1.0)

    first = {one.kind: one for one in forget_old(now=years_later(Kept.NOTICES))}[Kept.NOTICES]

    assert (first.rows, first.finished) == (2, False)
    assert Notice.objects.count() == 3


def test_whatever_the_register_says_goes_after_some_days_is_taken_by_the_job() -> None:
    lasting = {one.kept for one in register().values() if one.kept.days is not None}

    assert lasting <= batches_by_kind().keys()
