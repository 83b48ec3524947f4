"""What the control calls read of a request, and how they answer."""

from datetime import UTC, datetime

from aiohttp import web

from zoomsim.clock import check_year, parse_time
from zoomsim.keys import SIMULATION
from zoomsim.lookup import meeting_number
from zoomsim.protocol.wire import Json, compact, parse_object
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting


def simulation_of(request: web.Request) -> Simulation:
    """Return the simulation that a request is for."""
    return request.app[SIMULATION]


def meeting_of(request: web.Request) -> Meeting:
    """Return the meeting that the path names. Raises HTTPNotFound."""
    meeting = simulation_of(request).store.meetings.get(meeting_number(request.match_info["id"]))
    if meeting is None or meeting.deleted_at is not None:
        raise web.HTTPNotFound(text="There is no such meeting.")
    return meeting


async def body_of(request: web.Request) -> Json:
    """Return the JSON object that was sent, empty for nothing. Raises HTTPBadRequest."""
    raw = await request.read()
    try:
        return parse_object(raw) if raw else {}
    except ValueError:
        raise bad_request("The body must be a JSON object.") from None


def moment_of(body: Json) -> datetime | None:
    """Return the time that an event is to have; offsets are allowed here."""
    text = body.get("at")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
        return check_year(moment).astimezone(UTC) if moment.tzinfo else parse_time(str(text))
    except ValueError:
        raise bad_request("at is a time such as 2026-11-29T15:00:00Z") from None


def bad_request(text: str) -> web.HTTPBadRequest:
    """Return the refusal of something that was sent."""
    return web.HTTPBadRequest(text=text)


def answered(body: Json) -> web.Response:
    """Return an answer in JSON."""
    return web.json_response(body, dumps=compact)
