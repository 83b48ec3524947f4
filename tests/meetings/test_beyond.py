"""After a restore: what Zoom has beyond the database is named, and only what is surely ours is deleted."""

import sys
from datetime import timedelta

import pytest
import typer
from django.utils import timezone

from classbell.backup import commands
from classbell.meetings.models import Meeting
from classbell.meetings.sync.beyond import beyond, delete
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.sync.spec import marker
from tests.factories_meetings import make_meeting, weekly

MADE_ELSEWHERE = {"topic": "Parents' evening", "duration": 30}


@pytest.fixture
def since():
    """A minute ago by any clock: when the backup was taken."""
    return timezone.now() - timedelta(minutes=10)


@pytest.fixture
def lost(zoom, zoom_hosts):
    """A meeting at Zoom, and no row of it: it was made after the backup."""
    meeting = make_meeting(weekly(count=3))
    reconcile(meeting.pk, zoom)
    meeting.refresh_from_db()
    Meeting.objects.filter(pk=meeting.pk).delete()
    return meeting


def at_a_terminal(monkeypatch, *answers):
    """Somebody sits there and answers."""
    left = list(answers)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "prompt", lambda *args, **options: left.pop(0))
    monkeypatch.setattr(typer, "confirm", lambda *args, **options: left.pop(0))


def test_meetings_the_database_knows_are_not_beyond_it(zoom, zoom_hosts, since):
    reconcile(make_meeting().pk, zoom)

    assert list(beyond(zoom, since=since)) == []


def test_meeting_made_after_the_backup_is_ours_and_is_not_deleted_unasked(lost, zoom, simulator, since):
    (found,) = beyond(zoom, since=since)

    assert found.is_ours
    assert found.summary.id == lost.zoom_meeting_id
    assert not simulator.meeting(lost.zoom_meeting_id)["deleted"]


def test_meeting_older_than_the_backup_is_another_installations(lost, zoom):
    (found,) = beyond(zoom, since=timezone.now() + timedelta(hours=1))

    assert not found.is_ours
    with pytest.raises(ValueError, match="only what this installation made"):
        delete(found, zoom)


def test_meeting_made_by_hand_is_nobodys_to_delete(zoom, zoom_hosts, simulator, since):
    theirs = zoom.create_meeting(zoom_hosts[0].zoom_user_id, MADE_ELSEWHERE)

    (found,) = beyond(zoom, since=since)

    assert not found.is_ours
    with pytest.raises(ValueError, match="only what this installation made"):
        delete(found, zoom)
    assert not simulator.meeting(theirs.id)["deleted"]


def test_deleting_what_is_gone_already_is_done(lost, zoom, simulator, since):
    (found,) = beyond(zoom, since=since)
    delete(found, zoom)

    delete(found, zoom)

    assert simulator.meeting(lost.zoom_meeting_id)["deleted"]


@pytest.mark.parametrize(
    ("answers", "deleted"), [(["k"], False), ([""], False), (["a"], True), (["e", True], True), (["e", False], False)]
)
def test_somebody_is_asked(lost, zoom, zoom_hosts, simulator, since, monkeypatch, capsys, answers, deleted):
    by_hand = zoom.create_meeting(zoom_hosts[0].zoom_user_id, MADE_ELSEWHERE)
    at_a_terminal(monkeypatch, *answers)

    commands.run_compare_zoom(since)

    said = capsys.readouterr().err
    assert "left alone: 1" in said
    assert by_hand.topic in said
    assert lost.title in said
    assert simulator.meeting(lost.zoom_meeting_id)["deleted"] == deleted
    assert not simulator.meeting(by_hand.id)["deleted"]


def test_nobody_there_nothing_is_deleted(lost, zoom, simulator, since, capsys):
    commands.run_compare_zoom(since)

    assert "Nothing was deleted: nobody is here to be asked." in capsys.readouterr().err
    assert not simulator.meeting(lost.zoom_meeting_id)["deleted"]


def test_another_installations_meeting_is_left_alone_even_if_all_are_to_go(
    zoom, zoom_hosts, simulator, monkeypatch, capsys
):
    other = zoom.create_meeting(zoom_hosts[0].zoom_user_id, {**MADE_ELSEWHERE, "agenda": marker(make_meeting().pk)})
    Meeting.objects.all().delete()
    at_a_terminal(monkeypatch, "a")

    commands.run_compare_zoom(timezone.now() + timedelta(hours=1))

    assert "Not made by this installation; left alone: 1" in capsys.readouterr().err
    assert not simulator.meeting(other.id)["deleted"]


def test_zoom_that_is_away_is_told_with_what_to_do_later(zoom, zoom_hosts, simulator, since, capsys):
    simulator.fault(kind="status", status=503, path="/v2")

    commands.run_compare_zoom(since)

    assert f"classbell compare-zoom --since {since:%Y-%m-%dT%H:%M:%S}" in capsys.readouterr().err
