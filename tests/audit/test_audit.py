"""Reading who changed what: lives of things, by API and on the page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.audit.kinds import KINDS
from classbell.audit.labels import in_words
from classbell.audit.queries import Asked, history
from classbell.bookings import outcomes
from classbell.bookings.hours import set_week
from classbell.groups.models import Membership
from classbell.groups.services import enrol_student, enrol_students
from classbell.halakat.models import Halaka
from classbell.history import MADE, REMOVED
from classbell.meetings.attendance.policies import set_rules
from classbell.meetings.judging.inputs import Policy
from classbell.meetings.models import Meeting
from classbell.meetings.services import cancel_meeting
from tests.audit.entries import make_entry
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute
from tests.factories_bookings import a_day_ahead, make_booking
from tests.factories_halakat import created
from tests.factories_meetings import make_meeting, spec, weekly
from tests.query_plans import plan_of_one, rows_read

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


@pytest.fixture
def admin():
    return make_admin(first_name="Ada", last_name="Admin")


@pytest.fixture
def booking():
    teacher = make_teacher(first_name="Tea", last_name="Cher")
    set_week(teacher=teacher, windows={day: [(0, 24 * 60)] for day in range(7)})
    student = make_student(first_name="Stu", last_name="Dent")
    return make_booking(teacher=teacher, student=student, starts_at=a_day_ahead(3, hour=9))


def told(asked: Asked) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """Return (who, kind, what, changes) of each entry, the earliest first."""
    lines = in_words(history(asked, limit=100).entries)
    return [
        (line.actor, line.entry.kind, line.what, [(c.name, c.before, c.after) for c in line.changes])
        for line in reversed(lines)
    ]


def test_a_bookings_whole_life_is_told_with_who_and_from_what_to_what(api, booking):
    path = f"/api/bookings/bookings/{booking.pk}"
    later = booking.starts_at + timedelta(hours=2)
    api(booking.teacher).post(f"{path}/confirm")
    api(booking.teacher).post(
        f"{path}/reschedule",
        {"new_start_time": later.isoformat(), "new_end_time": (later + timedelta(hours=1)).isoformat()},
    )
    api(booking.student).post(f"{path}/cancel", {"reason": "Ill"})

    made, confirmed, moved, cancelled = told(Asked(kind="booking", id=booking.pk))

    assert [entry[:3] for entry in (made, confirmed, moved, cancelled)] == [
        ("Classbell", "booking", "made"),
        ("Tea Cher", "booking", "changed"),
        ("Tea Cher", "booking", "changed"),
        ("Stu Dent", "booking", "changed"),
    ]
    assert confirmed[3] == [("Status", "Waiting for an answer", "Confirmed")]
    assert [name for name, _before, _after in moved[3]] == ["Starts", "Ends"]
    assert cancelled[3] == [("Status", "Confirmed", "Cancelled"), ("Reason for cancelling", "nothing", "Ill")]


def test_a_meeting_moved_by_another_names_them(api, admin):
    meeting = make_meeting(spec(title="Algebra"))
    later = meeting.starts_at + timedelta(days=1)

    api(admin).patch(f"/api/zoom/meetings/{meeting.pk}", {"startTime": later.isoformat()})

    (_made, moved) = told(Asked(kind="meeting", id=meeting.pk))
    assert moved[:3] == ("Ada Admin", "meeting", "changed")
    assert [name for name, _before, _after in moved[3]] == ["Starts"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=14", "every week, Monday, Wednesday, 14 sessions"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;UNTIL=20270131T235959Z", "every 2 weeks, Saturday, until 31 January 2027"),
        ("FREQ=DAILY;COUNT=1", "every day, 1 session"),
        ("FREQ=MONTHLY;BYMONTHDAY=3;COUNT=2", "FREQ=MONTHLY;BYMONTHDAY=3;COUNT=2"),
    ],
)
def test_repetition_is_told_in_words_as_far_as_they_reach(rule, said):
    meeting = make_meeting(spec(title="Algebra"))
    Meeting.objects.filter(pk=meeting.pk).update(rule=rule)

    *_earlier, changed = told(Asked(kind="meeting", id=meeting.pk))

    assert changed[3] == [("Repetition", "nothing", said)]


def test_a_meetings_history_has_its_single_occurrences(api, admin):
    meeting = make_meeting(weekly(count=3))
    occurrence = meeting.occurrences.order_by("starts_at")[1]

    api(admin).delete(f"/api/zoom/meetings/{meeting.pk}?occurrence_id={occurrence.pk}")

    assert [entry[:3] for entry in told(Asked(kind="meeting", id=meeting.pk))] == [
        ("Classbell", "meeting", "made"),
        ("Ada Admin", "occurrence", "changed"),
    ]


def test_an_override_and_its_taking_back_are_told_with_the_occurrence(api, admin):
    ana = make_student(first_name="Ana", last_name="Lima")
    group = make_class(students=[ana])
    occurrence = make_occurrence(group)
    make_stay(occurrence, group.teachers.get(), 0, 60)
    occurrence.attendances.create(user=ana)
    type(occurrence).objects.filter(pk=occurrence.pk).update(
        starts_at=NOW - timedelta(hours=2), ends_at=NOW - timedelta(hours=1)
    )
    path = f"/api/zoom/meetings/{occurrence.meeting_id}/attendance/{ana.pk}"

    api(admin).patch(path, {"status": "late", "reason": "I saw it."})
    api(admin).patch(path, {"status": None})

    assert told(Asked(kind="occurrence", id=occurrence.pk)) == [
        (
            "Ada Admin",
            "attendance",
            "changed",
            [("Corrected to", "nothing", "Late"), ("Reason", "nothing", "I saw it.")],
        ),
        (
            "Ada Admin",
            "attendance",
            "changed",
            [("Corrected to", "Late", "nothing"), ("Reason", "I saw it.", "nothing")],
        ),
    ]


def test_what_the_worker_does_is_done_by_classbell(booking):
    outcomes.lapse_requests(now=booking.starts_at + timedelta(days=30))

    (_made, lapsed) = told(Asked(kind="booking", id=booking.pk))
    assert lapsed[0] == "Classbell"


def test_rules_and_members_are_told():
    group, student = make_class(), make_student()
    enrol_students(group_id=group.pk, students=[student])
    set_rules(group=group, policy=Policy(late_after_minutes=3), now=minute(0))

    kinds = {entry[1] for entry in told(Asked())}

    assert {"membership", "rules"} <= kinds


def test_a_circles_schedule_is_told_in_words(api, admin):
    halaka = Halaka.objects.get(pk=created(api, make_teacher())["id"])
    Halaka.objects.filter(pk=halaka.pk).update(weekdays=[0, 2])

    *_earlier, changed = told(Asked(kind="halaka", id=halaka.pk))
    entries = api(admin).get("/api/audit", kind="halaka").json()["entries"]

    assert [(name, after) for name, _before, after in changed[3]] == [("Weekdays", "Monday, Wednesday")]
    assert [entry["what"] for entry in entries] == ["changed", "made"]


def test_pages_follow_one_another_without_gaps_or_repeats(booking):
    for _ in range(3):
        cancel_meeting(meeting_id=make_meeting().pk, now=NOW)
    whole = [(entry.kind, entry.number) for entry in history(Asked(), limit=100).entries]

    seen, cursor = [], None
    while True:
        page = history(Asked(), limit=2, cursor=cursor)
        seen += [(entry.kind, entry.number) for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == whole
    assert len(whole) >= 7


def test_history_is_filtered_by_person_and_time(api, booking):
    api(booking.teacher).post(f"/api/bookings/bookings/{booking.pk}/confirm")

    by_teacher = history(Asked(kind="booking", actors=[booking.teacher_id]), limit=10).entries
    by_student = history(Asked(actors=[booking.student_id]), limit=10).entries
    ahead = history(Asked(since=datetime.now(UTC) + timedelta(days=1)), limit=10).entries

    assert ([entry.what for entry in by_teacher], by_student, ahead) == (["changed"], [], [])


def test_history_by_api_has_values_as_they_are(api, admin, booking):
    api(booking.teacher).post(f"/api/bookings/bookings/{booking.pk}/confirm")

    answer = api(admin).get("/api/audit", kind="booking", id=str(booking.pk), limit=1).json()

    (entry,) = answer["entries"]
    assert entry["actor"] == {"id": str(booking.teacher_id), "name": "Tea Cher", "key": None, "student_id": None}
    assert (entry["kind"], entry["id"], entry["what"]) == ("booking", str(booking.pk), "changed")
    assert entry["changes"] == [{"field": "status", "from": "PENDING", "to": "CONFIRMED"}]
    assert entry["at"].endswith("Z")
    assert answer["next_cursor"] is not None


@pytest.mark.parametrize("name", KINDS)
def test_history_tells_of_every_kind_by_api_and_on_the_page(client, api, admin, name):
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    made = make_entry(name, MADE)

    answer = api(admin).get("/api/audit", kind=name)
    (entry,) = [one for one in answer.json()["entries"] if one["what"] == "made"][:1]

    assert (answer.status_code, entry["kind"], entry["id"]) == (200, name, str(made.pgh_obj_id))
    of_it = api(admin).get("/api/audit", kind=name, id=entry["id"])
    assert (of_it.status_code, [one["id"] for one in of_it.json()["entries"]]) == (200, [entry["id"]])
    page = client.get("/audit/", {"kind": name, "id": entry["id"]})
    assert [line.said.entry.object_id for line in page.context["lines"]] == [made.pgh_obj_id]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param({"kind": "sign_up_rule", "id": "x"}, 400, id="no-number"),
        pytest.param({"kind": "booking", "id": "1"}, 400, id="a-number-where-there-are-none"),
        pytest.param({"kind": "passwords"}, 400, id="unknown-kind"),
        pytest.param({"id": "0190d0a4-0000-7000-8000-000000000000"}, 400, id="id-without-kind"),
        pytest.param({"cursor": "forged"}, 400, id="forged-cursor"),
        pytest.param({"since": "2026-03-01T09:00:00"}, 400, id="time-without-offset"),
    ],
)
def test_wrong_questions_are_refused(api, admin, query, status):
    assert api(admin).get("/api/audit", **query).status_code == status


def test_the_page_tells_who_what_and_when(client, api, admin, booking):
    api(booking.teacher).post(f"/api/bookings/bookings/{booking.pk}/confirm")
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/audit/", {"kind": "booking", "person": "tea cher"}).content.decode()

    assert f'<a href="/bookings/{booking.pk}/">\u2068Stu Dent\u2069 / \u2068Tea Cher\u2069</a>' in page
    assert "<bdi>Waiting for an answer</bdi></del>" in page


def test_names_and_moments_of_a_title_are_kept_from_turning_each_other(booking):
    (line,) = in_words(history(Asked(kind="booking", id=booking.pk), limit=1).entries)

    assert line.title == "\u2068Stu Dent\u2069 / \u2068Tea Cher\u2069"


def test_what_one_import_did_is_one_line_that_leads_to_all_of_it(client, admin):
    group = make_class(students=[make_student() for _ in range(4)])
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

    (line,) = client.get("/audit/", {"kind": "membership"}).context["lines"]
    everything = client.get(f"/audit/{line.others_url}").context["lines"]

    assert line.said.entry.others == 3
    assert sorted(one.said.entry.about["user"] for one in everything) == sorted(
        Membership.objects.filter(group=group).values_list("user_id", flat=True)
    )


CROWD = """
INSERT INTO groups_membershipevent (pgh_created_at, pgh_label, pgh_obj_id, group_id, user_id)
SELECT %s, %s, gen_random_uuid(), gen_random_uuid(), gen_random_uuid() FROM generate_series(1, %s)
"""


@pytest.fixture
def crowds():
    """What three imports did to members, the latest first: 3000, 20 and 5 entries, the second of two kinds."""
    with connection.cursor() as cursor:
        for minutes, label, number in ((1, MADE, 3000), (2, MADE, 20), (2, REMOVED, 10), (3, MADE, 5)):
            cursor.execute(CROWD, [NOW - timedelta(minutes=minutes), label, number])
        cursor.execute("ANALYZE groups_membershipevent")


def test_of_a_large_import_the_list_reads_a_few_entries(crowds):
    asked = Asked(kind="membership", together=True)

    with CaptureQueriesContext(connection) as queries:
        found = history(asked, limit=2)
    plan = plan_of_one(queries, with_text="RECURSIVE")

    assert [(entry.what, entry.others) for entry in found.entries] == [(MADE, 999), (REMOVED, 9)]
    assert [entry.has_more_others for entry in found.entries] == [True, False]
    assert rows_read(plan, "groups_membershipevent") < 30, "of 3035"


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_of_crowds_follow_one_another(crowds, limit):
    told, cursor = [], None

    for _page in range(9):
        page = history(Asked(kind="membership", together=True), limit=limit, cursor=cursor)
        told += [(entry.at, entry.what) for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            break

    moments = [NOW - timedelta(minutes=minutes) for minutes in (1, 2, 2, 3)]
    assert told == list(zip(moments, [MADE, REMOVED, MADE, MADE], strict=True))


@pytest.mark.parametrize(("since", "until", "moments"), [(2, 1, [2, 2]), (3, 2, [3]), (9, 3, []), (1, 0, [1])])
def test_crowds_of_a_stretch_of_time(crowds, since, until, moments):
    first, end = NOW - timedelta(minutes=since), NOW - timedelta(minutes=until)

    found = history(Asked(kind="membership", together=True, since=first, until=end), limit=9).entries

    assert [entry.at for entry in found] == [NOW - timedelta(minutes=minutes) for minutes in moments]


@pytest.mark.django_db(transaction=True)
def test_what_was_done_one_after_another_is_told_one_by_one(admin):
    group = make_class()
    for _ in range(2):
        enrol_student(group_id=group.pk, student=make_student())

    found = history(Asked(kind="membership", together=True), limit=5).entries

    assert [entry.others for entry in found] == [0, 0]


@pytest.mark.parametrize("at", ["x", "2026-13-01", "2026-03-01", "9999-12-31T23:59:59+00:00"])
def test_page_of_a_moment_that_is_none_shows_what_there_is(client, admin, at):
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/audit/", {"kind": "membership", "at": at}).status_code == 200


def test_another_e_mail_of_a_person_is_told(admin, api):
    person = make_student(email="before@school.example")

    assert api(admin).patch(f"/api/people/{person.pk}", {"email": "after@school.example"}).status_code == 200

    (line,) = told(Asked(kind="person", id=person.pk))
    assert line[3] == [("E-mail", "before@school.example", "after@school.example")]
