"""Finding a teacher: one's own first, then whoever is free soonest, and only who fits what was asked for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from classbell.accounts.models import User
from classbell.bookings.finding import Part, Price, Wanted, find
from classbell.bookings.kinds.services import create_kind
from classbell.bookings.outcomes import complete_booking
from classbell.bookings.services import confirm_booking
from classbell.door.models import PublicTeacher
from tests.api_client import ApiClient
from tests.factories import make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.web.conftest import SignIn
from tests.web.html import links, words

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
# A Monday at noon; what is asked is asked then.
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def names(wanted: Wanted, student: User | None = None, now: datetime = MONDAY) -> tuple[list[str], list[str]]:
    """Return the first names of the student's own teachers, and of the others, in order."""
    found = find(wanted, student=student, now=now)
    by_key = {one.pk: one.first_name for one in found.people}
    return [by_key[pk] for pk in found.last], [by_key[pk] for pk in found.others]


def tutor(name: str, opens: str = "09:00", closes: str = "10:00", **fields: Any) -> User:
    return make_tutor(first_name=name, last_name=name, opens=opens, closes=closes, **fields)


def taught(teacher: User, student: User, *, days_ago: int) -> None:
    """Let them have had a lesson."""
    start = a_day_ahead(-days_ago)
    earlier = start - timedelta(days=2)
    booking = make_booking(teacher=teacher, student=student, starts_at=start, now=earlier)
    confirm_booking(booking_id=booking.pk, now=earlier)
    complete_booking(booking_id=booking.pk, now=booking.ends_at)


def test_who_is_free_soonest_comes_first_and_who_is_not_at_all_last() -> None:
    make_teacher(first_name="Adam", last_name="Adam")
    tutor("Basim")
    tutor("Zaynab", opens="15:00", closes="16:00")

    assert names(Wanted()) == ([], ["Zaynab", "Basim", "Adam"])


def test_a_students_last_three_teachers_come_first_the_latest_of_them_on_top() -> None:
    student, now = make_student(), datetime.now(UTC)
    people = [tutor(name, opens="00:00", closes="24:00") for name in ("One", "Two", "Three", "Four")]
    for days_ago, teacher in zip((9, 5, 20, 3), people, strict=True):
        taught(teacher, student, days_ago=days_ago)
    tutor("Five")

    last, others = names(Wanted(), student, now)

    assert last == ["Four", "Two", "One"]
    assert sorted(others) == ["Five", "Three"]
    assert names(Wanted(), make_student(), now)[0] == []


def test_last_teachers_who_do_not_fit_are_not_shown() -> None:
    student = make_student()
    teacher = tutor("One", opens="00:00", closes="24:00", settings={"subjects": ["Chess"]})
    taught(teacher, student, days_ago=3)

    assert names(Wanted(subject="Algebra"), student, datetime.now(UTC)) == ([], [])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param({"part": Part.MORNING}, ["Early"], id="morning"),
        pytest.param({"part": Part.AFTERNOON}, ["Noon"], id="afternoon"),
        pytest.param({"part": Part.EVENING}, ["Late"], id="evening"),
        pytest.param({"weekday": 1}, ["Early", "Noon", "Late"], id="tuesday"),
        pytest.param({"weekday": 0, "part": Part.EVENING}, ["Late"], id="monday evening"),
    ],
)
def test_a_time_of_the_week_leaves_who_is_free_then(wanted: dict[str, Any], found: list[str]) -> None:
    tutor("Early", "11:00", "12:00")
    tutor("Noon", "12:00", "13:00")
    tutor("Late", "17:00", "18:00")

    assert names(Wanted(**wanted))[1] == found


def test_the_time_of_the_week_is_on_the_readers_clock_over_midnight_and_a_change_of_the_clocks() -> None:
    tutor("Night", "22:00", "23:00")  # in UTC; Tuesday to Monday early in Riyadh

    late, early = (
        Wanted(weekday=0, part=Part.EVENING),
        Wanted(weekday=1, part=Part.MORNING, zone=ZoneInfo("Asia/Riyadh")),
    )

    assert names(late)[1] == names(early)[1] == ["Night"]
    found = find(early, student=None, now=MONDAY)
    assert list(found.free.values()) == [datetime(2026, 3, 2, 22, tzinfo=UTC)]
    # The clocks of Berlin go on on the 29th: what was nine at night is ten from then on.
    berlin = Wanted(weekday=6, part=Part.MORNING, zone=ZoneInfo("Europe/Berlin"))
    assert list(find(berlin, student=None, now=MONDAY + timedelta(days=26)).free.values()) == [
        datetime(2026, 4, 4, 22, tzinfo=UTC)
    ]


def test_language_and_price_leave_who_has_both() -> None:
    both, spoken, cheap = tutor("Both"), tutor("Spoken"), tutor("Cheap")
    for teacher in (both, spoken):
        PublicTeacher.objects.create(teacher=teacher, address=teacher.first_name.lower(), languages=["ar", "en"])
    create_kind({"name": "Hour", "minutes": [60], "price": 2500, "currency": "EUR", "teachers": [both.pk, cheap.pk]})

    assert names(Wanted(language="ar"))[1] == ["Both", "Spoken"]
    assert names(Wanted(price=Price(at_most=2500, currency="EUR")))[1] == ["Both", "Cheap"]
    assert names(Wanted(language="ar", price=Price(at_most=2500, currency="EUR")))[1] == ["Both"]
    assert names(Wanted(price=Price(at_most=2499, currency="EUR")))[1] == []
    assert names(Wanted(price=Price(at_most=9999, currency="SAR")))[1] == []
    assert names(Wanted(price=Price(at_most=0)))[1] == []


def test_the_page_has_a_section_for_ones_last_teachers_and_says_when_each_is_free(sign_in: SignIn) -> None:
    student = make_student(timezone="Asia/Riyadh")
    taught(tutor("Amina", opens="00:00", closes="24:00"), student, days_ago=3)
    tutor("Basim", opens="00:00", closes="24:00")

    page = words(sign_in(student).get("/teachers/"))

    assert page.index("Your last teachers") < page.index("Amina") < page.index("Free soonest") < page.index("Basim")
    assert "Next free: " in page
    assert "Days and times of day: Riyadh time" in page
    assert "Your last teachers" not in words(sign_in(None).get("/teachers/"))


def test_what_was_chosen_stays_chosen_and_can_be_taken_away_one_by_one(sign_in: SignIn) -> None:
    tutor("Amina", "09:00", "10:00", settings={"subjects": ["Algebra"]})

    response = sign_in(make_student()).get("/teachers/?q=&subject=Algebra&weekday=1&part=evening")

    assert "No teacher fits all of this. Take something away:" in words(response)
    assert {"?subject=Algebra&weekday=1", "?weekday=1&part=evening"} <= {
        link.replace("&amp;", "&") for link in links(response)
    }
    assert '<option value="evening" selected>' in response.content.decode()


@pytest.mark.parametrize("query", ["language=<b>", "price=cheap", "price=1-eur", "weekday=9", "part=night"])
def test_what_nobody_can_mean_is_left_out(query: str, sign_in: SignIn) -> None:
    tutor("Amina")

    response = sign_in(None).get(f"/teachers/?{query}")

    assert response.status_code == 200
    assert "Amina" in words(response)


def test_pages_go_on_with_what_was_asked_and_last_teachers_stand_on_the_first(sign_in: SignIn) -> None:
    student = make_student()
    taught(tutor("Mine", opens="00:00", closes="24:00", settings={"subjects": ["Algebra"]}), student, days_ago=2)
    for number in range(21):
        tutor(f"Other{number}", settings={"subjects": ["Algebra"]})
    browser = sign_in(student)

    first, second = (browser.get(f"/teachers/?subject=Algebra&page={number}") for number in (1, 2))

    assert "Your last teachers" in words(first)
    assert "Mine" not in words(second)
    assert "Page 2 of 2" in words(second)
    assert any("subject=Algebra" in link and "page=2" in link for link in links(first))


def test_by_api_the_same_is_asked_and_next_free_is_said(api: Api) -> None:
    tutor("Early", "09:00", "10:00")
    make_teacher(first_name="Never", last_name="Never")
    client = api(None)

    everybody = client.get("/api/bookings/teachers").json()["teachers"]
    morning = client.get("/api/bookings/teachers", part="morning").json()["teachers"]

    assert {one["name"].split()[0]: bool(one["next_free"]) for one in everybody} == {"Early": True, "Never": False}
    assert [one["name"].split()[0] for one in morning] == ["Early"]
    assert client.get("/api/bookings/teachers", part="evening").json()["teachers"] == []
    for wrong in ({"part": "night"}, {"weekday": 7}, {"price_at_most": 5}, {"language": "?"}, {"timezone": "Mars"}):
        answer = client.get("/api/bookings/teachers", **wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), wrong
