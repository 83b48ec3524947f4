"""The control calls about one meeting: it takes place, people come, answer, ask and go."""

from aiohttp import web

from zoomsim.clock import whole_second
from zoomsim.control.requests import answered, bad_request, body_of, meeting_of, moment_of, simulation_of
from zoomsim.control.snapshot import show_run, show_stay
from zoomsim.polls import answering as polls
from zoomsim.polls.calls import show as show_poll
from zoomsim.rooms import runs as rooms
from zoomsim.summaries import making as summaries
from zoomsim.summaries.view import show as show_summary


async def start(request: web.Request) -> web.StreamResponse:
    """Start a meeting as its host."""
    body = await body_of(request)
    sim, meeting = simulation_of(request), meeting_of(request)
    occurrence_id = str(body.get("occurrence_id") or "")
    if occurrence_id and meeting.occurrence(occurrence_id) is None:
        raise web.HTTPNotFound(text="The meeting has no such occurrence.")
    run = rooms.start_run(sim, meeting, occurrence_id=occurrence_id, at=moment_of(body))
    return answered(show_run(run))


async def end(request: web.Request) -> web.StreamResponse:
    """End a meeting; nothing happens to one that is not running."""
    body = await body_of(request)
    run = rooms.end_run(simulation_of(request), meeting_of(request), at=moment_of(body))
    return answered(show_run(run) if run else {})


async def join(request: web.Request) -> web.StreamResponse:
    """Let somebody in, or with `waits` into the waiting room."""
    body = await body_of(request)
    sim, meeting = simulation_of(request), meeting_of(request)
    texts = {name: str(body.get(name) or "") for name in ("name", "email", "registrant_id", "customer_key")}
    stay = rooms.join(sim, meeting, **texts, waits=body.get("waits") is True, at=moment_of(body))
    return answered(show_stay(sim, meeting, stay))


async def leave(request: web.Request) -> web.StreamResponse:
    """Let somebody go."""
    body = await body_of(request)
    sim, meeting = simulation_of(request), meeting_of(request)
    return answered(
        show_stay(sim, meeting, rooms.leave(sim, meeting, str(body.get("participant_uuid")), at=moment_of(body)))
    )


async def admit(request: web.Request) -> web.StreamResponse:
    """Let somebody in who is in the waiting room."""
    body = await body_of(request)
    sim, meeting = simulation_of(request), meeting_of(request)
    return answered(
        show_stay(sim, meeting, rooms.admit(sim, meeting, str(body.get("participant_uuid")), at=moment_of(body)))
    )


async def record(request: web.Request) -> web.StreamResponse:
    """Start to record a running meeting to the cloud, or stop with `{"on": false}`."""
    body = await body_of(request)
    run = rooms.record(simulation_of(request), meeting_of(request), on=body.get("on") is not False, at=moment_of(body))
    return answered(show_run(run))


async def answer_poll(request: web.Request) -> web.StreamResponse:
    """Let somebody who is in a running meeting answer a poll of it: `answers` by the questions' names."""
    body = await body_of(request)
    sim, meeting = simulation_of(request), meeting_of(request)
    poll = next((one for one in meeting.polls or [] if one.id == body.get("poll_id")), None)
    answers = body.get("answers")
    if poll is None:
        raise web.HTTPNotFound(text="The meeting has no such poll.")
    if not isinstance(answers, dict) or answers.keys() - {question["name"] for question in poll.questions}:
        raise bad_request("answers is an object of the poll's questions and what is answered to each")
    run, uuid = rooms.inside(sim, meeting, str(body.get("participant_uuid")))
    polls.answer(sim, meeting, run, poll, uuid, answers, rooms.moment_in(sim, run, moment_of(body)))
    return answered(show_poll(poll))


async def ask(request: web.Request) -> web.StreamResponse:
    """Let somebody who is in a running meeting ask a question; `answer` is what the host says to it."""
    body = await body_of(request)
    sim, meeting = simulation_of(request), meeting_of(request)
    question = str(body.get("question") or "")
    if not question:
        raise bad_request("question is what is asked")
    run, uuid = rooms.inside(sim, meeting, str(body.get("participant_uuid")))
    polls.ask(sim, run, uuid, question, str(body.get("answer") or ""), rooms.moment_in(sim, run, moment_of(body)))
    return answered({})


async def summarize(request: web.Request) -> web.StreamResponse:
    """Write the summary of the latest run that is over, in these words: `overview`, `details`, `next_steps`."""
    body = await body_of(request)
    sim, meeting = simulation_of(request), meeting_of(request)
    run = next((one for one in reversed(sim.store.runs_of(meeting.id)) if one.ended_at is not None), None)
    if run is None:
        raise web.HTTPConflict(text="The meeting has not taken place.")
    details, steps = body.get("details") or [], body.get("next_steps") or []
    if not (isinstance(details, list) and all(isinstance(one, dict) for one in details) and isinstance(steps, list)):
        raise bad_request("details is a list of {label, summary}, next_steps a list of texts")
    summary = summaries.write(
        sim,
        meeting,
        run,
        overview=str(body.get("overview") or ""),
        details=[(str(one.get("label") or ""), str(one.get("summary") or "")) for one in details],
        next_steps=[str(one) for one in steps],
        at=moment_of(body) or whole_second(sim.now()),
    )
    return answered(show_summary(sim, summary))
