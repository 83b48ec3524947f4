"""The live board as its page shows it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from classbell.accounts.models import User
from classbell.meetings.presence.board import Attendee, Board, Stranger
from classbell.web.attendance.presenters.live_board import BoardView, present_board
from tests.factories_attendance import minute

TEACHER = User(first_name="Zoe", last_name="Teacher")
ANA, BEN, CID = (User(first_name=name, last_name="Silva") for name in ("Ana", "Ben", "Cid"))


def attendee(user: User, came: float, since: float | None = None, *, expected: bool = True) -> Attendee:
    latest = minute(came if since is None else since)
    return Attendee(user=user, expected=expected, came_at=minute(came), since=latest, left_at=None, seconds=60)


def view(board: Board, *, nudged: dict[UUID, datetime] | None = None, at: float = 20) -> BoardView:
    return present_board(
        board,
        teacher_id=TEACHER.pk,
        late_from=minute(10),
        nudged=nudged or {},
        may_nudge_again=timedelta(minutes=10),
        now=minute(at),
    )


def test_board_shows_the_class_by_name_and_the_teacher_apart() -> None:
    here = [attendee(CID, 0), attendee(TEACHER, -1, expected=False), attendee(ANA, 2)]

    shown = view(Board(here=here, left=[], missing=[BEN], unmatched=[]))

    assert [seat.attendee.user for seat in shown.here] == [ANA, CID]
    assert shown.teacher is not None
    assert (shown.teacher.attendee.user, shown.here_expected, shown.expected) == (TEACHER, 2, 3)


@pytest.mark.parametrize(
    ("came", "since", "late", "back"),
    [(10, None, False, False), (10.1, None, True, False), (0, 15, False, True)],
    ids=["just-in-time", "late", "dropped-out-and-back"],
)
def test_board_says_who_was_late_and_who_came_back(came: float, since: float | None, late: bool, back: bool) -> None:
    (seat,) = view(Board(here=[attendee(ANA, came, since)], left=[], missing=[], unmatched=[])).here

    assert (seat.is_late, seat.is_back) == (late, back)


def test_board_offers_the_likest_of_the_missing_first() -> None:
    missing = [User(first_name=name, last_name="X") for name in ("Omar", "Layla", "Noor", "Tom", "Yusuf", "Sara")]
    stranger = Stranger(participation_id=UUID(int=1), name="yousuf", email="", joined_at=minute(0), left_at=None)

    (unknown,) = view(Board(here=[attendee(ANA, 0)], left=[], missing=missing, unmatched=[stranger])).unknown

    assert unknown.guesses[0].first_name == "Yusuf"
    assert {user.pk for user in (*unknown.guesses, *unknown.others)} == {ANA.pk, *(user.pk for user in missing)}


def test_digest_changes_only_with_what_is_shown() -> None:
    board = Board(here=[attendee(ANA, 0)], left=[], missing=[BEN], unmatched=[])

    same, later = view(board), view(board, at=40)
    nudged = view(board, nudged={BEN.pk: minute(19)})

    assert same.digest == later.digest != nudged.digest
