"""Settings of Zoom meetings: what the school, lessons, a group and a meeting ask for, and what is refused."""

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.groups.services import remove_students
from classbell.meetings.defaults import change_defaults
from classbell.meetings.joining import registration
from classbell.meetings.meeting_settings.checks import SettingsRefused
from classbell.meetings.models import Meeting, SettingsOf, SyncStatus, ZoomHost
from classbell.meetings.services import sync_now
from classbell.meetings.sync.reconcile import reconcile
from tests.at_once import at_once
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_bookings import make_booking, make_tutor
from tests.factories_meetings import make_meeting, next_monday_at, spec, weekly

pytestmark = pytest.mark.usefixtures("zoom_hosts")

SCHOOL = "/api/zoom/meeting-settings"


def ask(scope=SettingsOf.SCHOOL, group=None, **changes):
    return change_defaults(scope=scope, group=group, changes=changes, now=timezone.now())


def shown(simulator, meeting):
    """Return the settings that Zoom shows."""
    meeting.refresh_from_db()
    return simulator.meeting(meeting.zoom_meeting_id)["settings"]


def refused(answer):
    assert answer.status_code == 400, answer.content
    return {one["field"]: one["message"] for one in answer.json()["details"]}


# Who inherits what.


def test_meeting_has_the_school_settings_until_its_group_or_itself_asks_for_others(zoom, simulator):
    group = make_class(students=1)
    meetings = [
        make_meeting(weekly(group.teachers.get(), group=group, starts_at=next_monday_at(9 + n))) for n in (0, 2)
    ]
    Meeting.objects.filter(pk=meetings[1].pk).update(zoom_settings={"auto_recording": "local"})
    ask(waiting_room=True, auto_recording="cloud")
    ask(SettingsOf.GROUP, group, mute_upon_entry=False, waiting_room=False)

    for meeting in meetings:
        reconcile(meeting.pk, zoom)

    names = ("waiting_room", "auto_recording", "mute_upon_entry")
    assert [tuple(shown(simulator, one)[name] for name in names) for one in meetings] == [
        (False, "cloud", False),
        (False, "local", False),
    ]


def test_lessons_have_settings_of_their_own_and_other_meetings_without_a_group_do_not(zoom, simulator):
    ask(SettingsOf.LESSONS, auto_recording="cloud")
    lesson = make_booking(teacher=make_tutor(settings={"auto_confirm": True})).meeting
    other = make_meeting(spec(make_teacher()))
    assert lesson

    for meeting in (lesson, other):
        reconcile(meeting.pk, zoom)

    assert [shown(simulator, one)["auto_recording"] for one in (lesson, other)] == ["cloud", "none"]


def test_changed_settings_of_a_group_reach_its_coming_meetings_and_no_others(zoom, simulator):
    group = make_class(students=1)
    inheriting = make_meeting(weekly(group.teachers.get(), group=group))
    own = make_meeting(weekly(make_teacher(), group=group, zoom_settings={"waiting_room": False}))
    make_meeting(weekly(make_teacher()))
    for meeting in (inheriting, own):
        sync_now(meeting.pk)
    ProcrastinateJob.objects.all().delete()

    reached = ask(SettingsOf.GROUP, group, waiting_room=True)

    jobs = ProcrastinateJob.objects.filter(task_name="meetings.reconcile").values_list("args", flat=True)
    assert reached == 1
    assert [(job["meeting_id"], job["verify"]) for job in jobs] == [(str(inheriting.pk), True)]
    reconcile(inheriting.pk, zoom, verify=True)
    assert shown(simulator, inheriting)["waiting_room"] is True
    assert Meeting.objects.get(pk=inheriting.pk).zoom_settings == {}


def test_setting_that_is_left_is_inherited_again():
    ask(waiting_room=True)

    assert ask(waiting_room=None) == 0
    assert ask(waiting_room=None) == 0


@pytest.mark.django_db(transaction=True)
def test_two_people_change_settings_of_the_school_at_once_and_both_hold(api):
    admin = make_admin()

    def change(settings):
        return lambda: api(admin).patch(SCHOOL, {"settings": settings}).status_code

    assert at_once([change({"waiting_room": True}), change({"auto_recording": "cloud"})]) == [200, 200]
    assert api(admin).get(SCHOOL).json()["settings"] == {"waiting_room": True, "auto_recording": "cloud"}


def test_api_tells_what_was_asked_and_what_holds(api):
    group = make_class(students=1)
    ask(waiting_room=True)
    path = f"/api/zoom/classes/{group.pk}/meeting-settings"

    answer = api(group.teachers.get()).patch(path, {"settings": {"mute_upon_entry": False}}).json()

    assert answer["settings"] == {"mute_upon_entry": False}
    assert (answer["effective_settings"]["waiting_room"], answer["effective_settings"]["mute_upon_entry"]) == (
        True,
        False,
    )


# What cannot be.


@pytest.mark.parametrize(
    ("settings", "field", "says"),
    [
        ({"wating_room": True}, "wating_room", "waiting_room"),
        ({"nothing_like_it": 1}, "nothing_like_it", "join_before_host"),
        ({"waiting_room": "yes"}, "waiting_room", "true or false"),
        ({"jbh_time": 7}, "jbh_time", "0, 5, 10, 15"),
        ({"jbh_time": True}, "jbh_time", "0, 5, 10, 15"),
        ({"auto_recording": "tape"}, "auto_recording", "none, local, cloud"),
        ({"waiting_room": True, "join_before_host": True}, "join_before_host", "waiting room"),
        ({"passcode": "none"}, "passcode", "waiting room"),
        ({"approval_type": 1}, "approval_type", "registration"),
        ({"use_pmi": True}, "use_pmi", "one link"),
        ({"host_video": 1}, "host_video", "true or false"),
        ({"alternative_hosts": "nobody"}, "alternative_hosts", "no e-mail address"),
        ({"alternative_hosts": "gone@school.example"}, "alternative_hosts", "licensed"),
        ({"breakout_room": {"enable": True, "rooms": [{"name": ""}]}}, "breakout_room", "name"),
        (
            {"breakout_room": {"enable": True, "rooms": [{"name": "Red", "participants": ["x@y.example"]}]}},
            "breakout_room",
            "nobody with an account",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_zoom_does_not_have_or_would_leave_out_is_refused_with_its_name_and_what_to_do(api, settings, field, says):
    body = {"title": "Algebra", "startTime": next_monday_at(9).isoformat(), "settings": settings}

    found = refused(api(make_teacher()).post("/api/zoom/meetings", body))

    assert list(found) == [f"settings.{field}"]
    assert says in found[f"settings.{field}"]
    assert not Meeting.objects.exists()


def test_nobody_comes_in_before_the_host_where_the_school_has_a_waiting_room(api):
    ask(waiting_room=True)
    meeting = make_meeting(spec(make_teacher()))
    path = f"/api/zoom/meetings/{meeting.pk}"

    found = refused(api(meeting.teacher).patch(path, {"settings": {"join_before_host": True}}))
    both = api(meeting.teacher).patch(path, {"settings": {"join_before_host": True, "waiting_room": False}})

    assert "waiting room" in found["settings.join_before_host"]
    assert both.status_code == 200
    assert both.json()["meeting"]["settings"] == {"join_before_host": True, "waiting_room": False}


def test_waiting_room_that_the_school_wants_later_wins_over_who_let_people_in_before_the_host(zoom, simulator):
    meeting = make_meeting(spec(make_teacher(), zoom_settings={"join_before_host": True, "jbh_time": 5}))
    ask(waiting_room=True)

    reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    assert (shown(simulator, meeting)["join_before_host"], meeting.zoom_overrules) == (False, {})


def test_whoever_only_attends_is_told_nothing_of_co_hosts_and_rooms(api):
    group = make_class(students=1)
    student = group.memberships.get().user
    rooms = {"enable": True, "rooms": [{"name": "Red", "participants": [student.email]}]}
    ask(SettingsOf.GROUP, group, breakout_room=rooms, alternative_hosts="host02@zoomsim.example")
    meeting = make_meeting(weekly(group.teachers.get(), group=group))
    path = f"/api/zoom/meetings/{meeting.pk}"

    held = api(student).get(path).json()["meeting"]["effective_settings"]
    to_teacher = api(meeting.teacher).get(path).json()["meeting"]["effective_settings"]

    assert not {"breakout_room", "alternative_hosts"} & held.keys()
    assert (to_teacher["breakout_room"], to_teacher["alternative_hosts"]) == (rooms, "host02@zoomsim.example")


# Co-hosts, rooms, passcodes.


def test_co_hosts_are_named_to_zoom_but_for_whoever_hosts(zoom, simulator):
    meeting = make_meeting(spec(make_teacher()))
    assert meeting.seat
    host = meeting.seat.host.email
    other = ZoomHost.objects.exclude(email=host).earliest("email").email
    ask(alternative_hosts=f"{host}; {other.upper()}")

    reconcile(meeting.pk, zoom)

    assert shown(simulator, meeting)["alternative_hosts"] == other


def test_co_host_who_lost_the_licence_since_is_named_on_the_meeting(zoom, simulator):
    meeting = make_meeting(spec(make_teacher()))
    assert meeting.seat
    other = ZoomHost.objects.exclude(pk=meeting.seat.host_id).earliest("email")
    ask(alternative_hosts=other.email)
    simulator.http.patch(
        f"/v2/users/{other.zoom_user_id}",
        json={"type": 1},
        headers={"Authorization": f"Bearer {simulator.access_token()}"},
    ).raise_for_status()

    status = reconcile(meeting.pk, zoom)

    meeting.refresh_from_db()
    assert status == SyncStatus.FAILED
    assert "Who else may start it" in meeting.sync_error_in_words
    ZoomHost.objects.filter(pk=other.pk).update(is_licensed=False)
    with pytest.raises(SettingsRefused, match="licensed"):
        ask(SettingsOf.LESSONS, alternative_hosts=other.email)


def test_rooms_hold_those_whom_the_meeting_still_expects_under_the_address_they_have_now(zoom, simulator):
    group = make_class(students=3)
    moved, left, stays = (row.user for row in group.memberships.select_related("user"))
    rooms = [
        {"name": "Red", "participants": [moved.email.upper(), left.email]},
        {"name": "Blue", "participants": [stays.email]},
    ]
    ask(SettingsOf.GROUP, group, breakout_room={"enable": True, "rooms": rooms})
    meeting = make_meeting(weekly(group.teachers.get(), group=group))
    remove_students(group_id=group.pk, students=[left])
    moved.email = "new-address@school.example"
    moved.save()

    reconcile(meeting.pk, zoom)

    assert shown(simulator, meeting)["breakout_room"] == {
        "enable": True,
        "rooms": [
            {"name": "Red", "participants": ["new-address@school.example"]},
            {"name": "Blue", "participants": [stays.email]},
        ],
    }


def test_new_meetings_have_passcodes_by_the_rule_and_old_ones_keep_theirs(zoom, simulator):
    old = make_meeting(spec(make_teacher()))
    reconcile(old.pk, zoom)
    old.refresh_from_db()
    ask(passcode="digits")
    digits, none = (
        make_meeting(spec(make_teacher())),
        make_meeting(spec(make_teacher(), zoom_settings={"passcode": "none", "waiting_room": True})),
    )

    for meeting in (old, digits, none):
        reconcile(meeting.pk, zoom, verify=True)

    passcodes = [
        simulator.meeting(Meeting.objects.get(pk=one.pk).zoom_meeting_id)["password"] for one in (old, digits, none)
    ]
    assert passcodes[0] == old.password
    assert (len(passcodes[1]), passcodes[1].isdecimal(), passcodes[2]) == (6, True, "")


# Registration that waits for approval.


def test_whom_we_expect_is_approved_and_who_found_the_link_waits(zoom, simulator):
    group = make_class(students=2)
    early, later = (row.user for row in group.memberships.select_related("user"))
    ask(approval_type=1)
    meeting = make_meeting(weekly(group.teachers.get(), group=group, registration=True))
    sync_now(meeting.pk)
    meeting.refresh_from_db()
    for email in (early.email, "stranger@elsewhere.example"):
        zoom.add_registrant(meeting.zoom_meeting_id, {"email": email, "first_name": "Somebody"})

    registration.register_everybody(meeting.pk, zoom)

    found = {one["email"]: one["status"] for one in simulator.meeting(meeting.zoom_meeting_id)["registrants"]}
    assert found == {early.email: "approved", later.email: "approved", "stranger@elsewhere.example": "pending"}


def test_default_of_approval_says_nothing_where_nobody_registers(zoom, simulator):
    ask(approval_type=1)
    meeting = make_meeting(spec(make_teacher()))

    reconcile(meeting.pk, zoom)

    assert shown(simulator, meeting)["approval_type"] == 2
