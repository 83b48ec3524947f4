"""Two meetings of one host that move into each other's time at the same moment."""

from datetime import UTC, datetime, timedelta

import pytest

from classbell.meetings.changes import patch_meeting
from classbell.meetings.models import Claim, ClaimKind, HostSeat, ZoomHost
from classbell.meetings.refusals import TeacherBusy
from classbell.meetings.services import MeetingWish, want_meeting
from tests.at_once import at_once
from tests.factories import make_teacher
from tests.factories_bookings import a_day_ahead

pytestmark = pytest.mark.usefixtures("zoom_hosts")


@pytest.mark.parametrize("attempt", range(5))
def test_swap_on_one_seat_ends_without_a_knot(attempt):
    ZoomHost.objects.exclude(pk=ZoomHost.objects.order_by("email")[0].pk).delete()
    now, nine = datetime.now(UTC), a_day_ahead(hour=9)
    ten = nine + timedelta(hours=1)
    early, late = (
        want_meeting(
            MeetingWish(teacher=make_teacher(), title="Algebra", starts_at=start, duration_minutes=60, timezone="UTC"),
            now=now,
        )
        for start in (nine, ten)
    )

    outcomes = at_once(
        [
            lambda: patch_meeting(meeting_id=early.pk, changes={"starts_at": ten}, now=now),
            lambda: patch_meeting(meeting_id=late.pk, changes={"starts_at": nine}, now=now),
        ]
    )

    assert [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, TeacherBusy)] == []
    assert HostSeat.objects.count() == 1
    assert Claim.objects.filter(kind=ClaimKind.TEACHER).count() == 2
