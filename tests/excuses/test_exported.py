"""A report that was taken along says what counted then; the next one says what an excuse made of it."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from classbell.excuses.errors import NothingToExcuse
from classbell.meetings.models import Occurrence, OccurrenceOutcome
from tests.excuses.conftest import DAYS_AHEAD, School
from tests.excuses.test_deciding import after, decide, hold, record, withdraw

pytestmark = pytest.mark.django_db

Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def over(school: School) -> None:
    """The session was held a week ago."""
    ago = timedelta(days=DAYS_AHEAD + 7)
    Occurrence.objects.filter(pk=school.session.pk).update(starts_at=F("starts_at") - ago, ends_at=F("ends_at") - ago)
    school.session.refresh_from_db()


def exported(api: Api, school: School) -> str:
    """Return the student's status in the report of the class's session, as a file has it."""
    day = f"{school.session.starts_at:%Y-%m-%d}"
    answer = api(school.teacher).get("/api/zoom/reports", startDate=day, endDate=day, rows="records", format="csv")
    assert answer.status_code == 200, answer.content
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    (row,) = [row for row in rows if school.student.name in row.values()]
    return next(value for value in row.values() if value in {"absent", "excused", "Absent", "Excused"}).lower()


def test_excused_after_the_report_was_exported_the_next_one_says_so_and_withdrawn_no_longer(
    school: School, api: Api
) -> None:
    hold(school)
    record(school)
    found = [exported(api, school)]
    excuse = decide(school, school.tell(now=after(school), occurrence_id=school.session.pk))
    found.append(exported(api, school))
    withdraw(school, excuse)
    found.append(exported(api, school))

    assert found == ["absent", "excused", "absent"]


def test_once_the_stays_are_forgotten_an_excuse_says_that_it_changes_nothing(school: School, api: Api) -> None:
    hold(school)
    record(school)
    OccurrenceOutcome.objects.update(is_final=True)

    with pytest.raises(NothingToExcuse):
        school.tell(now=after(school), occurrence_id=school.session.pk)
    assert exported(api, school) == "absent"
