"""Pages of somebody who teaches and learns."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.meetings.audience import people_to_register
from classbell.meetings.joining.entrance import come_as_host
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


def test_admin_comes_to_learn_as_a_student_and_hosts_what_is_others(sign_in: SignIn) -> None:
    learner, now = make_admin(learns=True), datetime.now(UTC)
    start = (now + timedelta(minutes=5)).replace(second=0, microsecond=0)
    teacher = make_teacher()
    learnt, other = (
        want_meeting(spec(one, group=group, starts_at=start, timezone="UTC"), now=now)
        for one, group in ((teacher, make_class(students=[learner])), (make_teacher(), make_class()))
    )

    assert not come_as_host(learnt, learner, now=now)
    assert come_as_host(learnt, teacher, now=now)
    assert come_as_host(other, learner, now=now)
    assert learner in people_to_register(learnt)
    assert make_admin() not in people_to_register(learnt)
    week = sign_in(learner).get("/week/").content.decode()
    assert f"/meetings/{learnt.pk}/start" not in week
