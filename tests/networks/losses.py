"""Ways to lose a link, and what a campus makes of one: how long somebody waited, until when it was over."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tests.at_work import Asked, Journal
from tests.networks.campus import APPS, Campus
from tests.simulator import STUCK_SECONDS, wait_until

Lose = Callable[[Campus], None]
# Longer than the lease of a leader, and than all that is waited for by the network itself.
SECONDS: Final = 30.0


def _alone(name: str) -> Lose:
    def lose(campus: Campus) -> None:
        machine = campus.network[name]
        campus.network.cut(machine, campus.network.others(machine))

    return lose


def _between(one: str, other: str) -> Lose:
    return lambda campus: campus.network.cut(campus.network[one], [campus.network[other]])


def _no_answers(one: str, other: str) -> Lose:
    return lambda campus: campus.network.drop(campus.network[other], [campus.network[one]])


def _leader_alone(campus: Campus) -> None:
    leader, _others = campus.databases()
    campus.network.cut(leader, campus.network.others(leader))


def _leader_from_databases(campus: Campus) -> None:
    leader, others = campus.databases()
    campus.network.cut(leader, others)


def _leader_from_app(campus: Campus) -> None:
    leader, _others = campus.databases()
    campus.network.cut(leader, [campus.network[APPS[0]]])


def _leader_hears_nothing(campus: Campus) -> None:
    leader, _others = campus.databases()
    for other in campus.network.others(leader):
        campus.network.drop(other, [leader])


def _leader_is_not_heard(campus: Campus) -> None:
    leader, _others = campus.databases()
    campus.network.drop(leader, campus.network.others(leader))


def _no_answers_of_leader(campus: Campus) -> None:
    leader, _others = campus.databases()
    campus.network.drop(leader, [campus.network[APPS[0]]])


def _leader_slow(campus: Campus) -> None:
    leader, _others = campus.databases()
    leader.slow(milliseconds=100, loss_percent=1)


def _zoom_slow(campus: Campus) -> None:
    campus.network["zoom"].slow(milliseconds=1000, loss_percent=5)


def _all_slow(campus: Campus) -> None:
    for machine in campus.network.others():
        machine.slow(milliseconds=20, loss_percent=3)


BETWEEN_DATABASES: Final = "the leader, from the other databases"
LOSSES: Final[dict[str, Lose]] = {
    "a server, from everybody": _alone("app1"),
    "a server, from its people": _between("app1", "people"),
    "a server, from Zoom": _between("app1", "zoom"),
    "a server hears nothing of Zoom's": _no_answers("app1", "zoom"),
    "a server, from the leader": _leader_from_app,
    "a server hears nothing of the leader's": _no_answers_of_leader,
    "Zoom, from everybody": _alone("zoom"),
    "Zoom slow: 1 s each way, 5 % lost": _zoom_slow,
    "the leader, from everybody": _leader_alone,
    BETWEEN_DATABASES: _leader_from_databases,
    "the leader hears nothing": _leader_hears_nothing,
    "the leader is not heard": _leader_is_not_heard,
    "the leader slow: 100 ms each way, 1 % lost": _leader_slow,
    "all slow: 20 ms each way and machine, 3 % lost": _all_slow,
}


def losses(*, is_plain: bool) -> list[str]:
    """Return what a campus can lose: one with a plain database has no others."""
    return [name for name in LOSSES if not (is_plain and name == BETWEEN_DATABASES)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """
    What one loss did, in seconds: the longest time in which nobody booked, or Zoom told nothing; from the end of the loss
    until each server took a booking or an event, and until the last lesson confirmed meanwhile was at Zoom and the last event
    understood.
    """

    name: str
    without_bookings: float
    without_events: float
    writes_again: dict[str, float]
    at_zoom: float
    understood: float
    asked: list[Asked]

    def failed(self, *kinds: str) -> list[Asked]:
        """Return what was asked in vain."""
        return [one for one in self.asked if one.kind in kinds and not one.is_done]


def lose(campus: Campus, journal: Journal, name: str, *, seconds: float = SECONDS) -> Lost:
    """Lose a link for so long while people work, restore it, and wait until everything goes on as before."""
    campus.cluster.wait_until_whole()
    _wait_for_bookings(journal, time.time())
    began_at = time.time()
    LOSSES[name](campus)
    time.sleep(seconds)
    campus.network.restore()
    restored_at = time.time()
    _wait_for_bookings(journal, restored_at)
    campus.cluster.wait_until_whole()
    writes_again = {
        app: min(one.answered for one in journal.since(restored_at, "booking", "event", app=app) if one.is_done)
        - restored_at
        for app in APPS
    }
    confirmed = [key for key, moment in list(journal.confirmed.items()) if began_at < moment < restored_at]
    events = [key for key, moment in list(journal.events.items()) if began_at < moment < restored_at]
    over_at = time.time()
    return Lost(
        name=name,
        without_bookings=_longest_gap(journal, "booking", began_at, over_at),
        without_events=_longest_gap(journal, "event", began_at, over_at),
        writes_again=writes_again,
        at_zoom=_until_at_zoom(campus, confirmed) - restored_at,
        understood=_until_understood(campus, events) - restored_at,
        asked=journal.since(began_at, "booking", "confirmation", "event", "page"),
    )


def _wait_for_bookings(journal: Journal, moment: float) -> None:
    """Wait until each server has taken some."""

    def are_made() -> bool:
        return all(sum(one.is_done for one in journal.since(moment, "booking", app=app)) >= 2 for app in APPS)

    wait_until(are_made, seconds=STUCK_SECONDS, what="each server to take bookings")


def _longest_gap(journal: Journal, kind: str, began_at: float, ended_at: float) -> float:
    """Return the longest time between two that were acknowledged, of those that lie between two moments in part."""
    done = sorted(one.answered for one in list(journal.asked) if one.kind == kind and one.is_done)
    gaps = [after - before for before, after in itertools.pairwise(done) if after > began_at and before < ended_at]
    return max(gaps, default=0.0)


def _until_at_zoom(campus: Campus, bookings: list[str]) -> float:
    """Return when the last of these lessons came to be at Zoom, by its own clock; waits for them."""
    app = campus.apps[APPS[0]]
    app.disconnect()
    lessons = "FROM bookings_booking b JOIN meetings_meeting m ON m.id = b.meeting_id WHERE b.id = ANY(%s::uuid[])"
    missing = f"SELECT count(*) {lessons} AND m.sync_status <> 'synced'"
    wait_until(lambda: app.query(missing, bookings) == [(0,)], seconds=STUCK_SECONDS, what="lessons to be at Zoom")
    ours = {row[0] for row in app.query(f"SELECT m.zoom_meeting_id {lessons}", bookings)}
    made = [one["created_at"] for one in campus.simulator.state()["meetings"] if str(one["id"]) in ours]
    return max((datetime.fromisoformat(moment).timestamp() for moment in made), default=0.0)


def _until_understood(campus: Campus, events: list[str]) -> float:
    app = campus.apps[APPS[0]]
    which = "FROM meetings_webhookevent WHERE body #>> '{payload,object,id}' = ANY(%s)"
    waiting = f"SELECT count(*) {which} AND processed_at IS NULL"
    wait_until(lambda: app.query(waiting, events) == [(0,)], seconds=STUCK_SECONDS, what="events to be understood")
    ((last,),) = app.query(f"SELECT max(processed_at) {which}", events)
    return float(last.timestamp()) if last else 0.0
