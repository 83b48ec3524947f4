"""
The control API below `/sim`, for tests, demos and the pages.

It asks for no sign-in, so it answers only this machine unless told otherwise, and no other site's pages. Errors are
`{"error": text}`, for rooms with a `code`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import web

from zoomsim.clock import check_year, parse_time, whole_second
from zoomsim.control.guard import is_cross_site, may_control
from zoomsim.control.snapshot import show_run, show_state, show_stay
from zoomsim.keys import SIMULATION
from zoomsim.lookup import meeting_number
from zoomsim.polls import answering as polls
from zoomsim.polls.calls import show as show_poll
from zoomsim.protocol.errors import ZoomError
from zoomsim.protocol.wire import Json, compact, parse_object
from zoomsim.rooms import runs as rooms
from zoomsim.rooms.free_minutes import end_overdue
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting
from zoomsim.summaries import making as summaries
from zoomsim.summaries.view import show as show_summary
from zoomsim.traffic.faults import BadFault
from zoomsim.webhooks.deliveries import Misbehaviour
from zoomsim.webhooks.sender import EndpointRefused

PREFIX = "/sim"
KEEP_ALIVE_EVERY_S = 15
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def setup(app: web.Application) -> None:
    """Add the control API to the application."""
    app.middlewares.append(_guard)
    app.add_routes(
        [
            web.get(f"{PREFIX}/state", state),
            web.get(f"{PREFIX}/events", events),
            web.post(f"{PREFIX}/reset", reset),
            web.post(PREFIX + r"/meetings/{id:\d+}/start", start),
            web.post(PREFIX + r"/meetings/{id:\d+}/end", end),
            web.post(PREFIX + r"/meetings/{id:\d+}/join", join),
            web.post(PREFIX + r"/meetings/{id:\d+}/leave", leave),
            web.post(PREFIX + r"/meetings/{id:\d+}/record", record),
            web.post(PREFIX + r"/meetings/{id:\d+}/answer", answer_poll),
            web.post(PREFIX + r"/meetings/{id:\d+}/ask", ask),
            web.post(PREFIX + r"/meetings/{id:\d+}/summary", summarize),
            web.post(PREFIX + "/users/{user}/deauthorize", deauthorize),
            web.post(f"{PREFIX}/faults", add_fault),
            web.delete(f"{PREFIX}/faults", clear_faults),
            web.post(f"{PREFIX}/webhooks", misbehave),
            web.post(f"{PREFIX}/webhooks/url", set_endpoint),
            web.post(f"{PREFIX}/clock", set_clock),
            web.post(f"{PREFIX}/locks", lock),
        ]
    )


async def state(request: web.Request) -> web.StreamResponse:
    """Show everything, or with `?meeting=` one meeting only."""
    return _answer(show_state(_sim(request), request.query.get("meeting")))


async def events(request: web.Request) -> web.StreamResponse:
    """Tell what changes as it happens, as server-sent events whose data is `{"kind", …}`."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    with _sim(request).changes.listen() as queue:
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
    _sim(request).reset()
    return _answer({})


async def start(request: web.Request) -> web.StreamResponse:
    """Start a meeting as its host."""
    body = await _body(request)
    sim, meeting = _sim(request), _meeting(request)
    occurrence_id = str(body.get("occurrence_id") or "")
    if occurrence_id and meeting.occurrence(occurrence_id) is None:
        raise web.HTTPNotFound(text="The meeting has no such occurrence.")
    run = rooms.start_run(sim, meeting, occurrence_id=occurrence_id, at=_at(body))
    return _answer(show_run(run))


async def end(request: web.Request) -> web.StreamResponse:
    """End a meeting; nothing happens to one that is not running."""
    body = await _body(request)
    run = rooms.end_run(_sim(request), _meeting(request), at=_at(body))
    return _answer(show_run(run) if run else {})


async def join(request: web.Request) -> web.StreamResponse:
    """Let somebody in."""
    body = await _body(request)
    sim, meeting = _sim(request), _meeting(request)
    texts = {name: str(body.get(name) or "") for name in ("name", "email", "registrant_id", "customer_key")}
    stay = rooms.join(sim, meeting, **texts, at=_at(body))
    return _answer(show_stay(sim, meeting, stay))


async def leave(request: web.Request) -> web.StreamResponse:
    """Let somebody go."""
    body = await _body(request)
    sim, meeting = _sim(request), _meeting(request)
    return _answer(show_stay(sim, meeting, rooms.leave(sim, meeting, str(body.get("participant_uuid")), at=_at(body))))


async def record(request: web.Request) -> web.StreamResponse:
    """Start to record a running meeting to the cloud, or stop with `{"on": false}`."""
    body = await _body(request)
    run = rooms.record(_sim(request), _meeting(request), on=body.get("on") is not False, at=_at(body))
    return _answer(show_run(run))


async def answer_poll(request: web.Request) -> web.StreamResponse:
    """Let somebody who is in a running meeting answer a poll of it: `answers` by the questions' names."""
    body = await _body(request)
    sim, meeting = _sim(request), _meeting(request)
    poll = next((one for one in meeting.polls or [] if one.id == body.get("poll_id")), None)
    answers = body.get("answers")
    if poll is None:
        raise web.HTTPNotFound(text="The meeting has no such poll.")
    if not isinstance(answers, dict) or answers.keys() - {question["name"] for question in poll.questions}:
        raise _bad_request("answers is an object of the poll's questions and what is answered to each")
    run, uuid = rooms.inside(sim, meeting, str(body.get("participant_uuid")))
    polls.answer(sim, meeting, run, poll, uuid, answers, rooms.moment_in(sim, run, _at(body)))
    return _answer(show_poll(poll))


async def ask(request: web.Request) -> web.StreamResponse:
    """Let somebody who is in a running meeting ask a question; `answer` is what the host says to it."""
    body = await _body(request)
    sim, meeting = _sim(request), _meeting(request)
    question = str(body.get("question") or "")
    if not question:
        raise _bad_request("question is what is asked")
    run, uuid = rooms.inside(sim, meeting, str(body.get("participant_uuid")))
    polls.ask(sim, run, uuid, question, str(body.get("answer") or ""), rooms.moment_in(sim, run, _at(body)))
    return _answer({})


async def summarize(request: web.Request) -> web.StreamResponse:
    """Write the summary of the latest run that is over, in these words: `overview`, `details`, `next_steps`."""
    body = await _body(request)
    sim, meeting = _sim(request), _meeting(request)
    run = next((one for one in reversed(sim.store.runs_of(meeting.id)) if one.ended_at is not None), None)
    if run is None:
        raise web.HTTPConflict(text="The meeting has not taken place.")
    details, steps = body.get("details") or [], body.get("next_steps") or []
    if not (isinstance(details, list) and all(isinstance(one, dict) for one in details) and isinstance(steps, list)):
        raise _bad_request("details is a list of {label, summary}, next_steps a list of texts")
    summary = summaries.write(
        sim,
        meeting,
        run,
        overview=str(body.get("overview") or ""),
        details=[(str(one.get("label") or ""), str(one.get("summary") or "")) for one in details],
        next_steps=[str(one) for one in steps],
        at=_at(body) or whole_second(sim.now()),
    )
    return _answer(show_summary(sim, summary))


async def deauthorize(request: web.Request) -> web.StreamResponse:
    """Let a user, by id or e-mail, remove the app that they consented to."""
    sim = _sim(request)
    user = sim.store.user(request.match_info["user"])
    grant = sim.store.grants.get(user.id) if user else None
    if grant is None:
        raise web.HTTPNotFound(text="No such user has consented to the app.")
    sim.grants.remove(grant)
    return _answer({})


async def add_fault(request: web.Request) -> web.StreamResponse:
    """Put a fault in force."""
    sim = _sim(request)
    try:
        fault = sim.faults.add(await _body(request))
    except BadFault as error:
        raise _bad_request(str(error)) from None
    sim.changes.announce("faults")
    return _answer(fault.describe())


async def clear_faults(request: web.Request) -> web.StreamResponse:
    """Behave again."""
    sim = _sim(request)
    sim.faults.clear()
    sim.changes.announce("faults")
    return _answer({})


async def misbehave(request: web.Request) -> web.StreamResponse:
    """Set how badly webhooks are delivered; what is not named is off."""
    sim = _sim(request)
    try:
        sim.webhooks.misbehaviour = Misbehaviour.read(await _body(request))
    except ValueError as error:
        raise _bad_request(str(error)) from None
    sim.changes.announce("faults")
    return _answer(sim.webhooks.describe())


async def set_endpoint(request: web.Request) -> web.StreamResponse:
    """Set where webhooks go, once the endpoint has proved that it knows the secret."""
    body = await _body(request)
    webhooks = _sim(request).webhooks
    try:
        await webhooks.set_endpoint(str(body.get("url") or ""), str(body.get("secret") or webhooks.secret))
    except EndpointRefused as error:
        raise _bad_request(str(error)) from None
    return _answer(webhooks.describe())


async def set_clock(request: web.Request) -> web.StreamResponse:
    """Set the clock so many seconds ahead of the real one."""
    body = await _body(request)
    try:
        offset_s = float(body["offset_s"])
        _sim(request).set_clock(offset_s)
        end_overdue(_sim(request))
    except (KeyError, TypeError, ValueError):
        raise _bad_request("offset_s is a number of seconds, not beyond the year 2999") from None
    return _answer({"offset_s": offset_s})


async def lock(request: web.Request) -> web.StreamResponse:
    """Lock settings of the account at the values that are given, by the names that meetings have; null unlocks."""
    sim = _sim(request)
    try:
        sim.account.lock(await _body(request))
    except ZoomError as error:
        names = ", ".join(field for field, _message in error.errors)
        raise _bad_request(f"{names}: no setting that an account locks, or not a value of it") from None
    return _answer({"settings": sim.account.shown(), "locks": sim.account.locks()})


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep strangers out of the control API, and answer its errors as JSON."""
    if not request.path.startswith(f"{PREFIX}/"):
        return await handler(request)
    sim = _sim(request)
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


def _sim(request: web.Request) -> Simulation:
    return request.app[SIMULATION]


def _meeting(request: web.Request) -> Meeting:
    meeting = _sim(request).store.meetings.get(meeting_number(request.match_info["id"]))
    if meeting is None or meeting.deleted_at is not None:
        raise web.HTTPNotFound(text="There is no such meeting.")
    return meeting


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    try:
        return parse_object(raw) if raw else {}
    except ValueError:
        raise _bad_request("The body must be a JSON object.") from None


def _at(body: Json) -> datetime | None:
    """Return the time that an event is to have; offsets are allowed here."""
    text = body.get("at")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
        return check_year(moment).astimezone(UTC) if moment.tzinfo else parse_time(str(text))
    except ValueError:
        raise _bad_request("at is a time such as 2026-11-29T15:00:00Z") from None


def _bad_request(text: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=text)


def _answer(body: Json) -> web.Response:
    return web.json_response(body, dumps=compact)


def _error(status: int, text: str, **more: str) -> web.Response:
    return web.json_response({"error": text, **more}, status=status)
