"""Holidays by the API: who may, what lies in one, importing, bad input."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from classbell.bookings.models import BookingStatus
from classbell.holidays.models import Holiday
from classbell.meetings.models import Meeting
from classbell.notices.models import Notice
from tests.api_client import ApiClient
from tests.courses.teaching import Api
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_bookings import make_booking, make_tutor
from tests.factories_meetings import make_meeting, next_monday_at, weekly
from tests.holidays.factories import calendar, event, make_holiday
from tests.receiver import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("zoom_hosts")]
HOLIDAYS = "/api/holidays"


def body(first: date, last: date | None = None, **more: Any) -> dict[str, Any]:
    return {"name": "Eid al-Fitr", "from": f"{first}", "until": f"{last or first}"} | more


def send(client: ApiClient, content: bytes, query: str = "", content_type: str = "text/calendar") -> Any:
    return client._client.generic(
        "POST", f"{HOLIDAYS}/import{query}", data=content, content_type=content_type, headers=client._headers
    )


def monday() -> date:
    return next_monday_at(9).date()


class TestAdding:
    def test_the_answer_has_every_field_and_both_calendars(self, api: Api) -> None:
        answer = api(make_admin()).post(HOLIDAYS, body(date(2028, 2, 26), date(2028, 2, 28), effect="warn"))

        assert answer.status_code == 201, answer.content
        holiday = answer.json()["holiday"]
        assert holiday | {"id": ""} == {
            "id": "",
            "name": "Eid al-Fitr",
            "from": "2028-02-26",
            "until": "2028-02-28",
            "from_hijri": "1449-10-01",
            "until_hijri": "1449-10-03",
            "group_id": None,
            "teacher_id": None,
            "effect": "warn",
            "timezone": "UTC",
            "source": "",
        }

    def test_it_names_what_lies_in_it_and_leaves_it(self, api: Api) -> None:
        meeting = make_meeting(weekly(count=2))
        booking = make_booking(starts_at=next_monday_at(14))

        answer = api(make_admin()).post(HOLIDAYS, body(monday())).json()

        assert [one["meeting_id"] for one in answer["affected"]["sessions"]] == [str(meeting.pk)]
        assert [one["id"] for one in answer["affected"]["bookings"]] == [str(booking.pk)]
        assert answer["cancelled"] is None
        assert meeting.occurrences.taking_place().count() == 2

    def test_asked_to_it_cancels_what_lies_in_it_and_everybody_hears(self, api: Api) -> None:
        student, teacher = make_student(), make_teacher()
        meeting = make_meeting(weekly(teacher, count=2, group=make_class(teacher=teacher, students=[student])))
        booking = make_booking(starts_at=next_monday_at(14))

        answer = api(make_admin()).post(HOLIDAYS, body(monday(), affected="cancel")).json()

        assert answer["cancelled"] == {"sessions": 1, "bookings": 1, "kept": 0}
        (off,) = meeting.occurrences.filter(status="cancelled")
        assert (off.cancellation_reason, off.is_exception) == ("Eid al-Fitr", True)
        booking.refresh_from_db()
        assert (booking.status, booking.cancellation_reason) == (BookingStatus.CANCELLED, "Eid al-Fitr")
        assert Notice.objects.filter(user=booking.student, kind="lesson_cancelled").exists()

    def test_a_rehearsal_names_the_same_and_keeps_nothing(self, api: Api) -> None:
        make_meeting(weekly(count=2))

        answer = api(make_admin()).post(f"{HOLIDAYS}?dry_run=true", body(monday(), affected="cancel"))

        assert (answer.status_code, answer.json()["affected"]["session_count"]) == (200, 1)
        assert not Holiday.objects.exists()

    def test_later_it_can_still_be_cancelled_and_twice_changes_nothing(self, api: Api) -> None:
        admin = api(make_admin())
        make_meeting(weekly(count=2))
        holiday = make_holiday(monday())

        first = admin.post(f"{HOLIDAYS}/{holiday.pk}/cancel-affected").json()
        second = admin.post(f"{HOLIDAYS}/{holiday.pk}/cancel-affected").json()

        assert (first["cancelled"]["sessions"], first["affected"]["session_count"]) == (1, 0)
        assert second["cancelled"]["sessions"] == 0

    def test_one_of_a_teacher_holds_what_they_hold_substituted_sessions_too(self, api: Api) -> None:
        teacher, substitute = make_teacher(), make_teacher()
        mine, given = (
            make_meeting(weekly(teacher, count=1)),
            make_meeting(weekly(make_teacher(), count=1, starts_at=next_monday_at(13))),
        )
        given.occurrences.update(substitute=teacher)
        away = make_meeting(weekly(teacher, count=1, starts_at=next_monday_at(16)))
        away.occurrences.update(substitute=substitute)

        answer = api(teacher).post(HOLIDAYS, body(monday(), teacher_id=str(teacher.pk))).json()

        assert {one["meeting_id"] for one in answer["affected"]["sessions"]} == {str(mine.pk), str(given.pk)}


class TestWhatWasSeen:
    @pytest.mark.parametrize("effect", ["leave_out", "warn"])
    @pytest.mark.parametrize("word", ["leave", "cancel"])
    def test_a_booking_since_the_rehearsal_stops_it_and_nothing_is_kept(self, api: Api, effect: str, word: str) -> None:
        admin = api(make_admin())
        wanted = body(monday(), effect=effect, affected=word)
        seen = admin.post(f"{HOLIDAYS}?dry_run=true", wanted).json()["affected"]["fingerprint"]
        booking = make_booking(starts_at=next_monday_at(14))

        refused = admin.post(HOLIDAYS, wanted | {"fingerprint": seen})

        assert (refused.status_code, refused.json()["code"]) == (400, "affected_changed")
        assert not Holiday.objects.exists()
        seen = admin.post(f"{HOLIDAYS}?dry_run=true", wanted).json()["affected"]["fingerprint"]
        done = admin.post(HOLIDAYS, wanted | {"fingerprint": seen})
        booking.refresh_from_db()
        assert (done.status_code, booking.status == BookingStatus.CANCELLED) == (201, word == "cancel")

    def test_a_change_is_rehearsed_and_held_to_what_was_seen_too(self, api: Api) -> None:
        admin = api(make_admin())
        holiday = make_holiday(monday() + timedelta(days=1))
        meeting = make_meeting(weekly(count=2))
        wanted = {"from": f"{monday()}", "affected": "cancel"}

        look = admin.patch(f"{HOLIDAYS}/{holiday.pk}?dry_run=true", wanted).json()
        refused = admin.patch(f"{HOLIDAYS}/{holiday.pk}", wanted | {"fingerprint": "of something else"})

        assert (look["affected"]["session_count"], refused.json()["code"]) == (1, "affected_changed")
        holiday.refresh_from_db()
        assert (holiday.first_day, meeting.occurrences.taking_place().count()) == (monday() + timedelta(days=1), 2)
        done = admin.patch(f"{HOLIDAYS}/{holiday.pk}", wanted | {"fingerprint": look["affected"]["fingerprint"]})
        assert done.json()["cancelled"]["sessions"] == 1


class TestChangingAndRemoving:
    def test_what_was_cancelled_stays_so_and_the_answer_says_it(self, api: Api) -> None:
        admin = api(make_admin())
        meeting = make_meeting(weekly(count=2))
        made = admin.post(HOLIDAYS, body(monday(), affected="cancel")).json()

        answer = admin.delete(f"{HOLIDAYS}/{made['holiday']['id']}").json()

        assert answer["still_cancelled"] == 1
        assert "stays cancelled: 1" in answer["message"]
        assert meeting.occurrences.taking_place().count() == 1
        assert not Holiday.objects.exists()

    def test_what_is_not_named_stays(self, api: Api) -> None:
        holiday = make_holiday(monday(), monday() + timedelta(days=2))

        answer = api(make_admin()).patch(f"{HOLIDAYS}/{holiday.pk}", {"until": f"{monday() + timedelta(days=4)}"})

        assert answer.status_code == 200, answer.content
        holiday.refresh_from_db()
        assert (holiday.name, holiday.first_day, holiday.last_day) == (
            "Eid al-Fitr",
            monday(),
            monday() + timedelta(days=4),
        )

    def test_a_year_shows_what_has_a_day_in_it(self, api: Api) -> None:
        make_holiday(date(2027, 12, 28), date(2028, 1, 3), name="Turn of the year")
        make_holiday(date(2028, 6, 1), name="Summer")
        make_holiday(date(2029, 6, 1), name="Later")

        answer = api(make_admin()).get(f"{HOLIDAYS}?year=2028").json()

        assert [one["name"] for one in answer["holidays"]] == ["Turn of the year", "Summer"]


class TestWhoMay:
    def test_a_teacher_makes_their_own_and_their_class_s_and_no_others(self, api: Api) -> None:
        teacher, other = make_teacher(), make_teacher()
        mine, theirs = make_class(teacher=teacher), make_class(teacher=other)
        ask = [{"teacher_id": str(teacher.pk)}, {"group_id": str(mine.pk)}, {}, {"teacher_id": str(other.pk)}]

        statuses = [api(teacher).post(HOLIDAYS, body(monday(), None, **whose)).status_code for whose in ask]

        assert statuses == [201, 201, 403, 403]
        assert api(teacher).post(HOLIDAYS, body(monday(), group_id=str(theirs.pk))).status_code == 400

    def test_a_teacher_sees_the_school_s_and_may_not_change_it_nor_see_a_stranger_s(self, api: Api) -> None:
        teacher = make_teacher()
        school, stranger = make_holiday(monday()), make_holiday(monday(), teacher=make_teacher())

        listed = api(teacher).get(HOLIDAYS).json()["holidays"]

        assert [one["id"] for one in listed] == [str(school.pk)]
        assert api(teacher).delete(f"{HOLIDAYS}/{school.pk}").status_code == 403
        assert api(teacher).delete(f"{HOLIDAYS}/{stranger.pk}").status_code == 404

    def test_students_make_none(self, api: Api) -> None:
        assert api(make_student()).post(HOLIDAYS, body(monday())).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until": "2028-02-25"}, "until"),
        ({"until": "2029-02-27"}, "until"),
        ({"name": ""}, "name"),
        ({"effect": "close"}, "effect"),
        ({"from": "1 Shawwal"}, "from"),
        ({"teacher_id": "00000000-0000-4000-8000-000000000000"}, "teacher_id"),
        ({"group_id": "00000000-0000-4000-8000-000000000000"}, "group_id"),
    ],
    ids=["until before from", "longer than a year", "no name", "effect", "no date", "no teacher", "no class"],
)
def test_bad_input_names_its_field(api: Api, changes: dict[str, str], field: str) -> None:
    answer = api(make_admin()).post(HOLIDAYS, body(date(2028, 2, 26)) | changes)

    assert answer.status_code == 400
    assert field in str(answer.json()["details"])
    assert not Holiday.objects.exists()


class TestImporting:
    def test_again_it_changes_what_changed_and_nothing_is_there_twice(self, api: Api) -> None:
        admin, day = api(make_admin()), monday()
        send(admin, calendar(event("a", day), event("b", day + timedelta(days=7)), name="School"))
        later = calendar(
            event("a", day + timedelta(days=1), name="Eid moved"), event("c", day + timedelta(days=9)), name="School"
        )

        foreseen = send(admin, later, "?dry_run=true").json()
        done = send(admin, later).json()
        once_more = send(admin, later).json()

        for answer in (foreseen, done):
            assert [one["name"] for one in answer["changed"]] == ["Eid moved"]
            assert [len(answer[name]) for name in ("new", "removed")] == [1, 1]
        assert (once_more["unchanged"], once_more["new"], once_more["changed"]) == (2, [], [])
        assert sorted(Holiday.objects.values_list("uid", "first_day")) == [
            ("a", day + timedelta(days=1)),
            ("c", day + timedelta(days=9)),
        ]

    def test_another_calendar_and_what_was_typed_stay(self, api: Api) -> None:
        admin, day = api(make_admin()), monday()
        make_holiday(day, name="Typed")
        send(admin, calendar(event("a", day), name="Public"))

        answer = send(admin, calendar(event("b", day), name="School")).json()

        assert answer["removed"] == []
        assert Holiday.objects.count() == 3

    def test_of_calendars_without_a_name_each_may_be_another(self, api: Api) -> None:
        admin, day = api(make_admin()), monday()
        send(admin, calendar(event("a", day)))

        other = send(admin, calendar(event("b", day))).json()
        with translation.override("ar"):
            again = send(admin, calendar(event("b", day + timedelta(days=1)))).json()

        assert (other["removed"], len(other["new"])) == ([], 1)
        assert (again["removed"], again["new"], len(again["changed"])) == ([], [], 1)
        assert Holiday.objects.count() == 2

    def test_what_is_over_does_not_go(self, api: Api) -> None:
        today = timezone.now().date()
        make_holiday(today - timedelta(days=2), uid="past", source="School")

        answer = send(api(make_admin()), calendar(event("a", monday()), name="School")).json()

        assert (answer["removed"], Holiday.objects.count()) == ([], 2)

    def test_what_lies_in_new_ones_is_named(self, api: Api) -> None:
        make_meeting(weekly(count=1))

        answer = send(api(make_admin()), calendar(event("a", monday())), "?dry_run=true").json()

        assert answer["affected"]["session_count"] == 1

    def test_a_teacher_imports_their_own(self, api: Api) -> None:
        teacher = make_teacher()

        refused = send(api(teacher), calendar(event("a", monday())))
        done = send(api(teacher), calendar(event("a", monday())), f"?teacher_id={teacher.pk}&effect=warn")

        assert (refused.status_code, done.status_code) == (403, 200)
        assert Holiday.objects.get().teacher == teacher
        assert Holiday.objects.get().effect == "warn"

    @pytest.mark.parametrize(
        ("content", "content_type"),
        [
            (b"day,name\n2027-01-01,New year\n", "text/csv"),
            (calendar(*[event(str(number), date(2027, 1, 1)) for number in range(10_000)]), "text/calendar"),
            (b"{}", "application/json"),
            (b"[]", "application/json"),
        ],
        ids=["unknown file", "ten thousand events", "no address", "no object"],
    )
    def test_bad_calendars_are_refused(self, api: Api, content: bytes, content_type: str) -> None:
        answer = send(api(make_admin()), content, content_type=content_type)

        assert answer.status_code == 400, answer.content
        assert not Holiday.objects.exists()

    def test_from_an_address_and_again_by_its_uids(self, api: Api, calendar_at: Receiver) -> None:
        admin = api(make_admin())
        calendar_at.text = calendar(event("a", monday()))
        first = admin.post(f"{HOLIDAYS}/import", {"url": calendar_at.url})
        calendar_at.text = calendar(event("a", monday() + timedelta(days=1)))

        again = admin.post(f"{HOLIDAYS}/import", {"url": calendar_at.url})

        assert (len(first.json()["new"]), len(again.json()["changed"])) == (1, 1)
        assert Holiday.objects.get().source == calendar_at.url

    def test_an_address_that_gives_none_says_what_to_do(self, api: Api, calendar_at: Receiver) -> None:
        calendar_at.status = 404

        answer = api(make_admin()).post(f"{HOLIDAYS}/import", {"url": calendar_at.url})

        assert (answer.status_code, answer.json()["code"]) == (400, "calendar_unreachable")

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/holidays.ics",
            "https://localhost/holidays.ics",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/holidays.ics",
            "http://calendar.example/holidays.ics",
            "https://name:password@calendar.example/",
            "https://calendar.example:8443/",
            "webcal://10.0.0.1/holidays.ics",
            "file:///etc/passwd",
            "holidays",
        ],
    )
    def test_addresses_inside_a_network_are_not_asked(self, api: Api, url: str) -> None:
        answer = api(make_admin()).post(f"{HOLIDAYS}/import", {"url": url})

        assert answer.status_code == 400, answer.content
        assert answer.json()["details"][0]["field"] == "url"


def test_a_lesson_that_was_only_asked_for_is_named_too(api: Api) -> None:
    tutor = make_tutor()
    booking = make_booking(teacher=tutor, starts_at=next_monday_at(11))

    answer = api(tutor).post(HOLIDAYS, body(monday(), teacher_id=str(tutor.pk))).json()

    assert [(one["id"], one["status"]) for one in answer["affected"]["bookings"]] == [(str(booking.pk), "PENDING")]
    assert Meeting.objects.count() == 0
