"""What is only tried is taken back, and keeps nobody waiting who really changes something."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from classbell.meetings.changes import change_meeting
from classbell.meetings.locks import wait_for_other_moves, wait_for_other_rules
from classbell.meetings.models import Claim, Meeting
from classbell.meetings.occurrences import move_occurrence
from classbell.rehearsal import BeingChanged, is_on, rehearsal
from tests.factories_bookings import a_day_ahead
from tests.factories_meetings import make_meeting, spec

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("zoom_hosts")]

PATIENCE = 30


def the_clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def held_open(change: Callable[[], object]) -> Iterator[None]:
    """Somebody else's transaction, which has done this and goes on for as long as the block does."""
    done, over = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                change()
                done.set()
                assert over.wait(PATIENCE)
                transaction.set_rollback(True)
        finally:
            done.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert done.wait(PATIENCE)
        try:
            yield
        finally:
            over.set()
            holding.result(PATIENCE)


def test_what_was_tried_is_taken_back_and_can_be_looked_at() -> None:
    meeting = make_meeting(spec(title="Before"))

    with rehearsal():
        tried = change_meeting(meeting_id=meeting.pk, changes={"title": "After"}, now=the_clock())
        assert is_on()

    assert not is_on()
    assert (tried.title, Meeting.objects.get(pk=meeting.pk).title) == ("After", "Before")


def test_rehearsal_in_the_middle_of_a_move_goes_on_beside_it() -> None:
    starts_at = a_day_ahead(5, hour=9)
    meeting = make_meeting(spec(starts_at=starts_at))
    later = starts_at + timedelta(hours=3)

    with held_open(wait_for_other_moves), rehearsal():
        tried = change_meeting(meeting_id=meeting.pk, changes={"starts_at": later}, now=the_clock())

    assert tried.starts_at == later


def test_move_and_rules_in_the_middle_of_a_rehearsal_wait_for_nothing() -> None:
    tried, other = (make_meeting(spec(starts_at=a_day_ahead(5, hour=hour))) for hour in (9, 12))
    occurrence = other.occurrences.get()
    elsewhere = a_day_ahead(6, hour=9)

    with rehearsal():
        change_meeting(meeting_id=tried.pk, changes={"starts_at": a_day_ahead(7, hour=9)}, now=the_clock())
        wait_for_other_rules()

        def really() -> None:
            try:
                with transaction.atomic():
                    wait_for_other_rules()
                move_occurrence(occurrence_id=occurrence.pk, starts_at=elsewhere, now=the_clock())
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(really).result(PATIENCE)

    assert (other.occurrences.get().starts_at, tried.occurrences.get().starts_at) == (elsewhere, a_day_ahead(5, hour=9))


@pytest.mark.database_timers
def test_rehearsal_gives_up_where_somebody_changes_the_same() -> None:
    meeting = make_meeting()
    claims = set(Claim.objects.values_list("pk", flat=True))

    def change() -> None:
        change_meeting(meeting_id=meeting.pk, changes={"title": "Theirs"}, now=the_clock())

    with held_open(change), pytest.raises(BeingChanged, match="Somebody is changing this at the moment"), rehearsal():
        change_meeting(meeting_id=meeting.pk, changes={"title": "Mine"}, now=the_clock())

    assert not is_on()
    assert set(Claim.objects.values_list("pk", flat=True)) == claims
