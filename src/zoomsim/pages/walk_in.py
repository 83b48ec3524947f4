"""A class that walks into a meeting by itself, as classes do: some late, some dropping out and coming back."""

import asyncio
import random
from collections.abc import AsyncIterator

from aiohttp import web

from zoomsim.meetings.settings import NO_REGISTRATION
from zoomsim.rooms import runs as rooms
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Registrant, RegistrantStatus, Stay

MOST = 60
SECONDS_EACH = 0.25
WITHIN_S = 8.0
LATE_BY_S = 6.0
LATE, RECONNECTING = 0.15, 0.15
AWAY_S = 2.0
DISCONNECTED = "got disconnected from the meeting."

LATIN = (
    ("Amina", "Bilal", "Clara", "Daoud", "Elif", "Farid", "Grace", "Hana", "Ibrahim", "Jana", "Khalid", "Lina", "Noah"),
    ("Haddad", "Okafor", "Novak", "Rahman", "Silva", "Yilmaz", "Keller", "Aziz", "Moreau", "Tanaka"),
)
ARABIC = (("سلمى", "أنس", "ليلى", "حمزة", "نور", "مريم"), ("حداد", "عوض", "نجار", "سلمان", "عزيز", "طاهر"))
NAMES = [f"{first} {last}" for firsts, lasts in (LATIN, ARABIC) for first in firsts for last in lasts]


class Walks:
    """Classes that are walking in now."""

    def __init__(self) -> None:
        self._meetings: dict[asyncio.Task[None], int] = {}

    def let_in(self, sim: Simulation, meeting: Meeting, count: int) -> None:
        """Let so many people in over the next seconds: the registrants still missing when there are any."""
        registrants = expected(sim, meeting)
        people: list[tuple[str, str]] = []
        if registrants is None:
            people = [(name, "") for name in _names(sim, meeting, count)]
        else:
            people = [(f"{one.first_name} {one.last_name}".strip(), one.id) for one in registrants[:count]]
        over_s = min(WITHIN_S, SECONDS_EACH * len(people))
        for name, registrant_id in people:
            after_s = random.uniform(0, over_s)  # noqa: S311 -- dice, not secrets
            self._begin(sim, meeting, name, registrant_id, after_s)

    def stop(self, meeting: Meeting | None = None) -> None:
        """Keep those out who have not come yet, to one meeting or to any."""
        for task, number in self._meetings.items():
            if meeting is None or number == meeting.id:
                task.cancel()

    def _begin(self, sim: Simulation, meeting: Meeting, name: str, registrant_id: str, after_s: float) -> None:
        task = asyncio.get_running_loop().create_task(_walk(sim, meeting, name, registrant_id, after_s))
        self._meetings[task] = meeting.id
        task.add_done_callback(lambda done: self._meetings.pop(done, None))


WALKS = web.AppKey("WALKS", Walks)


async def walks(app: web.Application) -> AsyncIterator[None]:
    """Keep the classes under way while the application runs."""
    app[WALKS] = Walks()
    yield
    app[WALKS].stop()


def expected(sim: Simulation, meeting: Meeting) -> list[Registrant] | None:
    """Return the approved registrants who are not in the meeting; None where nobody registers."""
    everybody = sim.store.registrants_of(meeting.id).values()
    if meeting.approval_type == NO_REGISTRATION and not everybody:
        return None
    run = sim.store.running.get(meeting.id)
    inside = {stay.registrant_id for stay in run.present} if run else set()
    return [one for one in everybody if one.status is RegistrantStatus.APPROVED and one.id not in inside]


async def _walk(sim: Simulation, meeting: Meeting, name: str, registrant_id: str, after_s: float) -> None:
    """Come in once, some late, some a second time after their connection broke. Stops when the meeting is over."""
    dice = random.random()  # noqa: S311 -- dice, not secrets
    await asyncio.sleep(after_s + (LATE_BY_S if dice < LATE else 0))
    stay = _join(sim, meeting, name, registrant_id)
    if stay is None or dice < 1 - RECONNECTING:
        return
    await asyncio.sleep(AWAY_S)
    try:
        rooms.leave(sim, meeting, stay.participant_uuid, reason=DISCONNECTED)
    except rooms.RoomClosed:
        return
    await asyncio.sleep(AWAY_S)
    _join(sim, meeting, name, registrant_id)


def _join(sim: Simulation, meeting: Meeting, name: str, registrant_id: str) -> Stay | None:
    """Come in unless the meeting is over or gone, or this registrant came in by another way."""
    run = sim.store.running.get(meeting.id)
    if run is None or (registrant_id and any(stay.registrant_id == registrant_id for stay in run.present)):
        return None
    try:
        return rooms.join(sim, meeting, name=name, registrant_id=registrant_id)
    except rooms.RoomClosed:
        return None


def _names(sim: Simulation, meeting: Meeting, count: int) -> list[str]:
    """Return names that nobody in the meeting has."""
    run = sim.store.running.get(meeting.id)
    taken = {stay.name for stay in run.present} if run else set()
    free = [name for name in NAMES if name not in taken]
    return random.sample(free, min(count, len(free)))
