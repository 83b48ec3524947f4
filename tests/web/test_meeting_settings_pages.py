"""The pages on which the school, a group's teachers and a meeting's teacher say how Zoom holds meetings."""

import pytest
from django.urls import reverse
from django.utils import timezone

from classbell.meetings.defaults import change_defaults
from classbell.meetings.meeting_settings.inherited import defaults_of
from classbell.meetings.models import Meeting, SettingsOf
from classbell.meetings.services import sync_now
from tests.factories import make_admin, make_class, make_teacher
from tests.factories_meetings import make_meeting, spec, weekly

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def ask(scope=SettingsOf.SCHOOL, group=None, **changes):
    change_defaults(scope=scope, group=group, changes=changes, now=timezone.now())


def fill(client, url, **typed):
    """Post what the page shows, with this changed; return the answer."""
    form = client.get(url).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    return client.post(url, shown | typed)


def label_of(client, url, name):
    """Return how a field says what is inherited."""
    return str(dict(client.get(url).context["form"].fields[name].choices)[""])


def test_admin_sets_what_all_meetings_have(client):
    client.force_login(make_admin())
    url = reverse("meeting-settings")

    answer = fill(client, url, waiting_room="true", auto_recording="cloud")

    assert answer.status_code == 302
    assert defaults_of(SettingsOf.SCHOOL) == {"waiting_room": True, "auto_recording": "cloud"}


def test_teacher_sees_what_the_class_inherits_and_sets_its_own(client):
    group = make_class(students=1)
    ask(waiting_room=True)
    client.force_login(group.teachers.get())
    url = reverse("meeting-settings-group", args=[group.pk])

    assert "On" in label_of(client, url, "waiting_room")
    assert fill(client, url, waiting_room="false").status_code == 302
    assert defaults_of(SettingsOf.GROUP, group.pk) == {"waiting_room": False}
    fill(client, url, waiting_room="")
    assert defaults_of(SettingsOf.GROUP, group.pk) == {}


def test_meeting_says_whose_setting_it_has_and_has_its_own_at_zoom(client, simulator):
    group = make_class(students=1)
    ask(mute_upon_entry=False)
    ask(SettingsOf.GROUP, group, auto_recording="cloud")
    meeting = make_meeting(weekly(group.teachers.get(), group=group))
    client.force_login(meeting.teacher)
    url = reverse("meeting-settings-own", args=[meeting.pk])

    labels = [label_of(client, url, name) for name in ("mute_upon_entry", "auto_recording")]
    fill(client, url, auto_recording="local")

    meeting.refresh_from_db()
    assert [label.partition(":")[0] for label in labels] == ["As the school has it", "As the group has it"]
    assert meeting.zoom_settings == {"auto_recording": "local"}
    assert simulator.meeting(meeting.zoom_meeting_id)["settings"]["auto_recording"] == "local"


def test_teacher_puts_students_into_rooms(client):
    group = make_class(students=3)
    one, other, _nowhere = (row.user for row in group.memberships.select_related("user"))
    client.force_login(group.teachers.get())
    url = reverse("meeting-settings-group", args=[group.pk])
    rooms = {f"room-{one.pk}": "Room 1", f"room-{other.pk}": "Room 2"}

    fill(client, url, breakout_room="own", **rooms)
    fill(client, url, **{f"room-{other.pk}": "Room 1"})

    assert defaults_of(SettingsOf.GROUP, group.pk)["breakout_room"] == {
        "enable": True,
        "rooms": [{"name": "Room 1", "people": [str(one.pk), str(other.pk)]}],
    }


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"waiting_room": "true", "join_before_host": "true"}, "join_before_host"),
        ({"passcode": "none"}, "passcode"),
        ({"co_hosts": "not-an-address"}, "co_hosts"),
        ({"co_hosts": "nobody@school.example"}, "co_hosts"),
    ],
    ids=["two that cannot be together", "no passcode", "no address", "nobody of Zoom's"],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(client, typed, field):
    client.force_login(make_admin())

    answer = fill(client, reverse("meeting-settings"), mute_upon_entry="false", **typed)

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["mute_upon_entry"].value() == "false"
    assert defaults_of(SettingsOf.SCHOOL) == {}


def test_old_page_takes_back_nothing_that_somebody_else_has_set(client):
    client.force_login(make_admin())
    url = reverse("meeting-settings")
    form = client.get(url).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    kept = {f"initial-{name}": value for name, value in shown.items()}
    ask(waiting_room=True)

    client.post(url, shown | kept | {"auto_recording": "local"})

    assert defaults_of(SettingsOf.SCHOOL) == {"waiting_room": True, "auto_recording": "local"}


def test_what_zoom_keeps_is_said_to_the_teacher_and_to_admins_and_to_nobody_else(client, simulator):
    simulator.lock(waiting_room=True)
    group = make_class(students=1)
    meeting = make_meeting(weekly(group.teachers.get(), group=group))
    sync_now(meeting.pk)
    said = "Zoom keeps “\u2068Waiting room\u2069” at “\u2068On\u2069”, not “\u2068Off\u2069”."
    pages = {
        meeting.teacher: [reverse("meeting", args=[meeting.pk]), reverse("meeting-settings-own", args=[meeting.pk])],
        make_admin(): [reverse("zoom")],
    }

    for reader, urls in pages.items():
        client.force_login(reader)
        assert all(said in client.get(url).content.decode() for url in urls)
    client.force_login(group.memberships.get().user)
    assert said not in client.get(reverse("meeting", args=[meeting.pk])).content.decode()


def test_setting_that_zoom_keeps_and_the_school_wants_so_too_is_said_no_more(client, simulator):
    simulator.lock(waiting_room=True)
    meeting = make_meeting(spec(make_teacher()))
    sync_now(meeting.pk)
    client.force_login(meeting.teacher)

    fill(client, reverse("meeting-settings-own", args=[meeting.pk]), waiting_room="true")

    assert Meeting.objects.get(pk=meeting.pk).zoom_overrules == {}
