"""
Who a browser is in a meeting, kept in cookies of each door.

A cookie's path is its door, so that a host and a guest in two tabs of one browser stay two people.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlencode

from aiohttp import web

from zoomsim.rooms import runs as rooms
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Stay

SEAT = "zoomsim_seat"
WHO = "zoomsim_who"
DAY_S = 86_400


class Whereabouts(StrEnum):
    """Where somebody stands who has been at a door."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    LEFT = "left"
    REMOVED = "removed"
    ENDED = "ended"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a browser said at a door before."""

    name: str = ""
    email: str = ""


def seat_of(request: web.Request, sim: Simulation, meeting: Meeting, person: str = "") -> Stay | None:
    """Return this browser's stay in the latest run; `person` tells the registrants of one door apart."""
    uuid = request.cookies.get(_cookie(SEAT, person))
    runs = sim.store.runs_of(meeting.id)
    if not uuid or not runs:
        return None
    return next((stay for stay in runs[-1].stays if stay.participant_uuid == uuid), None)


def whereabouts(stay: Stay | None) -> Whereabouts:
    """Tell from a stay and the reason of its end where its person stands."""
    if stay is None:
        return Whereabouts.OUTSIDE
    if stay.left_at is None:
        return Whereabouts.INSIDE
    reasons = {
        rooms.REMOVED: Whereabouts.REMOVED,
        rooms.HOST_ENDED: Whereabouts.ENDED,
        rooms.FREE_MINUTES_USED_UP: Whereabouts.ENDED,
        rooms.HOST_STARTED_ANOTHER: Whereabouts.REPLACED,
    }
    return reasons.get(stay.leave_reason.rpartition("Reason: ")[2], Whereabouts.LEFT)


def keep_seat(response: web.Response, door: str, stay: Stay, person: str = "") -> web.Response:
    """Let the browser keep its stay at this door."""
    return _keep(response, _cookie(SEAT, person), stay.participant_uuid, door)


def visitor_of(request: web.Request, person: str = "") -> Visitor:
    """Return what the browser said at this door before."""
    said = parse_qs(request.cookies.get(_cookie(WHO, person), ""))
    return Visitor(said.get("name", [""])[0], said.get("email", [""])[0])


def keep_visitor(response: web.Response, door: str, visitor: Visitor, person: str = "") -> web.Response:
    """Let the browser remember what was said at this door."""
    said = urlencode({"name": visitor.name, "email": visitor.email})
    return _keep(response, _cookie(WHO, person), said, door)


def _cookie(kind: str, person: str) -> str:
    return f"{kind}_{person}" if person else kind


def _keep(response: web.Response, name: str, value: str, door: str) -> web.Response:
    response.set_cookie(name, value, path=door, max_age=DAY_S, httponly=True, samesite="Lax")
    return response
