"""One session of a circle in another place: it stays there whatever becomes of the circle's schedule."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from classbell.halakat.models import Halaka
from classbell.halakat.periods import Period
from classbell.halakat.services import put_period
from classbell.meetings.models import Claim, ClaimKind, Occurrence
from tests.factories import make_student, make_teacher
from tests.factories_halakat import created, next_sunday

pytestmark = pytest.mark.usefixtures("zoom_hosts")

ROOM = "Room 12"


@pytest.fixture
def circle(api: Any) -> Halaka:
    """A circle whose third session is held in a room."""
    teacher = make_teacher()
    made = created(api, teacher)
    third = made["sittings"][2]["id"]
    answer = api(teacher).patch(f"/api/v1/halaka/{made['id']}/sittings/{third}", {"location": ROOM})
    assert answer.status_code == 200, answer.content
    return Halaka.objects.get(pk=made["id"])


def places(circle: Halaka) -> list[str]:
    rows = Occurrence.objects.filter(meeting__halaka_part__halaka=circle, meeting__wanted=True)
    return list(rows.taking_place().order_by("starts_at").values_list("location", flat=True))


def seats_of_the_one(circle: Halaka) -> int:
    row = Occurrence.objects.get(meeting__halaka_part__halaka=circle, location=ROOM)
    return Claim.objects.filter(occurrence=row, kind=ClaimKind.SEAT).count()


def test_api_says_where_and_leads_nobody_to_zoom_for_it(circle: Halaka, api: Any) -> None:
    halaka = api(circle.teacher).get(f"/api/v1/halaka/{circle.pk}").json()["data"]["halaka"]

    assert [one["location"] for one in halaka["sittings"]][:4] == [None, None, ROOM, None]
    assert halaka["sittings"][2]["meetingId"] is None
    assert seats_of_the_one(circle) == 0


@pytest.mark.parametrize("changes", [{"startTime": "18:30"}, {"title": "Tafsir"}, {"duration": 45}], ids=str)
def test_it_stays_there_when_the_circle_changes(circle: Halaka, api: Any, changes: dict[str, Any]) -> None:
    before = places(circle)

    answer = api(circle.teacher).patch(f"/api/v1/halaka/{circle.pk}", changes)

    assert answer.status_code == 200, answer.content
    assert places(circle) == before
    assert seats_of_the_one(circle) == 0


def test_it_stays_there_when_a_period_comes_and_goes(circle: Halaka) -> None:
    first: date = next_sunday()
    period = Period(
        name="Ramadan",
        first_day=first,
        last_day=first + timedelta(weeks=3),
        start_time=time(21),
        duration_minutes=40,
    )
    before, now = places(circle), timezone.now()

    put_period(halaka_id=circle.pk, period=period, now=now)
    assert places(circle) == before
    put_period(halaka_id=circle.pk, period=None, instead_of=first, now=now)
    assert places(circle) == before


def test_page_of_the_circle_names_the_room(circle: Halaka, client: Client, api: Any) -> None:
    student = make_student()
    api(student).post(f"/api/v1/halaka/{circle.pk}/join")
    client.force_login(student)

    assert ROOM in client.get(f"/halakat/{circle.pk}/").content.decode()
