"""What was answered and asked in meetings that are over: `/past_meetings` and `/report` have it in two forms."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from zoomsim.call import Call
from zoomsim.clock import zulu
from zoomsim.history.past_meetings import ONE_YEAR, check_age
from zoomsim.history.visibility import shown_email
from zoomsim.lookup import find_ended_run
from zoomsim.protocol.wire import Answer, Json
from zoomsim.state.models import Asked, Meeting, PollAnswer, Run, Stay

ANONYMOUS = "Anonymous Attendee"
Said = TypeVar("Said", PollAnswer, Asked)


def past_polls(call: Call) -> Answer:
    """List what was answered to polls, by person; who answers an anonymous poll is nobody."""
    run, meeting = _run(call)
    return _answered(run, _poll_rows(call, run, meeting, with_names=False))


def reported_polls(call: Call) -> Answer:
    """The same in the report, which tells first and last names apart."""
    run, meeting = _run(call)
    return _answered(run, _poll_rows(call, run, meeting, with_names=True))


def past_questions(call: Call) -> Answer:
    """List what was asked, by person, with the host's answer."""
    run, meeting = _run(call)
    rows = [
        _person(call, run, meeting, stay)
        | {"question_details": [{"question": one.question, "answer": one.answer} for one in asked]}
        for stay, asked in _by_person(run, run.asked)
    ]
    return _answered(run, rows)


def reported_questions(call: Call) -> Answer:
    """The same in the report, which says of each question how it stands and who answered it."""
    run, meeting = _run(call)
    host = call.sim.store.users[meeting.host_id]
    by_host = {"user_id": host.id, "name": host.display_name, "email": host.email}

    def described(one: Asked) -> Json:
        answers = [by_host | {"content": one.answer, "create_time": zulu(one.at), "type": "host_answered_publicly"}]
        return {
            "question": one.question,
            "answer": one.answer,
            "question_id": one.id,
            "create_time": zulu(one.at),
            "question_status": "answered" if one.answer else "open",
            "answer_details": answers if one.answer else [],
        }

    rows = [
        {"user_id": stay.zoom_user_id if stay else ""}
        | _person(call, run, meeting, stay)
        | {"question_details": [described(one) for one in asked]}
        for stay, asked in _by_person(run, run.asked)
    ]
    return _answered(run, rows)


def _run(call: Call) -> tuple[Run, Meeting]:
    run = find_ended_run(call.sim, call["meetingId"])
    check_age(call.sim, run, ONE_YEAR)
    return run, call.sim.store.meetings[run.meeting_id]


def _answered(run: Run, rows: list[Json]) -> Answer:
    about = {"id": run.meeting_id, "uuid": run.uuid, "start_time": zulu(run.started_at)}
    return Answer(200, about | {"questions": rows})


def _poll_rows(call: Call, run: Run, meeting: Meeting, *, with_names: bool) -> list[Json]:
    rows = []
    for stay, answers in _by_person(run, run.poll_answers, hidden=lambda one: one.anonymous):
        row = _person(call, run, meeting, stay)
        if with_names:
            first, _space, last = row["name"].partition(" ")
            row |= {"first_name": first, "last_name": last}
        row["question_details"] = [
            {"answer": one.answer, "date_time": zulu(one.at), "polling_id": one.poll_id, "question": one.question}
            for one in answers
        ]
        rows.append(row)
    return rows


def _by_person(
    run: Run, said: Iterable[Said], *, hidden: Callable[[Said], bool] = lambda _one: False
) -> list[tuple[Stay | None, list[Said]]]:
    """Return what each said, in the order in which they first did; what is hidden is nobody's, each poll for itself."""
    stays = {stay.participant_uuid: stay for stay in run.stays}
    found: dict[tuple[str, str], list[Said]] = {}
    for one in said:
        is_hidden = hidden(one)
        key = ("", one.participant_uuid) if is_hidden else (one.participant_uuid, "")
        found.setdefault(key, []).append(one)
    return [(stays.get(participant_uuid), those) for (participant_uuid, _hidden), those in found.items()]


def _person(call: Call, run: Run, meeting: Meeting, stay: Stay | None) -> Json:
    if stay is None:
        return {"email": "", "name": ANONYMOUS}
    return {"email": shown_email(call.sim, meeting, stay), "name": stay.name}
