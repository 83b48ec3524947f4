"""A meeting from inside, as every door shows it, and the news of it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from aiohttp import web

from zoomsim.keys import SIMULATION
from zoomsim.pages.finding import meeting_of_link, shown_occurrence
from zoomsim.pages.rendering import render, sentence
from zoomsim.rooms.runs import may_enter_before_host
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Run, Stay

KEEP_ALIVE_EVERY_S = 15
TONES = 6
NAME_AT_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in the room. `number` tells people apart; the uuid stays between a browser and its seat."""

    number: str
    name: str
    initials: str
    tone: int
    since: datetime
    is_host: bool
    is_you: bool
    is_registered: bool


def meeting_at(request: web.Request) -> Meeting | None:
    """Return the meeting of the address."""
    sim, number = request.app[SIMULATION], request.match_info["number"]
    meeting, named = meeting_of_link(sim, number), request.query.get("omn", "")
    # Of several meetings on one personal id, the link says which.
    meant = meeting_of_link(sim, named) if named.isascii() and named.isdecimal() else None
    return meant if meeting and meant and meant.host_id == meeting.host_id else meeting


def no_meeting(request: web.Request) -> web.Response:
    """Say that there is no such meeting."""
    return sentence(request, "no_meeting", status=404, number=request.match_info.get("number", "?"))


def about(sim: Simulation, meeting: Meeting) -> dict[str, Any]:
    """Return what every page about a meeting shows of it."""
    run = sim.store.running.get(meeting.id)
    now = sim.now()
    host = sim.store.users[meeting.host_id]
    return {
        "meeting": meeting,
        "host_name": host.display_name,
        "occurrence": shown_occurrence(meeting, now),
        "run": run,
        "present": len(run.present) if run else 0,
        "has_ended": run is None and bool(sim.store.runs_of(meeting.id)),
        "is_open": run is not None or may_enter_before_host(meeting, now),
    }


def show_room(
    request: web.Request, sim: Simulation, meeting: Meeting, run: Run, you: Stay, **more: Any
) -> web.Response:
    """Return the room with who is in it."""
    people = [_person(meeting, stay, you) for stay in run.present]
    people.sort(key=lambda person: (not person.is_host, person.since))
    context = {
        "door": "",
        "query": "",
        "hosting": False,
        "registrants": None,
        "may_record": False,
        **about(sim, meeting),
        **more,
    }
    return render(request, "rooms/room.html", people=people, you=you, **context)


async def events(request: web.Request) -> web.StreamResponse:
    """Tell that something changed in a meeting, as server-sent events without any data about it."""
    sim, meeting = request.app[SIMULATION], meeting_at(request)
    if meeting is None:
        return no_meeting(request)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    with sim.changes.listen() as queue:
        while True:
            try:
                change = await asyncio.wait_for(queue.get(), KEEP_ALIVE_EVERY_S)
                if change.get("meeting_id") == meeting.id or change["kind"] in {"reset", "clock"}:
                    await response.write(b"data: {}\n\n")
            except TimeoutError:
                await response.write(b": still here\n\n")
            except ConnectionError:
                return response


def _person(meeting: Meeting, stay: Stay, you: Stay) -> Person:
    return Person(
        number=stay.user_id,
        name=stay.name,
        initials=_initials(stay.name),
        tone=crc32(stay.name.encode()) % TONES,
        since=stay.joined_at,
        is_host=stay.zoom_user_id == meeting.host_id,
        is_you=stay is you,
        is_registered=bool(stay.registrant_id),
    )


def _initials(name: str) -> str:
    words = name.split()
    # The invisible mark keeps Arabic letters from joining.
    return "\u200c".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"
