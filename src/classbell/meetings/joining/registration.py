"""
Registering people at Zoom: who a meeting expects against who Zoom has, and what is needed to make the two agree.

Zoom tells registrants apart by their e-mail. Who has none of their own is registered with the one that the school writes to,
where it is nobody else's in the meeting; of several who share one nobody is, for Zoom would take them for one person.

Level-triggered, as reconcile is: it may run at any time and twice. Zoom takes three adds of an e-mail to a meeting a day, so
nobody is added before Zoom's list has been read, and what was added is read back before it is believed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import Case, Value, When
from django.utils.translation import gettext_noop

from classbell.accounts.models import User
from classbell.addresses import email_key
from classbell.meetings.audience import people_to_register
from classbell.meetings.joining.doors import has_fitting_address
from classbell.meetings.locks import REGISTRANT_LOCKS, advisory_lock, meeting_key
from classbell.meetings.meeting_settings.catalogue import PEOPLE_WAIT_FOR_APPROVAL
from classbell.meetings.meeting_settings.inherited import levels_of
from classbell.meetings.models import Meeting, Registrant, RegistrantStatus, SyncStatus
from classbell.meetings.sync.gateway import in_account
from classbell.reasons import Said, kept, of_zoom
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError
from classbell.zoom.models import NewRegistrant, RegistrantReference
from classbell.zoom.models import Registrant as ZoomRegistrant

log = structlog.get_logger(__name__)

# Zoom: at most this many in one batch call or one change of status.
MOST_A_CALL: Final = 30
# Single adds at a time: enough to keep any plan's limit busy at a usual delay of Zoom.
AT_A_TIME: Final = 10

Row = TypeVar("Row")
Item = TypeVar("Item")


@dataclass(kw_only=True, slots=True)
class Outcome:
    """What became of it: who is registered, who is not and why (`retryable` ones are tried again), who was taken out."""

    registered: list[UUID] = field(default_factory=list)
    failed: dict[UUID, str] = field(default_factory=dict)
    cancelled: int = 0
    retryable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Added:
    """One attempt to add a person."""

    user: User
    error: ZoomError | None = None


def register_everybody(meeting_id: UUID, client: ZoomClient, *, lock_wait_seconds: float = 0.0) -> Outcome:
    """
    Make Zoom's registrants of a meeting those whom it expects. One failure does not stop the rest: each is noted on the
    person's Registrant, with its reason.

    People who registered by themselves at Zoom are left alone. Raises LockBusy, and ZoomError when Zoom's list cannot be
    read.
    """
    with advisory_lock(REGISTRANT_LOCKS, meeting_key(meeting_id), wait_seconds=lock_wait_seconds):
        meeting = Meeting.objects.select_related("teacher", "group", "zoom_host__account").get(pk=meeting_id)
        if not is_open(meeting):
            return Outcome()
        client = in_account(client, meeting.zoom_account_id or client.account_id)
        outcome = Outcome()
        wanted = _admissible(meeting, outcome)
        known = {email_key(row.email): row for row in client.iter_registrants(meeting.zoom_meeting_id)}
        _cancel(meeting, wanted, known, client, outcome)
        missing = {email: user for email, user in wanted.items() if email not in known}
        if missing:
            approved = _approve(meeting, missing, client)
            missing = {email: user for email, user in missing.items() if email not in approved}
            for added in _add(meeting, missing, client):
                if added.error is not None:
                    outcome.failed[added.user.pk] = of_zoom(added.error)
                    outcome.retryable |= added.error.retryable
            known = {email_key(row.email): row for row in client.iter_registrants(meeting.zoom_meeting_id)}
        _record(meeting, wanted, known, outcome)
        return outcome


def is_open(meeting: Meeting) -> bool:
    """Whether people can be registered: it is on Zoom, with registration."""
    on_zoom = meeting.wanted and meeting.sync_status == SyncStatus.SYNCED and bool(meeting.zoom_meeting_id)
    return meeting.registration and on_zoom and not meeting.is_elsewhere


def _admissible(meeting: Meeting, outcome: Outcome) -> dict[str, User]:
    """Return whom Zoom is to have, by the lower-case e-mail to register them with; who cannot be registered is a failure."""
    wanted: dict[str, User] = {}
    sharing: dict[str, list[User]] = defaultdict(list)
    for user in people_to_register(meeting):
        if not has_fitting_address(user):
            outcome.failed[user.pk] = _foreign(user)
        elif user.has_address:
            wanted[email_key(user.email)] = user
        else:
            sharing[email_key(user.contact_email)].append(user)
    for email, people in sharing.items():
        if email and len(people) == 1 and email not in wanted:
            wanted[email] = people[0]
        else:
            outcome.failed |= dict.fromkeys([user.pk for user in people], _unregistrable(email))
    return wanted


def _foreign(user: User) -> str:
    if not user.has_address:
        return Said(gettext_noop("The school lets in only its own e-mail addresses, and they have none."))
    return Said(gettext_noop("The e-mail address %(email)s is not of the school."), email=user.address)


def _unregistrable(email: str) -> str:
    if not email:
        return Said(gettext_noop("They have no e-mail address, and Zoom registers nobody without one."))
    reason = gettext_noop("Others of this meeting have %(email)s too, and Zoom registers each address once.")
    return Said(reason, email=email)


def _cancel(
    meeting: Meeting,
    wanted: dict[str, User],
    known: dict[str, ZoomRegistrant],
    client: ZoomClient,
    outcome: Outcome,
) -> None:
    """Take out whom we registered and no longer expect, or not under that e-mail."""
    ours = Registrant.objects.filter(meeting=meeting).exclude(zoom_registrant_id="")
    expected = {(user.pk, known[email].id) for email, user in wanted.items() if email in known}
    gone = [row for row in ours if (row.user_id, row.zoom_registrant_id) not in expected]
    ids = {row.zoom_registrant_id for row in gone} - {id_ for _user, id_ in expected}
    leaving = [one for one in known.values() if one.id in ids]
    for together in _batches(leaving):
        client.update_registrant_status(
            meeting.zoom_meeting_id, "cancel", [{"id": one.id, "email": one.email} for one in together]
        )
        outcome.cancelled += len(together)
    # Who is invited goes on being expected, though without a registration: somebody who has become an admin, say.
    left = Case(
        When(is_invited=True, then=Value(RegistrantStatus.INVITED.value)),
        default=Value(RegistrantStatus.CANCELLED.value),
    )
    Registrant.objects.filter(pk__in=[row.pk for row in gone]).update(status=left, zoom_registrant_id="", join_url="")


def _approve(meeting: Meeting, wanted: Mapping[str, User], client: ZoomClient) -> set[str]:
    """
    Let in whom we expect of those who registered by themselves and wait for it, and return their e-mails. The others go on
    waiting: nobody expects them.
    """
    if levels_of(meeting).held["approval_type"] != PEOPLE_WAIT_FOR_APPROVAL:
        return set()
    waiting = client.iter_registrants(meeting.zoom_meeting_id, status="pending")
    expected = [one for one in waiting if email_key(one.email) in wanted]
    for together in _batches(expected):
        named: list[RegistrantReference] = [{"id": one.id, "email": one.email} for one in together]
        client.update_registrant_status(meeting.zoom_meeting_id, "approve", named)
    return {email_key(one.email) for one in expected}


def _add(meeting: Meeting, people: Mapping[str, User], client: ZoomClient) -> Iterable[_Added]:
    """Add people by e-mail, in batches where Zoom has them (single meetings), else one by one, several at a time."""
    if meeting.is_recurring:
        return _at_a_time([partial(_add_one, meeting, one, client) for one in people.items()])
    results = _at_a_time([partial(_add_batch, meeting, some, client) for some in _batches(list(people.items()))])
    return [added for result in results for added in result]


def _add_one(meeting: Meeting, one: tuple[str, User], client: ZoomClient) -> _Added:
    email, user = one
    try:
        client.add_registrant(meeting.zoom_meeting_id, {**_new(email, user), "auto_approve": True})
    except ZoomError as error:
        return _Added(user=user, error=error)
    return _Added(user=user)


def _add_batch(meeting: Meeting, people: Sequence[tuple[str, User]], client: ZoomClient) -> list[_Added]:
    """Add up to 30; when Zoom refuses the whole for the sake of some, one by one, so that only those fail."""
    try:
        client.add_registrants(meeting.zoom_meeting_id, [_new(*one) for one in people])
    except ZoomError as error:
        if error.retryable or len(people) == 1:
            return [_Added(user=user, error=error) for _email, user in people]
        return [_add_one(meeting, one, client) for one in people]
    return [_Added(user=user) for _email, user in people]


def _record(meeting: Meeting, wanted: dict[str, User], known: dict[str, ZoomRegistrant], outcome: Outcome) -> None:
    """Note how each stands, believing only what Zoom lists. Two statements, whatever the number."""
    rows = []
    for email, user in wanted.items():
        registrant = known.get(email)
        if registrant is not None:
            outcome.failed.pop(user.pk, None)
            outcome.registered.append(user.pk)
        rows.append(
            Registrant(
                meeting=meeting,
                user=user,
                is_invited=False,
                status=RegistrantStatus.APPROVED if registrant else RegistrantStatus.FAILED,
                zoom_registrant_id=registrant.id if registrant else "",
                join_url=(registrant.join_url or "") if registrant else "",
            )
        )
    rows += [
        Registrant(meeting=meeting, user_id=user, is_invited=False, status=RegistrantStatus.FAILED)
        for user in outcome.failed
        if user not in {row.user_id for row in rows}
    ]
    for row in rows:
        row.error, row.error_facts = kept(outcome.failed.get(row.user_id, ""))
    Registrant.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["meeting", "user"],
        update_fields=["status", "zoom_registrant_id", "join_url", "error", "error_facts"],
    )
    log.info(
        "registrants_synced",
        meeting=str(meeting.pk),
        registered=len(outcome.registered),
        failed=len(outcome.failed),
        cancelled=outcome.cancelled,
    )


def _at_a_time(calls: Sequence[Callable[[], Row]]) -> list[Row]:
    """Run calls in a few threads, each with a database connection of its own for the limiter, logged as the caller's."""

    def run(call: Callable[[], Row]) -> Row:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(min(AT_A_TIME, max(1, len(calls)))) as pool:
        return [done.result() for done in [pool.submit(copy_context().run, run, call) for call in calls]]


def _batches(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[first : first + MOST_A_CALL] for first in range(0, len(items), MOST_A_CALL)]


def _new(email: str, user: User) -> NewRegistrant:
    return {"email": email, "first_name": (user.first_name or user.name)[:64], "last_name": user.last_name[:64]}
