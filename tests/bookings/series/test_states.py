"""What a series does to time, to what people are told, and to rules, as single bookings do. Without Zoom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.bookings import outcomes, services
from classbell.bookings.errors import SlotUnavailable
from classbell.bookings.models import (
    Booking,
    BookingPolicy,
    BookingSeries,
    BookingStatus,
    MakeUpCredit,
    NoShow,
    Reschedule,
)
from classbell.bookings.series import services as series_services
from classbell.bookings.series.moving import reschedule_series
from classbell.holidays.models import Effect
from classbell.meetings.models import Claim, Occurrence
from classbell.meetings.occurrences import let_substitute
from classbell.meetings.queries import own_occurrences
from classbell.meetings.services import want_meeting
from classbell.notices.models import Notice
from tests.api_client import ApiClient
from tests.bookings.series.school import (
    LISBON,
    SERIES,
    a_tuesday,
    asked_series,
    booked_series,
    dates,
    draft,
    open_tutor,
)
from tests.factories import make_admin, make_class, make_guardian, make_student, make_teacher
from tests.factories_bookings import make_booking
from tests.factories_meetings import spec
from tests.holidays.factories import make_holiday

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
WEEK = timedelta(weeks=1)


def asked(teacher: Any, **more: Any) -> dict[str, Any]:
    """Return the request for five lessons, a week apart."""
    wanted = {"teacher_id": str(teacher.pk), "start_time": a_tuesday().isoformat(), "weeks": 5}
    return wanted | more


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def told() -> dict[str, list[str]]:
    """Return what each person was told on their pages, in order."""
    found: dict[str, list[str]] = {}
    for notice in Notice.objects.filter(on_page=True).select_related("user").order_by("created_at", "pk"):
        found.setdefault(notice.user.role, []).append(notice.kind)
    return found


def held(kind: str) -> int:
    return Claim.objects.filter(kind=kind).count()


def test_a_student_asks_once_and_the_teacher_is_told_once(api: Api) -> None:
    teacher, student = open_tutor(), make_student()

    answer = api(student).post(SERIES, asked(teacher, notes="Chess"))

    assert answer.status_code == 201, answer.content
    series = answer.json()["series"]
    assert (series["status"], len(series["bookings"])) == ("PENDING", 5)
    assert {one["series_id"] for one in series["bookings"]} == {series["id"]}
    assert (held("teacher"), held("student")) == (5, 5)
    assert told() == {"teacher": ["series_requested"]}
    assert len(Notice.objects.get().facts["dates"]) == 5


def test_all_or_some_are_confirmed_and_the_student_is_told_once(api: Api) -> None:
    series = asked_series()
    first, second, *others = dates(series)

    answer = api(series.teacher).post(
        f"{SERIES}{series.pk}/confirm", {"only": [str(first.pk), str(second.pk)], "reason": "Away in spring"}
    )

    assert answer.status_code == 200, answer.content
    statuses = [one.status for one in dates(series)]
    assert statuses == [BookingStatus.CONFIRMED] * 2 + [BookingStatus.CANCELLED] * 3
    assert {one.cancellation_reason for one in dates(series)[2:]} == {"Away in spring"}
    # The time of what was declined is free again; that of the others is the meeting's now.
    assert (held("teacher"), held("student")) == (2, 2)
    assert told()["student"] == ["series_confirmed_in_part"]
    taking_place = Occurrence.objects.taking_place().order_by("starts_at").values_list("booking", flat=True)
    assert list(taking_place) == [first.pk, second.pk]
    assert refused(api(series.teacher).post(f"{SERIES}{series.pk}/confirm", {})) == (400, "booking_not_pending")
    assert len(others) == 3


def test_dates_that_were_never_agreed_are_in_nobodys_calendar_and_cancelled_ones_are() -> None:
    series = asked_series()
    first, second, *_others = dates(series)
    now = datetime.now(UTC)
    series_services.confirm_series(series_id=series.pk, only=[first.pk, second.pk], by=series.teacher, now=now)
    services.cancel_booking(booking_id=second.pk, by=series.teacher, reason="Ill", now=now)

    for person in (series.student, series.teacher):
        seen = own_occurrences(person).order_by("starts_at").values_list("booking", "status")
        assert list(seen) == [(first.pk, "scheduled"), (second.pk, "cancelled")]


def test_dates_of_another_series_are_not_confirmed_with_it(api: Api) -> None:
    series, other = asked_series(), asked_series()

    answer = api(series.teacher).post(f"{SERIES}{series.pk}/confirm", {"only": [str(dates(other)[0].pk)]})

    assert refused(answer) == (400, "invalid_input")
    assert {one.status for one in dates(series)} == {BookingStatus.PENDING}


def test_declined_and_lapsed_series_are_told_once_and_free_their_time(api: Api) -> None:
    declined, lapsed = asked_series(), asked_series(starts_at=a_tuesday(hour=9))

    assert api(declined.teacher).post(f"{SERIES}{declined.pk}/decline", {"reason": "Full"}).status_code == 200
    outcomes.lapse_requests(now=datetime.now(UTC) + timedelta(days=3))

    assert {one.status for one in dates(declined) + dates(lapsed)} == {BookingStatus.CANCELLED}
    assert not Claim.objects.exists()
    assert told()["student"] == ["series_declined", "series_lapsed"]


def test_one_date_is_confirmed_by_its_own_call_and_the_others_later_in_the_same_meeting(api: Api) -> None:
    series = asked_series()
    client, (first, *_others) = api(series.teacher), dates(series)

    assert client.post(f"/api/bookings/bookings/{first.pk}/confirm/").status_code == 200
    meeting = BookingSeries.objects.get(pk=series.pk).meeting
    assert [one.status for one in dates(series)] == ["CONFIRMED"] + ["PENDING"] * 4
    assert client.post(f"{SERIES}{series.pk}/confirm", {}).status_code == 200

    assert {one.status for one in dates(series)} == {BookingStatus.CONFIRMED}
    assert BookingSeries.objects.get(pk=series.pk).meeting == meeting
    assert {one.occurrence.starts_at for one in dates(series) if one.occurrence} == {
        one.starts_at for one in dates(series)
    }
    assert (held("teacher"), held("student")) == (5, 5)


def test_a_date_that_was_moved_before_the_answer_is_held_where_it_went() -> None:
    series = asked_series()
    second = dates(series)[1]
    later = second.starts_at + timedelta(hours=2)
    now = datetime.now(UTC)
    services.reschedule_booking(
        booking_id=second.pk, by=series.student, starts_at=later, ends_at=later + timedelta(hours=1), now=now
    )
    # What it left is somebody else's by now.
    make_booking(teacher=series.teacher, starts_at=second.starts_at)

    services.confirm_booking(booking_id=dates(series)[0].pk, now=now)
    services.confirm_booking(booking_id=second.pk, now=now)

    second.refresh_from_db()
    assert second.occurrence is not None
    assert (second.occurrence.starts_at, second.occurrence.is_cancelled) == (later, False)


def test_what_stands_in_the_way_of_each_date_is_said_before_and_refused(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    start = a_tuesday()
    make_booking(teacher=teacher, starts_at=start + WEEK)
    make_booking(student=student, teacher=open_tutor(), starts_at=start + 2 * WEEK)
    client = api(student)

    foreseen = client.post(f"{SERIES}?dry_run=true", asked(teacher)).json()
    answer = client.post(SERIES, asked(teacher))

    assert [bool(one["clash"]) for one in foreseen["bookings"]] == [False, True, True, False, False]
    assert refused(answer) == (400, "slot_unavailable")
    assert [one["starts_at"] for one in answer.json()["details"]] == [
        one["start_time"] for one in foreseen["bookings"] if one["clash"]
    ]
    assert not BookingSeries.objects.exists()
    # Of others' lessons nobody is told more than that the teacher is not free.
    assert foreseen["bookings"][1]["clash"] == "The teacher is not free then."

    days = [(start + number * WEEK).date().isoformat() for number in (1, 2)]
    booked = client.post(SERIES, asked(teacher, **{"except": days}))
    assert booked.status_code == 201, booked.content
    assert len(booked.json()["series"]["bookings"]) == 3


def test_holidays_leave_dates_out_or_warn(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    start = a_tuesday()
    make_holiday((start + WEEK).date())
    make_holiday((start + 2 * WEEK).date(), name="Exams", effect=Effect.WARN)

    foreseen = api(student).post(f"{SERIES}?dry_run=true", asked(teacher)).json()
    booked = api(student).post(SERIES, asked(teacher)).json()

    assert [(one["name"], one["effect"]) for one in foreseen["holidays"]] == [
        ("Eid al-Fitr", "leave_out"),
        ("Exams", "warn"),
    ]
    assert len(foreseen["bookings"]) == len(booked["series"]["bookings"]) == 4


def test_rules_of_single_bookings_bind_students(api: Api) -> None:
    teacher, student = open_tutor(max_days_ahead=25), make_student()
    BookingPolicy.objects.create(teacher=teacher, open_requests_with_teacher=3, cancel_notice_hours=24 * 27)
    client = api(student)

    far = client.post(f"{SERIES}?dry_run=true", asked(teacher)).json()["bookings"]
    assert [one["clash"] for one in far][-1] == "The teacher does not take bookings so far ahead."
    teacher.teaching.max_days_ahead = 366
    teacher.teaching.save()
    assert refused(client.post(SERIES, asked(teacher))) == (400, "too_many_open_requests")
    series = client.post(SERIES, asked(teacher, weeks=3)).json()["series"]
    # What was only asked for can always be taken back; what was agreed needs notice.
    api(teacher).post(f"{SERIES}{series['id']}/confirm", {})
    assert refused(client.post(f"{SERIES}{series['id']}/cancel", {})) == (400, "notice_too_short")
    assert {one["status"] for one in client.get(f"{SERIES}{series['id']}").json()["series"]["bookings"]} == {
        "CONFIRMED"
    }
    from_third = series["bookings"][2]["start_time"]
    assert client.post(f"{SERIES}{series['id']}/cancel", {"from": from_third}).status_code == 200


def test_teachers_book_for_their_students_and_admins_for_anybody(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    body = asked(teacher, student_id=str(student.pk))

    assert refused(api(teacher).post(SERIES, body)) == (404, "not_found")
    make_class(teacher=teacher, students=[student])
    mine = api(teacher).post(SERIES, body)
    assert (mine.status_code, mine.json()["series"]["status"]) == (201, "CONFIRMED")
    assert told() == {"student": ["series_booked_for_you"]}

    Notice.objects.all().delete()
    body = asked(teacher, student_id=str(make_student().pk), start_time=a_tuesday(hour=8).isoformat())
    assert api(make_admin()).post(SERIES, body).status_code == 201
    assert told() == {"student": ["series_booked_for_you"], "teacher": ["series_booked_with_you"]}


def test_a_teacher_who_confirms_automatically_has_confirmed_it(api: Api) -> None:
    teacher, student = open_tutor(auto_confirm=True), make_student()

    said = api(student).post(SERIES, asked(teacher)).json()["series"]

    assert {one["status"] for one in said["bookings"]} == {"CONFIRMED"}
    assert told() == {"teacher": ["series_booked"], "student": ["series_confirmed"]}


def test_strangers_neither_see_nor_change_it(api: Api) -> None:
    series = asked_series()

    for stranger in (make_student(), make_teacher()):
        assert api(stranger).get(f"{SERIES}{series.pk}").status_code == 403
        assert api(stranger).post(f"{SERIES}{series.pk}/cancel", {}).status_code == 403
    assert api(series.student).post(f"{SERIES}{series.pk}/confirm", {}).status_code == 403


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"weeks": None}, "invalid_input"),
        ({"until": "2030-01-01"}, "invalid_input"),
        ({"weeks": 60}, "invalid_period"),
        ({"weeks": 0}, "invalid_input"),
        ({"interval_weeks": 9}, "invalid_input"),
        ({"duration": 5}, "invalid_input"),
        ({"timezone": "Mars/Base"}, "invalid_input"),
        ({"start_time": "2030-01-01T10:00:00"}, "invalid_input"),
        ({"weeks": None, "until": "2020-01-01"}, "invalid_period"),
        ({"use_credits": True}, "no_makeup_credit"),
    ],
)
def test_what_makes_no_series_is_named_and_leaves_nothing(api: Api, more: dict[str, Any], code: str) -> None:
    teacher, student = open_tutor(), make_student()

    assert refused(api(student).post(SERIES, asked(teacher, **more))) == (400, code)
    assert not BookingSeries.objects.exists()
    assert not Claim.objects.exists()


def test_make_up_lessons_are_spent_on_the_first_dates_and_come_back_when_those_are_cancelled() -> None:
    teacher, student = open_tutor(), make_student()
    now = datetime.now(UTC)
    missed = make_booking(teacher=teacher, student=student, starts_at=a_tuesday(hour=8))
    MakeUpCredit.objects.create(student=student, teacher=teacher, missed=missed, expires_at=now + 30 * WEEK)
    wanted = draft(teacher, student, count=3)

    series = series_services.book_series(wanted, by=teacher, use_credits=True, now=now)

    assert MakeUpCredit.objects.get().used_by == dates(series)[0]
    services.cancel_booking(booking_id=dates(series)[0].pk, by=student, now=now)
    assert MakeUpCredit.objects.usable(now).count() == 1


def test_the_class_of_a_student_has_to_be_known(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    other = make_class(students=[student])
    want_meeting(
        spec(other.teachers.get(), group=other, title="Chess", starts_at=a_tuesday() + WEEK, timezone="UTC"),
        now=datetime.now(UTC),
    )
    client = api(student)

    foreseen = client.post(f"{SERIES}?dry_run=true", asked(teacher)).json()["bookings"]
    assert [one["overlaps"] for one in foreseen] == [[], ["Chess"], [], [], []]
    assert refused(client.post(SERIES, asked(teacher))) == (400, "overlaps_own_sessions")
    assert client.post(SERIES, asked(teacher, despite_overlap=True)).status_code == 201


def test_a_date_is_completed_missed_and_made_up_for_like_any_lesson() -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    first, second, third, *_others = dates(series)

    outcomes.complete_ended(now=first.ends_at)
    outcomes.report_no_show(
        booking_id=second.pk, who=NoShow.TEACHER, by=student, now=second.starts_at + timedelta(minutes=20)
    )
    assert third.occurrence is not None
    outcomes.complete_after_meeting(occurrence_id=third.occurrence.pk, now=third.ends_at)

    assert [one.status for one in dates(series)] == ["COMPLETED", "CANCELLED", "COMPLETED", "CONFIRMED", "CONFIRMED"]
    assert MakeUpCredit.objects.get().missed == second
    wanted = BookingSeries.objects.select_related("meeting").get(pk=series.pk).meeting
    assert wanted is not None
    assert wanted.wanted, "the others are still held"


def test_every_second_week_until_a_day_on_the_clock_that_was_named(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    start = a_tuesday()
    wall = start.replace(tzinfo=None).isoformat()
    last = (start + 4 * WEEK).date().isoformat()

    said = api(student).post(
        SERIES,
        asked(teacher, start_time=wall, timezone=LISBON.key, weeks=None, until=last, interval_weeks=2),
    )

    assert said.status_code == 201, said.content
    starts = [datetime.fromisoformat(one["start_time"]) for one in said.json()["series"]["bookings"]]
    assert [one.astimezone(LISBON).replace(tzinfo=None) for one in starts] == [
        start.replace(tzinfo=None) + number * 2 * WEEK for number in range(3)
    ]


def test_webhooks_hear_of_each_date_and_of_which_series_it_is() -> None:
    from classbell.hooks.bodies import booking_data

    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)

    body = booking_data(dates(series)[0]).booking

    assert (body.series_id, body.meeting_id) == (series.pk, series.meeting_id)


def test_the_same_key_asks_once(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    client = api(student)

    answers = [client.post(SERIES, asked(teacher), idempotency_key="1").json() for _time in range(2)]

    assert answers[0] == answers[1]
    assert BookingSeries.objects.count() == 1


def test_a_guardian_asks_for_and_cancels_lessons_as_the_student_would(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    mother, stranger = make_guardian(student), make_student()
    client = api(mother)

    made = client.post(SERIES, asked(teacher, student_id=str(student.pk)))
    series = made.json()["series"]
    address = f"{SERIES}{series['id']}"

    assert (made.status_code, series["status"], series["booked_by"]) == (201, "PENDING", str(mother.pk))
    assert client.get(f"{address}?student_id={student.pk}").status_code == 200
    assert client.get(address).status_code == 403
    assert refused(client.post(SERIES, asked(teacher, student_id=str(stranger.pk)))) == (403, "not_allowed")
    later = (a_tuesday() + timedelta(hours=2)).isoformat()
    moved = client.post(f"{address}/reschedule?student_id={student.pk}", {"start_time": later})
    assert moved.status_code == 200, moved.content
    assert client.post(f"{address}/cancel?student_id={student.pk}", {"reason": "Ill"}).status_code == 200
    assert {one.cancelled_by for one in Booking.objects.filter(series=series["id"])} == {mother}


def test_a_page_of_answers_costs_as_many_queries_for_many_dates_as_for_two(
    api: Api, django_assert_max_num_queries: Any
) -> None:
    teacher = open_tutor()
    short, long = (
        booked_series(by=teacher, student=make_student(), starts_at=a_tuesday(hour=hour), count=count)
        for hour, count in ((8, 2), (12, 12))
    )

    def queries(series: BookingSeries) -> int:
        client = api(teacher)
        with django_assert_max_num_queries(40) as counted:
            assert client.get(f"{SERIES}{series.pk}").status_code == 200
        return len(counted)

    assert queries(long) == queries(short)


def test_lessons_that_were_held_stay_as_they_were_when_the_rest_moves_and_moves_again() -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student, count=6, interval_weeks=2)
    before = dates(series)
    outcomes.complete_ended(now=before[1].ends_at)

    later = before[1].ends_at + timedelta(hours=1)
    # On the wall: the clocks may change meanwhile.
    friday = before[2].starts_at.astimezone(LISBON) + timedelta(days=3, hours=2)
    reschedule_series(series_id=series.pk, by=teacher, starts_at=friday, duration_minutes=90, now=later)
    # Onto its own next dates: each goes where the one after it was.
    reschedule_series(series_id=series.pk, by=teacher, starts_at=friday + 2 * WEEK, now=later)

    after = dates(series)
    assert [one.status for one in after] == ["COMPLETED"] * 2 + ["CONFIRMED"] * 4
    assert [one.starts_at for one in after[:2]] == [one.starts_at for one in before[:2]]
    assert [one.starts_at for one in after[2:]] == [friday + number * 2 * WEEK for number in range(1, 5)]
    for one in after:
        assert one.occurrence is not None
        assert (one.occurrence.starts_at, one.occurrence.ends_at) == (one.starts_at, one.ends_at)
    assert {one.duration_minutes for one in after[2:]} == {90}
    assert (held("teacher"), held("student")) == (6, 6)


def test_a_move_that_cannot_be_leaves_every_date_where_it_was(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    before = [one.starts_at for one in dates(series)]
    make_booking(teacher=teacher, starts_at=before[3] + timedelta(hours=3))

    answer = api(teacher).post(
        f"{SERIES}{series.pk}/reschedule", {"start_time": (before[0] + timedelta(hours=3)).isoformat()}
    )

    assert refused(answer) == (400, "slot_unavailable")
    assert len(answer.json()["details"]) == 1
    assert [one.starts_at for one in dates(series)] == before
    assert "series_moved" not in told().get("student", [])


def test_moved_to_where_it_is_as_when_somebody_asks_twice_nothing_moves(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student, count=3)
    BookingPolicy.objects.create(teacher=teacher, reschedules_per_month=3)
    later = {"start_time": (a_tuesday() + timedelta(hours=2)).isoformat()}

    answers = [api(student).post(f"{SERIES}{series.pk}/reschedule", later) for _ in range(2)]

    assert [(answer.status_code, len(answer.json()["moved"])) for answer in answers] == [(200, 3), (200, 0)]
    assert told()["teacher"] == ["series_moved"]
    assert Reschedule.objects.count() == 3


def test_what_cannot_be_read_is_named_as_it_was_sent(api: Api) -> None:
    teacher = open_tutor()
    series = booked_series(by=teacher, student=make_student(), count=2)

    answer = api(teacher).post(f"{SERIES}{series.pk}/cancel", {"from": "yesterday"})

    assert answer.json()["details"][0]["field"] == "from"


def test_a_students_moves_of_agreed_lessons_count_each(api: Api) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student, count=3)
    BookingPolicy.objects.create(teacher=teacher, reschedules_per_month=2)
    later = {"start_time": (a_tuesday() + timedelta(hours=2)).isoformat()}

    assert refused(api(student).post(f"{SERIES}{series.pk}/reschedule", later)) == (400, "too_many_reschedules")
    from_second = {"from": dates(series)[1].starts_at.isoformat()}
    wanted = from_second | {"start_time": (dates(series)[1].starts_at + timedelta(hours=2)).isoformat()}
    assert api(student).post(f"{SERIES}{series.pk}/reschedule", wanted).status_code == 200
    assert told()["teacher"] == ["series_moved"]


@pytest.mark.parametrize("since", [0, 1], ids=["everything", "from a later date on"])
def test_who_stands_in_on_a_date_stays_when_the_rest_moves(since: int) -> None:
    teacher, substitute = open_tutor(), make_teacher()
    series = booked_series(by=teacher, student=make_student())
    was = dates(series)
    assert was[2].occurrence_id is not None
    let_substitute(occurrence_id=was[2].occurrence_id, teacher=substitute, now=datetime.now(UTC))
    to = was[since].starts_at + timedelta(hours=2)

    reschedule_series(series_id=series.pk, by=teacher, starts_at=to, since=was[since].starts_at, now=datetime.now(UTC))

    third = dates(series)[2]
    held_by = {one.occurrence.substitute for one in dates(series) if one.occurrence is not None}
    assert held_by == {None, substitute}
    assert third.occurrence is not None
    assert (third.occurrence.substitute, third.occurrence.starts_at) == (
        substitute,
        was[2].starts_at + timedelta(hours=2),
    )
    taken = Claim.objects.filter(occurrence=third.occurrence, kind="teacher").values_list("resource_id", flat=True)
    assert list(taken) == [substitute.pk]
    assert Notice.objects.filter(user=substitute, kind="session_moved").count() == 1


@pytest.mark.parametrize("since", [0, 1], ids=["everything", "from a later date on"])
def test_nothing_moves_where_who_stands_in_has_no_time(since: int) -> None:
    teacher, substitute = open_tutor(), make_teacher()
    series = booked_series(by=teacher, student=make_student())
    was = dates(series)
    assert was[2].occurrence_id is not None
    let_substitute(occurrence_id=was[2].occurrence_id, teacher=substitute, now=datetime.now(UTC))
    want_meeting(spec(substitute, starts_at=was[2].starts_at + timedelta(hours=2)), now=datetime.now(UTC))
    to = was[since].starts_at + timedelta(hours=2)

    with pytest.raises(SlotUnavailable):
        reschedule_series(
            series_id=series.pk, by=teacher, starts_at=to, since=was[since].starts_at, now=datetime.now(UTC)
        )

    assert [one.starts_at for one in dates(series)] == [one.starts_at for one in was]
