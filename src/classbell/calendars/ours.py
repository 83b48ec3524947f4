"""Which entries of somebody's calendar are Classbell's own: their sessions here, which are no other business of theirs."""

import re
from collections.abc import Collection
from typing import Final
from uuid import UUID

from classbell.holidays.models import Holiday
from classbell.meetings.models import Meeting, Occurrence

_OURS: Final = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@classbell")


def id_of(uid: str) -> UUID | None:
    """Return of what a UID of Classbell's is; None for anybody else's."""
    match = _OURS.fullmatch(uid)
    return UUID(match[1]) if match else None


def ours_among(uids: Collection[str]) -> set[str]:
    """
    Return which UIDs are of sessions, meetings and holidays of this installation: those that Classbell wrote, mailed or fed
    into the calendar. Another school's Classbell makes such UIDs too; there their owner is busy. At most three queries.
    """
    named = {UUID(match[1]): uid for uid in uids if (match := _OURS.fullmatch(uid))}
    if not named:
        return set()
    known: set[UUID] = set()
    for model in (Occurrence, Meeting, Holiday):
        known |= set(model.objects.filter(pk__in=named.keys() - known).values_list("pk", flat=True))
    return {named[key] for key in known}
