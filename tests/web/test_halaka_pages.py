"""Circles on pages: found and joined by students, planned in view by teachers, their sessions changed one by one."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from classbell import reasons
from classbell.accounts.models import User
from classbell.groups.models import Membership
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern
from classbell.halakat.queries import circle_occurrences
from classbell.halakat.services import change_halaka, create_halaka, join_halaka
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import Claim, ClaimKind, Meeting, Occurrence
from classbell.meetings.occurrences import cancel_occurrence, let_substitute
from classbell.web.groups.kinds import CIRCLE
from classbell.web.kit.forms.dates import DatesField
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_attendance import make_stay
from tests.notices.test_calendar_readers import by_icalendar
from tests.web.conftest import SignIn, make_meeting, on_zoom
from tests.web.html import attributes, links, undo_of, words

LIST_QUERIES = 5
# One of them asks whose people are about to be shown.
PAGE_QUERIES = 12
HTMX = {"HX-Request": "true", "HX-Target": "plan"}


def next_sunday() -> date:
    """Return a Sunday two to three weeks from now."""
    day = datetime.now(UTC).date() + timedelta(days=14)
    return day + timedelta(days=(6 - day.weekday()) % 7)


def make_circle(*, teacher: User | None = None, capacity: int | None = None, **fields: Any) -> Halaka:
    """Open a circle in Riyadh on Sundays and Tuesdays at 19:00 for four weeks."""
    first = next_sunday()
    schedule: dict[str, Any] = {
        "start_date": first,
        "end_date": first + timedelta(days=27),
        "weekdays": (1, 6),
        "frequency": Frequency.WEEKLY,
        "start_time": time(19),
        "duration_minutes": 60,
        "timezone": "Asia/Riyadh",
    }
    return create_halaka(
        teacher=teacher or make_teacher(timezone="Asia/Riyadh"),
        title=fields.pop("title", "حلقة الفجر"),
        pattern=Pattern(**schedule | fields),
        capacity=capacity,
        now=datetime.now(UTC),
    )


def typed(**changes: Any) -> dict[str, Any]:
    """Return that circle as a form sends it."""
    first = next_sunday()
    return {
        "title": "حلقة الفجر",
        "description": "",
        "frequency": "weekly",
        "weekdays": ["1", "6"],
        "start_time": "19:00",
        "duration": "60",
        "start_date": first.isoformat(),
        "end_date": (first + timedelta(days=27)).isoformat(),
        "timezone": "Asia/Riyadh",
        "except_dates": "",
        "capacity": "",
    } | changes


def path_of(halaka: Halaka, *rest: str) -> str:
    """Return the address of a circle, or of something about it."""
    return f"/halakat/{halaka.pk}/{'/'.join(rest)}"


def first_occurrence_path(halaka: Halaka) -> str:
    """Return the address at which its first session is changed."""
    return path_of(halaka, "occurrences", str(circle_occurrences(halaka)[0].pk), "")


def test_student_reads_days_on_the_clock_of_the_circle_and_their_own(db: None, sign_in: SignIn) -> None:
    make_circle(capacity=12)

    # Neither clock ever changes, so it is the same distance in any week.
    page = words(sign_in(make_student(timezone="Asia/Karachi")).get("/halakat/"))

    assert "Sundays and Tuesdays, 19:00–20:00 Riyadh time your time: 21:00–22:00" in page.replace(" – ", "–")
    assert "12 of 12 places left" in page
    assert "Take a place : حلقة الفجر" in page


def test_arabic_reader_finds_names_weekdays_and_dates_in_arabic(db: None, sign_in: SignIn) -> None:
    halaka = make_circle()

    response = sign_in(make_student(locale="ar", timezone="Asia/Riyadh")).get(path_of(halaka))

    page = words(response)
    assert attributes(response, "html")[0]["dir"] == "rtl"
    assert "حلقة الفجر" in page
    assert "الأحد والثلاثاء" in page


def test_teacher_sees_what_they_teach_and_admin_all(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    own, foreign = make_circle(teacher=teacher), make_circle(title="Nahw")

    seen = links(sign_in(teacher).get("/halakat/"))
    seen_by_admin = links(sign_in(make_admin()).get("/halakat/"))

    assert [path_of(halaka) in seen for halaka in (own, foreign)] == [True, False]
    assert [path_of(halaka) in seen_by_admin for halaka in (own, foreign)] == [True, True]


@pytest.mark.parametrize("make", [make_student, make_teacher, make_admin], ids=["student", "teacher", "admin"])
def test_empty_list_teaches(db: None, sign_in: SignIn, make: Any) -> None:
    assert "No circles yet" in words(sign_in(make()).get("/halakat/"))


def test_search_finds_by_name_and_teacher(db: None, sign_in: SignIn) -> None:
    named, taught = make_circle(title="Tajwid"), make_circle(teacher=make_teacher(last_name="Zahrani"), title="Nahw")
    browser = sign_in(make_student())

    assert path_of(named) in links(browser.get("/halakat/?q=tajw"))
    assert path_of(taught) in links(browser.get("/halakat/?q=zahr"))
    assert "No circle found" in words(browser.get("/halakat/?q=xyz"))


def test_student_takes_a_place_and_gives_it_up(db: None, sign_in: SignIn) -> None:
    halaka, student = make_circle(capacity=1), make_student()
    browser = sign_in(student)

    joined = words(browser.post(path_of(halaka, "join"), follow=True))
    is_member = Membership.objects.filter(group=halaka.group, user=student).exists()
    browser.post(path_of(halaka, "leave"))

    assert "The place is taken. The next session is below and in the week." in joined
    assert (is_member, Membership.objects.filter(group=halaka.group).exists()) == (True, False)


def test_student_waits_for_a_place_in_a_full_circle_and_moves_up(db: None, sign_in: SignIn) -> None:
    halaka, first, second = make_circle(capacity=1), make_student(), make_student()
    join_halaka(halaka_id=halaka.pk, student=first)

    offered = words(sign_in(second).get(path_of(halaka)))
    waits = words(sign_in(second).post(path_of(halaka, "join"), follow=True))
    sign_in(first).post(path_of(halaka, "leave"))

    assert "All places are taken" in offered
    assert "Number 1 on the waiting list." in waits
    assert [user.pk for user in halaka.group.members.all()] == [second.pk]


def test_who_is_not_in_it_finds_no_way_into_the_room(db: None, sign_in: SignIn) -> None:
    halaka, member = make_circle(), make_student()
    meeting = on_zoom(halaka.parts.get().meeting)
    join_halaka(halaka_id=halaka.pk, student=member)

    inside = sign_in(member).get(path_of(halaka))
    outside = sign_in(make_student()).get(path_of(halaka))

    assert f"/meetings/{meeting.pk}/join" in links(inside)
    assert not [link for link in links(outside) if link.startswith("/meetings/")]


def test_only_the_teacher_reads_who_is_in_it(db: None, sign_in: SignIn) -> None:
    teacher, member, friend = make_teacher(), make_student(), make_student()
    halaka = make_circle(teacher=teacher)
    for student in (member, friend):
        join_halaka(halaka_id=halaka.pk, student=student)

    assert friend.email in words(sign_in(teacher).get(path_of(halaka)))
    assert friend.email not in words(sign_in(member).get(path_of(halaka)))


def test_plan_is_shown_as_one_types_and_saves_nothing(db: None, sign_in: SignIn) -> None:
    response = sign_in(make_teacher()).post("/halakat/new", typed(), headers=HTMX)

    assert "8 new sessions." in words(response)
    assert not Halaka.objects.exists()


def test_plan_is_punctuated_as_its_reader_writes(db: None, sign_in: SignIn) -> None:
    response = sign_in(make_teacher(locale="ar")).post("/halakat/new", typed(), headers=HTMX)

    assert "8 حصص جديدة." in words(response)


def test_plan_says_what_becomes_of_days_that_are_over(db: None, sign_in: SignIn) -> None:
    first, this = next_sunday() - timedelta(days=28), next_sunday() - timedelta(days=14)
    days = {"start_date": first.isoformat(), "weekdays": ["6"], "except_dates": f"{first}, {this}"}

    page = words(sign_in(make_teacher()).post("/halakat/new", typed(**days), headers=HTMX))

    assert "5 new sessions" in page
    assert "1 more session is over already; it is listed, and nobody’s attendance is known of it." in page


def test_plan_names_each_clash_on_the_clock_of_the_circle(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher(timezone="Europe/Lisbon")
    busy = datetime.combine(next_sunday(), time(16, 30), tzinfo=UTC)
    make_meeting(teacher=teacher, title="Geometry", starts_at=busy, rule="")
    browser = sign_in(teacher)

    shown = words(browser.post("/halakat/new", typed(), headers=HTMX))
    refused = browser.post("/halakat/new", typed())

    assert "8 new sessions; 1 clash." in shown
    assert "Taken by \u2068Geometry\u2069, \u206819:30–\u206020:30\u2069" in shown
    assert refused.status_code == 400
    assert not Halaka.objects.exists()


def test_clash_is_left_out_with_one_button(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    busy = datetime.combine(next_sunday(), time(16, 30), tzinfo=UTC)
    make_meeting(teacher=teacher, title="Geometry", starts_at=busy, rule="")
    browser = sign_in(teacher)
    offered = attributes(browser.post("/halakat/new", typed(), headers=HTMX), "button")
    day = next(given["value"] for given in offered if given.get("name") == "leave_out")

    shown = browser.post("/halakat/new", typed(leave_out=day))
    browser.post("/halakat/new", typed(except_dates=day))

    assert day == next_sunday().isoformat()
    assert "7 new sessions" in words(shown)
    assert day in words(shown)
    assert Halaka.objects.get().except_dates == [next_sunday()]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", 0),
        ("2027-03-18", 1),
        ("2027-03-18 to 2027-03-22, 2027-3-20", 5),
        ("2027-03-18 إلى 2027-03-19، 2027-04-01", 3),
    ],
    ids=["none", "one", "range", "arabic"],
)
def test_days_without_an_occurrence_are_read(text: str, days: int) -> None:
    assert len(DatesField().clean(text)) == days


def test_days_without_a_session_come_back_as_ranges() -> None:
    typed_first = "2027-03-30, 2027-03-18 to 2027-03-22 2027-04-01 until 2027-04-02"

    shown = DatesField().prepare_value(DatesField().clean(typed_first))

    assert shown == "2027-03-18 – 2027-03-22, 2027-03-30, 2027-04-01 – 2027-04-02"
    assert DatesField().clean(shown) == DatesField().clean(typed_first)


def test_change_of_a_circle_begins_with_its_holidays_as_ranges(db: None, sign_in: SignIn) -> None:
    away = tuple(next_sunday() + timedelta(days=number) for number in range(7))
    halaka = make_circle(excluded=away)

    page = sign_in(halaka.teacher).get(path_of(halaka, "edit"))

    assert f"{away[0]} – {away[-1]}" in words(page)
    assert str(away[1]) not in words(page)


@pytest.mark.parametrize("text", ["soon", "2027-02-30", "0001-01-01", "2027-03-20 to 2027-03-18"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        DatesField().clean(text)


def test_long_circle_says_how_many_zoom_meetings_it_is(db: None, sign_in: SignIn) -> None:
    end = next_sunday() + timedelta(days=539)
    sent = typed(frequency="daily", weekdays=["0", "1", "2", "3", "6"], end_date=end.isoformat())

    page = words(sign_in(make_teacher()).post("/halakat/new", sent, headers=HTMX))

    assert "386 new sessions." in page
    assert "there are 8 meetings, one after another." in page


def test_unfinished_typing_is_no_error_in_the_plan(db: None, sign_in: SignIn) -> None:
    response = sign_in(make_teacher()).post("/halakat/new", typed(end_date=""), headers=HTMX)

    assert response.status_code == 200
    assert "Fill in the days and times" in words(response)


def test_plan_of_a_circle_that_nobody_teaches_yet_asks_for_its_teacher(db: None, sign_in: SignIn) -> None:
    teachers, browser = [make_teacher(), make_teacher()], sign_in(make_admin())

    before = browser.post("/halakat/new", typed(teacher=""), headers=HTMX)
    after = browser.post("/halakat/new", typed(teacher=str(teachers[0].pk)), headers=HTMX)

    assert "Choose who teaches and fill in the days and times" in words(before)
    assert "8 new sessions" in words(after)


def test_teacher_opens_a_circle(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()

    response = sign_in(teacher).post("/halakat/new", typed(capacity="12"), follow=True)

    halaka = Halaka.objects.get()
    starts = [row.starts_at for row in circle_occurrences(halaka)]
    assert (halaka.teacher, halaka.group.capacity, len(starts)) == (teacher, 12, 8)
    assert starts[0] == datetime.combine(next_sunday(), time(16), tzinfo=UTC)
    assert "Saved. Zoom follows." in words(response)


def test_preview_without_script_keeps_what_was_typed(db: None, sign_in: SignIn) -> None:
    response = sign_in(make_teacher()).post("/halakat/new", typed(preview="1"))

    kept = {given.get("name"): given.get("value") for given in attributes(response, "input")}
    assert "8 new sessions." in words(response)
    assert (response.status_code, kept["title"]) == (200, "حلقة الفجر")


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"weekdays": []},
        {"end_date": "2020-01-01"},
        {"start_time": "25:00"},
        {"frequency": "monthly"},
        {"timezone": "Mars/Olympus"},
        {"capacity": "0"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_circle_is_refused_and_kept(db: None, sign_in: SignIn, wrong: dict[str, Any]) -> None:
    response = sign_in(make_teacher()).post("/halakat/new", typed(**wrong))

    assert response.status_code == 400
    assert "errorlist" in response.content.decode()
    assert not Halaka.objects.exists()


def test_admin_without_teachers_is_told_to_invite_one(db: None, sign_in: SignIn) -> None:
    browser = sign_in(make_admin())

    before = browser.get("/halakat/new")
    make_teacher()
    after = browser.get("/halakat/new")

    assert "Nobody teaches here yet. Invite a teacher first" in words(before)
    assert "/people/invite" in links(before)
    assert "Nobody teaches here yet" not in words(after)


def test_admin_opens_a_circle_for_a_teacher(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()

    sign_in(make_admin()).post("/halakat/new", typed(teacher=str(teacher.pk)))

    assert Halaka.objects.get().teacher == teacher


def test_change_says_what_it_moves_before_it_moves_it(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    halaka = make_circle(teacher=teacher)
    browser = sign_in(teacher)
    sent = typed(start_time="20:00", valid_from="")

    shown = words(browser.post(path_of(halaka, "edit"), sent, headers=HTMX))
    before = [row.starts_at for row in circle_occurrences(halaka)]
    done = words(browser.post(path_of(halaka, "edit"), sent, follow=True))

    assert "8 sessions moved." in shown
    assert before[0].hour == 16
    assert [row.starts_at.hour for row in circle_occurrences(halaka)] == [17] * 8
    assert "8 sessions moved." in done


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "No session changes."),
        ({"weekdays": ["1", "3", "6"]}, "4 new sessions."),
        ({"weekdays": ["6"]}, "4 sessions removed."),
        ({"start_time": "19:30"}, "8 sessions moved."),
    ],
    ids=["nothing", "a-day-more", "a-day-less", "half-an-hour-later"],
)
def test_change_counts_against_what_is(db: None, sign_in: SignIn, changes: dict[str, Any], said: str) -> None:
    teacher = make_teacher()
    halaka = make_circle(teacher=teacher)

    page = words(sign_in(teacher).post(path_of(halaka, "edit"), typed(**changes), headers=HTMX))

    assert said in page


def test_one_occurrence_is_moved_and_held_by_somebody_else(db: None, sign_in: SignIn) -> None:
    teacher, substitute = make_teacher(), make_teacher(first_name="Salma", last_name="Idrissi")
    halaka = make_circle(teacher=teacher)
    day = next_sunday() + timedelta(days=1)
    sent = {"day": day.isoformat(), "start": "10:00", "minutes": "45", "teacher": str(substitute.pk)}

    response = sign_in(teacher).post(first_occurrence_path(halaka), sent, follow=True)

    moved, *others = circle_occurrences(halaka)
    assert (moved.starts_at, moved.substitute) == (datetime.combine(day, time(7), tzinfo=UTC), substitute)
    assert moved.ends_at - moved.starts_at == timedelta(minutes=45)
    assert {row.starts_at.hour for row in others} == {16}
    assert "Salma Idrissi holds it" in words(response)


def test_substitute_who_is_busy_is_refused_by_name(db: None, sign_in: SignIn) -> None:
    teacher, busy = make_teacher(), make_teacher(first_name="Salma", last_name="Idrissi")
    halaka = make_circle(teacher=teacher)
    start = circle_occurrences(halaka)[0].starts_at
    make_meeting(teacher=busy, starts_at=start, rule="")
    sent = {"day": next_sunday().isoformat(), "start": "19:00", "minutes": "60", "teacher": str(busy.pk)}

    response = sign_in(teacher).post(first_occurrence_path(halaka), sent)

    assert response.status_code == 400
    assert "Salma Idrissi already has something at that time." in words(response)


def test_one_occurrence_is_cancelled_with_its_reason(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    halaka = make_circle(teacher=teacher)

    response = sign_in(teacher).post(first_occurrence_path(halaka) + "cancel", {"reason": "عيد"}, follow=True)

    assert [row.is_cancelled for row in circle_occurrences(halaka)] == [True] + [False] * 7
    assert "Cancelled: عيد" in words(response)


def test_long_circle_is_listed_whole_and_counts_no_day_that_is_left_out(db: None, sign_in: SignIn) -> None:
    first = next_sunday()
    left_out = first + timedelta(weeks=1)
    halaka = make_circle(weekdays=(0, 1, 2, 3, 4, 5, 6), end_date=first + timedelta(days=69), excluded=(left_out,))
    client = sign_in(halaka.teacher)

    page = words(client.get(path_of(halaka)))
    whole = client.get(path_of(halaka), {"sessions": "all"})

    assert Meeting.objects.filter(halaka_part__halaka=halaka).count() > 1
    assert "The next 9 of 69." in page
    assert [occurrence.id for occurrence, _substitute in whole.context["coming"]] == [
        row.pk for row in circle_occurrences(halaka)
    ]
    assert len(whole.context["coming"]) == 70


def test_next_session_is_named_when_all_that_are_listed_before_it_were_cancelled(db: None, sign_in: SignIn) -> None:
    first = next_sunday()
    away = tuple(first + timedelta(days=number) for number in range(20))
    halaka = make_circle(weekdays=(0, 1, 2, 3, 4, 5, 6), excluded=away)

    response = sign_in(make_student()).get(path_of(halaka))

    assert response.context["next"].id == circle_occurrences(halaka)[20].pk
    assert "8 later sessions are held." in words(response)


def test_circle_and_each_of_its_sessions_go_into_a_students_own_calendar(db: None, sign_in: SignIn) -> None:
    halaka, student = make_circle(), make_student()
    join_halaka(halaka_id=halaka.pk, student=student)
    first, second, *later = circle_occurrences(halaka)
    cancel_occurrence(occurrence_id=second.pk, reason="Rain", now=datetime.now(UTC))
    browser = sign_in(student)

    offered = [link for link in links(browser.get(path_of(halaka))) if link.endswith("classbell.ics")]
    whole = by_icalendar(browser.get(f"/groups/{halaka.group_id}/classbell.ics").content.decode())

    assert offered[0] == f"/groups/{halaka.group_id}/classbell.ics"
    assert [link.split("/")[-2] for link in offered[1:]] == [str(row.pk) for row in (first, *later)]
    assert sorted(one.starts_at for one in whole) == [row.starts_at for row in (first, *later)]
    (single,) = by_icalendar(browser.get(offered[1]).content.decode())
    assert single.starts_at == first.starts_at


def test_who_is_not_in_a_circle_is_offered_nothing_for_their_calendar(db: None, sign_in: SignIn) -> None:
    halaka, browser = make_circle(), sign_in(make_student())

    assert not [link for link in links(browser.get(path_of(halaka))) if link.endswith("classbell.ics")]
    assert browser.get(f"/groups/{halaka.group_id}/classbell.ics").status_code == 404


def test_moved_session_keeps_its_name_in_calendars(db: None, sign_in: SignIn) -> None:
    halaka = make_circle()
    browser = sign_in(halaka.teacher)
    before = browser.get(f"/groups/{halaka.group_id}/classbell.ics").content
    change_halaka(halaka_id=halaka.pk, schedule={"start_time": time(20)}, now=datetime.now(UTC))

    after = browser.get(f"/groups/{halaka.group_id}/classbell.ics").content

    assert re.findall(b"UID:.*", after) == re.findall(b"UID:.*", before)
    assert re.findall(b"DTSTART.*", after) != re.findall(b"DTSTART.*", before)


def test_occurrence_of_another_circle_is_not_there(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    own, foreign = make_circle(teacher=teacher), make_circle()
    path = path_of(own, "occurrences", str(circle_occurrences(foreign)[0].pk), "")

    assert sign_in(teacher).get(path).status_code == 404
    assert sign_in(teacher).post(path + "cancel").status_code == 404


def test_teacher_adds_and_takes_out_people(db: None, sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    halaka = make_circle(teacher=teacher)
    browser = sign_in(teacher)

    browser.post(path_of(halaka, "people"), {"text": student.email, "add": "1"})
    inside = list(halaka.group.members.all())
    browser.post(path_of(halaka, "people", str(student.pk), "remove"))

    assert (inside, list(halaka.group.members.all())) == ([student], [])


def test_emptied_capacity_lets_everybody_in_who_waits(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    halaka = make_circle(teacher=teacher, capacity=1)
    for student in (make_student(), make_student()):
        join_halaka(halaka_id=halaka.pk, student=student)

    saved = sign_in(teacher).post(path_of(halaka, "edit"), typed(capacity=""))

    halaka.group.refresh_from_db()
    assert saved.status_code == 302
    assert (halaka.group.capacity, halaka.group.members.count(), halaka.group.waiting.count()) == (None, 2, 0)


def test_taking_somebody_out_of_a_circle_is_undone_while_their_place_is_free(db: None, sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    halaka = make_circle(teacher=teacher, capacity=1)
    join_halaka(halaka_id=halaka.pk, student=student)
    joined_at = halaka.group.memberships.get().created_at
    browser = sign_in(teacher)

    taken_out = browser.post(path_of(halaka, "people", str(student.pk), "remove"), follow=True)
    undone = browser.post(undo_of(taken_out), follow=True)

    assert f"{student.name} is in it again, as before." in words(undone)
    assert halaka.group.memberships.get().created_at == joined_at


def test_undo_puts_somebody_on_the_waiting_list_whose_place_was_given_away(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    student, next_one, another = make_student(), make_student(), make_student()
    halaka = make_circle(teacher=teacher, capacity=1)
    for person in (student, next_one, another):
        join_halaka(halaka_id=halaka.pk, student=person)
    browser = sign_in(teacher)

    taken_out = browser.post(path_of(halaka, "people", str(student.pk), "remove"), follow=True)
    undone = browser.post(undo_of(taken_out), follow=True)

    assert f"The place has gone to whoever waited for it. {student.name} is on the waiting list." in words(undone)
    assert list(halaka.group.members.all()) == [next_one]
    assert [row.student for row in halaka.group.waiting.all()] == [student, another]


def test_ending_a_circle_cancels_as_many_sessions_as_it_said(db: None) -> None:
    halaka = make_circle()
    rows = circle_occurrences(halaka)
    while_the_first_runs = rows[0].starts_at + timedelta(minutes=1)

    said = CIRCLE.cancellation(halaka.pk, now=while_the_first_runs).coming
    CIRCLE.end(halaka.pk, now=while_the_first_runs)

    still_held = Occurrence.objects.taking_place().filter(pk__in=[row.pk for row in rows[1:]])
    assert said == len(rows) - 1
    assert not still_held.exists()


def test_ended_circle_is_opened_again_and_its_schedule_planned_anew(db: None, sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    halaka = make_circle(teacher=teacher)
    join_halaka(halaka_id=halaka.pk, student=student)
    browser = sign_in(teacher)
    browser.post(path_of(halaka, "end"))
    offered = words(browser.get(path_of(halaka)))

    opened = browser.post(path_of(halaka, "reopen"), follow=True)
    before = Meeting.objects.filter(wanted=True).exists()
    saved = browser.post(path_of(halaka, "edit"), typed(), follow=True)

    assert "Open it again" in offered
    assert "Cancelled meetings stay cancelled; plan new ones." in words(opened)
    assert "8 new sessions" in words(saved)
    assert (before, list(halaka.group.members.all())) == (False, [student])
    (again,) = Meeting.objects.filter(wanted=True)
    assert again.occurrences.count() == 8
    assert Meeting.objects.filter(wanted=False).count() == 1


def test_reason_of_the_program_is_told_in_the_language_of_its_reader(db: None, sign_in: SignIn) -> None:
    halaka = make_circle()

    sign_in(make_admin(locale="ar")).post(path_of(halaka, "end"))

    (kept,) = set(
        Occurrence.objects.filter(meeting__halaka_part__halaka=halaka).values_list("cancellation_reason", flat=True)
    )
    said = []
    for language in ("en", "ar"):
        with translation.override(language):
            said += [reasons.told(kept), reasons.told("Ill")]
    assert said == ["The circle was ended.", "Ill", "أُنهيت الحلقة.", "Ill"]


def test_ended_circle_is_kept_with_its_records(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()
    halaka = make_circle(teacher=teacher)
    browser = sign_in(teacher)

    asked = words(browser.get(path_of(halaka, "end")))
    browser.post(path_of(halaka, "end"))

    assert "8 coming sessions are cancelled, at Zoom too." in asked
    assert not Meeting.objects.filter(wanted=True).exists()
    assert path_of(halaka) not in links(browser.get("/halakat/"))
    assert path_of(halaka) in links(browser.get("/halakat/?show=ended"))


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_any_number(
    db: None, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    student = make_student()
    for _number in range(count):
        join_halaka(halaka_id=make_circle().pk, student=student)
    browser = sign_in(student)

    with django_assert_num_queries(LIST_QUERIES):
        browser.get("/halakat/")


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_the_same_queries_for_any_number(
    db: None, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    teacher = make_teacher()
    halaka = make_circle(teacher=teacher, capacity=count)
    for _number in range(2 * count):
        join_halaka(halaka_id=halaka.pk, student=make_student())
    browser = sign_in(teacher)

    with django_assert_num_queries(PAGE_QUERIES):
        browser.get(path_of(halaka))


def held(halaka: Halaka, *came: User) -> None:
    """Let the first session of a circle be a week ago, with its teacher and these people in it, and judged."""
    occurrence = circle_occurrences(halaka)[0]
    occurrence.starts_at, occurrence.ends_at = (
        moment - timedelta(days=28) for moment in (occurrence.starts_at, occurrence.ends_at)
    )
    occurrence.actual_starts_at, occurrence.actual_ends_at = occurrence.starts_at, occurrence.ends_at
    occurrence.status = "ended"
    occurrence.save()
    for person in (halaka.teacher, *came):
        make_stay(occurrence, person, 0, 60)
    record_attendance(occurrence_id=occurrence.pk, now=occurrence.ends_at)


def test_circle_shows_how_it_was_attended_its_rules_and_its_report(db: None, sign_in: SignIn) -> None:
    came, missed = make_student(first_name="Layla", last_name="Ali"), make_student(first_name="Omar", last_name="Zayd")
    halaka = make_circle()
    for student in (came, missed):
        join_halaka(halaka_id=halaka.pk, student=student)
    held(halaka, came)

    page = sign_in(halaka.teacher).get(path_of(halaka))
    own = sign_in(came).get(path_of(halaka))

    assert [(row.person, row.came, row.known) for row in page.context["attendance"].grid.rows] == [
        (came, 1, 1),
        (missed, 0, 1),
    ]
    assert [row.person for row in own.context["attendance"].grid.rows] == [came]
    assert f"/reports/?class={halaka.group_id}" in links(page)
    assert f"/attendance/policies/classes/{halaka.group_id}" in links(page)
    assert not [link for link in links(own) if "policies" in (link or "")]


def test_its_meetings_are_listed_as_a_circles(db: None, sign_in: SignIn) -> None:
    halaka = make_circle()

    listed = words(sign_in(halaka.teacher).get("/meetings/"))

    assert f"{halaka.teacher.name} · Circle" in listed


def test_circle_has_rules_of_its_own(db: None, sign_in: SignIn) -> None:
    halaka = make_circle()
    browser = sign_in(halaka.teacher)

    page = browser.get(f"/attendance/policies/classes/{halaka.group_id}")

    assert page.status_code == 200
    assert path_of(halaka) in links(page)
    assert sign_in(make_teacher()).get(f"/attendance/policies/classes/{halaka.group_id}").status_code == 404


def test_admin_gives_a_circle_to_another_teacher_for_good(db: None, sign_in: SignIn) -> None:
    halaka, other = make_circle(), make_teacher()
    kept = circle_occurrences(halaka)[2]
    let_substitute(occurrence_id=kept.pk, teacher=make_teacher(first_name="Guest"), now=datetime.now(UTC))

    browser, sent = sign_in(make_admin()), typed(teacher=str(other.pk))

    before = browser.post(path_of(halaka, "edit"), sent, headers=HTMX)
    said = browser.post(path_of(halaka, "edit"), sent, follow=True)

    halaka.refresh_from_db()
    for page in (before, said):
        assert f"\u2068{other.name}\u2069 takes over 7 coming sessions." in words(page)
        assert "No session changes" not in words(page)
    assert (halaka.teacher, list(halaka.group.teachers.all())) == (other, [other])
    assert {row.teacher_id for row in circle_occurrences(halaka) if row.pk != kept.pk} == {other.pk}
    assert circle_occurrences(halaka)[2].substitute is not None


def test_teacher_who_has_something_at_that_time_is_not_given_a_circle(db: None, sign_in: SignIn) -> None:
    halaka, busy = make_circle(), make_teacher()
    make_circle(teacher=busy, title="Other")

    page = sign_in(make_admin()).post(path_of(halaka, "edit"), typed(teacher=str(busy.pk)))

    halaka.refresh_from_db()
    assert (page.status_code, halaka.teacher != busy) == (400, True)


def test_teachers_keep_their_circles(db: None, sign_in: SignIn) -> None:
    halaka, other = make_circle(), make_teacher()

    sign_in(halaka.teacher).post(path_of(halaka, "edit"), typed(teacher=str(other.pk)))

    halaka.refresh_from_db()
    assert halaka.teacher != other


def test_cancelled_session_is_held_again_while_nobody_has_taken_its_time(db: None, sign_in: SignIn) -> None:
    halaka = make_circle()
    browser, first = sign_in(halaka.teacher), first_occurrence_path(halaka)
    before = circle_occurrences(halaka)[0]

    cancelled = browser.post(first + "cancel", {"reason": "Ill"}, follow=True)
    in_between = circle_occurrences(halaka)[0].status
    back = undo_of(cancelled)
    browser.post(back)
    after = circle_occurrences(halaka)[0]

    assert (in_between, after.status, after.cancellation_reason) == ("cancelled", "scheduled", "")
    assert (after.starts_at, after.is_exception) == (before.starts_at, False)
    assert Claim.objects.filter(occurrence=after, kind=ClaimKind.TEACHER).count() == 1
    assert sign_in(make_teacher()).post(back).status_code == 404


def test_cancelled_session_stays_so_when_its_teacher_has_something_else_by_now(db: None, sign_in: SignIn) -> None:
    halaka = make_circle()
    browser, first = sign_in(halaka.teacher), circle_occurrences(halaka)[0]
    back = undo_of(browser.post(first_occurrence_path(halaka) + "cancel", follow=True))
    make_meeting(teacher=halaka.teacher, starts_at=first.starts_at, rule="")

    page = browser.post(back, follow=True)

    assert circle_occurrences(halaka)[0].status == "cancelled"
    assert "held after all" not in words(page)
