"""The term of a real university: it comes in whole, and again without harm. It is imported once for all these tests."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoDbBlocker

from classbell.accounts.models import Role, User
from classbell.courses.timetable import files
from classbell.courses.timetable.files import Timetable, read_timetable
from classbell.courses.timetable.rows import WeeklyClass
from classbell.courses.timetable.services import ImportSummary, import_term
from classbell.groups.models import Membership
from classbell.meetings.models import Claim, ClaimKind, HostSeat, Meeting, Occurrence
from tests.courses.timetable.school import BEFORE_TERM, TERM, make_licences

TERM_FOLDER = Path(files.__file__).parents[2] / "demo" / "term"

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What was read, and what became of it."""

    timetable: Timetable
    summary: ImportSummary


@pytest.fixture(scope="module")
def term(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Imported]:
    """The whole term, all inside one transaction: each test takes back what it does."""
    timetable = read_timetable(TERM_FOLDER)
    with django_db_blocker.unblock(), transaction.atomic():
        make_licences()
        yield Imported(timetable=timetable, summary=import_term(timetable, TERM, now=BEFORE_TERM))
        transaction.set_rollback(True)


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="meetings.reconcile").count()


def test_real_term_comes_in_whole(term: Imported) -> None:
    summary = term.summary

    assert (len(summary.created), summary.clashes, summary.mistakes, summary.unhosted) == (399, {}, [], [])
    assert Counter(User.objects.values_list("role", flat=True)) == {Role.STUDENT: 1292, Role.TEACHER: 87}
    assert Membership.objects.count() == 14_159
    assert Occurrence.objects.count() == 5_586
    assert Counter(Claim.objects.values_list("kind", flat=True)) == {ClaimKind.TEACHER: 5_586, ClaimKind.SEAT: 5_586}
    assert jobs() == 399


def test_real_term_uses_as_many_hosts_as_classes_overlap(term: Imported) -> None:
    used = HostSeat.objects.filter(meetings__isnull=False).distinct().count()

    assert used == 20


def test_second_import_changes_nothing(term: Imported) -> None:
    meetings = dict(Meeting.objects.values_list("pk", "revision"))
    claims = set(Claim.objects.values_list("pk", flat=True))

    summary = import_term(term.timetable, TERM, now=BEFORE_TERM + timedelta(days=40))

    assert len(summary.unchanged) == 399
    assert (summary.created, summary.changed, summary.gone, summary.clashes) == ([], [], [], {})
    assert (summary.people_created, summary.members_added, summary.members_removed) == (0, 0, 0)
    assert dict(Meeting.objects.values_list("pk", "revision")) == meetings
    assert set(Claim.objects.values_list("pk", flat=True)) == claims
    assert jobs() == 399


def test_new_sections_leave_the_hosts_of_the_others_alone(term: Imported) -> None:
    before = dict(Meeting.objects.values_list("pk", "seat"))
    new = WeeklyClass(
        section="NEW",
        course="Algebra",
        teacher="new@ist.example",
        weekdays=(5,),
        start=time(9),
        end=time(10, 30),
        capacity=30,
    )
    more = replace(
        term.timetable, classes=term.timetable.classes | {"NEW": (new,)}, students=term.timetable.students | {"NEW": []}
    )

    import_term(more, TERM, now=BEFORE_TERM)

    after = dict(Meeting.objects.values_list("pk", "seat"))
    assert {pk: after[pk] for pk in before} == before
    assert len(after) == 400
