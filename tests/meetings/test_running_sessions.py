"""While a session runs, nothing takes its Zoom meeting from under it; a time that an admin let be shared stays shared."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from classbell.accounts.models import User
from classbell.meetings import claims
from classbell.meetings.batches import hand_over
from classbell.meetings.changes import change_meeting
from classbell.meetings.claims import NewClaim
from classbell.meetings.errors import HostBusy
from classbell.meetings.models import Claim, ClaimKind, Meeting, ZoomHost
from classbell.meetings.occurrences import let_substitute, move_occurrence
from tests.factories import make_teacher
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly

pytestmark = pytest.mark.usefixtures("zoom_hosts")

WHILE_IT_RUNS = next_monday_at(9) + timedelta(minutes=10)
BEFORE_IT = next_monday_at(9) - timedelta(hours=1)
Change = Callable[[UUID, User, datetime], object]
TO_ANOTHER_TEACHER: dict[str, Change] = {
    "changed": lambda pk, teacher, now: change_meeting(meeting_id=pk, changes={"teacher": teacher}, now=now),
    "handed over": lambda pk, teacher, now: hand_over(meeting_ids=[pk], teacher=teacher, now=now),
}


def teacher_of_another_host(meeting: Meeting) -> User:
    """Return somebody with a Zoom user of their own, not the one that holds this meeting."""
    assert meeting.seat is not None
    return make_teacher(zoom_user=ZoomHost.objects.exclude(seats=meeting.seat).order_by("email")[0].email)


@pytest.mark.parametrize("change", TO_ANOTHER_TEACHER.values(), ids=TO_ANOTHER_TEACHER)
@pytest.mark.parametrize(("now", "stays"), [(WHILE_IT_RUNS, True), (BEFORE_IT, False)], ids=["running", "before"])
def test_seat_stays_while_a_session_runs(change: Change, now: datetime, stays: bool) -> None:
    meeting = make_meeting(weekly(count=3))
    seat = meeting.seat_id

    change(meeting.pk, teacher_of_another_host(meeting), now)

    meeting.refresh_from_db()
    assert (meeting.seat_id == seat) is stays


def test_new_times_for_which_the_seat_is_taken_are_refused_while_a_session_runs() -> None:
    meeting = make_meeting(weekly(count=3))
    assert meeting.seat_id is not None
    later = meeting.occurrences.order_by("starts_at")[1].starts_at + timedelta(hours=2)
    taken = NewClaim(
        kind=ClaimKind.SEAT,
        resource_id=meeting.seat_id,
        starts_at=later,
        ends_at=later + timedelta(minutes=30),
        held_by=uuid4(),
    )
    claims.take([taken])

    with pytest.raises(HostBusy):
        change_meeting(
            meeting_id=meeting.pk, changes={"starts_at": next_monday_at(9) + timedelta(hours=2)}, now=WHILE_IT_RUNS
        )


def other_hour(meeting: Meeting) -> object:
    occurrence = meeting.occurrences.get()
    hour_later = occurrence.starts_at + timedelta(hours=1)
    return move_occurrence(occurrence_id=occurrence.pk, starts_at=hour_later, duration_minutes=60, now=BEFORE_IT)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda m: hand_over(meeting_ids=[m.pk], teacher=make_teacher(), now=BEFORE_IT), id="handed over"),
        pytest.param(
            lambda m: let_substitute(occurrence_id=m.occurrences.get().pk, teacher=make_teacher(), now=BEFORE_IT),
            id="substitute",
        ),
        pytest.param(other_hour, id="moved"),
        pytest.param(
            lambda m: change_meeting(meeting_id=m.pk, changes={"duration_minutes": 45}, now=BEFORE_IT), id="changed"
        ),
    ],
)
def test_shared_time_stays_shared(change: Callable[[Meeting], object]) -> None:
    teacher = make_teacher()
    make_meeting(spec(teacher))
    shared = make_meeting(spec(teacher, shared=True))

    change(shared)

    assert Claim.objects.get(occurrence__meeting=shared, kind=ClaimKind.TEACHER).shared
