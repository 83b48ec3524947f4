"""
What the stand-in for the Meeting SDK is served from and asks: below `/sdk`.

Pages of any site load and ask it, as they do Zoom's. Who came in is known by the participant_uuid that only they have.
"""

import asyncio
from pathlib import Path

from aiohttp import web

from zoomsim.keys import SIMULATION
from zoomsim.lookup import meeting_number
from zoomsim.protocol.wire import Json, compact, parse_object
from zoomsim.rooms import runs as rooms
from zoomsim.sdk.admission import Request, SdkRefused, admit
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Stay

PREFIX = "/sdk"
STATIC = Path(__file__).parent / "static"
KEEP_ALIVE_EVERY_S = 15
FOR_ANY_SITE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def setup(app: web.Application) -> None:
    """Add the addresses to the application: Zoom's own paths, and those that the script asks."""
    app.add_routes(
        [
            web.get(PREFIX + r"/zoom-meeting-{version:[\d.]+}.min.js", script),
            web.get(PREFIX + r"/{version:[\d.]+}/lib/css/{name}.css", style),
            web.get(PREFIX + r"/{version:[\d.]+}/lib/vendor/{name}.min.js", nothing),
            web.post(f"{PREFIX}/join", join),
            web.post(f"{PREFIX}/leave", leave),
            web.post(f"{PREFIX}/end", end),
            web.get(f"{PREFIX}/events", events),
        ]
    )


async def script(request: web.Request) -> web.StreamResponse:
    """Send the stand-in, whatever version was asked for."""
    return _file("zoom-meeting.js", "text/javascript")


async def style(request: web.Request) -> web.StreamResponse:
    """Send how the room looks under the one name, nothing under the other that Zoom has."""
    return _file("room.css", "text/css") if request.match_info["name"] == "bootstrap" else _text("", "text/css")


async def nothing(request: web.Request) -> web.StreamResponse:
    """Send an empty script where Zoom has a library of others: the stand-in needs none."""
    return _text("", "text/javascript")


async def join(request: web.Request) -> web.StreamResponse:
    """Let somebody in, or answer with the SDK's number."""
    sim = request.app[SIMULATION]
    try:
        meeting, stay = admit(sim, Request.read(await _body(request)))
    except SdkRefused as error:
        return _json({"errorCode": error.code, "errorMessage": str(error)})
    return _json({"seat": f"{meeting.id}.{stay.participant_uuid}", **_room(sim, meeting, stay)})


async def leave(request: web.Request) -> web.StreamResponse:
    """Let somebody go; nothing happens when they have gone."""
    sim = request.app[SIMULATION]
    found = _seat(sim, (await _body(request)).get("seat"))
    if found is not None and found[1].left_at is None:
        rooms.leave(sim, found[0], found[1].participant_uuid)
    return _json({})


async def end(request: web.Request) -> web.StreamResponse:
    """End the meeting for everybody, as its host."""
    sim = request.app[SIMULATION]
    found = _seat(sim, (await _body(request)).get("seat"))
    if found is None or found[1].left_at is not None or not _hosts(sim, *found):
        return _json({"errorCode": 3003, "errorMessage": "You are not the host of this meeting."})
    rooms.end_run(sim, found[0])
    return _json({})


async def events(request: web.Request) -> web.StreamResponse:
    """Tell who is in the meeting whenever that changes, as server-sent events; the last says that it is over."""
    sim = request.app[SIMULATION]
    found = _seat(sim, request.query.get("seat"))
    if found is None:
        return web.Response(status=404, headers=FOR_ANY_SITE)
    meeting, stay = found
    headers = FOR_ANY_SITE | {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    with sim.changes.listen() as queue:
        changed = True
        while True:
            try:
                if changed:
                    await response.write(f"data: {compact(_room(sim, meeting, stay))}\n\n".encode())
                    if stay.left_at is not None:
                        return response
                change = await asyncio.wait_for(queue.get(), KEEP_ALIVE_EVERY_S)
                changed = change.get("meeting_id") == meeting.id
            except TimeoutError:
                changed = False
                await response.write(b": still here\n\n")
            except ConnectionError:
                return response


def _room(sim: Simulation, meeting: Meeting, you: Stay) -> Json:
    """Return the room as the script shows it."""
    run = sim.store.running.get(meeting.id)
    people = [
        {
            "userId": int(stay.user_id),
            "userName": stay.name,
            "isHost": stay.zoom_user_id == meeting.host_id,
            "isYou": stay is you,
            "customerKey": stay.customer_key,
        }
        for stay in (run.present if run else [])
    ]
    return {
        "topic": meeting.topic,
        "meetingNumber": str(meeting.id),
        "people": people,
        "over": you.left_at is not None,
        "reason": you.leave_reason.rpartition("Reason: ")[2],
        "hosts": _hosts(sim, meeting, you),
    }


def _hosts(sim: Simulation, meeting: Meeting, stay: Stay) -> bool:
    user = sim.store.users.get(stay.zoom_user_id)
    return user is not None and rooms.may_host(meeting, user)


def _seat(sim: Simulation, seat: object) -> tuple[Meeting, Stay] | None:
    """Return the meeting and the stay that a page was given a seat for; of earlier runs, none."""
    number, _, uuid = str(seat or "").partition(".")
    meeting = sim.store.meetings.get(meeting_number(number))
    runs = sim.store.runs_of(meeting.id) if meeting else []
    stay = next((stay for stay in runs[-1].stays if stay.participant_uuid == uuid), None) if runs else None
    return (meeting, stay) if meeting and stay else None


async def _body(request: web.Request) -> Json:
    """Read JSON, which comes as plain text so that browsers need not ask before they send it."""
    try:
        return parse_object(await request.read())
    except ValueError:
        return {}


def _file(name: str, kind: str) -> web.Response:
    return _text((STATIC / name).read_text(encoding="utf-8"), kind)


def _text(text: str, kind: str) -> web.Response:
    return web.Response(text=text, content_type=kind, headers=FOR_ANY_SITE | {"Cache-Control": "no-cache"})


def _json(body: Json) -> web.Response:
    return web.json_response(body, dumps=compact, headers=FOR_ANY_SITE | {"Cache-Control": "no-store"})
