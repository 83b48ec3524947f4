"""The host's door, `/s/{number}?zak=`, and what only hosts may do."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from zoomsim.keys import SIMULATION
from zoomsim.pages import walk_in
from zoomsim.pages.rendering import address, render, see, sentence
from zoomsim.pages.room import about, meeting_at, no_meeting, show_room
from zoomsim.pages.seats import Whereabouts, keep_seat, seat_of, whereabouts
from zoomsim.recordings.making import may_record
from zoomsim.rooms import runs as rooms
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Stay, User, UserStatus


@dataclass(frozen=True, slots=True)
class Entry:
    """A user of the account at this door. Who is inside stays recognised when the ZAK runs out meanwhile."""

    request: web.Request
    sim: Simulation
    meeting: Meeting
    user: User
    stay: Stay | None

    @property
    def path(self) -> str:
        """Where the door is."""
        return f"/s/{self.request.match_info['number']}"

    @property
    def query(self) -> str:
        """What must stay in the address."""
        return address("", zak=self.request.query.get("zak", ""))

    @property
    def is_inside(self) -> bool:
        """Whether this user sits in the meeting."""
        return whereabouts(self.stay) is Whereabouts.INSIDE

    @property
    def hosts(self) -> bool:
        """Whether this is the host, or somebody named to stand in."""
        return rooms.may_host(self.meeting, self.user)

    def back(self) -> web.Response:
        """Show the door again after a form."""
        return see(self.path + self.query)


async def show(request: web.Request) -> web.StreamResponse:
    """Show the host's door, or the room."""
    entry = _enter(request)
    if not isinstance(entry, Entry):
        return entry
    sim, meeting = entry.sim, entry.meeting
    run = sim.store.running.get(meeting.id)
    if run is not None and entry.stay is not None and entry.is_inside:
        return show_room(
            request,
            sim,
            meeting,
            run,
            entry.stay,
            door=entry.path,
            query=entry.query,
            hosting=entry.hosts,
            may_record=entry.hosts and may_record(sim, meeting),
            registrants=walk_in.expected(sim, meeting),
        )
    return render(
        request,
        "rooms/start.html",
        door=entry.path,
        query=entry.query,
        user=entry.user,
        hosts=entry.hosts,
        can_start=sim.store.users[meeting.host_id].status is UserStatus.ACTIVE,
        would_end=rooms.would_end(sim, meeting),
        where=whereabouts(entry.stay),
        **about(sim, meeting),
    )


async def start(request: web.Request) -> web.StreamResponse:
    """Start the meeting, or come into the one that runs."""
    entry = _enter(request)
    if not isinstance(entry, Entry):
        return entry
    if entry.is_inside:
        return entry.back()
    try:
        stay = _come_in(entry)
    except rooms.RoomClosed:
        return entry.back()
    return keep_seat(entry.back(), entry.path, stay)


async def leave(request: web.Request) -> web.StreamResponse:
    """Go; the meeting goes on."""
    entry = _enter(request)
    if not isinstance(entry, Entry):
        return entry
    if entry.stay is not None and entry.is_inside:
        rooms.leave(entry.sim, entry.meeting, entry.stay.participant_uuid)
    return entry.back()


async def end(request: web.Request) -> web.StreamResponse:
    """End the meeting for everybody."""
    return await _as_host(request, lambda entry, _form: rooms.end_run(entry.sim, entry.meeting))


async def record(request: web.Request) -> web.StreamResponse:
    """Start or stop to record; nothing happens once the meeting is over."""

    def work(entry: Entry, form: dict[str, str]) -> None:
        with suppress(rooms.RoomClosed):
            rooms.record(entry.sim, entry.meeting, on=form.get("on") == "1")

    return await _as_host(request, work)


async def remove(request: web.Request) -> web.StreamResponse:
    """Remove one person, who may have gone by now."""

    def work(entry: Entry, form: dict[str, str]) -> None:
        run = entry.sim.store.running.get(entry.meeting.id)
        for stay in run.present if run else []:
            if stay.user_id == form.get("person"):
                rooms.leave(entry.sim, entry.meeting, stay.participant_uuid, reason=rooms.REMOVED)

    return await _as_host(request, work)


async def let_class_in(request: web.Request) -> web.StreamResponse:
    """Let a class walk in."""

    def work(entry: Entry, form: dict[str, str]) -> None:
        wanted = form.get("people", "")
        count = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 4 else 1
        request.app[walk_in.WALKS].let_in(entry.sim, entry.meeting, min(max(count, 1), walk_in.MOST))

    return await _as_host(request, work)


async def everybody_leaves(request: web.Request) -> web.StreamResponse:
    """Let everybody but the hosts go."""

    def work(entry: Entry, _form: dict[str, str]) -> None:
        request.app[walk_in.WALKS].stop(entry.meeting)
        run = entry.sim.store.running.get(entry.meeting.id)
        for stay in run.present if run else []:
            if stay is not entry.stay and stay.zoom_user_id != entry.meeting.host_id:
                rooms.leave(entry.sim, entry.meeting, stay.participant_uuid)

    return await _as_host(request, work)


async def _as_host(request: web.Request, work: Callable[[Entry, dict[str, str]], object]) -> web.Response:
    """Do what only hosts may do, and show the room again."""
    entry = _enter(request)
    if not isinstance(entry, Entry):
        return entry
    if not entry.hosts:
        return sentence(request, "not_host", status=403)
    work(entry, {name: str(value) for name, value in (await request.post()).items()})
    return entry.back()


def _enter(request: web.Request) -> Entry | web.Response:
    """Recognise who comes by the ZAK, or by the seat taken with one."""
    sim, meeting = request.app[SIMULATION], meeting_at(request)
    if meeting is None:
        return no_meeting(request)
    stay = seat_of(request, sim, meeting)
    user_id = sim.tokens.user_of_zak(request.query.get("zak", ""))
    if user_id is None and stay is not None and whereabouts(stay) is Whereabouts.INSIDE:
        user_id = stay.zoom_user_id
    user = sim.store.user(user_id or "")
    if user is None:
        return sentence(request, "gone" if stay else "bad_zak", status=403)
    own = stay if stay is not None and stay.zoom_user_id == user.id else None
    return Entry(request, sim, meeting, user, own)


def _come_in(entry: Entry) -> Stay:
    """Come in as who one is; hosts start the meeting. Raises RoomClosed."""
    sim, meeting, user = entry.sim, entry.meeting, entry.user
    if user.id == meeting.host_id:
        run = rooms.start_run(sim, meeting)
        stay = rooms.host_stay(meeting, run)
        if stay is not None:
            return stay
    elif entry.hosts:
        rooms.start_run(sim, meeting, with_host=False)
    return rooms.join(sim, meeting, name=user.display_name, email=user.email)
