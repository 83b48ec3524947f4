"""Finding a teacher and booking a lesson: visitors look, students book, nothing typed is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from classbell.accounts.models import User
from classbell.bookings.feedback import give_feedback
from classbell.bookings.models import Booking, BookingStatus, MakeUpCredit
from classbell.bookings.outcomes import complete_booking
from classbell.bookings.services import confirm_booking
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_meetings import make_class_of
from tests.web.conftest import SignIn
from tests.web.html import attributes, links, words

# Session and person; who fits, their hours, the last teachers, those of the page; all subjects, languages, prices.
LIST_QUERIES = 10
# Session and person; the teacher, the feedback, the rules, the caps and what is open under them. The statement for the
# slots is prepared and not counted.
PAGE_QUERIES = 10


@pytest.fixture
def tutor(db: None) -> User:
    """A teacher in Riyadh with words, subjects and hours."""
    settings = {"bio": "Reading for everybody.", "subjects": ["Arabic", "Tajwid"]}
    return make_tutor(first_name="Amina", last_name="Haddad", timezone="Asia/Riyadh", settings=settings)


@pytest.fixture
def student(db: None) -> User:
    return make_student(timezone="Europe/Lisbon")


def page_of(tutor: User, **query: str) -> str:
    """Return the address of a teacher's page."""
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/teachers/{tutor.pk}/" + (f"?{text}" if text else "")


def value_of(moment: datetime) -> str:
    """Write a slot as addresses do."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def rated(tutor: User, rating: int, comment: str = "") -> Booking:
    """Hold a lesson in the past and let its student say how it was."""
    earlier = datetime.now(UTC) - timedelta(days=9)
    booking = make_booking(teacher=tutor, starts_at=a_day_ahead(-7), now=earlier)
    confirm_booking(booking_id=booking.pk, now=earlier)
    complete_booking(booking_id=booking.pk, now=booking.ends_at)
    give_feedback(booking_id=booking.pk, author=booking.student, rating=rating, comment=comment)
    return booking


@pytest.mark.parametrize(
    "who", [None, make_student, make_teacher, make_admin], ids=lambda who: getattr(who, "__name__", "visitor")
)
def test_everybody_finds_a_teacher_with_words_subjects_and_rating(tutor: User, sign_in: SignIn, who: Any) -> None:
    rated(tutor, 4)

    response = sign_in(who() if who else None).get("/teachers/")

    page = words(response)
    assert "Amina Haddad Arabic · Tajwid Reading for everybody. 4.0 · 1 rating Riyadh time" in page
    assert page_of(tutor) in links(response)


def test_teacher_whom_nobody_rated_says_so(tutor: User, sign_in: SignIn) -> None:
    assert "No ratings yet" in words(sign_in(None).get("/teachers/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=amina", True), ("q=reading", True), ("subject=Tajwid", True), ("q=algebra", False), ("subject=Chess", False)],
)
def test_search_keeps_what_was_asked_in_the_address(tutor: User, sign_in: SignIn, query: str, found: bool) -> None:
    response = sign_in(None).get(f"/teachers/?{query}")

    assert (page_of(tutor) in links(response)) is found
    assert ("Nobody found" in words(response)) is not found


@pytest.mark.parametrize("query", ["q=" + "x" * 500, "page=nonsense", "page=99"])
def test_search_nobody_can_mean_shows_all(tutor: User, sign_in: SignIn, query: str) -> None:
    response = sign_in(None).get(f"/teachers/?{query}")

    assert (response.status_code, page_of(tutor) in links(response)) == (200, True)


def test_school_without_teachers_says_what_will_be_here(db: None, sign_in: SignIn) -> None:
    assert "Teachers appear here as soon as the school has added them." in words(sign_in(None).get("/teachers/"))


@pytest.mark.parametrize("teachers", [1, 3])
def test_list_takes_as_many_queries_with_three_teachers_as_with_one(
    db: None, sign_in: SignIn, django_assert_num_queries: Any, teachers: int
) -> None:
    for _ in range(teachers):
        make_tutor(settings={"subjects": ["Arabic"]})
    browser = sign_in(make_student())

    with django_assert_num_queries(LIST_QUERIES):
        browser.get("/teachers/")


def test_strip_shows_fourteen_days_each_with_its_free_times(tutor: User, sign_in: SignIn, student: User) -> None:
    picker = sign_in(student).get(page_of(tutor, length="60")).context["picker"]

    assert len(picker.days) == 14
    # Open 09:00 to 17:00, so eight hours one after another; today may be over in part.
    assert [day.free for day in picker.days][1:] == [8] * 13
    assert (picker.earlier, picker.later) == (None, picker.days[0].date + timedelta(days=14))


def test_times_are_the_students_with_the_teachers_beside_them(tutor: User, sign_in: SignIn, student: User) -> None:
    day = a_day_ahead(3)
    opens = day.replace(hour=9, tzinfo=ZoneInfo("Asia/Riyadh")).astimezone(ZoneInfo("Europe/Lisbon"))

    page = words(sign_in(student).get(page_of(tutor, day=f"{day:%Y-%m-%d}")))

    assert f"Your time, Lisbon · below it Riyadh time {opens:%H:%M} your time, 09:00 Riyadh time" in page


def test_visitor_sees_the_teachers_times_and_is_led_to_sign_in_and_back(tutor: User, sign_in: SignIn) -> None:
    slot = value_of(a_day_ahead(3))

    free, chosen = sign_in(None).get(page_of(tutor)), sign_in(None).get(page_of(tutor, slot=slot))

    assert "Times in Riyadh" in words(free)
    assert "Sign in to ask for it; you come back to this time." in words(chosen)
    back = f"/accounts/login/?next=%2Fteachers%2F{tutor.pk}%2F%3Fslot%3D{slot.replace(':', '%3A')}"
    assert back in links(chosen)


@pytest.mark.parametrize("person", [make_teacher, make_admin])
def test_only_students_are_offered_to_book(tutor: User, sign_in: SignIn, person: Any) -> None:
    browser, slot = sign_in(person()), value_of(a_day_ahead(3))

    page, sent = browser.get(page_of(tutor, slot=slot)), browser.post(f"/teachers/{tutor.pk}/book", {"slot": slot})

    assert "Only students can ask for lessons." in words(page)
    assert sent.status_code == 403
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        {"day": "nonsense"},
        {"day": "9999-12-31"},
        {"day": "1900-01-01"},
        {"from": "2199-12-31"},
        {"length": "-5"},
        {"length": "٣٠"},
        {"slot": "yesterday"},
        {"slot": "9999-12-31T23:59Z"},
        {"slot": "2026-13-45T00:00Z"},
    ],
    ids=str,
)
def test_address_nobody_can_mean_shows_the_next_free_times(
    tutor: User, sign_in: SignIn, student: User, query: dict[str, str]
) -> None:
    response = sign_in(student).get(page_of(tutor, **query))

    assert response.status_code == 200
    assert response.context["picker"].slots
    assert response.context["picker"].minutes == 60


def test_strip_without_free_times_leads_to_the_next_free_day(db: None, sign_in: SignIn, student: User) -> None:
    tutor = make_tutor(settings={"min_notice_minutes": 20 * 24 * 60})

    response = sign_in(student).get(page_of(tutor))

    assert "Nothing is free in these two weeks. The next free day is" in words(response)
    assert not sign_in(student).get(page_of(tutor)).context["picker"].has_free


def test_teacher_without_hours_says_so(db: None, sign_in: SignIn, student: User) -> None:
    page = words(sign_in(student).get(page_of(make_teacher(first_name="Amina"))))

    assert "Amina has no free times of this length at present." in page


@pytest.mark.parametrize("who", ["student", "nobody"])
def test_unknown_teacher_is_not_there(db: None, sign_in: SignIn, student: User, who: str) -> None:
    response = sign_in(None).get(
        f"/teachers/{student.pk if who == 'student' else '00000000-0000-7000-8000-000000000000'}/"
    )

    assert response.status_code == 404


def test_picker_can_be_asked_for_alone(tutor: User, sign_in: SignIn, student: User) -> None:
    response = sign_in(student).get(page_of(tutor), headers={"HX-Request": "true", "HX-Target": "picker"})

    assert "<html" not in response.content.decode()
    assert response.content.decode().strip().startswith('<section class="picker" id="picker"')


@pytest.mark.parametrize("bookings", [1, 3])
def test_page_takes_as_many_queries_with_three_ratings_as_with_one(
    tutor: User, sign_in: SignIn, student: User, django_assert_num_queries: Any, bookings: int
) -> None:
    for number in range(bookings):
        booking = make_booking(
            teacher=tutor, starts_at=a_day_ahead(-7, hour=7 + number), now=datetime.now(UTC) - timedelta(days=9)
        )
        Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.COMPLETED)
        give_feedback(booking_id=booking.pk, author=booking.student, rating=5, comment="Good")
    browser = sign_in(student)

    with django_assert_num_queries(PAGE_QUERIES):
        page = browser.get(page_of(tutor))
    assert page.status_code == 200
    assert words(page).count("Good") == bookings


def test_student_asks_for_a_lesson_with_a_note(tutor: User, sign_in: SignIn, student: User) -> None:
    wanted = a_day_ahead(3)
    sent = {"slot": value_of(wanted), "length": "30", "notes": "Chapter 4"}

    response = sign_in(student).post(f"/teachers/{tutor.pk}/book", sent)

    booking = Booking.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/bookings/{booking.pk}/")
    assert (booking.student, booking.teacher, booking.status) == (student, tutor, BookingStatus.PENDING)
    assert (booking.starts_at, booking.duration_minutes, booking.notes) == (wanted, 30, "Chapter 4")


def test_teacher_who_confirms_by_themselves_has_confirmed(db: None, sign_in: SignIn, student: User) -> None:
    tutor = make_tutor(settings={"auto_confirm": True})
    browser, slot = sign_in(student), value_of(a_day_ahead(3))

    asked = browser.get(page_of(tutor, slot=slot))
    sent = browser.post(f"/teachers/{tutor.pk}/book", {"slot": slot, "length": "60"}, follow=True)

    assert "Book this lesson?" in words(asked)
    assert "Booked and confirmed." in words(sent)
    assert Booking.objects.get().status == BookingStatus.CONFIRMED


def test_slot_taken_meanwhile_offers_the_nearest_and_keeps_the_note(
    tutor: User, sign_in: SignIn, student: User
) -> None:
    wanted = a_day_ahead(3)
    make_booking(teacher=tutor, starts_at=wanted)
    sent = {"slot": value_of(wanted), "length": "60", "notes": "Chapter <4>"}

    response = sign_in(student).post(f"/teachers/{tutor.pk}/book", sent)

    page = words(response)
    nearest = [given["value"] for given in attributes(response, "input") if given.get("type") == "radio"]
    assert response.status_code == 400
    assert "Time slot is not available" in page
    assert "Chapter <4>" in page
    # Packed one after another around the lesson that took the hour.
    assert nearest == [value_of(wanted + timedelta(hours=hours)) for hours in (-2, -1, 1, 2)]
    assert Booking.objects.filter(student=student).count() == 0


def test_nearest_time_is_booked_with_the_note_that_was_kept(tutor: User, sign_in: SignIn, student: User) -> None:
    wanted = a_day_ahead(3)
    make_booking(teacher=tutor, starts_at=wanted)
    sent = {"slot": value_of(wanted + timedelta(hours=1)), "length": "60", "notes": "Chapter 4"}

    sign_in(student).post(f"/teachers/{tutor.pk}/book", sent)

    assert Booking.objects.get(student=student).notes == "Chapter 4"


def test_nearest_times_avoid_what_the_student_has_already(tutor: User, sign_in: SignIn, student: User) -> None:
    wanted = a_day_ahead(3)
    make_booking(student=student, starts_at=wanted)

    response = sign_in(student).post(f"/teachers/{tutor.pk}/book", {"slot": value_of(wanted), "length": "60"})

    assert "The student already has a booking at that time." in words(response)
    assert value_of(wanted) not in [
        given["value"] for given in attributes(response, "input") if given.get("type") == "radio"
    ]


def test_nearest_times_avoid_the_students_classes(tutor: User, sign_in: SignIn, student: User) -> None:
    wanted = a_day_ahead(3)
    make_booking(teacher=tutor, starts_at=wanted)
    make_class_of(student, starts_at=wanted + timedelta(hours=1))

    response = sign_in(student).post(f"/teachers/{tutor.pk}/book", {"slot": value_of(wanted), "length": "60"})

    nearest = [given["value"] for given in attributes(response, "input") if given.get("type") == "radio"]
    assert nearest == [value_of(wanted + timedelta(hours=hours)) for hours in (-3, -2, -1, 2)]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"length": "60"}, "Choose a time first."),
        ({"slot": "soon", "length": "60"}, "Choose one of the times offered."),
        ({"slot": "9999-12-31T23:00Z", "length": "60"}, "Choose one of the times offered."),
    ],
    ids=["none", "no-time", "year-9999"],
)
def test_bad_time_is_said_and_the_note_kept(
    tutor: User, sign_in: SignIn, student: User, sent: dict[str, str], says: str
) -> None:
    response = sign_in(student).post(f"/teachers/{tutor.pk}/book", sent | {"notes": "Chapter 4"})

    assert response.status_code == 400
    assert says in words(response)
    assert "Chapter 4" in words(response)


def test_make_up_lesson_is_offered_to_whom_it_is_owed_and_used(tutor: User, sign_in: SignIn, student: User) -> None:
    missed = make_booking(teacher=tutor, student=student)
    credit = MakeUpCredit.objects.create(
        student=student, teacher=tutor, missed=missed, expires_at=datetime.now(UTC) + timedelta(days=30)
    )
    slot = value_of(a_day_ahead(3))

    mine = sign_in(student).get(page_of(tutor, slot=slot))
    others = sign_in(make_student()).get(page_of(tutor, slot=slot))
    sign_in(student).post(f"/teachers/{tutor.pk}/book", {"slot": slot, "length": "60", "use_credit": "on"})

    credit.refresh_from_db()
    assert "Use a make-up lesson" in words(mine)
    assert "Use a make-up lesson" not in words(others)
    assert credit.used_by is not None


def test_visitor_who_sends_the_form_signs_in_and_comes_back_to_the_teacher(
    tutor: User, sign_in: SignIn, student: User
) -> None:
    sent = sign_in(None).post(f"/teachers/{tutor.pk}/book", {})
    back = sign_in(student).get(f"/teachers/{tutor.pk}/book")

    assert sent.headers["Location"] == f"/accounts/login/?next=/teachers/{tutor.pk}/book"
    assert back.headers["Location"] == page_of(tutor)


def test_rules_of_a_teacher_are_read_on_their_page(tutor: User, sign_in: SignIn) -> None:
    address = f"/teachers/{tutor.pk}/"

    assert "Students may cancel" in words(sign_in(make_student()).get(address))
    assert "Students may cancel" not in words(sign_in(None).get(address))
