"""Times and hours that hold between two dates: what they come to is shown before anything is saved."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from classbell.bookings.models import HoursPeriod
from classbell.halakat.models import Halaka
from classbell.halakat.queries import circle_occurrences
from classbell.hijri import coming_ramadan, to_hijri
from tests.factories import make_admin, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.halakat.test_schedule_changes import make_halaka, on
from tests.web.conftest import SignIn
from tests.web.html import attributes, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("zoom_hosts")]


@pytest.mark.parametrize("day", ["2026-11-30", "2027-02-08", "2027-03-09", "2027-03-10", "2028-01-01"])
def test_the_ramadan_that_is_suggested_is_now_or_comes_next(day: str) -> None:
    today = datetime.fromisoformat(day).date()

    found = coming_ramadan(today)

    assert found is not None
    first, after = to_hijri(found.first_day), to_hijri(found.last_day + timedelta(days=1))
    assert first is not None
    assert after is not None
    assert ((first.month, first.day), (after.month, after.day)) == ((9, 1), (10, 1))
    assert found.last_day >= today
    assert found.first_day - today < timedelta(days=356)
    assert found.name == f"Ramadan {first.year}"


class TestCircle:
    def _typed(self, **changes: str) -> dict[str, str]:
        typed = {
            "of": "",
            "title": "Ramadan",
            "first_day": f"{on(2).date()}",
            "last_day": f"{on(4).date()}",
            "start_time": "21:00",
            "duration": "30",
        }
        return typed | changes

    def _times(self, halaka: Halaka) -> set[str]:
        return {f"{row.starts_at:%H:%M}" for row in circle_occurrences(halaka)}

    def test_a_preview_says_what_moves_and_what_it_costs_and_saves_nothing(self, sign_in: SignIn) -> None:
        halaka = make_halaka()

        answer = sign_in(halaka.teacher).post(f"/halakat/{halaka.pk}/periods/", self._typed() | {"preview": "1"})

        said = words(answer)
        assert "5 sessions moved." in said
        assert "5 sessions are held" in said
        assert "Zoom:" in said
        assert self._times(halaka) == {"17:00"}

    def test_saved_it_stands_on_the_circle_s_page_and_is_changed_and_taken_back(self, sign_in: SignIn) -> None:
        halaka = make_halaka()
        browser, address = sign_in(halaka.teacher), f"/halakat/{halaka.pk}/periods/"

        saved = browser.post(address, self._typed())
        assert saved.status_code == 302
        assert "Ramadan" in words(browser.get(f"/halakat/{halaka.pk}/"))
        of = f"{on(2).date()}"
        shown = {one.get("name"): one.get("value") for one in attributes(browser.get(f"{address}?of={of}"), "input")}
        assert (shown["of"], shown["start_time"], shown["duration"]) == (of, "21:00", "30")
        browser.post(address, self._typed(of=of, start_time="22:00"))
        assert self._times(halaka) == {"17:00", "22:00"}
        browser.post(f"{address}remove", {"of": of})

        assert self._times(halaka) == {"17:00"}
        assert Halaka.objects.get().periods == []

    def test_the_history_tells_it_in_words(self, sign_in: SignIn) -> None:
        halaka = make_halaka()
        sign_in(halaka.teacher).post(f"/halakat/{halaka.pk}/periods/", self._typed())

        said = words(sign_in(make_admin()).get(reverse("audit"), {"kind": "halaka", "id": str(halaka.pk)}))

        assert "Times between two dates" in said
        assert "21:00" in said
        assert "30 min" in said

    def test_ramadan_is_suggested_and_taken_by_a_link(self, sign_in: SignIn) -> None:
        halaka = make_halaka()
        ramadan = coming_ramadan(timezone.now().date())
        assert ramadan is not None

        page = sign_in(halaka.teacher).get(f"/halakat/{halaka.pk}/periods/?ramadan")

        shown = {one.get("name"): one.get("value") for one in attributes(page, "input")}
        assert (shown["title"], shown["first_day"]) == (ramadan.name, f"{ramadan.first_day}")

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"last_day": "2020-01-01"}, "must not be before its first"),
            ({"start_time": ""}, "required"),
            ({"duration": "3"}, "greater than or equal to 5"),
        ],
    )
    def test_what_cannot_be_is_said_and_changes_nothing(
        self, sign_in: SignIn, wrong: dict[str, str], says: str
    ) -> None:
        halaka = make_halaka()

        answer = sign_in(halaka.teacher).post(f"/halakat/{halaka.pk}/periods/", self._typed(**wrong))

        assert (answer.status_code, says in words(answer)) == (400, True)
        assert self._times(halaka) == {"17:00"}


class TestTeacher:
    def _typed(self, **changes: object) -> dict[str, object]:
        first = a_day_ahead(10).date()
        days = {"name": "Ramadan", "first_day": f"{first}", "last_day": f"{first + timedelta(days=20)}"}
        return (
            days
            | {f"{end}_{day}": at for day in range(7) for end, at in (("start", "20:00"), ("end", "23:00"))}
            | changes
        )

    def test_lessons_outside_are_named_before_it_is_saved(self, sign_in: SignIn) -> None:
        tutor = make_tutor()
        lesson = make_booking(teacher=tutor, starts_at=a_day_ahead(12))
        browser = sign_in(tutor)

        look = browser.post("/availability/periods/new", self._typed())

        assert "1 lesson lies outside these hours." in words(look)
        assert lesson.student.name in words(look)
        assert not HoursPeriod.objects.exists()
        saved = browser.post("/availability/periods/new", self._typed(do="save", shown=look.context["shown"]))
        assert saved.status_code == 302
        assert "Ramadan" in words(browser.get("/availability/"))
        assert len(HoursPeriod.objects.get().windows) == 7

    def test_what_was_booked_since_is_shown_first(self, sign_in: SignIn) -> None:
        tutor = make_tutor()
        browser = sign_in(tutor)
        look = browser.post("/availability/periods/new", self._typed())
        make_booking(teacher=tutor, starts_at=a_day_ahead(12))

        again = browser.post("/availability/periods/new", self._typed(do="save", shown=look.context["shown"]))

        assert "This is not what you were shown." in words(again)
        assert not HoursPeriod.objects.exists()

    def test_rows_are_added_without_saving_and_wrong_times_are_marked(self, sign_in: SignIn) -> None:
        browser = sign_in(make_tutor())

        added = browser.post("/availability/periods/new", self._typed(add="0"))
        wrong = browser.post("/availability/periods/new", self._typed(start_0="late"))

        assert added.context["week"][1].rows[-1].is_new or added.context["week"][0].rows[-1].is_new
        assert "Give both times" in words(wrong)
        assert not HoursPeriod.objects.exists()

    def test_it_is_changed_and_taken_back(self, sign_in: SignIn) -> None:
        browser = sign_in(make_tutor())
        look = browser.post("/availability/periods/new", self._typed())
        browser.post("/availability/periods/new", self._typed(do="save", shown=look.context["shown"]))
        address = f"/availability/periods/{HoursPeriod.objects.get().pk}/"

        typed = [one["value"] for one in attributes(browser.get(address), "input") if one.get("type") == "time"]
        look = browser.post(address, self._typed(start_0="21:00"))
        browser.post(address, self._typed(start_0="21:00", do="save", shown=look.context["shown"]))

        assert typed == ["20:00", "23:00"] * 7
        assert HoursPeriod.objects.get().windows[0] == {"day": 0, "start": 21 * 60, "end": 23 * 60}
        browser.post(f"{address}remove")
        assert not HoursPeriod.objects.exists()

    def test_it_begins_with_the_usual_week_and_ramadan_by_a_link(self, sign_in: SignIn) -> None:
        page = sign_in(make_tutor()).get("/availability/periods/new?ramadan")

        shown = {one.get("name"): one.get("value") for one in attributes(page, "input")}
        assert shown["start_0"] == "09:00"
        assert str(shown["name"]).startswith("Ramadan")

    def test_nobody_else_opens_it(self, sign_in: SignIn) -> None:
        tutor = make_tutor()
        first = a_day_ahead(10).date()
        kept = HoursPeriod.objects.create(teacher=tutor, name="Ramadan", first_day=first, last_day=first)

        assert sign_in(make_teacher()).get(f"/availability/periods/{kept.pk}/").status_code == 404
