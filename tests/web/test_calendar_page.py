"""The calendar: everything one teaches or attends, and moving it with its consequences known."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.bookings.services import confirm_booking
from classbell.meetings.models import Meeting, Occurrence
from classbell.web.calendar.views import school_day
from tests.factories_bookings import make_booking
from tests.web.conftest import School, SignIn, make_meeting, on_zoom
from tests.web.html import links, words

pytestmark = pytest.mark.django_db

# Session, person, sessions, requests, holidays; for admins also the teachers.
QUERIES = 6
QUERIES_OF_ADMINS = 7


@pytest.fixture
def occurrence(school: School) -> Occurrence:
    """The class's first session, in two days at nine."""
    return school.meeting.occurrences.earliest("starts_at")


def calendar_of(occurrence: Occurrence, **more: str) -> str:
    """Return the address of the week or month of a session."""
    query = "&".join(f"{name}={value}" for name, value in ({"date": f"{occurrence.starts_at:%Y-%m-%d}"} | more).items())
    return f"/calendar/?{query}"


def move_of(occurrence: Occurrence) -> str:
    """Return where a session is moved."""
    return f"/calendar/occurrences/{occurrence.pk}/move"


def later(occurrence: Occurrence, hours: int) -> str:
    """Return a start some hours later, as a form of a reader in UTC writes it."""
    return f"{occurrence.starts_at + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize("view", ["week", "month"])
@pytest.mark.parametrize(("who", "sees"), [("member", True), ("teacher", True), ("stranger", False)])
def test_calendar_holds_what_is_ones_own(
    school: School, sign_in: SignIn, occurrence: Occurrence, view: str, who: str, sees: bool
) -> None:
    response = sign_in(school.person(who)).get(calendar_of(occurrence, view=view))

    assert (f"/meetings/{school.meeting.pk}/" in links(response)) is sees


def test_admin_looks_at_a_teachers_calendar_and_nobody_else_does(
    school: School, sign_in: SignIn, occurrence: Occurrence
) -> None:
    address = calendar_of(occurrence, teacher=str(school.teacher.pk))

    seen = sign_in(school.admin).get(address)
    refused = sign_in(school.other_teacher).get(address)

    assert f"/meetings/{school.meeting.pk}/" in links(seen)
    assert seen.context["whose"] == school.teacher
    assert refused.context["whose"] == school.other_teacher


def test_request_that_waits_is_drawn_as_asked_for(sign_in: SignIn) -> None:
    booking = make_booking()

    page = sign_in(booking.teacher).get(f"/calendar/?date={booking.starts_at:%Y-%m-%d}")

    assert f"/bookings/{booking.pk}/" in links(page)
    assert "asked for" in words(page)


def test_request_stands_between_the_lessons_of_its_day_in_the_list(sign_in: SignIn) -> None:
    request = make_booking()
    later = make_booking(teacher=request.teacher, starts_at=request.starts_at + timedelta(hours=2))
    confirm_booking(booking_id=later.pk, now=timezone.now())

    page = sign_in(request.teacher).get(f"/calendar/?date={request.starts_at:%Y-%m-%d}")

    listed = words(page).rpartition("asked for")[2]
    assert listed.index(request.student.name) < listed.index(later.student.name)


def test_lesson_is_called_by_the_other_ones_name(sign_in: SignIn) -> None:
    booking = make_booking()
    confirm_booking(booking_id=booking.pk, now=timezone.now())
    address = f"/calendar/?date={booking.starts_at:%Y-%m-%d}"

    assert f"Lesson with {booking.student.name}" in words(sign_in(booking.teacher).get(address))
    assert f"Lesson with {booking.teacher.name}" in words(sign_in(booking.student).get(address))


def test_admin_who_teaches_nothing_is_led_to_teachers_and_sees_no_clock_outside_the_hours_drawn(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = timezone.now().replace(hour=23)
    monkeypatch.setattr("classbell.web.calendar.views.calendar.timezone.now", lambda: late)

    page = sign_in(school.admin).get("/calendar/")

    assert "Choose a teacher to see theirs." in words(page)
    assert "cal-now" not in page.content.decode()


@pytest.mark.parametrize("address", ["/calendar/?date=nonsense", "/calendar/?date=9999-01-01", "/calendar/?view=year"])
def test_calendar_nobody_can_mean_is_this_week(school: School, sign_in: SignIn, address: str) -> None:
    response = sign_in(school.member).get(address)

    assert (response.context["view"], response.context["is_current"]) == ("week", True)


def test_only_who_hosts_may_drag(school: School, sign_in: SignIn, occurrence: Occurrence) -> None:
    pages = {who: sign_in(school.person(who)).get(calendar_of(occurrence)).content for who in ("teacher", "member")}

    assert {who: b"data-move" in page for who, page in pages.items()} == {"teacher": True, "member": False}


def test_move_says_what_it_means_before_it_is_done(school: School, sign_in: SignIn, occurrence: Occurrence) -> None:
    page = words(sign_in(school.teacher).get(move_of(occurrence), {"to": later(occurrence, 3)}))

    occurrence.refresh_from_db()
    assert "Only this session moves; the others stay." in page
    assert "1 person is expected there." in page
    assert "The link stays the same." in page
    assert occurrence.starts_at.hour == 9


def test_move_is_done_when_it_is_confirmed(school: School, sign_in: SignIn, occurrence: Occurrence) -> None:
    before = occurrence.starts_at

    response = sign_in(school.teacher).post(move_of(occurrence), {"to": later(occurrence, 3)})

    occurrence.refresh_from_db()
    assert (response.status_code, response.headers["Location"]) == (302, f"/calendar/?date={before:%Y-%m-%d}")
    assert (occurrence.starts_at - before, occurrence.ends_at - before) == (timedelta(hours=3), timedelta(hours=4))


def test_lesson_that_is_moved_takes_its_booking_along(sign_in: SignIn) -> None:
    booking = make_booking()
    confirm_booking(booking_id=booking.pk, now=timezone.now())
    booking.refresh_from_db()
    teacher = set_timezone(booking.teacher, "UTC")
    (occurrence,) = on_zoom(meeting_of(booking.meeting)).occurrences.all()

    sign_in(teacher).post(move_of(occurrence), {"to": later(occurrence, 2)})

    booking.refresh_from_db()
    assert booking.starts_at == occurrence.starts_at + timedelta(hours=2)


def test_move_onto_another_class_is_refused_by_name_and_changes_nothing(
    school: School, sign_in: SignIn, occurrence: Occurrence
) -> None:
    make_meeting(teacher=school.teacher, starts_at=occurrence.starts_at + timedelta(hours=3), rule="", title="Geometry")
    browser = sign_in(school.teacher)

    asked = words(browser.get(move_of(occurrence), {"to": later(occurrence, 3)}))
    tried = browser.post(move_of(occurrence), {"to": later(occurrence, 3)})

    assert "Geometry" in asked
    assert "Move it" not in asked
    assert (tried.status_code, occurrence_now(occurrence).starts_at) == (400, occurrence.starts_at)


def test_time_is_read_on_the_readers_clock(school: School, sign_in: SignIn, occurrence: Occurrence) -> None:
    teacher = set_timezone(school.teacher, "Asia/Riyadh")

    sign_in(teacher).post(move_of(occurrence), {"to": f"{occurrence.starts_at:%Y-%m-%d}T15:00"})

    occurrence.refresh_from_db()
    assert occurrence.starts_at.hour == 12


@pytest.mark.parametrize("to", ["", "tomorrow", "2026-02-30T10:00"])
def test_time_that_is_none_is_said_beside_its_field(
    school: School, sign_in: SignIn, occurrence: Occurrence, to: str
) -> None:
    page = words(sign_in(school.teacher).get(move_of(occurrence), {"to": to}))

    assert "Choose the new day and time." in page or "Write the day and the time" in page


@pytest.mark.parametrize(("who", "status"), [("member", 403), ("stranger", 404), ("other_teacher", 404)])
def test_others_may_not_move(school: School, sign_in: SignIn, occurrence: Occurrence, who: str, status: int) -> None:
    assert sign_in(school.person(who)).post(move_of(occurrence), {"to": later(occurrence, 3)}).status_code == status


@pytest.mark.parametrize(("who", "queries"), [("member", QUERIES), ("teacher", QUERIES), ("admin", QUERIES_OF_ADMINS)])
@pytest.mark.parametrize("occurrences", [1, 3])
def test_calendar_takes_as_many_queries_with_three_occurrences_as_with_one(
    school: School,
    sign_in: SignIn,
    occurrence: Occurrence,
    django_assert_num_queries: object,
    who: str,
    queries: int,
    occurrences: int,
) -> None:
    for number in range(occurrences - 1):
        starts_at = occurrence.starts_at + timedelta(hours=2 + number)
        make_meeting(teacher=school.teacher, group=school.group, starts_at=starts_at, rule="")
    browser = sign_in(school.person(who))
    address = calendar_of(occurrence, teacher=str(school.teacher.pk) if who == "admin" else "")
    extra = 1 if who == "admin" else 0
    browser.get(address)

    with django_assert_num_queries(queries + extra):  # type: ignore[operator]  # pytest-django's fixture has no type
        browser.get(address)


def set_timezone(person: User, name: str) -> User:
    person.timezone = name
    person.save(update_fields=["timezone"])
    return person


def meeting_of(meeting: Meeting | None) -> Meeting:
    assert meeting is not None
    return meeting


def occurrence_now(occurrence: Occurrence) -> Occurrence:
    return Occurrence.objects.get(pk=occurrence.pk)


@pytest.mark.parametrize("occurrences", [1, 3])
def test_whole_school_is_a_day_of_everybodys_sessions(
    school: School, sign_in: SignIn, occurrence: Occurrence, django_assert_num_queries: object, occurrences: int
) -> None:
    for number in range(occurrences - 1):
        starts_at = occurrence.starts_at + timedelta(hours=2 + number)
        make_meeting(teacher=school.other_teacher, group=school.group, starts_at=starts_at, rule="")
    browser = sign_in(school.admin)
    address = f"/calendar/school/?date={occurrence.starts_at:%Y-%m-%d}"

    # Session, person, how many there are, those of the page.
    with django_assert_num_queries(6):  # type: ignore[operator]  # pytest-django's fixture has no type
        page = browser.get(address)

    assert [one.starts_at for one in page.context["sessions"]] == sorted(
        occurrence.starts_at + timedelta(hours=hours) for hours in (0, 2, 3)[:occurrences]
    )
    assert "Nobody has a session on this day." in words(browser.get("/calendar/school/?date=2001-01-01"))


def test_whole_school_comes_in_pages(school: School, sign_in: SignIn, occurrence: Occurrence) -> None:
    make_meeting(teacher=school.other_teacher, starts_at=occurrence.starts_at + timedelta(hours=2), rule="")
    address = f"/calendar/school/?date={occurrence.starts_at:%Y-%m-%d}"

    with patch.object(school_day, "SESSIONS_A_PAGE", 1):
        first, second = (sign_in(school.admin).get(f"{address}&page={page}") for page in (1, 2))

    assert [len(page.context["sessions"]) for page in (first, second)] == [1, 1]
    assert f"?date={occurrence.starts_at:%Y-%m-%d}&page=2" in links(first)
