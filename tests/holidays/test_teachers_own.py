"""What a teacher's own holiday is called is read by the teacher and admins; others read no more than that it is one."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone

from classbell.holiday_changes.affected import cancelled_for
from classbell.holidays.models import Holiday
from classbell.meetings.batches import cancel_occurrences
from classbell.meetings.models import Occurrence
from classbell.notices.models import Notice
from tests.bookings.series.school import SERIES, a_tuesday, booked_series, dates, open_tutor
from tests.courses.teaching import Api
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_halakat import created, halaka_body
from tests.factories_meetings import make_meeting, spec
from tests.holidays.factories import make_holiday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("zoom_hosts")]
NAMELESS = "The teacher’s holiday"


def test_dates_that_a_series_would_have_say_no_more_than_that_it_is_one(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    make_class(teacher=teacher, students=[student])
    first = a_tuesday()
    make_holiday(first.date(), teacher=teacher, name="Operation")
    asked = {"teacher_id": str(teacher.pk), "start_time": first.isoformat(), "weeks": 3}

    named = [
        api(user).post(f"{SERIES}?dry_run=true", asked | {"student_id": str(student.pk)}).json()["holidays"][0]["name"]
        for user in (student, teacher, make_admin())
    ]

    assert named == [NAMELESS, "Operation", "Operation"]


def test_moving_a_series_into_one_says_no_more_than_that_it_is_one(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student, count=2)
    day = a_tuesday().date() + timedelta(days=1)
    make_holiday(day, day + timedelta(days=7), teacher=teacher, name="Operation")
    moved = {"start_time": (a_tuesday() + timedelta(days=1)).isoformat()}

    refused = api(student).post(f"{SERIES}{series.pk}/reschedule", moved)
    Holiday.objects.update(last_day=day)
    done = api(teacher).post(f"{SERIES}{series.pk}/reschedule", moved)

    assert (refused.status_code, refused.json()["details"][0]["clash"]) == (400, NAMELESS)
    assert (done.status_code, len(done.json()["left_out"])) == (200, 1)
    assert dates(series)[0].cancellation_reason == NAMELESS
    assert not Notice.objects.filter(facts__icontains="Operation").exists()


def test_what_is_left_out_or_cancelled_for_one_tells_no_more_than_that_it_is_one(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    first = date.fromisoformat(halaka_body()["startDate"])
    make_holiday(first, teacher=teacher, name="Operation")
    circle = created(api, teacher)
    day = first + timedelta(days=7)
    body = {"name": "Wedding", "from": f"{day}", "until": f"{day}", "teacher_id": str(teacher.pk), "affected": "cancel"}
    added = api(teacher).post("/api/holidays", body).json()
    api(student).post(f"/api/v1/halaka/{circle['id']}/join")

    sessions = Occurrence.objects.filter(meeting__halaka_part__halaka=circle["id"], status="cancelled")
    assert set(sessions.values_list("cancellation_reason", flat=True)) == {NAMELESS}
    assert added["cancelled"]["sessions"] == sessions.count() - 1
    removed = api(teacher).delete(f"/api/holidays/{added['holiday']['id']}")
    assert removed.json()["still_cancelled"] == added["cancelled"]["sessions"]


def test_what_a_version_before_cancelled_by_its_name_is_still_counted() -> None:
    teacher = make_teacher()
    day = timezone.now().date() + timedelta(days=5)
    holiday = make_holiday(day, teacher=teacher, name="Operation")
    starts_at = datetime.combine(day, time(9), UTC)
    meeting = make_meeting(spec(teacher, group=make_class(teacher=teacher), starts_at=starts_at, timezone="UTC"))
    cancel_occurrences(occurrence_ids=[meeting.occurrences.get().pk], reason="Operation", now=timezone.now())

    assert cancelled_for(holiday, now=timezone.now()) == 1
