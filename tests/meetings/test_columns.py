"""What people decide about a meeting is listed once; whoever copies, changes, saves or remembers it has all of it."""

from dataclasses import fields

from django.apps import apps

from classbell.meetings.changes import MeetingChanges
from classbell.meetings.models import DECIDED, Meeting
from classbell.meetings.services import SPEC_COLUMNS, MeetingSpec
from tests.factories_meetings import spec

# Only the reconciler writes these, or the database by itself.
KNOWN = {
    "synced_revision",
    "synced_at",
    "zoom_host",
    "create_started_at",
    "zoom_meeting_id",
    "zoom_overrules",
    "join_url",
    "password",
    "registration_url",
    "id",
    "created_at",
}


def test_spec_has_what_is_decided_and_the_cancelled_days() -> None:
    assert {one.name for one in fields(MeetingSpec)} == {*DECIDED, "cancelled", "shared"}


def test_everything_that_is_decided_can_be_changed() -> None:
    assert MeetingChanges.__annotations__.keys() == {*DECIDED, "cancelled"}


def test_history_keeps_what_is_decided() -> None:
    entry = apps.get_model("meetings", "MeetingEvent")
    kept = {one.name for one in entry._meta.concrete_fields if not one.name.startswith("pgh_")} - {"id"}

    assert kept == {*DECIDED, "seat", "wanted"} - {"gap_minutes"}


def test_every_column_is_decided_follows_from_a_decision_or_is_known_of_zoom() -> None:
    columns = [one.name for one in Meeting._meta.concrete_fields]

    assert sorted(columns) == sorted([*SPEC_COLUMNS, *KNOWN])


def test_spec_fills_the_columns_that_are_decided(db: None) -> None:
    assert spec().fields().keys() == set(DECIDED)
