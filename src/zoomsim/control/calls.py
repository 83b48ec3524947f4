"""
The control API below `/sim`, for tests, demos and the pages.

It asks for no sign-in, so it answers only this machine unless told otherwise, and no other site's pages. Errors are
`{"error": text}`, for rooms with a `code`.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from zoomsim.control import meetings
from zoomsim.control.guard import is_cross_site, may_control
from zoomsim.control.requests import answered, bad_request, body_of, simulation_of
from zoomsim.control.snapshot import show_state
from zoomsim.keys import SIMULATION
from zoomsim.protocol.errors import ZoomError
from zoomsim.protocol.wire import compact
from zoomsim.rooms import runs as rooms
from zoomsim.rooms.free_minutes import end_overdue
from zoomsim.traffic.faults import BadFault
from zoomsim.webhooks.deliveries import Misbehaviour
from zoomsim.webhooks.sender import EndpointRefused

PREFIX = "/sim"
KEEP_ALIVE_EVERY_S = 15
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def setup(app: web.Application) -> None:
    """Add the control API to the application, as one of its own: what guards it holds no other request up."""
    control = web.Application(middlewares=[_guard])
    control[SIMULATION] = app[SIMULATION]
    control.add_routes(
        [
            web.get("/state", state),
            web.get("/events", events),
            web.post("/reset", reset),
            web.post(r"/meetings/{id:\d+}/start", meetings.start),
            web.post(r"/meetings/{id:\d+}/end", meetings.end),
            web.post(r"/meetings/{id:\d+}/join", meetings.join),
            web.post(r"/meetings/{id:\d+}/leave", meetings.leave),
            web.post(r"/meetings/{id:\d+}/admit", meetings.admit),
            web.post(r"/meetings/{id:\d+}/record", meetings.record),
            web.post(r"/meetings/{id:\d+}/answer", meetings.answer_poll),
            web.post(r"/meetings/{id:\d+}/ask", meetings.ask),
            web.post(r"/meetings/{id:\d+}/summary", meetings.summarize),
            web.post("/users/{user}/deauthorize", deauthorize),
            web.post("/faults", add_fault),
            web.delete("/faults", clear_faults),
            web.post("/webhooks", misbehave),
            web.post("/webhooks/url", set_endpoint),
            web.post("/clock", set_clock),
            web.post("/locks", lock),
        ]
    )
    app.add_subapp(PREFIX, control)


async def state(request: web.Request) -> web.StreamResponse:
    """Show everything, or with `?meeting=` one meeting only."""
    return answered(show_state(simulation_of(request), request.query.get("meeting")))


async def events(request: web.Request) -> web.StreamResponse:
    """Tell what changes as it happens, as server-sent events whose data is `{"kind", …}`."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    with simulation_of(request).changes.listen() as queue:
        while True:
            try:
                change = await asyncio.wait_for(queue.get(), KEEP_ALIVE_EVERY_S)
                await response.write(f"data: {compact(change)}\n\n".encode())
            except TimeoutError:
                await response.write(b": still here\n\n")
            except ConnectionError:
                return response


async def reset(request: web.Request) -> web.StreamResponse:
    """Forget everything but the hosts."""
    simulation_of(request).reset()
    return answered({})


async def deauthorize(request: web.Request) -> web.StreamResponse:
    """Let a user, by id or e-mail, remove the app that they consented to."""
    sim = simulation_of(request)
    user = sim.store.user(request.match_info["user"])
    grant = sim.store.grants.get(user.id) if user else None
    if grant is None:
        raise web.HTTPNotFound(text="No such user has consented to the app.")
    sim.grants.remove(grant)
    return answered({})


async def add_fault(request: web.Request) -> web.StreamResponse:
    """Put a fault in force."""
    sim = simulation_of(request)
    try:
        fault = sim.faults.add(await body_of(request))
    except BadFault as error:
        raise bad_request(str(error)) from None
    sim.changes.announce("faults")
    return answered(fault.describe())


async def clear_faults(request: web.Request) -> web.StreamResponse:
    """Behave again."""
    sim = simulation_of(request)
    sim.faults.clear()
    sim.changes.announce("faults")
    return answered({})


async def misbehave(request: web.Request) -> web.StreamResponse:
    """Set how badly webhooks are delivered; what is not named is off."""
    sim = simulation_of(request)
    try:
        sim.webhooks.misbehaviour = Misbehaviour.read(await body_of(request))
    except ValueError as error:
        raise bad_request(str(error)) from None
    sim.changes.announce("faults")
    return answered(sim.webhooks.describe())


async def set_endpoint(request: web.Request) -> web.StreamResponse:
    """Set where webhooks go, once the endpoint has proved that it knows the secret."""
    body = await body_of(request)
    webhooks = simulation_of(request).webhooks
    try:
        await webhooks.set_endpoint(str(body.get("url") or ""), str(body.get("secret") or webhooks.secret))
    except EndpointRefused as error:
        raise bad_request(str(error)) from None
    return answered(webhooks.describe())


async def set_clock(request: web.Request) -> web.StreamResponse:
    """Set the clock so many seconds ahead of the real one."""
    body = await body_of(request)
    try:
        offset_s = float(body["offset_s"])
        simulation_of(request).set_clock(offset_s)
        end_overdue(simulation_of(request))
    except (KeyError, TypeError, ValueError):
        raise bad_request("offset_s is a number of seconds, not beyond the year 2999") from None
    return answered({"offset_s": offset_s})


async def lock(request: web.Request) -> web.StreamResponse:
    """Lock settings of the account at the values that are given, by the names that meetings have; null unlocks."""
    sim = simulation_of(request)
    try:
        sim.account.lock(await body_of(request))
    except ZoomError as error:
        names = ", ".join(field for field, _message in error.errors)
        raise bad_request(f"{names}: no setting that an account locks, or not a value of it") from None
    return answered({"settings": sim.account.shown(), "locks": sim.account.locks()})


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep strangers out of the control API, and answer its errors as JSON."""
    sim = simulation_of(request)
    if not may_control(sim, request):
        return _error(403, "The control API answers only this machine.")
    if is_cross_site(sim, request):
        return _error(403, "The control API answers no other site's pages.")
    try:
        return await handler(request)
    except rooms.RoomClosed as error:
        return _error(409, str(error), code=error.code)
    except web.HTTPException as error:
        return _error(error.status, error.text or error.reason)


def _error(status: int, text: str, **more: str) -> web.Response:
    return web.json_response({"error": text, **more}, status=status)
