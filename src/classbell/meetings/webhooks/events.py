"""What each of Zoom's events does here. Events may come twice and in any order; none of this minds."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from classbell.addresses import NO_ADDRESS, email_key
from classbell.meetings import consent, jobs
from classbell.meetings.models import Meeting, Registrant, RegistrantStatus, WebhookEvent
from classbell.meetings.presence import runs
from classbell.meetings.signals import recording_told
from classbell.meetings.user_app import SIGNED_BY_APP
from classbell.meetings.webhooks import senders
from classbell.zoom.events import DEAUTHORIZED, Event

# The events of older runs may have been deleted in part: what is written of them stays as it is.
COMPLETE_FOR: Final = timedelta(days=60)
APPROVED: Final = "approved"


def apply(stored: Sequence[WebhookEvent], *, now: datetime) -> None:
    """
    Let events of the inbox have their effect. Needs a transaction. Safe to repeat.

    Raises pydantic's ValidationError for one that is not shaped as Zoom's are.
    """
    in_room: dict[str, list[Event]] = defaultdict(list)
    told = [(row, Event.model_validate(row.body)) for row in stored]
    for row, event in senders.own(told):
        if event.event == DEAUTHORIZED:
            if row.signed_by == SIGNED_BY_APP:
                consent.deauthorized(
                    event.payload.user_id, client_id=event.payload.client_id, at=row.happened_at, now=now
                )
        elif event.fact is None:
            HANDLERS.get(event.event, _nothing)(event)
        elif event.payload.object.uuid and row.happened_at > now - COMPLETE_FOR:
            _name_anew(row, event)
            in_room[event.payload.object.uuid].append(event)
    for uuid in sorted(in_room):
        runs.take_in(in_room[uuid], now=now)


def _nothing(event: Event) -> None:
    """Most of what Zoom tells is nothing to us."""


def _name_anew(row: WebhookEvent, event: Event) -> None:
    """An event that could not be read when it came has no names of its run and connection in the inbox yet."""
    about = event.payload.object
    names = (about.uuid, about.participant.connection if about.participant else "")
    if names != (row.zoom_instance_uuid, row.connection):
        row.zoom_instance_uuid, row.connection = names
        row.save(update_fields=["zoom_instance_uuid", "connection"])


def _changed_at_zoom(event: Event) -> None:
    """Compare our meeting with its spec, unless Zoom tells of what the last comparison has seen, such as our own change."""
    meeting = _meeting(event)
    if meeting is None or not meeting.wanted:
        return
    if meeting.synced_at and event.happened_at and event.happened_at <= meeting.synced_at:
        return
    jobs.defer_reconcile([meeting.pk], batch=True, verify=True)


def _registered(event: Event) -> None:
    """Note the personal link of somebody we expect; whoever registered of their own accord is no concern of ours."""
    registrant, row = event.payload.object.registrant, _registrant(event)
    if registrant is None or row is None or registrant.status not in ("", APPROVED):
        return
    row.status, row.error, row.error_facts = RegistrantStatus.APPROVED, "", None
    row.zoom_registrant_id = registrant.id
    row.join_url = registrant.join_url or row.join_url
    row.save(update_fields=["status", "error", "error_facts", "zoom_registrant_id", "join_url"])


def _unregistered(event: Event) -> None:
    """Forget a link that admits nobody any more. Whether they should be registered anew is for the next sweep to say."""
    registrant, row = event.payload.object.registrant, _registrant(event)
    if registrant is None or row is None or row.zoom_registrant_id != registrant.id:
        return
    row.status, row.zoom_registrant_id, row.join_url = RegistrantStatus.CANCELLED, "", ""
    row.save(update_fields=["status", "zoom_registrant_id", "join_url"])


def _meeting(event: Event) -> Meeting | None:
    zoom_meeting_id = event.payload.object.id
    return Meeting.objects.filter(zoom_meeting_id=zoom_meeting_id).first() if zoom_meeting_id else None


def _registrant(event: Event) -> Registrant | None:
    """Return our registrant whom a registration event is about, locked."""
    registrant, zoom_meeting_id = event.payload.object.registrant, event.payload.object.id
    if registrant is None or not registrant.email or not zoom_meeting_id:
        return None
    email, nobody = email_key(registrant.email), Q(user__email__endswith=f"@{NO_ADDRESS}")
    rows = Registrant.objects.filter(
        Q(user__email=email) | nobody & Q(user__contact_email=email), meeting__zoom_meeting_id=zoom_meeting_id
    )
    found = list(rows.select_for_update(of=("self",)).select_related("user").order_by("pk"))
    # Whose own address it is comes first; of several who share it, nobody knows which of them is meant.
    own = [row for row in found if row.user.has_address]
    return own[0] if own else found[0] if len(found) == 1 else None


def _recorded(event: Event) -> None:
    """Announce it to whoever keeps recordings, if it is of a meeting of ours."""
    if event.payload.object.uuid and _meeting(event) is not None:
        recording_told.send(Meeting, zoom_instance_uuid=event.payload.object.uuid)


HANDLERS: Final[Mapping[str, Callable[[Event], None]]] = {
    "meeting.updated": _changed_at_zoom,
    "meeting.deleted": _changed_at_zoom,
    "meeting.recovered": _changed_at_zoom,
    "meeting.registration_created": _registered,
    "meeting.registration_approved": _registered,
    "meeting.registration_cancelled": _unregistered,
    "meeting.registration_denied": _unregistered,
    "recording.completed": _recorded,
    "recording.transcript_completed": _recorded,
    "recording.trashed": _recorded,
    "recording.deleted": _recorded,
    "recording.recovered": _recorded,
}
