"""The live board as its page shows it. No database, no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from hashlib import sha256
from uuid import UUID

from classbell.accounts.models import User
from classbell.addresses import mailbox_of
from classbell.meetings.presence.board import Attendee, Board, Stranger

# So many of the missing are offered as buttons to say who a stranger is; the others are in a list.
GUESSES = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """Somebody who is or was in the room."""

    attendee: Attendee
    is_late: bool
    is_back: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """Somebody who has not come; `nudged_at` is when they were last told to. Who is excused need not come."""

    user: User
    nudged_at: datetime | None
    is_excused: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """Somebody nobody recognised: first who it might be, then everybody else of the class."""

    stranger: Stranger
    guesses: Sequence[User]
    others: Sequence[User]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardView:
    """
    The class by name, and how many there are; `teacher` is who teaches it, if they are or were there. `digest` changes
    whenever anything on the board does.
    """

    teacher: Seat | None
    here: Sequence[Seat]
    left: Sequence[Seat]
    missing: Sequence[Missing]
    unknown: Sequence[Unknown]
    guests: Sequence[Stranger]
    here_expected: int
    expected: int
    digest: str


def present_board(
    board: Board,
    *,
    teacher_id: UUID,
    late_from: datetime,
    nudged: Mapping[UUID, datetime],
    may_nudge_again: timedelta,
    excused: Collection[UUID] = (),
    now: datetime,
) -> BoardView:
    """Return the board in the order in which people look for names; `late_from` is the last moment to come in on time."""
    seats = [_seat(one, late_from) for one in sorted((*board.here, *board.left), key=lambda one: _sort_key(one.user))]
    teacher = next((seat for seat in seats if seat.attendee.user.pk == teacher_id), None)
    here = [seat for seat in seats if seat is not teacher and seat.attendee.left_at is None]
    left = [seat for seat in seats if seat is not teacher and seat.attendee.left_at is not None]
    missing = [
        Missing(
            user=user,
            nudged_at=_recent(nudged.get(user.pk), now - may_nudge_again),
            is_excused=user.pk in excused,
        )
        for user in sorted(board.missing, key=_sort_key)
    ]
    class_ = [one.user for one in missing] + [seat.attendee.user for seat in (*here, *left) if seat.attendee.expected]
    unknown = [_unknown(stranger, [one.user for one in missing], class_) for stranger in board.unmatched]
    return BoardView(
        teacher=teacher,
        here=here,
        left=left,
        missing=missing,
        unknown=unknown,
        guests=board.guests,
        here_expected=sum(seat.attendee.expected for seat in here),
        expected=len(class_),
        digest=_digest(
            *(
                (seat.attendee.user.pk, seat.attendee.since, seat.attendee.left_at, len(seat.attendee.taken_for))
                for seat in seats
            ),
            *((one.user.pk, one.nudged_at, one.is_excused) for one in missing),
            *((one.stranger.participation_id, one.stranger.left_at) for one in unknown),
            *((guest.participation_id, guest.left_at, "guest") for guest in board.guests),
        ),
    )


def _sort_key(user: User) -> str:
    return user.name.casefold()


def _seat(attendee: Attendee, late_from: datetime) -> Seat:
    return Seat(
        attendee=attendee,
        is_late=attendee.expected and attendee.came_at > late_from,
        is_back=attendee.since > attendee.came_at,
    )


def _digest(*shown: tuple[object, ...]) -> str:
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _recent(moment: datetime | None, earliest: datetime) -> datetime | None:
    return moment if moment and moment > earliest else None


def _unknown(stranger: Stranger, missing: Sequence[User], class_: Sequence[User]) -> Unknown:
    """Whoever is missing may be it: whose address leads to the same mailbox, then the likest name first."""
    mailbox = mailbox_of(stranger.email)
    likely = sorted(
        missing,
        key=lambda user: (not mailbox or mailbox_of(user.address) != mailbox, -_likeness(stranger.name, user.name)),
    )[:GUESSES]
    return Unknown(stranger=stranger, guesses=likely, others=[user for user in class_ if user not in likely])


def _likeness(name: str, other: str) -> float:
    """Return how much the likest parts of two names have in common, 0 to 1: people show a first name, or a last one."""
    parts = [(one, another) for one in name.casefold().split() for another in other.casefold().split()]
    return max((SequenceMatcher(None, one, another).ratio() for one, another in parts), default=0.0)
