"""A teacher's hours: typed row by row, kept on every error, previewed by the statement that students are answered by."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.bookings.hours import add_availability, add_time_off, set_week, settings_of
from classbell.bookings.models import Availability, TimeOff
from tests.factories import make_admin, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.web.conftest import SignIn
from tests.web.html import as_sent, attributes, words

# Session and person; the week, other hours between two dates, the dates, the time off, the settings, and own calendars that
# are to be read again.
QUERIES = 9
TO_WEEK = {"HX-Request": "true", "HX-Target": "week"}
SETTINGS = {
    "bio": "Hello",
    "subjects": "Arabic, تجويد، Arabic",
    "buffer_minutes": "15",
    "min_notice_minutes": "120",
    "slot_interval_minutes": "30",
    "max_days_ahead": "60",
}


@pytest.fixture
def teacher(db: None) -> User:
    return make_teacher(timezone="Asia/Riyadh")


def week_of(teacher: User) -> dict[int, list[tuple[str, str]]]:
    """Return a teacher's weekly windows as they are kept."""
    windows: dict[int, list[tuple[str, str]]] = {}
    for window in Availability.objects.filter(teacher=teacher, date=None):
        assert window.day_of_week is not None
        windows.setdefault(window.day_of_week, []).append((window.start_time[:5], window.end_time[:5]))
    return windows


def test_page_says_whose_clock_it_is_and_begins_with_their_week(teacher: User, sign_in: SignIn) -> None:
    response = sign_in(teacher).get("/availability/")

    page = words(response)
    assert "All times are on your clock: Riyadh ( Asia/Riyadh )." in page
    # Saudi Arabia's week begins on Sunday.
    assert [day.name for day in response.context["week"]][:2] == ["Sundays", "Mondays"]
    assert "Nobody can book you in these days." in page


def test_admin_who_teaches_has_hours_too(db: None, sign_in: SignIn) -> None:
    admin = make_admin()
    browser, as_students_see_it = sign_in(admin), f"/teachers/{admin.pk}/"

    before = browser.get("/availability/")
    add_availability(teacher=admin, day_of_week=0, start_minute=540, end_minute=720)
    after = browser.get("/availability/")

    assert before.status_code == 200
    assert as_students_see_it not in before.content.decode()
    assert as_students_see_it in after.content.decode()
    assert browser.get(as_students_see_it).status_code == 200


def test_week_is_saved_and_says_which_days_changed(teacher: User, sign_in: SignIn) -> None:
    sent = {
        "start_0": ["09:00", "14:00"],
        "end_0": ["12:00", "00:00"],
        "start_4": ["16:00", ""],
        "end_4": ["20:00", ""],
    }

    response = sign_in(teacher).post("/availability/", sent, follow=True)

    assert week_of(teacher) == {0: [("09:00", "12:00"), ("14:00", "24:00")], 4: [("16:00", "20:00")]}
    assert "Saved. Changed: Mondays and Fridays." in words(response)


def test_saving_the_same_again_says_that_nothing_changed(teacher: User, sign_in: SignIn) -> None:
    sent = {"start_0": "09:00", "end_0": "00:00"}
    browser = sign_in(teacher)

    browser.post("/availability/", sent)
    again = browser.post("/availability/", sent, follow=True)

    assert "Nothing was changed." in words(again)


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        ("17:00", "09:00", "This ends before it starts."),
        ("09:00", "", "Give both times, such as 09:00 and 17:00."),
        ("", "09:00", "Give both times, such as 09:00 and 17:00."),
        ("nine", "10:00", "Give both times, such as 09:00 and 17:00."),
        ("25:00", "26:00", "Give both times, such as 09:00 and 17:00."),
    ],
)
@pytest.mark.parametrize("headers", [{}, TO_WEEK], ids=["page", "htmx"])
def test_wrong_times_are_marked_and_nothing_typed_is_lost(
    teacher: User, sign_in: SignIn, start: str, end: str, says: str, headers: dict[str, str]
) -> None:
    sent = {"start_0": [start, "18:00"], "end_0": [end, "20:00"]}

    response = sign_in(teacher).post("/availability/", sent, headers=headers)

    typed = [given.get("value") for given in attributes(response, "input") if given.get("type") == "time"]
    assert response.status_code == (200 if headers else 400)
    assert says in words(response)
    assert typed[:4] == [start, end, "18:00", "20:00"]
    assert week_of(teacher) == {}


def test_rows_are_added_removed_and_copied_before_anything_is_saved(teacher: User, sign_in: SignIn) -> None:
    browser = sign_in(teacher)
    typed = {"start_0": ["09:00", "14:00"], "end_0": ["12:00", "18:00"]}

    added = browser.post("/availability/", typed | {"add": "0"})
    removed = browser.post("/availability/", typed | {"remove": "0-0"}, headers=TO_WEEK)
    copied = browser.post("/availability/", typed | {"copy": "0", "to_0": ["2", "4", "9", "x"]})

    def rows(response: Any) -> dict[int, list[tuple[str, str]]]:
        week = {day.number: [(row.start, row.end) for row in day.rows] for day in response.context["week"]}
        return {number: windows for number, windows in week.items() if windows}

    both = [("09:00", "12:00"), ("14:00", "18:00")]
    assert rows(added) == {0: [*both, ("", "")]}
    assert rows(removed) == {0: both[1:]}
    assert rows(copied) == {0: both, 2: both, 4: both}
    assert "Not saved yet." in words(added)
    assert week_of(teacher) == {}


def test_painted_week_is_shown_in_its_fields_and_not_saved_yet(teacher: User, sign_in: SignIn) -> None:
    painted = {"paint": "1", "start_6": ["09:00", "14:00"], "end_6": ["11:00", "00:00"]}

    answer = sign_in(teacher).post("/availability/", painted, headers=TO_WEEK)

    typed = [field["value"] for field in attributes(answer, "input") if field.get("type") == "time"]
    assert typed == ["09:00", "11:00", "14:00", "00:00"]
    assert "Not saved yet." in words(answer)
    assert week_of(teacher) == {}


@pytest.mark.parametrize("button", [{"add": "9"}, {"remove": "0-99"}, {"remove": "0-x"}, {"copy": "0"}])
def test_button_nobody_can_mean_loses_nothing(teacher: User, sign_in: SignIn, button: dict[str, str]) -> None:
    response = sign_in(teacher).post("/availability/", {"start_0": "09:00", "end_0": "12:00"} | button, follow=True)

    (monday,) = [day for day in response.context["week"] if day.number == 0]
    assert [(row.start, row.end) for row in monday.rows] == [("09:00", "12:00")]


def test_preview_counts_what_is_typed_and_saves_nothing(teacher: User, sign_in: SignIn) -> None:
    sent = {f"start_{day}": "09:00" for day in range(7)} | {f"end_{day}": "11:00" for day in range(7)}

    response = sign_in(teacher).post("/availability/preview", sent)

    assert [count for _day, count in response.context["preview"]][1:] == [2] * 6
    assert week_of(teacher) == {}


def test_preview_of_wrong_times_asks_to_correct_them(teacher: User, sign_in: SignIn) -> None:
    page = words(sign_in(teacher).post("/availability/preview", {"start_0": "12:00", "end_0": "11:00"}))

    assert "Correct the marked times to see it." in page


def test_settings_are_saved_and_say_what_changed(teacher: User, sign_in: SignIn) -> None:
    response = sign_in(teacher).post("/availability/settings", SETTINGS, follow=True)

    saved = settings_of(teacher.pk)
    assert (saved.bio, saved.subjects, saved.buffer_minutes) == ("Hello", ["Arabic", "تجويد"], 15)
    assert (saved.min_notice_minutes, saved.slot_interval_minutes, saved.max_days_ahead) == (120, 30, 60)
    assert "Saved: About you, Subjects, Pause between lessons, Notice, Lessons start, and Days ahead." in words(
        response
    )


def test_settings_that_the_choices_do_not_have_stay_as_they_are(db: None, sign_in: SignIn) -> None:
    teacher = make_tutor(settings={"buffer_minutes": 7, "slot_interval_minutes": 25})
    sent = SETTINGS | {"buffer_minutes": "7", "slot_interval_minutes": "25"}

    sign_in(teacher).post("/availability/settings", sent)

    assert (settings_of(teacher.pk).buffer_minutes, settings_of(teacher.pk).slot_interval_minutes) == (7, 25)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_days_ahead": "0"},
        {"max_days_ahead": "many"},
        {"buffer_minutes": "100000"},
        {"subjects": ", ".join(str(number) for number in range(30))},
        {"subjects": "x" * 100},
        {"bio": "x" * 2001},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_settings_are_refused_and_kept(teacher: User, sign_in: SignIn, wrong: dict[str, str]) -> None:
    response = sign_in(teacher).post("/availability/settings", SETTINGS | {"bio": "My words"} | wrong)

    assert response.status_code == 400
    assert (wrong.get("bio") or "My words") in words(response)
    assert settings_of(teacher.pk).bio == ""


def test_extra_hours_on_a_date_are_added_and_removed(teacher: User, sign_in: SignIn) -> None:
    browser, day = sign_in(teacher), a_day_ahead(3).date()

    added = browser.post("/availability/dates", {"date": f"{day}", "start": "20:00", "end": "00:00"}, follow=True)
    window = Availability.objects.get(teacher=teacher)
    removed = browser.post(f"/availability/dates/{window.pk}/remove", follow=True)

    assert (window.date, window.start_time, window.end_time) == (day, "20:00:00", "24:00:00")
    assert "20:00–24:00" in words(added)
    assert "Extra hours removed. What is booked stays." in words(removed)
    assert not Availability.objects.exists()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"date": "", "start": "09:00", "end": "10:00"}, "This field is required."),
        ({"date": "0001-01-01", "start": "09:00", "end": "10:00"}, "Choose a day of these years."),
        ({"date": "2030-01-01", "start": "10:00", "end": "09:00"}, "This ends before it starts."),
    ],
    ids=["no-date", "year-1", "backwards"],
)
def test_wrong_extra_hours_are_said_and_kept(teacher: User, sign_in: SignIn, sent: dict[str, str], says: str) -> None:
    response = sign_in(teacher).post("/availability/dates", sent)

    typed = {given.get("name"): given.get("value") for given in attributes(response, "input")}
    assert response.status_code == 400
    assert says in words(response)
    assert (typed["start"], typed["end"]) == (sent["start"], sent["end"])


@pytest.mark.parametrize(
    ("sent", "starts", "ends"),
    [
        ({"first_day": "2030-03-04"}, (4, 0), (5, 0)),
        ({"first_day": "2030-03-04", "last_day": "2030-03-06"}, (4, 0), (7, 0)),
        ({"first_day": "2030-03-04", "first_time": "12:00"}, (4, 12), (5, 0)),
        ({"first_day": "2030-03-04", "first_time": "12:00", "last_time": "15:00"}, (4, 12), (4, 15)),
    ],
    ids=["one-day", "days", "half-a-day", "hours"],
)
def test_time_off_is_read_on_the_teachers_clock(
    teacher: User, sign_in: SignIn, sent: dict[str, str], starts: tuple[int, int], ends: tuple[int, int]
) -> None:
    sign_in(teacher).post("/availability/time-off", sent | {"reason": "Eid"})

    away = TimeOff.objects.get(teacher=teacher)
    expected = [datetime.combine(date(2030, 3, day), time(hour), tzinfo=teacher.zone) for day, hour in (starts, ends)]
    assert [away.starts_at, away.ends_at] == expected


def test_time_off_says_which_lessons_lie_in_it(db: None, sign_in: SignIn) -> None:
    teacher, day = make_tutor(), a_day_ahead(3)
    make_booking(teacher=teacher, starts_at=day)

    response = sign_in(teacher).post("/availability/time-off", {"first_day": f"{day:%Y-%m-%d}"}, follow=True)

    assert "Time off added. 1 lesson lies in it; it stays until you move or cancel it." in words(response)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"first_day": "2030-03-04", "last_day": "2030-03-01"}, "Time off must end after it starts."),
        ({"first_day": ""}, "This field is required."),
        ({"first_day": "9999-12-31"}, "Choose a day of these years."),
    ],
    ids=["backwards", "no-day", "year-9999"],
)
def test_wrong_time_off_is_said_and_kept(teacher: User, sign_in: SignIn, sent: dict[str, str], says: str) -> None:
    response = sign_in(teacher).post("/availability/time-off", sent | {"reason": "A wedding"})

    typed = {given.get("name"): given.get("value") for given in attributes(response, "input")}
    assert response.status_code == 400
    assert says in words(response)
    assert typed["reason"] == "A wedding"
    assert not TimeOff.objects.exists()


def test_nobody_touches_the_hours_of_another(teacher: User, sign_in: SignIn) -> None:
    now = datetime.now(UTC)
    window = add_availability(teacher=teacher, start_minute=0, end_minute=60, day=now.date())
    away = add_time_off(teacher=teacher, starts_at=now, ends_at=now + timedelta(days=1))
    browser = sign_in(make_teacher())

    answers = [
        browser.post(f"/availability/dates/{window.pk}/remove").status_code,
        browser.post(f"/availability/time-off/{away.pk}/remove").status_code,
    ]

    assert answers == [404, 404]
    assert (Availability.objects.count(), TimeOff.objects.count()) == (1, 1)


def test_time_off_is_taken_back(teacher: User, sign_in: SignIn) -> None:
    now = datetime.now(UTC)
    away = add_time_off(teacher=teacher, starts_at=now, ends_at=now + timedelta(days=1), reason="Eid")
    browser = sign_in(teacher)

    listed = words(browser.get("/availability/"))
    browser.post(f"/availability/time-off/{away.pk}/remove")

    assert "Eid" in listed
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize("entries", [1, 3])
def test_page_takes_as_many_queries_with_three_entries_as_with_one(
    teacher: User, sign_in: SignIn, django_assert_num_queries: Any, entries: int
) -> None:
    now = datetime.now(UTC)
    for number in range(1, entries + 1):
        add_availability(teacher=teacher, start_minute=0, end_minute=60, day=now.date() + timedelta(days=number))
        add_availability(teacher=teacher, start_minute=0, end_minute=60, day_of_week=number)
        add_time_off(teacher=teacher, starts_at=now, ends_at=now + timedelta(days=number))
    browser = sign_in(teacher)

    with django_assert_num_queries(QUERIES):
        browser.get("/availability/")


def test_old_page_of_the_week_changes_the_days_that_were_typed_and_no_other(teacher: User, sign_in: SignIn) -> None:
    set_week(teacher=teacher, windows={0: [(540, 720)], 1: [(540, 720)]})
    browser = sign_in(teacher)
    shown = as_sent(browser.get("/availability/"), "start_0")

    set_week(teacher=teacher, windows={1: [], 2: [(600, 660)]})
    browser.post("/availability/", shown | {"start_0": ["10:00"]})

    assert week_of(teacher) == {0: [("10:00", "12:00")], 2: [("10:00", "11:00")]}


def test_day_that_was_changed_elsewhere_too_is_said_and_saved_only_when_saved_again(
    teacher: User, sign_in: SignIn
) -> None:
    set_week(teacher=teacher, windows={0: [(540, 720)]})
    browser = sign_in(teacher)
    shown = as_sent(browser.get("/availability/"), "start_0")

    set_week(teacher=teacher, windows={0: [(840, 900)]})
    answer = browser.post("/availability/", shown | {"start_0": ["10:00"]})

    assert answer.status_code == 400
    assert "Your hours were changed elsewhere meanwhile: Mondays" in words(answer)
    assert week_of(teacher) == {0: [("14:00", "15:00")]}
    browser.post("/availability/", as_sent(answer, "start_0"))
    assert week_of(teacher) == {0: [("10:00", "12:00")]}
