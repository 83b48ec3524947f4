"""
What stands in the way of time that was refused, and how much of it is told.

One rule, whatever asked: people are told what they may see anyway. Of a colleague's lessons, classes and requests they learn
that the colleague is busy, no more.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_noop

from classbell.accounts.reader import reader
from classbell.meetings import claims
from classbell.meetings.claims import NewClaim
from classbell.meetings.errors import Clash, TeacherBusy
from classbell.meetings.models import Claim, ClaimKind, Occurrence
from classbell.reasons import Said

A_REQUEST: Final = gettext_noop("a request that waits for its answer")
IN_OWN_CALENDAR: Final = gettext_noop("something in their own calendar")


def clashes_by_meeting(
    refused: Sequence[NewClaim], occurrences: Sequence[Occurrence], *, ignoring: Collection[UUID] = ()
) -> dict[UUID, list[Clash]]:
    """
    Return what stands in the way of refused claims, by the meeting whose sessions made them; `ignoring` as in
    `claims.conflicting`.
    """
    meeting_of = {o.pk: o.meeting_id for o in occurrences}
    clashes: dict[UUID, list[Clash]] = {
        meeting_of[claim.occurrence_id]: [] for claim in refused if claim.occurrence_id is not None
    }
    found = claims.conflicting(refused, ignoring=ignoring)
    told = what_blocks(blocker for _claim, blocker in found)
    for claim, blocker in found:
        assert claim.occurrence_id is not None  # noqa: S101 -- sessions made these claims
        clashes[meeting_of[claim.occurrence_id]].append(
            Clash(starts_at=claim.starts_at, ends_at=claim.ends_at, blocked_by=told[blocker.pk])
        )
    return clashes


def teacher_busy(refused: Sequence[NewClaim], occurrences: Sequence[Occurrence]) -> TeacherBusy:
    """Return the refusal of sessions whose claims on somebody's time were refused, all clashes in order."""
    held_by = {o.pk: o for o in occurrences}
    first = next(held_by[claim.occurrence_id] for claim in refused if claim.occurrence_id is not None)
    found = [clash for of_one in clashes_by_meeting(refused, occurrences).values() for clash in of_one]
    in_charge = first.substitute or first.meeting.teacher
    return TeacherBusy(in_charge, sorted(found, key=lambda clash: clash.starts_at))


def what_blocks(blockers: Iterable[Claim]) -> dict[UUID, str]:
    """Return, by claim, what a claim on a teacher's time is for, in words; "" where its reader is told no more than busy."""
    known = list(blockers)
    open_ones = open_to_reader(known)
    return {
        blocker.pk: (str(blocker.occurrence) if blocker.occurrence else Said(_without_session(blocker)))
        if blocker.pk in open_ones
        else ""
        for blocker in known
    }


def _without_session(blocker: Claim) -> str:
    return IN_OWN_CALENDAR if blocker.kind == ClaimKind.ELSEWHERE else A_REQUEST


def open_to_reader(blockers: Collection[Claim]) -> set[UUID]:
    """Return the claims of which the reader may know what they are for: at most one query."""
    who = reader()
    if who is None:
        return {blocker.pk for blocker in blockers}
    if isinstance(who, AnonymousUser):
        return set()
    occurrences = {blocker.occurrence_id for blocker in blockers if blocker.occurrence_id is not None}
    seen = (
        set(Occurrence.objects.visible_to(who).filter(pk__in=occurrences).values_list("pk", flat=True))
        if occurrences
        else ()
    )
    return {
        blocker.pk
        for blocker in blockers
        if (
            who.is_admin or blocker.resource_id == who.pk
            if blocker.occurrence_id is None
            else blocker.occurrence_id in seen
        )
    }
