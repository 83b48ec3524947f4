"""Which sessions somebody sees: those of the meetings that are theirs, and those they hold for somebody else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from classbell.accounts.models import User
from classbell.meetings.models import Audience, Occurrence
from tests.factories import make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, weekly

pytestmark = pytest.mark.django_db


def seen_by(user: User) -> set[Any]:
    return set(Occurrence.objects.visible_to(user).values_list("pk", flat=True))


def test_students_see_every_session_of_their_class_and_none_of_another() -> None:
    student = make_student()
    own, another = make_class(students=[student]), make_class()
    theirs = make_meeting(weekly(own.teachers.get(), group=own, audience=Audience.CLASS))
    make_meeting(weekly(another.teachers.get(), group=another, audience=Audience.CLASS))

    assert seen_by(student) == {session.pk for session in theirs.occurrences.all()}


def test_substitutes_see_what_they_teach_and_of_anothers_series_only_the_session_they_hold() -> None:
    substitute = make_teacher()
    own, anothers = make_meeting(weekly(substitute)), make_meeting(weekly())
    held = anothers.occurrences.order_by("starts_at")[1]
    Occurrence.objects.filter(pk=held.pk).update(substitute=substitute)

    assert seen_by(substitute) == {held.pk, *(session.pk for session in own.occurrences.all())}


@pytest.mark.parametrize("make", [make_student, make_teacher])
def test_whose_sessions_they_are_is_asked_before_any_session_is_read(make: Any) -> None:
    """Else the sessions of a whole school are read for the week of one person."""
    sessions = Occurrence.objects.visible_to(make()).not_over(datetime.now(UTC)).order_by("starts_at")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # which a table without rows would be read by

    plan = sessions.explain()

    assert "InitPlan" in plan
    assert "meeting_id = ANY" in plan, "found by the index of their meetings"
