"""Pages of somebody who teaches and learns."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.meetings.queries import own_occurrences
from classbell.meetings.services import want_meeting
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_bookings import a_day_ahead, make_tutor
from tests.factories_meetings import spec
from tests.web.conftest import SignIn
from tests.web.html import words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [make_teacher, make_admin])
def test_week_of_who_teaches_and_learns_has_both_told_apart(sign_in: SignIn, make: Any) -> None:
    learner, now = make(learns=True), datetime.now(UTC)
    start = now + timedelta(minutes=30)
    start = start.replace(second=0, microsecond=0)
    taught = want_meeting(spec(learner, title="Grammar", starts_at=start, timezone="UTC"), now=now)
    group = make_class(students=[learner])
    learnt = want_meeting(
        spec(make_teacher(), group=group, title="Poetry", starts_at=start + timedelta(hours=2), timezone="UTC"), now=now
    )
    elsewhere = want_meeting(
        spec(make_teacher(), group=make_class(), title="Chess", starts_at=start, timezone="UTC"), now=now
    )

    assert set(own_occurrences(learner).values_list("meeting", flat=True)) == {taught.pk, learnt.pk}
    said = words(sign_in(learner).get("/week/")) + words(sign_in(learner).get("/calendar/"))
    assert "You teach" in said
    assert elsewhere.title not in said


def test_pages_offer_both(sign_in: SignIn) -> None:
    learner, teacher = make_tutor(learns=True), make_tutor()
    visitor = sign_in(learner)

    nav = words(visitor.get("/bookings/"))
    assert "My hours" in nav
    assert "Find a teacher" in nav
    assert "My attendance" in nav
    booked = visitor.post(
        f"/teachers/{teacher.pk}/book", {"slot": a_day_ahead().isoformat(), "length": "60", "notes": ""}
    )
    assert booked.status_code == 302, words(booked)
    assert "You learn" in words(visitor.get("/bookings/"))
