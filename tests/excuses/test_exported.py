"""A report that was taken along says what counted then; the next one says what an excuse made of it."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from classbell.excuses.errors import NothingToExcuse
from classbell.meetings.models import OccurrenceOutcome
from tests.excuses.conftest import School
from tests.excuses.test_deciding import after, decide, hold, record, withdraw

pytestmark = pytest.mark.django_db

Api = Callable[..., Any]


def exported(api: Api, school: School) -> str:
    """Return the student's status in the report of the class's session, as a file has it."""
    day = f"{school.session.starts_at:%Y-%m-%d}"
    of_it = {"meetingId": str(school.session.meeting_id), "startDate": day, "endDate": day, "rows": "records"}
    answer = api(school.teacher).get("/api/zoom/reports", **of_it, format="csv")
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
