"""Holidays and Hijri days where people look: calendars, the week, the feed, the pages of holidays."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from classbell.accounts.models import User
from classbell.bookings.models import Booking
from classbell.hijri import from_hijri, to_hijri
from classbell.holidays.models import Effect, Holiday
from classbell.notices.calendar import feed_of
from classbell.web.kit.forms.groups import described_group
from classbell.web.kit.forms.teacher import MOST_IN_A_LIST
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_bookings import make_booking
from tests.factories_meetings import make_meeting, next_monday_at, weekly
from tests.holidays.factories import calendar, event, make_holiday
from tests.web.html import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client) -> Callable[..., Client]:
    """Return a function that signs somebody in."""

    def sign(user: User) -> Client:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign


@pytest.mark.parametrize(
    ("hijri", "day"),
    [((1446, 10, 1), date(2025, 3, 30)), ((1447, 9, 1), date(2026, 2, 18)), ((1448, 1, 1), date(2026, 6, 16))],
)
def test_days_of_both_calendars_are_each_other_s(hijri: tuple[int, int, int], day: date) -> None:
    found = to_hijri(day)

    assert from_hijri(*hijri) == day
    assert found is not None
    assert (found.year, found.month, found.day) == hijri


@pytest.mark.parametrize("hijri", [(1448, 13, 1), (1448, 1, 31), (1600, 1, 1), (1448, 0, 1)])
def test_what_is_no_hijri_day_is_none(hijri: tuple[int, int, int]) -> None:
    assert from_hijri(*hijri) is None


@pytest.mark.parametrize(
    "page", ["/calendar/?view=week&date={}", "/calendar/?view=month&date={}", "/week/?week={:%G-W%V}"]
)
def test_calendars_show_the_days_off_and_the_hijri_day_to_who_wants_it(
    signed_in: Callable[..., Client], page: str
) -> None:
    monday = next_monday_at(9).date()
    student = make_student(shows_hijri=True)
    make_holiday(monday, name="School day off")
    make_holiday(monday, name="Of our class", group=make_class(students=[student]))
    make_holiday(monday, name="Of strangers", group=make_class())
    made = to_hijri(monday)

    shown = signed_in(student).get(page.format(monday)).content.decode()

    assert "School day off" in shown
    assert "Of our class" in shown
    assert "Of strangers" not in shown
    assert made is not None
    assert (made.words if "month" not in page else f"{made.day}") in shown


def test_the_feed_has_days_off_as_whole_days_that_take_no_time() -> None:
    student, day = make_student(), timezone.now().date() + timedelta(days=5)
    make_holiday(day, day + timedelta(days=2))

    entries: list[Any] = Calendar.from_ical(feed_of(student, now=timezone.now())).walk("VEVENT")

    (entry,) = entries
    assert (entry["DTSTART"].dt, entry["DTEND"].dt) == (day, day + timedelta(days=3))
    assert (str(entry["SUMMARY"]), str(entry["TRANSP"])) == ("Eid al-Fitr", "TRANSPARENT")


def test_the_whole_school_s_day_shows_everybody_s_holidays_by_both_calendars(
    signed_in: Callable[..., Client],
) -> None:
    day = next_monday_at(9).date()
    make_holiday(day, name="School day off")
    make_holiday(day, name="Of one class", group=make_class(name="Year two"))
    make_holiday(day + timedelta(days=1), name="Of tomorrow")

    page = signed_in(make_admin(shows_hijri=True)).get(f"/calendar/school/?date={day}").content.decode()

    assert all(text in page for text in ("School day off", "Of one class", "Year two"))
    assert "Of tomorrow" not in page
    made = to_hijri(day)
    assert made is not None
    assert made.words in page


def test_a_year_without_any_leads_to_the_next_one(signed_in: Callable[..., Client]) -> None:
    make_holiday(date(2031, 1, 24), name="Eid")

    page = signed_in(make_admin()).get("/holidays/?year=2029")

    assert "The next one: Eid , 24 January 2031." in words(page)


class TestWhose:
    """Whose holiday it is, is chosen by name."""

    @staticmethod
    def _typed(**whose: str) -> dict[str, str]:
        day = f"{next_monday_at(9).date()}"
        return {"name": "Off", "calendar": "gregorian", "first_day": day, "effect": "leave_out"} | whose

    def _saved(self, client: Client, typed: dict[str, str]) -> Holiday:
        look = client.post("/holidays/new", typed)
        assert look.status_code == 200, look.context["form"].errors
        client.post("/holidays/new", typed | {"do": "leave", "shown": look.context["shown"]})
        return Holiday.objects.get()

    def test_an_admin_chooses_a_teacher_or_a_class_among_few(self, signed_in: Callable[..., Client]) -> None:
        teacher, group = make_teacher(), make_class(name="Year two")
        admin = signed_in(make_admin())

        of_teacher = self._saved(admin, self._typed(whose="teacher", teacher=str(teacher.pk)))
        assert of_teacher.teacher == teacher
        of_teacher.delete()
        assert self._saved(admin, self._typed(whose="group", group=str(group.pk))).group == group

    def test_among_many_it_is_typed_and_suggested(self, signed_in: Callable[..., Client]) -> None:
        teacher = make_teacher()
        for number in range(MOST_IN_A_LIST + 1):
            make_class(name=f"Year {number}")
        mine, namesake = make_class(name="Tajweed", teacher=teacher), make_class(name="Tajweed", teacher=make_teacher())
        admin = signed_in(make_admin())

        suggested = admin.get("/groups/suggested", {"group": "tajw"}).content.decode()
        refused = admin.post("/holidays/new", self._typed(whose="group", group="Tajweed"))
        saved = self._saved(admin, self._typed(whose="group", group=described_group(mine)))

        assert described_group(mine) in suggested
        assert described_group(namesake) in suggested
        assert "Several are called so." in refused.content.decode()
        assert saved.group == mine

    def test_a_teacher_is_suggested_only_what_they_teach(self, signed_in: Callable[..., Client]) -> None:
        teacher = make_teacher()
        make_class(name="Tajweed one", teacher=teacher)
        theirs = make_class(name="Tajweed two")
        client = signed_in(teacher)

        suggested = client.get("/groups/suggested", {"group": "tajweed"}).content.decode()
        refused = client.post("/holidays/new", self._typed(whose="group", group=str(theirs.pk)))

        assert ("Tajweed one" in suggested, "Tajweed two" in suggested) == (True, False)
        assert refused.status_code == 400

    @pytest.mark.parametrize(
        ("whose", "said"), [("group", "Choose the class, circle or course."), ("teacher", "Choose the teacher.")]
    )
    def test_nothing_chosen_is_asked_for(self, signed_in: Callable[..., Client], whose: str, said: str) -> None:
        answer = signed_in(make_admin()).post("/holidays/new", self._typed(whose=whose))

        assert (answer.status_code, said in answer.content.decode()) == (400, True)


class TestPages:
    def test_what_was_typed_by_the_hijri_calendar_is_shown_by_both_before_it_is_saved(
        self, signed_in: Callable[..., Client]
    ) -> None:
        typed = {
            "name": "Eid al-Fitr",
            "calendar": "hijri",
            "hijri_day": "1",
            "hijri_month": "10",
            "hijri_year": "1449",
            "hijri_days": "3",
            "whose": "school",
            "effect": "leave_out",
        }
        admin = signed_in(make_admin())

        look = admin.post("/holidays/new", typed)

        assert look.status_code == 200
        assert "Sat 26 February – Mon 28 February 2028" in look.content.decode()
        assert "1 – 3 Shawwal 1449" in look.content.decode()
        assert not Holiday.objects.exists()
        saved = admin.post("/holidays/new", typed | {"do": "leave", "shown": look.context["shown"]})
        holiday = Holiday.objects.get()
        assert saved["Location"] == f"/holidays/{holiday.pk}/"
        assert (holiday.first_day, holiday.last_day) == (date(2028, 2, 26), date(2028, 2, 28))

    def test_other_days_than_were_shown_are_shown_first(self, signed_in: Callable[..., Client]) -> None:
        typed = {
            "name": "Eid",
            "calendar": "gregorian",
            "first_day": "2028-02-26",
            "whose": "school",
            "effect": "leave_out",
        }

        answer = signed_in(make_admin()).post("/holidays/new", typed | {"do": "cancel", "shown": "2028-02-25 school"})

        assert answer.status_code == 200
        assert not Holiday.objects.exists()

    @pytest.mark.usefixtures("zoom_hosts")
    def test_what_lies_in_it_is_named_and_cancelled_when_asked(self, signed_in: Callable[..., Client]) -> None:
        meeting = make_meeting(weekly(count=2, title="Tajweed"))
        monday = next_monday_at(9).date()
        typed = {
            "name": "Eid",
            "calendar": "gregorian",
            "first_day": f"{monday}",
            "whose": "school",
            "effect": "leave_out",
        }
        admin = signed_in(make_admin())

        look = admin.post("/holidays/new", typed)
        assert "Tajweed" in look.content.decode()
        admin.post("/holidays/new", typed | {"do": "cancel", "shown": look.context["shown"]})

        assert meeting.occurrences.taking_place().count() == 1
        page = admin.get(f"/holidays/{Holiday.objects.get().pk}/").content.decode()
        assert "Nothing is planned on these days." in page
        assert "stays cancelled" in page

    @pytest.mark.usefixtures("zoom_hosts")
    @pytest.mark.parametrize("answer", ["leave", "cancel"])
    def test_what_was_booked_between_question_and_answer_is_shown_before_anything_is_saved(
        self, signed_in: Callable[..., Client], answer: str
    ) -> None:
        admin = signed_in(make_admin())
        typed = {
            "name": "Eid",
            "calendar": "gregorian",
            "first_day": f"{next_monday_at(9).date()}",
            "whose": "school",
            "effect": "leave_out",
        }
        look = admin.post("/holidays/new", typed)
        booking = make_booking(starts_at=next_monday_at(14))

        again = admin.post("/holidays/new", typed | {"do": answer, "shown": look.context["shown"]})

        assert "has changed meanwhile" in again.content.decode()
        assert booking.student.name in again.content.decode()
        assert (Holiday.objects.count(), Booking.objects.live().count()) == (0, 1)
        admin.post("/holidays/new", typed | {"do": answer, "shown": again.context["shown"]})
        assert Booking.objects.live().count() == (1 if answer == "leave" else 0)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"first_day": ""}, "Choose the first day."),
            ({"last_day": "2028-02-25"}, "must not end before"),
            ({"calendar": "hijri"}, "Write the day, the month and the year."),
            (
                {"calendar": "hijri", "hijri_day": "30", "hijri_month": "9", "hijri_year": "1449"},
                "This month has no such day",
            ),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_form(
        self, signed_in: Callable[..., Client], changes: dict[str, str], said: str
    ) -> None:
        typed = {
            "name": "Eid",
            "calendar": "gregorian",
            "first_day": "2028-02-26",
            "whose": "school",
            "effect": "leave_out",
        }

        answer = signed_in(make_admin()).post("/holidays/new", typed | changes)

        assert (answer.status_code, said in answer.content.decode()) == (400, True)

    def test_a_calendar_is_shown_before_it_is_imported(self, signed_in: Callable[..., Client]) -> None:
        admin = signed_in(make_admin())
        content = calendar(event("a", next_monday_at(9).date(), name="National day")).decode()
        sent = {"text": content, "whose": "school", "effect": "warn"}

        look = admin.post("/holidays/import", sent)

        assert "National day" in look.content.decode()
        assert not Holiday.objects.exists()
        done = admin.post("/holidays/import", sent | {"do": "import"})
        assert done.status_code == 302
        assert Holiday.objects.get().effect == Effect.WARN

    def test_a_teacher_is_offered_their_own_only(self, signed_in: Callable[..., Client]) -> None:
        teacher = make_teacher()
        make_class(teacher=teacher, name="Mine")
        make_class(name="Another's")

        page = signed_in(teacher).get("/holidays/new").content.decode()

        assert ("Mine" in page, "Another" in page, "The whole school" in page) == (True, False, False)
