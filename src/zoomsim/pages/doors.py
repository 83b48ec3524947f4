"""The doors for people: `/j/` for everybody, `/w/` for registrants by their personal link."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from zoomsim.keys import SIMULATION
from zoomsim.meetings.settings import NO_REGISTRATION
from zoomsim.pages import register
from zoomsim.pages.rendering import address, language_of, render, see, sentence
from zoomsim.pages.room import NAME_AT_MOST, about, meeting_at, no_meeting, show_room
from zoomsim.pages.seats import Visitor, Whereabouts, keep_seat, keep_visitor, seat_of, visitor_of, whereabouts
from zoomsim.pages.texts import text
from zoomsim.rooms import runs as rooms
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, Registrant, RegistrantStatus, Stay


@dataclass(frozen=True, slots=True)
class Door:
    """One way into one meeting; `person` names the registrant at it."""

    request: web.Request
    sim: Simulation
    meeting: Meeting
    registrant: Registrant | None = None

    @property
    def person(self) -> str:
        """What tells the cookies of one registrant from another's."""
        return self.registrant.id if self.registrant else ""

    @property
    def path(self) -> str:
        """Where the door is."""
        return f"/{'w' if self.registrant else 'j'}/{self.request.match_info['number']}"

    @property
    def query(self) -> str:
        """What must stay in the address."""
        return address("", tk=self.registrant.token if self.registrant else "")

    @property
    def stay(self) -> Stay | None:
        """This browser's stay."""
        return seat_of(self.request, self.sim, self.meeting, self.person)


async def guest(request: web.Request) -> web.StreamResponse:
    """Show the door for everybody; where people must register, the form instead."""
    door = _guest_door(request)
    if door is None:
        return no_meeting(request)
    if door.meeting.approval_type != NO_REGISTRATION and whereabouts(door.stay) is not Whereabouts.INSIDE:
        return register.form(request, door.meeting)
    return _show(door)


async def guest_joins(request: web.Request) -> web.StreamResponse:
    """Let somebody in under a name."""
    door = _guest_door(request)
    if door is None:
        return no_meeting(request)
    if door.meeting.approval_type != NO_REGISTRATION:
        return see(door.path)
    return await _join(door)


async def guest_leaves(request: web.Request) -> web.StreamResponse:
    """Let them go."""
    door = _guest_door(request)
    return _leave(door) if door else no_meeting(request)


async def registrant(request: web.Request) -> web.StreamResponse:
    """Show the door of a personal link."""
    door = _registrant_door(request)
    if not isinstance(door, Door):
        return door
    return _refusal(door) or _show(door)


async def registrant_joins(request: web.Request) -> web.StreamResponse:
    """Let a registrant in."""
    door = _registrant_door(request)
    if not isinstance(door, Door):
        return door
    return _refusal(door) or await _join(door)


async def registrant_leaves(request: web.Request) -> web.StreamResponse:
    """Let them go."""
    door = _registrant_door(request)
    return _leave(door) if isinstance(door, Door) else door


def _guest_door(request: web.Request) -> Door | None:
    meeting = meeting_at(request)
    return Door(request, request.app[SIMULATION], meeting) if meeting else None


def _registrant_door(request: web.Request) -> Door | web.Response:
    sim, meeting = request.app[SIMULATION], meeting_at(request)
    if meeting is None:
        return no_meeting(request)
    found = sim.store.registrant_by_token(request.query.get("tk", ""))
    if found is None or found.meeting_id != meeting.id:
        return sentence(request, "no_link", status=404)
    return Door(request, sim, meeting, found)


def _refusal(door: Door) -> web.Response | None:
    """Say so when a registration does not admit; None when it does, and to who is inside already."""
    person = door.registrant
    if person is None or person.status is RegistrantStatus.APPROVED or whereabouts(door.stay) is Whereabouts.INSIDE:
        return None
    context = {"registration": person.status.value, "name": _full_name(person), **about(door.sim, door.meeting)}
    return render(door.request, "rooms/not_admitted.html", **context)


def _show(door: Door) -> web.Response:
    stay = door.stay
    where = whereabouts(stay)
    run = door.sim.store.running.get(door.meeting.id)
    if stay is not None and run is not None and where is Whereabouts.INSIDE:
        return show_room(door.request, door.sim, door.meeting, run, stay, door=door.path, query=door.query)
    visitor = visitor_of(door.request, door.person)
    if "waiting" in door.request.query and visitor.name:
        return _page(door, "rooms/waiting.html", visitor)
    if not visitor.name:
        name = _full_name(door.registrant) if door.registrant else door.request.query.get("uname", "")[:NAME_AT_MOST]
        visitor = Visitor(name=name)
    return _page(door, "rooms/lobby.html", visitor, where=where)


async def _join(door: Door) -> web.Response:
    """Let the person of the form in; before the host, let them wait."""
    if whereabouts(door.stay) is Whereabouts.INSIDE:
        return see(door.path + door.query)
    form = await door.request.post()
    visitor = Visitor(str(form.get("name", "")).strip(), "" if door.registrant else str(form.get("email", "")).strip())
    if wrong := _mistakes(door, visitor):
        return _page(door, "rooms/lobby.html", visitor, status=400, errors=wrong)
    try:
        stay = rooms.join(door.sim, door.meeting, name=visitor.name, email=visitor.email, registrant_id=door.person)
    except rooms.RoomClosed as error:
        if error.code == "not_started":
            waiting = address(door.path, tk=door.registrant.token if door.registrant else "", waiting="1")
            return keep_visitor(see(waiting), door.path, visitor, door.person)
        key = f"start.{error.code}" if error.code == "host_inactive" else ""
        said = text(language_of(door.request), key) if key else str(error)
        return _page(door, "rooms/lobby.html", visitor, status=409, errors={"name": said})
    response = keep_visitor(see(door.path + door.query), door.path, visitor, door.person)
    return keep_seat(response, door.path, stay, door.person)


def _leave(door: Door) -> web.Response:
    stay = door.stay
    if stay is not None and whereabouts(stay) is Whereabouts.INSIDE:
        rooms.leave(door.sim, door.meeting, stay.participant_uuid)
    return see(door.path + door.query)


def _mistakes(door: Door, visitor: Visitor) -> dict[str, str]:
    """Return what is wrong with a form, by field, in the visitor's words."""
    wrong = {}
    if not visitor.name:
        wrong["name"] = "name.missing"
    elif len(visitor.name) > NAME_AT_MOST:
        wrong["name"] = "name.long"
    user = door.sim.store.user(visitor.email) if visitor.email else None
    if user is not None and user.id == door.meeting.host_id:
        wrong["email"] = "email.host"
    elif visitor.email and not register.is_email(visitor.email):
        wrong["email"] = "email.bad"
    return {field: text(language_of(door.request), key) for field, key in wrong.items()}


def _page(door: Door, template: str, visitor: Visitor, **more: Any) -> web.Response:
    context = {"where": Whereabouts.OUTSIDE, "errors": {}, **about(door.sim, door.meeting), **more}
    return render(
        door.request,
        template,
        door=door.path,
        query=door.query,
        visitor=visitor,
        registrant=door.registrant,
        **context,
    )


def _full_name(person: Registrant) -> str:
    return f"{person.first_name} {person.last_name}".strip()
