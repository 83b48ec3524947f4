"""Nobody and nothing is booked twice, on any path, under any race."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

from classbell.meetings import claims
from classbell.meetings.claims import NewClaim
from classbell.meetings.models import Claim, ClaimKind

NINE = datetime(2026, 9, 14, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def teacher_claim(resource_id, start=NINE, hours=1.0, **fields):
    return NewClaim(
        kind=ClaimKind.TEACHER, resource_id=resource_id, starts_at=start, ends_at=start + hours * HOUR, **fields
    )


@pytest.mark.django_db
def test_take_free_time_refuses_nothing():
    teacher = uuid4()

    refused = claims.take([teacher_claim(teacher), teacher_claim(teacher, NINE + HOUR)])

    assert refused == []
    assert claims.taken_periods([teacher], start=NINE, end=NINE + 3 * HOUR) == {
        teacher: [(NINE, NINE + HOUR), (NINE + HOUR, NINE + 2 * HOUR)]
    }


@pytest.mark.django_db
def test_take_returns_what_overlaps_and_names_what_is_in_the_way():
    teacher = uuid4()
    first, late = teacher_claim(teacher), teacher_claim(teacher, NINE + HOUR / 2)
    claims.take([first])

    refused = claims.take([late, teacher_claim(uuid4(), NINE + HOUR / 2)])

    assert refused == [late]
    assert [(claim, blocker.pk) for claim, blocker in claims.conflicting(refused)] == [(late, first.id)]


@pytest.mark.django_db
def test_take_within_one_call_keeps_the_first_of_two_overlapping_claims():
    teacher = uuid4()
    early, late = teacher_claim(teacher), teacher_claim(teacher, NINE + HOUR / 2)

    assert claims.take([late, early]) == [late]


@pytest.mark.django_db
def test_shared_claims_of_a_teacher_overlap_on_purpose():
    teacher = uuid4()
    claims.take([teacher_claim(teacher)])

    assert claims.take([teacher_claim(teacher, shared=True)]) == []


@pytest.mark.django_db
def test_no_seat_is_ever_shared():
    with pytest.raises(IntegrityError, match="only_teachers_are_shared"), transaction.atomic():
        claims.take(
            [NewClaim(kind=ClaimKind.SEAT, resource_id=uuid4(), starts_at=NINE, ends_at=NINE + HOUR, shared=True)]
        )


@pytest.mark.django_db
def test_database_refuses_overlap_even_without_our_code():
    teacher = uuid4()
    claims.take([teacher_claim(teacher)])

    with pytest.raises(IntegrityError, match="claims_do_not_overlap"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO meetings_claim (id, kind, resource_id, during, shared) VALUES (%s, 'teacher', %s, %s, false)",
            [uuid4(), teacher, f"[{NINE.isoformat()},{(NINE + HOUR).isoformat()})"],
        )


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_for_one_hour_leave_one_winner_and_no_error():
    teacher, outcomes = uuid4(), []
    barrier = threading.Barrier(50)

    def attempt() -> None:
        try:
            barrier.wait()
            outcomes.append(len(claims.take([teacher_claim(teacher)])))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [0] + [1] * 49
    assert Claim.objects.filter(resource_id=teacher).count() == 1
