"""The backup room on pages: seen where it counts, opened by who may attend, beside Zoom when people are in it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from classbell.meetings.joining.backup import give_due
from classbell.meetings.models import BackupRoom, Meeting
from classbell.notices import backup as backup_notices
from classbell.notices.models import Notice
from tests.web.conftest import School, SignIn, make_running_meeting, on_zoom, set_known
from tests.web.html import links, words

NOT_ANSWERING = "Zoom is not answering. The session is held here instead."


@pytest.fixture
def meeting(school: School, monkeypatch: pytest.MonkeyPatch) -> Meeting:
    """The class's meeting, which began ten minutes ago and which Zoom does not have; its room has been given out."""
    environment = settings.ENVIRONMENT.model_copy(update={"backup_room_url": "https://meet.example.org/{token}"})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)
    meeting = make_running_meeting(teacher=school.teacher, group=school.group)
    set_known(meeting, updated_at=datetime.now(UTC) - timedelta(minutes=5))
    give_due(now=datetime.now(UTC))
    return meeting


def room_of(meeting: Meeting) -> BackupRoom:
    return BackupRoom.objects.get(occurrence__meeting=meeting)


def test_meeting_page_says_where_class_is_held(school: School, meeting: Meeting, sign_in: SignIn) -> None:
    page = sign_in(school.member).get(reverse("meeting", args=[meeting.pk]))

    assert NOT_ANSWERING in words(page)
    assert reverse("meeting-backup", args=[meeting.pk]) in links(page)


@pytest.mark.parametrize("who", ["member", "teacher"])
def test_week_leads_to_where_class_is_held(school: School, meeting: Meeting, sign_in: SignIn, who: str) -> None:
    page = sign_in(school.person(who)).get("/week/")

    assert NOT_ANSWERING in words(page)
    assert links(page).count(reverse("meeting-backup", args=[meeting.pk])) == 1
    assert reverse("meeting-join", args=[meeting.pk]) not in links(page)


def test_week_leads_to_both_rooms_once_zoom_is_there_and_people_are_elsewhere(
    school: School, meeting: Meeting, sign_in: SignIn
) -> None:
    BackupRoom.objects.update(used_at=datetime.now(UTC))
    on_zoom(meeting)

    page = sign_in(school.member).get("/week/")

    assert "People are already in the backup room." in words(page)
    assert {reverse(name, args=[meeting.pk]) for name in ("meeting-backup", "meeting-join")} <= set(links(page))


def test_week_forgets_a_room_that_nobody_was_in_once_zoom_is_there(
    school: School, meeting: Meeting, sign_in: SignIn
) -> None:
    on_zoom(meeting)

    assert reverse("meeting-backup", args=[meeting.pk]) not in links(sign_in(school.member).get("/week/"))


def test_join_without_zoom_shows_the_way(school: School, meeting: Meeting, sign_in: SignIn) -> None:
    page = sign_in(school.member).get(reverse("meeting-join", args=[meeting.pk]))

    assert page.status_code == 503
    assert NOT_ANSWERING in words(page)
    assert reverse("meeting-backup", args=[meeting.pk]) in links(page)


def test_backup_room_is_entered_by_who_may_attend(school: School, meeting: Meeting, sign_in: SignIn) -> None:
    address = reverse("meeting-backup", args=[meeting.pk])
    people = ["visitor", "member", "stranger", "teacher", "other_teacher", "admin"]

    answers = {who: sign_in(school.person(who)).get(address) for who in people}

    assert {who: answer.status_code for who, answer in answers.items()} == {
        "visitor": 302,
        "member": 302,
        "stranger": 404,
        "teacher": 302,
        "other_teacher": 404,
        "admin": 302,
    }
    assert answers["member"].headers["Location"] == room_of(meeting).url
    assert answers["visitor"].headers["Location"].startswith(reverse("account_login"))


def test_key_opens_the_room_without_signing_in(meeting: Meeting, sign_in: SignIn) -> None:
    address, visitor = reverse("meeting-backup", args=[meeting.pk]), sign_in(None)

    wrong = visitor.get(address, {"key": "guessed"})
    right = visitor.get(address, {"key": room_of(meeting).token})

    assert wrong.headers["Location"].startswith(reverse("account_login"))
    assert right.headers["Location"] == room_of(meeting).url


def test_looking_at_the_address_is_no_use_of_the_room(school: School, meeting: Meeting, sign_in: SignIn) -> None:
    sign_in(school.member).head(reverse("meeting-backup", args=[meeting.pk]), {"key": room_of(meeting).token})
    sign_in(school.member).head(reverse("meeting-backup", args=[meeting.pk]))

    assert room_of(meeting).used_at is None


def test_idle_room_disappears_with_zoom(school: School, meeting: Meeting, sign_in: SignIn) -> None:
    on_zoom(meeting)
    browser = sign_in(school.member)

    page = browser.get(reverse("meeting", args=[meeting.pk]))
    room = browser.get(reverse("meeting-backup", args=[meeting.pk]))
    join = browser.get(reverse("meeting-join", args=[meeting.pk]))

    assert "backup room" not in words(page)
    assert room.headers["Location"] == reverse("meeting", args=[meeting.pk])
    assert join.headers["Location"] == meeting.join_url


def test_used_room_is_shown_beside_zoom_and_joining_asks_which(
    school: School, meeting: Meeting, sign_in: SignIn
) -> None:
    browser = sign_in(school.member)
    browser.get(reverse("meeting-backup", args=[meeting.pk]))
    on_zoom(meeting)
    address = reverse("meeting-join", args=[meeting.pk])

    page = browser.get(reverse("meeting", args=[meeting.pk]))
    which = browser.get(address)
    zoom = browser.get(f"{address}?zoom")

    assert "People are already in the backup room." in words(page)
    assert {reverse("meeting-backup", args=[meeting.pk]), address} <= set(links(page))
    assert {reverse("meeting-backup", args=[meeting.pk]), f"{address}?zoom"} <= set(links(which))
    assert zoom.headers["Location"] == meeting.join_url


def test_everybody_expected_is_told_once_where_to_go(school: School, meeting: Meeting) -> None:
    now = datetime.now(UTC)
    occurrence = meeting.occurrences.get()

    backup_notices.tell_given(occurrence_id=occurrence.pk, now=now)
    backup_notices.tell_given(occurrence_id=occurrence.pk, now=now)

    told = Notice.objects.filter(path=reverse("meeting-backup", args=[meeting.pk]))
    assert {notice.user for notice in told} == {school.teacher, school.member}
    assert told.count() == 2
    assert told[0].words.subject == "“Algebra” is held in a backup room"


def test_people_hear_that_class_is_at_zoom_after_all(school: School, meeting: Meeting) -> None:
    occurrence = meeting.occurrences.get()
    on_zoom(meeting)

    backup_notices.tell_given(occurrence_id=occurrence.pk, now=datetime.now(UTC))
    backup_notices.tell_withdrawn(occurrence_id=occurrence.pk, now=datetime.now(UTC))

    told = Notice.objects.filter(user=school.member)
    assert [notice.words.subject for notice in told] == ["“Algebra” is at Zoom after all"]
