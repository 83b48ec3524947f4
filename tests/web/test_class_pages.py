"""Classes on pages: who sees and changes what, people by e-mail and from a file, meetings planned."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from classbell.accounts.cards import Child, create_children
from classbell.accounts.models import User
from classbell.groups.models import Group, Membership
from classbell.groups.services import enrol_students
from classbell.meetings.models import Attendance, Meeting, Occurrence, OccurrenceStatus, SyncStatus
from classbell.meetings.occurrences import cancel_occurrence
from classbell.meetings.verdicts import AttendanceStatus
from tests.answers import Answer
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.tables.workbooks import workbook_of
from tests.web.conftest import School, SignIn, make_meeting, set_known
from tests.web.html import attributes, links, undo_of, words

LIST_QUERIES = 6
# One of them asks whose people are about to be shown.
PAGE_QUERIES = 14


def path_of(group: Group, *rest: str) -> str:
    """Return the address of a class, or of something about it."""
    return f"/classes/{group.pk}/{'/'.join(rest)}"


def next_monday() -> date:
    """Return a Monday two to three weeks from now."""
    day = datetime.now(UTC).date() + timedelta(days=14)
    return day + timedelta(days=-day.weekday() % 7)


def typed(**changes: Any) -> dict[str, Any]:
    """Return a meeting on Mondays and Wednesdays at two for two weeks, as a form sends it."""
    first = next_monday()
    sent = {
        "title": "Algebra",
        "day": first.isoformat(),
        "start": "14:00",
        "minutes": "60",
        "repeats": "weekly",
        "weekdays": ["0", "2"],
        "until": (first + timedelta(days=11)).isoformat(),
    }
    return sent | changes


def held(school: School, *, statuses: dict[str, AttendanceStatus]) -> Occurrence:
    """Record a session of a week ago with these people's attendance."""
    started = datetime.now(UTC).replace(microsecond=0) - timedelta(days=7)
    meeting = make_meeting(teacher=school.teacher, group=school.group, starts_at=started, rule="")
    occurrence = meeting.occurrences.get()
    occurrence.status = OccurrenceStatus.ENDED
    occurrence.save(update_fields=["status"])
    for name, status in statuses.items():
        Attendance.objects.create(occurrence=occurrence, user=getattr(school, name), computed_status=status)
    return occurrence


@pytest.mark.parametrize(
    ("who", "sees"),
    [("member", True), ("stranger", False), ("teacher", True), ("other_teacher", False), ("admin", True)],
)
def test_classes_list_what_is_ones_own(school: School, sign_in: SignIn, who: str, sees: bool) -> None:
    response = sign_in(school.person(who)).get("/classes/")

    assert (path_of(school.group) in links(response)) is sees


@pytest.mark.parametrize("rest", ["edit", "close", "reopen", "people", "meetings/new", "teachers"])
def test_members_cannot_post_changes(school: School, sign_in: SignIn, rest: str) -> None:
    assert sign_in(school.member).post(path_of(school.group, rest)).status_code == 403


def test_admin_finds_a_class_by_name_or_teacher(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher(first_name="Amina", last_name="Haddad")
    by_name, by_teacher, other = make_class(name="Tajwid"), make_class(teacher=teacher), make_class()
    browser = sign_in(make_admin())

    named, taught = links(browser.get("/classes/?q=tajw")), links(browser.get("/classes/?q=haddad"))

    assert [path_of(group) in named for group in (by_name, by_teacher, other)] == [True, False, False]
    assert [path_of(group) in taught for group in (by_name, by_teacher, other)] == [False, True, False]


@pytest.mark.parametrize("make", [make_student, make_teacher, make_admin], ids=["student", "teacher", "admin"])
def test_empty_list_teaches(db: None, sign_in: SignIn, make: Any) -> None:
    page = words(sign_in(make()).get("/classes/"))

    assert "No classes yet" in page


def test_class_page_says_what_is_next_and_offers_the_way_in(school: School, sign_in: SignIn) -> None:
    teacher, member = sign_in(school.teacher), sign_in(school.member)

    assert f"/meetings/{school.meeting.pk}/start" in links(teacher.get(path_of(school.group)))
    assert f"/meetings/{school.meeting.pk}/join" in links(member.get(path_of(school.group)))


def test_class_page_looks_again_while_zoom_is_at_work(school: School, sign_in: SignIn) -> None:
    browser, path = sign_in(school.teacher), path_of(school.group)
    ready = browser.get(path).content.decode()
    set_known(school.meeting, sync_status=SyncStatus.PENDING, zoom_meeting_id="", join_url="")

    at_work = browser.get(path).content.decode()

    assert ('hx-select="#next"' in ready, 'hx-select="#next"' in at_work) == (False, True)


def test_teacher_sees_every_mark_and_students_only_their_own(school: School, sign_in: SignIn) -> None:
    friend = make_student(first_name="Salma", last_name="Idrissi")
    Membership.objects.create(group=school.group, user=friend)
    occurrence = held(school, statuses={"member": AttendanceStatus.LATE})
    Attendance.objects.create(occurrence=occurrence, user=friend, computed_status=AttendanceStatus.ABSENT)

    teacher = words(sign_in(school.teacher).get(path_of(school.group)))
    member = words(sign_in(school.member).get(path_of(school.group)))

    assert "Salma Idrissi Absent 0 of 1" in teacher
    assert f"{school.member.name} Late 1 of 1" in teacher
    assert f"{school.member.name} Late 1 of 1" in member
    assert "Absent" not in member


def test_students_do_not_read_each_others_addresses(school: School, sign_in: SignIn) -> None:
    friend = make_student()
    Membership.objects.create(group=school.group, user=friend)

    member = words(sign_in(school.member).get(path_of(school.group)))
    teacher = words(sign_in(school.teacher).get(path_of(school.group)))

    assert (friend.email in member, friend.email in teacher) == (False, True)


def test_teacher_makes_a_class_of_their_own(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher(timezone="Asia/Riyadh")

    response = sign_in(teacher).post("/classes/new", {"name": "Nahw", "timezone": "Asia/Riyadh"}, follow=True)

    group = Group.objects.get(name="Nahw")
    assert list(group.teachers.all()) == [teacher]
    assert group.timezone == "Asia/Riyadh"
    assert "Nahw is there. Now say who is in it." in words(response)


def test_admin_makes_a_class_for_a_teacher(db: None, sign_in: SignIn) -> None:
    teacher = make_teacher()

    sign_in(make_admin()).post("/classes/new", {"name": "Nahw", "timezone": "UTC", "teacher": str(teacher.pk)})

    assert list(Group.objects.get(name="Nahw").teachers.all()) == [teacher]


def test_wrong_class_is_refused_beside_its_field_and_kept(db: None, sign_in: SignIn) -> None:
    response = sign_in(make_teacher()).post("/classes/new", {"name": "", "description": "Verbs", "timezone": "Mars/X"})

    assert response.status_code == 400
    assert "Verbs" in words(response)
    assert not Group.objects.exists()


def test_class_is_changed_and_keeps_its_meetings(school: School, sign_in: SignIn) -> None:
    sent = {"name": "Algebra II", "description": "Matrices", "timezone": "Europe/Lisbon"}

    sign_in(school.teacher).post(path_of(school.group, "edit"), sent)

    school.group.refresh_from_db()
    school.meeting.refresh_from_db()
    assert (school.group.name, school.group.description, school.group.timezone) == tuple(sent.values())
    assert (school.meeting.title, school.meeting.timezone) == ("Algebra", "UTC")


def test_admin_says_who_teaches(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)

    browser.post(path_of(school.group, "teachers"), {"teacher": str(school.other_teacher.pk)})
    both = set(school.group.teachers.all())
    page = words(browser.get(path_of(school.group, "edit")))
    browser.post(path_of(school.group, "teachers", str(school.teacher.pk), "remove"))

    assert "Who teaches it" in page
    assert school.other_teacher.name in page
    assert both == {school.teacher, school.other_teacher}
    assert list(school.group.teachers.all()) == [school.other_teacher]


def test_closing_cancels_what_is_coming_and_keeps_what_was(school: School, sign_in: SignIn) -> None:
    past = held(school, statuses={"member": AttendanceStatus.PRESENT})
    browser = sign_in(school.teacher)

    asked = words(browser.get(path_of(school.group, "close")))
    browser.post(path_of(school.group, "close"))

    school.meeting.refresh_from_db()
    past.refresh_from_db()
    assert "4 coming sessions are cancelled, at Zoom too." in asked
    assert (school.meeting.wanted, past.status) == (False, OccurrenceStatus.ENDED)
    assert path_of(school.group) not in links(browser.get("/classes/"))
    assert path_of(school.group) in links(browser.get("/classes/?show=archived"))


def test_closed_class_is_opened_again_and_what_was_cancelled_stays_so(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.teacher)
    browser.post(path_of(school.group, "close"))

    shown = words(browser.get(path_of(school.group)))
    opened = browser.post(path_of(school.group, "reopen"), follow=True)

    school.meeting.refresh_from_db()
    assert "Open it again" in shown
    assert "Algebra is taught again. Cancelled meetings stay cancelled; plan new ones." in words(opened)
    assert "Open it again" not in words(opened)
    assert school.meeting.wanted is False
    assert set(school.group.members.all()) == {school.member}
    assert path_of(school.group) in links(browser.get("/classes/"))


def test_closed_class_offers_its_students_nothing_to_open(school: School, sign_in: SignIn) -> None:
    sign_in(school.teacher).post(path_of(school.group, "close"))

    assert "Open it again" not in words(sign_in(school.member).get(path_of(school.group)))


def test_people_are_seen_with_names_and_then_added(school: School, sign_in: SignIn) -> None:
    known = make_student()
    browser, path = sign_in(school.teacher), path_of(school.group, "people")
    pasted = (
        f"مريم الزهراني\tnew@school.example\n\t{known.email.upper()}\n{school.member.name}\t{school.member.email}\n"
    )

    seen = browser.post(path, {"text": pasted})
    before = set(school.group.members.all())
    added = browser.post(path, {"text": carried(seen), "add": "1"}, follow=True)

    assert "2 students would be added 1 of them is new here and gets an account. 1 more is in it already." in words(
        seen
    )
    assert "مريم الزهراني new@school.example new" in words(seen)
    assert f"{known.name} {known.email} has one" in words(seen)
    assert before == {school.member}
    assert {user.email for user in school.group.members.all()} == {
        "new@school.example",
        known.email,
        school.member.email,
    }
    assert "2 people added. 1 was in it already." in words(added)


def carried(seen: Answer) -> str:
    """Return the list that a page hands on to the next step."""
    return handed_on(seen)["text"]


def handed_on(seen: Answer) -> dict[str, str]:
    """Return what a page hands on to the next step."""
    hidden = [given for given in attributes(seen, "input") if given.get("type") == "hidden"]
    return {given["name"] or "": given["value"] or "" for given in hidden}


def test_bad_lines_stay_in_the_box_with_their_reasons(school: School, sign_in: SignIn) -> None:
    teacher = make_teacher()
    text = f"email;name\nnew@school.example;New\nno-address;X\n{teacher.email};T\n"
    browser, path = sign_in(school.teacher), path_of(school.group, "people")

    seen = browser.post(path, {"file": SimpleUploadedFile("students.csv", text.encode("utf-16"))})
    done = browser.post(path, {"text": carried(seen), "add": "1"})
    mended = browser.post(path, {"text": f"email;name\nx@school.example;X\n{teacher.email};T\n", "add": "1"})

    assert "3 no-address;X “no-address” is no e-mail address." in words(seen)
    assert f"4 {teacher.email};T {teacher.email} is not a student." in words(seen)
    assert "1 person added. 2 lines were left out; they are in the box." in words(done)
    assert f"email;name no-address;X {teacher.email};T" in words(done)
    assert f"email;name {teacher.email};T" in words(mended)
    assert {user.first_name for user in school.group.members.all()} >= {"New", "X"}


def test_sheets_of_a_workbook_that_are_not_read_are_named_before_anything_happens(
    school: School, sign_in: SignIn
) -> None:
    browser, path = sign_in(school.teacher), path_of(school.group, "people")
    two = workbook_of({"Autumn": ["email", "a@school.example"], "Spring": ["email", "b@school.example"]})
    wrong = workbook_of({"About": ["name,email"], "Spring": ["email", "b@school.example"]})

    seen = browser.post(path, {"file": SimpleUploadedFile("students.xlsx", two)})
    refused = browser.post(path, {"file": SimpleUploadedFile("students.xlsx", wrong)})

    assert "Of the workbook only the sheet “Autumn” was read, not: Spring." in words(seen)
    assert "1 student would be added" in words(seen)
    assert "only the sheet “About” was read, not: Spring." in words(refused)


def test_names_without_an_address_come_in_by_cards_when_ticked(school: School, sign_in: SignIn) -> None:
    browser, path = sign_in(school.admin), path_of(school.group, "people")
    names = {"text": "الاسم\nنور علي\nسارة علي\n", "without_email": "on"}

    refused = browser.post(path, {"text": names["text"]})
    seen = browser.post(path, names)
    browser.post(path, handed_on(seen) | {"add": "1"})
    cards = words(browser.get(f"/people/invite/links?group={school.group.pk}"))

    assert refused.status_code == 400
    assert "نور علي none: comes in by a card new" in words(seen)
    assert {"نور علي", "سارة علي"} <= {user.name for user in school.group.members.all()}
    assert "This card is the key: keep it." in cards
    assert "2 students have no e-mail address and come in by their cards" in cards
    assert "chosen a password" not in cards
    assert "no-address.invalid" not in words(browser.get(path_of(school.group))) + cards + words(
        browser.get("/people/")
    )


def test_rows_that_only_lack_an_address_of_their_own_are_offered_cards(school: School, sign_in: SignIn) -> None:
    browser, path = sign_in(school.admin), path_of(school.group, "people")
    siblings = "Nur Ali\tmother@home.example\nSara Ali\tmother@home.example\nZayd Omar\nBad\tnot@@home.example\n"

    seen = browser.post(path, {"text": f"Student\tMother's e-mail\n{siblings}"})
    more = browser.post(path, handed_on(seen) | {"without_email": "on"})
    browser.post(path, handed_on(more) | {"add": "1"})

    assert "1 student would be added" in words(seen)
    assert "2 of these rows have names, but no addresses of their own." in words(seen)
    assert "3 students would be added" in words(more)
    assert "no addresses of their own" not in words(more)
    added = {user.name: user.has_address for user in school.group.members.exclude(pk=school.member.pk)}
    assert added == {"Nur Ali": False, "Sara Ali": False, "Zayd Omar": False}


def test_child_who_may_be_here_already_is_asked_about_and_the_answer_counts(school: School, sign_in: SignIn) -> None:
    browser, path = sign_in(school.admin), path_of(school.group, "people")
    (nour,) = create_children([Child(first_name="نور", last_name="علي", contact="", timezone="UTC")])
    enrol_students(group_id=make_class(name="Tajweed").pk, students=[nour])
    names = {"text": "الاسم\nنور علي\nسارة علي\n", "without_email": "on"}

    seen = browser.post(path, names)
    given = {field["name"]: field["value"] for field in attributes(seen, "input") if field.get("type") == "hidden"}
    unanswered = browser.post(path, given | {"add": "1"})
    was_left_out = nour not in school.group.members.all()
    strange = browser.post(
        path, given | {"add": "1", "same-2": str(school.other_teacher.pk), f"same-{'9' * 500}": "new"}
    )
    browser.post(path, given | {"add": "1", "same-2": str(nour.pk)})
    is_found = nour in school.group.members.all()
    again = browser.post(path_of(make_class(name="New one"), "people"), names | {"add": "1", "same-2": "new"})

    assert "Is نور علي a student you have already? Yes: نور علي of Tajweed No, somebody new" in words(seen)
    assert was_left_out
    assert "A student of this name is here already." in words(unanswered)
    assert "A student of this name is here already." in words(strange)
    assert is_found
    assert again.status_code == 200
    assert [user.name for user in User.objects.filter(last_name="علي")].count("نور علي") == 2


def test_who_is_no_longer_in_the_list_is_named_and_leaves_only_when_ticked(school: School, sign_in: SignIn) -> None:
    known = make_student()
    browser, path = sign_in(school.teacher), path_of(school.group, "people")

    seen = browser.post(path, {"text": known.email})
    browser.post(path, {"text": known.email, "add": "1"})
    stayed = set(school.group.members.all())
    out = browser.post(path, {"text": known.email, "add": "1", "take_out": [str(school.member.pk), "x"]}, follow=True)

    assert "1 student is in it and not in this list" in words(seen)
    assert stayed == {school.member, known}
    assert set(school.group.members.all()) == {known}
    assert "0 people added. 1 was in it already. 1 taken out." in words(out)


def test_list_that_is_too_large_is_refused_while_it_comes(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classbell.tables.limits.LARGEST_FILE", 1000)
    file = SimpleUploadedFile("students.csv", b"email\n" + b"a@school.example\n" * 100)

    refused = sign_in(school.teacher).post(path_of(school.group, "people"), {"file": file})

    assert refused.status_code == 413
    assert "Nothing was changed." in words(refused)


def test_somebody_is_taken_out_twice_without_harm(school: School, sign_in: SignIn) -> None:
    path = path_of(school.group, "people", str(school.member.pk), "remove")
    browser = sign_in(school.teacher)

    browser.post(path)
    again = browser.post(path)

    assert again.status_code == 302
    assert not school.group.members.exists()


def test_taking_somebody_out_offers_to_undo_it(school: School, sign_in: SignIn) -> None:
    joined_at = school.group.memberships.get(user=school.member).created_at
    browser = sign_in(school.teacher)

    taken_out = browser.post(path_of(school.group, "people", str(school.member.pk), "remove"), follow=True)
    gone = not school.group.members.exists()
    undone = browser.post(undo_of(taken_out), follow=True)

    assert gone
    assert f"{school.member.name} is in it again, as before." in words(undone)
    assert school.group.memberships.get(user=school.member).created_at == joined_at


def test_undo_is_for_the_one_who_was_taken_out_and_for_a_while(
    school: School, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(school.teacher)
    taken_out = browser.post(path_of(school.group, "people", str(school.member.pk), "remove"), follow=True)
    undo = undo_of(taken_out)

    another = browser.post(undo.replace(str(school.member.pk), str(school.stranger.pk)), follow=True)
    foreign = sign_in(school.other_teacher).post(undo)
    monkeypatch.setattr("classbell.web.kit.undo.STILL_UNDONE", timedelta(seconds=-1))
    late = browser.post(undo, follow=True)

    assert "too long ago" in words(another)
    assert foreign.status_code == 404
    assert "too long ago" in words(late)
    assert not school.group.members.exists()


@pytest.mark.parametrize(
    "sent",
    [{}, {"text": "name\nX"}, {"file": SimpleUploadedFile("students.csv", b"%PDF-1.7")}],
    ids=["nothing", "nobody", "no-table"],
)
def test_list_that_cannot_be_used_is_refused(school: School, sign_in: SignIn, sent: dict[str, Any]) -> None:
    response = sign_in(school.teacher).post(path_of(school.group, "people"), sent)

    assert response.status_code == 400
    assert set(school.group.members.all()) == {school.member}


def test_plan_is_shown_as_one_types_and_saves_nothing(school: School, sign_in: SignIn) -> None:
    before = Meeting.objects.count()
    headers = {"HX-Request": "true", "HX-Target": "plan"}

    response = sign_in(school.teacher).post(path_of(school.group, "meetings/new"), typed(), headers=headers)

    assert "4 sessions." in words(response)
    assert (response.status_code, Meeting.objects.count()) == (200, before)


def test_plan_without_script_comes_with_the_form(school: School, sign_in: SignIn) -> None:
    response = sign_in(school.teacher).post(path_of(school.group, "meetings/new"), typed(preview="1", title="Nahw"))

    fields = {given.get("name"): given.get("value") for given in attributes(response, "input")}
    assert "4 sessions." in words(response)
    assert (response.status_code, fields["title"]) == (200, "Nahw")


def test_plan_names_what_clashes(school: School, sign_in: SignIn) -> None:
    busy = datetime.combine(next_monday(), datetime.min.time(), tzinfo=UTC).replace(hour=14, minute=30)
    make_meeting(teacher=school.teacher, title="Geometry", starts_at=busy, rule="")
    browser, path = sign_in(school.teacher), path_of(school.group, "meetings/new")

    shown = words(browser.post(path, typed(preview="1")))
    refused = browser.post(path, typed())

    assert "4 sessions; 1 clash." in shown
    assert "Taken by \u2068Geometry\u2069, \u206814:30–\u206015:30\u2069" in shown
    assert refused.status_code == 400
    assert f"{school.teacher.name} already has something at that time." in words(refused)


def test_weekly_meeting_is_planned_on_the_clock_of_the_class(school: School, sign_in: SignIn) -> None:
    Group.objects.filter(pk=school.group.pk).update(timezone="Asia/Riyadh")

    response = sign_in(school.teacher).post(path_of(school.group, "meetings/new"), typed(title="Nahw"), follow=True)

    meeting = Meeting.objects.get(title="Nahw")
    starts = [occurrence.starts_at for occurrence in meeting.occurrences.order_by("starts_at")]
    first = next_monday()
    assert "Planned. Zoom follows." in words(response)
    assert (meeting.teacher, meeting.group, meeting.timezone) == (school.teacher, school.group, "Asia/Riyadh")
    assert starts == [
        datetime.combine(first + timedelta(days=days), datetime.min.time(), tzinfo=UTC).replace(hour=11)
        for days in (0, 2, 7, 9)
    ]


def test_a_year_on_many_days_is_planned_as_one_meeting(school: School, sign_in: SignIn) -> None:
    until = next_monday() + timedelta(weeks=40, days=-1)
    sent = typed(title="Nahw", weekdays=["0", "2", "3"], until=until.isoformat())

    shown = words(sign_in(school.teacher).post(path_of(school.group, "meetings/new"), sent | {"preview": "1"}))
    sign_in(school.teacher).post(path_of(school.group, "meetings/new"), sent)

    assert "120 sessions." in shown
    assert Meeting.objects.get(title="Nahw").occurrences.count() == 120


def test_meeting_is_planned_once(school: School, sign_in: SignIn) -> None:
    sign_in(school.teacher).post(path_of(school.group, "meetings/new"), typed(title="Nahw", repeats="once", until=""))

    meeting = Meeting.objects.get(title="Nahw")
    assert (meeting.rule, meeting.occurrences.count()) == ("", 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"until": ""}, "Say until when."),
        ({"until": "2020-01-01"}, "The last day must not be before the first."),
        ({"day": ""}, "This field is required."),
        ({"day": "0004-01-01"}, "Choose a day of these years."),
        ({"minutes": "0"}, "greater than or equal to 5"),
    ],
    ids=str,
)
def test_wrong_plan_is_refused_beside_its_field(
    school: School, sign_in: SignIn, wrong: dict[str, str], said: str
) -> None:
    response = sign_in(school.teacher).post(path_of(school.group, "meetings/new"), typed(**wrong))

    assert response.status_code == 400
    assert said in words(response)
    assert Meeting.objects.count() == 1


def test_admin_plans_for_a_teacher_of_the_class(school: School, sign_in: SignIn) -> None:
    sent = typed(title="Nahw", teacher=str(school.teacher.pk))

    sign_in(school.admin).post(path_of(school.group, "meetings/new"), sent)

    assert Meeting.objects.get(title="Nahw").teacher == school.teacher


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_any_number(
    db: None, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    admin = make_admin()
    for _number in range(count):
        make_class(students=count)
    browser = sign_in(admin)

    with django_assert_num_queries(LIST_QUERIES):
        browser.get("/classes/")


@pytest.mark.parametrize("count", [1, 3])
def test_class_page_takes_the_same_queries_for_any_number(
    school: School, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    for _number in range(count):
        Membership.objects.create(group=school.group, user=make_student())
    held(school, statuses={"member": AttendanceStatus.PRESENT})
    browser = sign_in(school.teacher)

    with django_assert_num_queries(PAGE_QUERIES):
        browser.get(path_of(school.group))


def test_sessions_that_were_cancelled_are_not_counted_among_those_to_come(school: School, sign_in: SignIn) -> None:
    rule = school.meeting.rule.replace("COUNT=4", "COUNT=10")
    at = school.meeting.starts_at + timedelta(hours=3)
    meeting = make_meeting(teacher=school.teacher, group=school.group, title="Sums", starts_at=at, rule=rule)
    first, second = meeting.occurrences.order_by("starts_at")[:2]
    for one in (first, second):
        cancel_occurrence(occurrence_id=one.pk, reason="Snow", now=datetime.now(UTC))

    seen = words(sign_in(school.member).get(path_of(school.group)))

    coming = Occurrence.objects.taking_place().filter(meeting__group=school.group).count()
    assert f"of {coming}; the rest are on the pages of the meetings." in seen


def test_next_session_is_named_when_all_that_are_listed_before_it_were_cancelled(
    school: School, sign_in: SignIn
) -> None:
    rule = school.meeting.rule.replace("COUNT=4", "COUNT=10")
    starts_at = school.meeting.starts_at + timedelta(hours=3)
    group = make_class(teacher=school.teacher)
    rows = list(make_meeting(teacher=school.teacher, group=group, starts_at=starts_at, rule=rule).occurrences.all())
    for row in rows[:8]:
        cancel_occurrence(occurrence_id=row.pk, reason="Snow", now=datetime.now(UTC))

    response = sign_in(school.teacher).get(path_of(group))

    assert response.context["next"].id == rows[8].pk
    assert "2 later sessions are held." in words(response)
