"""
Who may tell of what: a message counts for the meetings of the account that signed it. One that names another account's
meeting, or a run of one, is kept in the inbox as nobody's, and nothing comes of it. The app that teachers consent to signs
for all of their accounts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import structlog
from django.db.models import Case, Value, When

from classbell.meetings.models import Meeting, MeetingRun, WebhookEvent
from classbell.meetings.presence import runs
from classbell.meetings.user_app import SIGNED_BY_APP
from classbell.zoom.events import Event

log = structlog.get_logger(__name__)

DETACHED: Final = {"zoom_meeting_id": "", "zoom_instance_uuid": "", "connection": ""}
Told = tuple[WebhookEvent, Event]


def own(told: Sequence[Told]) -> list[Told]:
    """
    Return the messages whose sender may tell of what they name, and take the others away from it.

    At most two statements when all are in order. Needs a transaction. Safe to repeat.
    """
    signed = [event for row, event in told if row.signed_by]
    if not signed:
        return list(told)
    meetings_of_runs = _meetings_of_runs(signed)
    holders = _holders({event.payload.object.id for event in signed} | set(meetings_of_runs.values()))
    kept: list[Told] = []
    for row, event in told:
        about = event.payload.object
        named = {about.id, meetings_of_runs.get(about.uuid, "")}
        if row.signed_by and any(holders.get(one, row.signed_by) != row.signed_by for one in named):
            _take_away(row, event)
        else:
            kept.append((row, event))
    return kept


def _meetings_of_runs(events: Iterable[Event]) -> dict[str, str]:
    """Return Zoom's numbers of the meetings whose runs these events name, by run."""
    named = {event.payload.object.uuid for event in events} - {""}
    if not named:
        return {}
    return dict(
        MeetingRun.objects.filter(zoom_instance_uuid__in=named).values_list("zoom_instance_uuid", "zoom_meeting_id")
    )


def _holders(zoom_meeting_ids: Iterable[str]) -> Mapping[str, str]:
    """Return the accounts that hold these meetings, by Zoom's numbers; what is no meeting of ours is not among them."""
    ours = Meeting.objects.filter(zoom_meeting_id__in=set(zoom_meeting_ids) - {""}, zoom_host__isnull=False)
    account = "zoom_host__account"
    signing = Case(
        When(**{f"{account}__by_consent": True}, then=Value(SIGNED_BY_APP)), default=f"{account}__account_id"
    )
    return dict(ours.values_list("zoom_meeting_id", signing))


def _take_away(row: WebhookEvent, event: Event) -> None:
    about = event.payload.object
    log.warning("webhook_of_another_account", event_id=str(row.pk), zoom_event=row.event, signed_by=row.signed_by)
    WebhookEvent.objects.filter(pk=row.pk).update(**DETACHED)
    for name, value in DETACHED.items():
        setattr(row, name, value)
    run = MeetingRun.objects.select_for_update().filter(zoom_instance_uuid=about.uuid).first() if about.uuid else None
    if run is not None and about.participant is not None:
        # A true message of that run may have been understood in between, and this one with it.
        runs.learn(run, connections={about.participant.connection})
