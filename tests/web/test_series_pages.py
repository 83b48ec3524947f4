"""Pages about lessons for weeks: the dates are shown first, then asked for, answered, moved and cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.bidi import isolated
from classbell.bookings.models import Booking, BookingSeries, Reschedule
from classbell.meetings.services import want_meeting
from tests.bookings.series.school import LISBON, a_tuesday, asked_series, booked_series, dates, open_tutor
from tests.factories import make_class, make_guardian, make_student
from tests.factories_bookings import make_booking
from tests.factories_meetings import spec
from tests.holidays.factories import make_holiday
from tests.web.conftest import SignIn
from tests.web.html import links, words

pytestmark = pytest.mark.django_db

NEW = "/bookings/series/new"
WEEK = timedelta(weeks=1)


def typed(**more: Any) -> dict[str, Any]:
    """Return what somebody in Lisbon types for four Tuesdays at five."""
    start = a_tuesday()
    wanted = {"day": f"{start:%Y-%m-%d}", "time": f"{start:%H:%M}", "minutes": "60", "every": "1", "weeks": "4"}
    return wanted | {"step": "preview"} | more


def shown(answer: Any) -> dict[str, Any]:
    """Return what the page with the dates sends on: which values they are for, and the dates that are ticked."""
    plan = answer.context["plan"]
    return {"seen": answer.context["seen"], "date": [one.value for one in plan.dates if one.is_ticked], "step": "book"}


def student_in_lisbon() -> User:
    return make_student(timezone=LISBON.key)


def test_a_student_comes_from_a_free_time_sees_the_dates_and_asks(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), student_in_lisbon()
    make_holiday((a_tuesday() + 2 * WEEK).date())
    make_booking(teacher=teacher, starts_at=a_tuesday() + WEEK)
    browser, page = sign_in(student), f"/teachers/{teacher.pk}/series"

    slot = a_tuesday().astimezone(UTC)
    empty = browser.get(page, {"slot": f"{slot:%Y-%m-%dT%H:%MZ}", "length": "45"})
    preview = browser.post(page, typed())
    asked = browser.post(page, typed() | shown(preview))

    assert 'value="45"' in empty.content.decode()
    said = words(preview)
    assert "3 lessons of 60 minutes can be booked." not in said
    assert "2 lessons of 60 minutes can be booked." in said
    assert "The teacher is not free then." in said
    assert f"{isolated('Eid al-Fitr')}: no lesson" in said
    series = BookingSeries.objects.get()
    assert (asked.status_code, asked.headers["Location"]) == (302, f"/bookings/series/{series.pk}/")
    assert [one.starts_at for one in dates(series)] == [a_tuesday(), a_tuesday() + 3 * WEEK]
    assert "waits for" in words(sign_in(teacher).get(f"/bookings/series/{series.pk}/"))


def test_dates_without_a_tick_are_left_out(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), student_in_lisbon()
    browser, page = sign_in(student), f"/teachers/{teacher.pk}/series"

    sent = shown(browser.post(page, typed()))
    browser.post(page, typed() | sent | {"date": sent["date"][:3]})

    assert len(dates(BookingSeries.objects.get())) == 3


def test_other_values_than_those_shown_are_shown_again_before_anything_is_booked(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), student_in_lisbon()
    browser, page = sign_in(student), f"/teachers/{teacher.pk}/series"

    sent = shown(browser.post(page, typed()))
    again = browser.post(page, typed(weeks="6") | sent | {"weeks": "6"})

    assert again.status_code == 200
    assert "6 lessons of 60 minutes can be booked." in words(again)
    assert not BookingSeries.objects.exists()


def test_a_teacher_books_for_a_student_of_theirs(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), make_student()
    make_class(teacher=teacher, students=[student])
    browser = sign_in(teacher)

    preview = browser.post(NEW, typed(student=str(student.pk)))
    booked = browser.post(NEW, typed(student=str(student.pk)) | shown(preview))

    assert "One meeting at Zoom with one link for all of them; it costs 1 change there." in words(preview)
    assert booked.status_code == 302, words(booked)
    assert {one.status for one in dates(BookingSeries.objects.get())} == {"CONFIRMED"}
    assert NEW in links(browser.get("/bookings/new"))


def test_what_is_typed_wrong_is_named_and_kept(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), make_student()
    make_class(teacher=teacher, students=[student])
    browser = sign_in(teacher)

    for wrong in (
        {"student": str(make_student().pk)},
        {"weeks": "0"},
        {"weeks": "99"},
        {"every": "99"},
        {"day": ""},
        {"minutes": "5"},
    ):
        answer = browser.post(NEW, typed(student=str(student.pk), notes="Bring the book") | wrong)
        assert answer.status_code == 400, wrong
        assert "Bring the book" in answer.content.decode()
    assert not BookingSeries.objects.exists()


def test_a_class_at_the_same_time_is_named_and_has_to_be_known(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), student_in_lisbon()
    other = make_class(students=[student])
    want_meeting(
        spec(other.teachers.get(), group=other, title="Chess", starts_at=a_tuesday() + WEEK, timezone="UTC"),
        now=datetime.now(UTC),
    )
    browser, page = sign_in(student), f"/teachers/{teacher.pk}/series"

    preview = browser.post(page, typed())
    refused = browser.post(page, typed() | shown(preview))
    asked = browser.post(page, typed(despite_overlap="on") | shown(preview))

    assert f"At the same time: {isolated('“Chess”')}" in words(preview)
    assert refused.status_code == 400
    assert asked.status_code == 302


def test_the_teacher_finds_it_once_among_requests_and_accepts_some(sign_in: SignIn) -> None:
    series = asked_series()
    browser, address = sign_in(series.teacher), f"/bookings/series/{series.pk}/"
    first, second, *_others = dates(series)

    inbox = words(browser.get("/bookings/"))
    nothing = browser.post(f"{address}confirm", {})
    done = browser.post(f"{address}confirm", {"date": [str(first.pk), str(second.pk)], "reason": "Away"})

    assert "1 request to answer" in inbox
    assert "5 lessons" in inbox
    assert nothing.status_code == 400
    assert "Tick at least one date, or decline them all." in words(nothing)
    assert done.status_code == 302
    assert [one.status for one in dates(series)] == ["CONFIRMED"] * 2 + ["CANCELLED"] * 3
    assert address in links(browser.get(f"/bookings/{first.pk}/"))


def test_the_teacher_declines_all_and_says_why(sign_in: SignIn) -> None:
    series = asked_series()
    browser, page = sign_in(series.teacher), f"/bookings/series/{series.pk}/decline"

    assert "is told once" in words(browser.get(page))
    assert browser.post(page, {"reason": "Full"}).status_code == 302

    assert {one.cancellation_reason for one in dates(series)} == {"Full"}
    # Somebody who comes back to the page is told.
    assert "No date of this series waits" in words(browser.post(page, {"reason": ""}))


def test_the_rest_is_cancelled_from_a_lesson_on(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    browser, page = sign_in(student), f"/bookings/series/{series.pk}/cancel"

    assert browser.get(page).status_code == 200
    done = browser.post(page, {"since": str(dates(series)[3].pk), "reason": "Exams"})

    assert done.status_code == 302
    assert [one.status for one in dates(series)] == ["CONFIRMED"] * 3 + ["CANCELLED"] * 2


def test_the_rest_is_moved_after_its_new_dates_were_shown(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), make_student()
    series = booked_series(by=teacher, student=student)
    browser, page = sign_in(teacher), f"/bookings/series/{series.pk}/move"
    before = [one.starts_at for one in dates(series)]
    thursday = a_tuesday(hour=19) + timedelta(days=2)
    sent = {
        "since": str(dates(series)[0].pk),
        "day": f"{thursday:%Y-%m-%d}",
        "time": "19:00",
        "minutes": "60",
        "reason": "",
    }

    preview = browser.post(page, sent | {"step": "preview"})
    with timezone.override(LISBON):
        assert "This would happen" in words(preview)
    assert [one.starts_at for one in dates(series)] == before
    done = browser.post(page, sent | {"step": "move"})

    assert done.status_code == 302, words(done)
    assert [one.starts_at for one in dates(series)] == [thursday + number * WEEK for number in range(5)]


def test_what_is_over_can_neither_be_moved_nor_cancelled(sign_in: SignIn) -> None:
    series = asked_series()
    Booking.objects.filter(series=series).update(status="CANCELLED")
    browser = sign_in(series.student)

    for what in ("move", "cancel"):
        assert "No lesson of this series is to come then." in words(browser.get(f"/bookings/series/{series.pk}/{what}"))
    assert "move" not in " ".join(links(browser.get(f"/bookings/series/{series.pk}/")))


def test_what_a_guardian_does_for_a_child_is_said_to_be_theirs(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), student_in_lisbon()
    mother = make_guardian(student, timezone=LISBON.key)
    browser, below = sign_in(mother), f"/children/{student.pk}"
    page = f"{below}/teachers/{teacher.pk}/series"

    browser.post(page, typed() | shown(browser.post(page, typed())))

    series = BookingSeries.objects.get()
    assert series.booked_by == mother
    since = f"{dates(series)[0].pk}"
    later = a_tuesday() + timedelta(hours=2)
    moved = {"since": since, "day": f"{later:%Y-%m-%d}", "time": f"{later:%H:%M}", "minutes": "60", "step": "move"}
    browser.post(f"{below}/bookings/series/{series.pk}/move", moved)
    assert set(Reschedule.objects.values_list("by", flat=True)) == {mother.pk}
    browser.post(f"{below}/bookings/series/{series.pk}/cancel", {"since": since, "reason": "Ill."})
    assert {one.cancelled_by for one in dates(series)} == {mother}


def test_moved_to_where_they_are_the_page_says_so(sign_in: SignIn) -> None:
    teacher = open_tutor()
    series = booked_series(by=teacher, student=make_student())
    start = a_tuesday()
    same = {"since": f"{dates(series)[0].pk}", "day": f"{start:%Y-%m-%d}", "time": f"{start:%H:%M}", "minutes": "60"}

    answer = sign_in(teacher).post(f"/bookings/series/{series.pk}/move", same | {"step": "preview"})

    assert (answer.status_code, "They are held at these times already." in words(answer)) == (400, True)


def test_its_page_tells_what_became_of_it_by_whom_and_for_whom(sign_in: SignIn) -> None:
    teacher, student = open_tutor(), student_in_lisbon()
    mother = make_guardian(student, first_name="Huda", last_name="Saeed")
    own, of_child = sign_in(teacher), sign_in(mother)
    child = f"/children/{student.pk}"
    plan = of_child.post(f"{child}/teachers/{teacher.pk}/series", typed())
    of_child.post(f"{child}/teachers/{teacher.pk}/series", typed() | shown(plan))
    series = BookingSeries.objects.get()
    page = f"/bookings/series/{series.pk}/"
    first, *_others = dates(series)

    own.post(f"{page}confirm", {"date": [str(one.pk) for one in dates(series)]})
    of_child.post(f"{child}/bookings/{first.pk}/cancel", {"reason": "Ill"})

    steps = [
        (step.word, step.who.replace("\u2068", "").replace("\u2069", ""), len(step.dates))
        for step in own.get(page).context["steps"]
    ]
    assert steps == [
        ("Asked for", f"Huda Saeed for {student.name}", 4),
        ("Confirmed", teacher.name, 4),
        ("Cancelled", f"Huda Saeed for {student.name}", 1),
    ]
    assert "So far" in words(of_child.get(f"{child}{page}"))
