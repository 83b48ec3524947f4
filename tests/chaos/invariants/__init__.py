"""
What must be true whenever faults are over and nothing is left to do, by a reference of its own.

Nothing here imports the product: it reads the database by plain SQL, Zoom by the simulator's control calls, mail and webhooks
where they arrived, and what was acknowledged from the journal.
"""

from collections.abc import Mapping
from typing import Final

from tests.chaos.invariants.answers import limits_hold, nobody_is_answered_wrongly, nobody_waits_for_each_other
from tests.chaos.invariants.attendance import attendance_is_what_zoom_saw, excuses_are_kept
from tests.chaos.invariants.balances import balances_add_up
from tests.chaos.invariants.lessons import (
    nobody_is_taken_twice,
    series_keep_their_clock,
    what_is_held_is_claimed,
    what_was_acknowledged_is_there,
)
from tests.chaos.invariants.members import members_are_as_listed, zoom_lets_members_in
from tests.chaos.invariants.payments import each_payment_counts_once
from tests.chaos.invariants.people import each_line_is_somebody_once
from tests.chaos.invariants.recordings import each_recording_is_there_once
from tests.chaos.invariants.refunds import (
    each_refund_goes_back_once,
    each_refund_is_told,
    refunds_are_as_asked,
    what_is_refunded_is_gone,
)
from tests.chaos.invariants.seen import Check, Seen
from tests.chaos.invariants.telling import each_notice_once, programs_are_told
from tests.chaos.invariants.zoom import zoom_agrees, zoom_is_heard_once

INVARIANTS: Final[Mapping[str, Check]] = {
    "Zoom agrees": zoom_agrees,
    "nobody is taken twice": nobody_is_taken_twice,
    "what is held is claimed": what_is_held_is_claimed,
    "what was acknowledged is there": what_was_acknowledged_is_there,
    "series keep their clock": series_keep_their_clock,
    "balances add up": balances_add_up,
    "each payment counts once": each_payment_counts_once,
    "each refund goes back once": each_refund_goes_back_once,
    "each refund is told": each_refund_is_told,
    "what is refunded is gone": what_is_refunded_is_gone,
    "refunds are as asked": refunds_are_as_asked,
    "members are as listed": members_are_as_listed,
    "Zoom lets members in": zoom_lets_members_in,
    "each notice once": each_notice_once,
    "programs are told": programs_are_told,
    "attendance is what Zoom saw": attendance_is_what_zoom_saw,
    "each recording once": each_recording_is_there_once,
    "each line once": each_line_is_somebody_once,
    "excuses are kept": excuses_are_kept,
    "limits hold": limits_hold,
    "Zoom is heard once": zoom_is_heard_once,
    "nobody is answered wrongly": nobody_is_answered_wrongly,
    "no deadlocks": nobody_waits_for_each_other,
}

__all__ = ["INVARIANTS", "Seen"]
