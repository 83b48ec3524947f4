"""Who is in a session right now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from classbell.accounts.models import User
from classbell.meetings.audience import expected_people
from classbell.meetings.models import MatchedBy, Occurrence, Participation
from classbell.meetings.periods import Period, Stay, StaySource, presence, whole_seconds
from classbell.meetings.presence.identity import alias_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendee:
    """
    Somebody who is or was in the room. They first came in at `came_at`; `since` is when the present, or the latest,
    uninterrupted stretch began. `taken_for` are the strangers of whom a person, not Zoom, said that it is them.
    """

    user: User
    expected: bool
    came_at: datetime
    since: datetime
    left_at: datetime | None
    seconds: int
    taken_for: Sequence["Stranger"] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stranger:
    """
    Somebody for whom Zoom's word alone finds no account, under the name they gave themselves, with the latest of their
    connections. `left_at` None: still there.
    """

    participation_id: UUID
    name: str
    email: str
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """
    A session at one moment: those here and those gone in the order of arrival, then who is missing, by name. Of the
    `unmatched` nobody has said who they are, the `guests` are nobody of ours, as somebody said.
    """

    here: Sequence[Attendee]
    left: Sequence[Attendee]
    missing: Sequence[User]
    unmatched: Sequence[Stranger]
    guests: Sequence[Stranger] = ()


def live_board(occurrence: Occurrence, *, now: datetime) -> Board:
    """Return who is here since when, who was and left, who is missing and who is unknown. Two statements."""
    participations = list(
        Participation.objects.filter(occurrence=occurrence).select_related("user").order_by("joined_at", "pk")
    )
    expected = {
        user.pk: user
        for user in expected_people(occurrence.meeting)
        if user.pk not in (occurrence.meeting.teacher_id, occurrence.teacher_id)
    }
    stays: dict[User, list[Stay]] = {}
    for row in participations:
        if row.user is not None:
            source = StaySource(row.source)
            stays.setdefault(row.user, []).append(Stay(joined_at=row.joined_at, left_at=row.left_at, source=source))
    said = _said_by_people(participations)
    attendees = [
        _attendee(user, theirs, expected=user.pk in expected, taken_for=said.get(user, ()), now=now)
        for user, theirs in stays.items()
    ]
    seen = {user.pk for user in stays}
    unknown = [row for row in participations if row.user is None]
    return Board(
        here=[attendee for attendee in attendees if attendee.left_at is None],
        left=[attendee for attendee in attendees if attendee.left_at is not None],
        missing=[user for pk, user in expected.items() if pk not in seen],
        unmatched=_strangers(row for row in unknown if row.matched_by != MatchedBy.NOBODY),
        guests=_strangers(row for row in unknown if row.matched_by == MatchedBy.NOBODY),
    )


def _strangers(rows: Iterable[Participation]) -> list[Stranger]:
    """Who drops and comes back, or is told of by both sources, is one stranger: whom they are taken for goes for all."""
    by_alias: dict[object, list[Participation]] = defaultdict(list)
    for row in rows:
        by_alias[alias_of(row).key or row.pk].append(row)
    return [
        Stranger(
            participation_id=theirs[-1].pk,
            name=theirs[-1].name,
            email=theirs[-1].email,
            joined_at=theirs[0].joined_at,
            left_at=None if any(row.left_at is None for row in theirs) else theirs[-1].left_at,
        )
        for theirs in by_alias.values()
    ]


def _said_by_people(rows: Iterable[Participation]) -> dict[User, list[Stranger]]:
    by_user: dict[User, list[Participation]] = defaultdict(list)
    for row in rows:
        if row.user is not None and row.matched_by in (MatchedBy.MANUAL, MatchedBy.REMEMBERED):
            by_user[row.user].append(row)
    return {user: _strangers(theirs) for user, theirs in by_user.items()}


def _attendee(
    user: User, stays: Sequence[Stay], *, expected: bool, taken_for: Sequence[Stranger], now: datetime
) -> Attendee:
    # Somebody without a leave is here, and so counts as long as until now even if they came this very moment.
    is_here = any(stay.left_at is None for stay in stays)
    stretches = presence(stays, until=now)
    latest = stretches[-1] if stretches else Period(starts_at=stays[-1].joined_at, ends_at=stays[-1].joined_at)
    return Attendee(
        user=user,
        expected=expected,
        came_at=stretches[0].starts_at if stretches else latest.starts_at,
        since=latest.starts_at,
        left_at=None if is_here else latest.ends_at,
        seconds=whole_seconds(stretches),
        taken_for=taken_for,
    )
