"""Meetings changed on pages: planned for invited people, edited, cancelled; one session moved, lent, cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.meetings.models import Audience, Meeting, Occurrence, OccurrenceStatus, Registrant
from classbell.notices.models import Notice
from tests.factories import make_student, make_teacher
from tests.factories_bookings import a_day_ahead
from tests.web.conftest import School, SignIn, make_meeting, make_running_meeting, on_zoom
from tests.web.html import attributes, links, words

EDIT_QUERIES = 8
WHO = ("member", "stranger", "teacher", "other_teacher", "admin")


def typed(**changes: Any) -> dict[str, Any]:
    """Return a single meeting of invited people a week ahead, as the form sends it."""
    day = datetime.now(UTC).date() + timedelta(days=7)
    sent = {
        "title": "Parents' evening",
        "day": day.isoformat(),
        "start": "18:00",
        "minutes": "45",
        "repeats": "once",
        "audience": "invited",
    }
    return sent | changes


def as_it_is(meeting: Meeting, **changes: Any) -> dict[str, Any]:
    """Return the edit form of the school's weekly meeting as it stands, with changes on top."""
    first, last = meeting.occurrences.earliest("starts_at"), meeting.occurrences.latest("starts_at")
    sent = {
        "title": meeting.title,
        "day": first.starts_at.date().isoformat(),
        "start": "09:00",
        "minutes": "60",
        "repeats": "weekly",
        "weekdays": [str(first.starts_at.weekday())],
        "until": last.starts_at.date().isoformat(),
        "audience": meeting.audience,
    }
    return sent | changes


def occurrence_path(occurrence: Occurrence, *rest: str) -> str:
    """Return the address at which one session is changed."""
    return f"/meetings/{occurrence.meeting_id}/occurrences/{occurrence.pk}/{'/'.join(rest)}"


def test_meeting_is_planned_for_invited_people(school: School, sign_in: SignIn) -> None:
    guest = make_student()

    sign_in(school.teacher).post("/meetings/new", typed(invited=f"{guest.email}, {school.member.email}"))

    meeting = Meeting.objects.get(title="Parents' evening")
    assert (meeting.teacher, meeting.audience, meeting.duration_minutes) == (school.teacher, Audience.INVITED, 45)
    assert set(Registrant.objects.filter(meeting=meeting).values_list("user", flat=True)) == {
        guest.pk,
        school.member.pk,
    }
    assert sign_in(guest).get(f"/meetings/{meeting.pk}/").status_code == 200
    assert sign_in(school.stranger).get(f"/meetings/{meeting.pk}/").status_code == 404


def test_meeting_of_the_whole_school_is_open_to_everybody(school: School, sign_in: SignIn) -> None:
    sign_in(school.admin).post(
        "/meetings/new", typed(title="Assembly", audience="all", teacher=str(school.other_teacher.pk))
    )

    meeting = Meeting.objects.get(title="Assembly")
    assert meeting.teacher == school.other_teacher
    assert sign_in(school.stranger).get(f"/meetings/{meeting.pk}/").status_code == 200


def test_teacher_plans_for_themselves_only(school: School, sign_in: SignIn) -> None:
    sign_in(school.teacher).post("/meetings/new", typed(audience="all", teacher=str(school.other_teacher.pk)))

    assert Meeting.objects.get(title="Parents' evening").teacher == school.teacher


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"invited": ""}, "Invite at least one person"),
        ({"invited": "nobody@nowhere.example"}, "nobody@nowhere.example"),
        ({"audience": "all", "day": ""}, "This field is required"),
        ({"audience": "all", "repeats": "weekly"}, "Say until when"),
        ({"audience": "class"}, "Select a valid choice"),
    ],
    ids=["nobody invited", "unknown address", "no day", "no last day", "an audience it cannot have"],
)
def test_bad_meeting_is_refused_beside_its_field(
    school: School, sign_in: SignIn, wrong: dict[str, str], says: str
) -> None:
    page = sign_in(school.teacher).post("/meetings/new", typed(**wrong))

    assert page.status_code == 400
    assert says in words(page)
    assert "Parents' evening" in [given.get("value") for given in attributes(page, "input")]
    assert not Meeting.objects.filter(title="Parents' evening").exists()


def test_plan_is_shown_before_anybody_is_invited_and_saves_nothing(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.teacher).post(
        "/meetings/new", typed(invited=""), headers={"HX-Request": "true", "HX-Target": "plan"}
    )

    assert page.status_code == 200
    assert "1 session." in words(page)
    assert not Meeting.objects.filter(title="Parents' evening").exists()


def test_plan_without_a_last_day_is_shown_for_a_term_and_saved_for_none(school: School, sign_in: SignIn) -> None:
    open_ended = typed(repeats="weekly", until="")
    browser = sign_in(school.teacher)

    shown = browser.post("/meetings/new", open_ended, headers={"HX-Request": "true", "HX-Target": "plan"})
    saved = browser.post("/meetings/new", open_ended)

    assert "13 sessions" in words(shown)
    assert "No last day yet: this is what it makes until" in words(shown)
    assert saved.status_code == 400
    assert "Say until when." in words(saved)


def test_students_cannot_plan_meetings(school: School, sign_in: SignIn) -> None:
    assert sign_in(school.member).get("/meetings/new").status_code == 403


def test_edit_changes_words_and_times_and_keeps_the_rest(school: School, sign_in: SignIn) -> None:
    sent = as_it_is(school.meeting, title="Algebra II", start="10:30", registration="on")

    sign_in(school.teacher).post(f"/meetings/{school.meeting.pk}/edit", sent)

    school.meeting.refresh_from_db()
    assert (school.meeting.title, school.meeting.registration, school.meeting.audience) == (
        "Algebra II",
        True,
        Audience.CLASS,
    )
    assert {(one.starts_at.hour, one.starts_at.minute) for one in school.meeting.occurrences.all()} == {(10, 30)}
    assert school.meeting.occurrences.count() == 4


@pytest.mark.parametrize("weeks", [4, 12], ids=["a-month", "a-term"])
def test_edit_form_reads_the_plan_without_trying_it(
    school: School, sign_in: SignIn, django_assert_num_queries: Any, weeks: int
) -> None:
    meeting = make_meeting(
        teacher=school.teacher,
        group=None,
        title="Staff",
        starts_at=a_day_ahead(hour=15),
        rule=f"FREQ=WEEKLY;COUNT={weeks}",
    )
    browser = sign_in(school.teacher)

    with django_assert_num_queries(EDIT_QUERIES):
        page = browser.get(f"/meetings/{meeting.pk}/edit")

    assert f"{weeks} sessions." in words(page)


def test_edit_of_a_cancelled_meeting_says_so(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.teacher)
    browser.post(f"/meetings/{school.meeting.pk}/cancel", {"reason": "The hall is flooded"})

    page = browser.get(f"/meetings/{school.meeting.pk}/edit")

    assert "This meeting was cancelled; make a new one." in words(page)


def test_edit_without_a_change_asks_nothing_of_zoom(school: School, sign_in: SignIn) -> None:
    page = sign_in(school.teacher).post(f"/meetings/{school.meeting.pk}/edit", as_it_is(school.meeting), follow=True)

    revision = school.meeting.revision
    school.meeting.refresh_from_db()
    assert "Nothing was changed." in words(page)
    assert school.meeting.revision == revision


def test_edit_shows_what_is_in_the_way(school: School, sign_in: SignIn) -> None:
    first = school.meeting.occurrences.earliest("starts_at")
    make_meeting(
        teacher=school.teacher, group=None, title="Staff", starts_at=first.starts_at + timedelta(hours=3), rule=""
    )
    address, sent = f"/meetings/{school.meeting.pk}/edit", as_it_is(school.meeting, start="12:00")

    preview = sign_in(school.teacher).post(address, sent | {"preview": "1"})
    refused = sign_in(school.teacher).post(address, sent)

    assert "already has something at that time" in words(preview)
    assert "Staff" in words(preview)
    assert refused.status_code == 400
    assert school.meeting.occurrences.earliest("starts_at").starts_at == first.starts_at


def test_cancelled_meeting_says_why_and_stays_in_the_list(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.teacher)

    browser.post(f"/meetings/{school.meeting.pk}/cancel", {"reason": "The hall is flooded"})

    school.meeting.refresh_from_db()
    assert not school.meeting.wanted
    assert {one.cancellation_reason for one in school.meeting.occurrences.all()} == {"The hall is flooded"}
    assert f"/meetings/{school.meeting.pk}/" not in links(browser.get("/meetings/"))
    assert f"/meetings/{school.meeting.pk}/" in links(browser.get("/meetings/?show=cancelled"))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            OccurrenceStatus.LIVE,
            "Whoever is in the room stays until it ends and its attendance counts; nobody else comes in.",
        ),
        (OccurrenceStatus.SCHEDULED, "nobody has opened its room: nobody comes in any more."),
    ],
    ids=["open", "not opened"],
)
def test_calling_off_while_a_session_runs_says_what_becomes_of_it(
    school: School, sign_in: SignIn, status: OccurrenceStatus, said: str
) -> None:
    meeting = on_zoom(make_running_meeting(teacher=school.teacher, group=school.group))
    meeting.occurrences.update(status=status)
    browser, address = sign_in(school.teacher), f"/meetings/{meeting.pk}/cancel"

    asked = words(browser.get(address))
    browser.post(address, {"reason": "Fire alarm"})

    assert said in asked
    assert "No other session is coming." in asked
    assert meeting.occurrences.get().status == status
    assert sign_in(school.member).get(f"/meetings/{meeting.pk}/join").status_code == 404


def test_one_occurrence_is_moved_and_the_others_stay(school: School, sign_in: SignIn) -> None:
    first, second, *_rest = school.meeting.occurrences.order_by("starts_at")
    day = (first.starts_at + timedelta(days=1)).date()
    sent = {"day": day.isoformat(), "start": "15:00", "minutes": "30", "teacher": str(school.teacher.pk)}

    sign_in(school.teacher).post(occurrence_path(first), sent)

    moved = Occurrence.objects.get(pk=first.pk)
    assert (moved.starts_at.date(), moved.starts_at.hour) == (day, 15)
    assert moved.ends_at - moved.starts_at == timedelta(minutes=30)
    assert Occurrence.objects.get(pk=second.pk).starts_at == second.starts_at


def test_substitute_holds_one_occurrence_and_is_told(school: School, sign_in: SignIn) -> None:
    first = school.meeting.occurrences.earliest("starts_at")
    sent = {"day": first.starts_at.date().isoformat(), "start": "09:00", "minutes": "60"}

    sign_in(school.admin).post(occurrence_path(first), sent | {"teacher": str(school.other_teacher.pk)})

    assert Occurrence.objects.get(pk=first.pk).substitute == school.other_teacher
    assert Notice.objects.filter(user=school.other_teacher, facts__title__contains="Algebra").exists()


def test_one_occurrence_is_cancelled_with_its_reason(school: School, sign_in: SignIn) -> None:
    first = school.meeting.occurrences.earliest("starts_at")

    sign_in(school.teacher).post(occurrence_path(first, "cancel"), {"reason": "Holiday"})

    first.refresh_from_db()
    assert (first.is_cancelled, first.cancellation_reason) == (True, "Holiday")
    assert school.meeting.occurrences.taking_place().count() == 3


def test_occurrence_of_another_meeting_is_not_there(school: School, sign_in: SignIn) -> None:
    other = make_meeting(teacher=make_teacher(), starts_at=a_day_ahead(9)).occurrences.first()
    assert other is not None

    address = f"/meetings/{school.meeting.pk}/occurrences/{other.pk}/"

    assert sign_in(school.teacher).get(address).status_code == 404
    assert sign_in(school.teacher).post(f"{address}cancel").status_code == 404


def test_list_holds_what_one_may_see(school: School, sign_in: SignIn) -> None:
    address = f"/meetings/{school.meeting.pk}/"

    seen = {who: address in links(sign_in(school.person(who)).get("/meetings/")) for who in WHO}

    assert seen == {"member": True, "stranger": False, "teacher": True, "other_teacher": False, "admin": True}


def test_list_finds_by_the_name_of_the_class(school: School, sign_in: SignIn) -> None:
    make_meeting(teacher=school.other_teacher, title="Chemistry", group=None, audience=Audience.EVERYONE)

    found = links(sign_in(school.admin).get("/meetings/?q=alg"))

    assert [link for link in found if link.startswith("/meetings/") and len(link) > 40] == [
        f"/meetings/{school.meeting.pk}/"
    ]


@pytest.mark.parametrize(("who", "hears"), [("teacher", True), ("admin", True), ("member", False)])
def test_list_says_how_zoom_is_to_those_who_plan(school: School, sign_in: SignIn, who: str, hears: bool) -> None:
    page = words(sign_in(school.person(who)).get("/meetings/"))

    assert ("Zoom is not connected yet. Plan as usual; the links follow." in page) == hears
