"""How far behind Zoom was is read every minute and kept for two days."""

from datetime import UTC, datetime, timedelta

import pytest

from classbell.meetings.models import DailyBudget, Meeting, Reading, SyncStatus
from classbell.meetings.sync.readings import Stretch, stretches, take_reading
from tests.factories_meetings import make_meeting

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)


def test_reading_counts_what_is_behind_and_what_was_sent_today() -> None:
    for status in (SyncStatus.PENDING, SyncStatus.PENDING, SyncStatus.FAILED, SyncStatus.SYNCED):
        Meeting.objects.filter(pk=make_meeting().pk).update(sync_status=status)
    for key, day, used in (
        ("host:sim:one", NOW.date(), 40),
        ("host:sim:two", NOW.date(), 2),
        ("host:sim:one", NOW.date() - timedelta(days=1), 99),
        ("account:sim:heavy", NOW.date(), 7),
    ):
        DailyBudget.objects.create(key=key, day=day, used=used)

    take_reading(now=NOW)

    assert list(Reading.objects.values_list("taken_at", "pending", "failed", "changes")) == [(NOW, 2, 1, 42)]


def test_reading_twice_at_one_moment_keeps_one() -> None:
    take_reading(now=NOW)
    take_reading(now=NOW)

    assert Reading.objects.count() == 1


def test_readings_are_forgotten_after_two_days() -> None:
    take_reading(now=NOW - timedelta(days=2, seconds=1))
    take_reading(now=NOW - timedelta(days=1))
    take_reading(now=NOW)

    assert list(Reading.objects.order_by("taken_at").values_list("taken_at", flat=True)) == [
        NOW - timedelta(days=1),
        NOW,
    ]


def test_stretch_has_the_most_that_was_read_in_it_and_nothing_where_nobody_read() -> None:
    start = NOW.replace(second=0)
    for minute, pending in ((0, 1), (9, 5), (10, 2)):
        Reading.objects.create(taken_at=start + timedelta(minutes=minute), pending=pending, failed=0, changes=pending)

    assert stretches(start=start, count=3, length=TEN_MINUTES) == [
        Stretch(starts_at=start, pending=5, failed=0, changes=5, changes_before=1),
        Stretch(starts_at=start + TEN_MINUTES, pending=2, failed=0, changes=2, changes_before=2),
        Stretch(starts_at=start + 2 * TEN_MINUTES, pending=None, failed=None, changes=None, changes_before=None),
    ]
