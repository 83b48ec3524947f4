"""Polls that are held, and questions that are asked, while a meeting runs."""

from collections.abc import Mapping
from datetime import datetime

from zoomsim.simulation import Simulation
from zoomsim.state import ids
from zoomsim.state.models import Asked, Meeting, Poll, PollAnswer, PollStatus, Run

BETWEEN_ANSWERS = ";"


def answer(
    sim: Simulation,
    meeting: Meeting,
    run: Run,
    poll: Poll,
    participant_uuid: str,
    answers: Mapping[str, object],
    at: datetime,
) -> None:
    """Note what somebody in a run answers, by the questions' names; several answers to one question as a list."""
    poll.status = PollStatus.STARTED
    run.poll_answers += [
        PollAnswer(
            participant_uuid=participant_uuid,
            poll_id=poll.id,
            question=question,
            answer=BETWEEN_ANSWERS.join(map(str, given)) if isinstance(given, list) else str(given),
            anonymous=poll.anonymous,
            at=at,
        )
        for question, given in answers.items()
    ]
    sim.store.save_run(run)
    sim.store.save_meeting(meeting)


def ask(sim: Simulation, run: Run, participant_uuid: str, question: str, answered: str, at: datetime) -> None:
    """Note what somebody in a run asks, and what the host answers."""
    asked = Asked(id=ids.opaque_id(), participant_uuid=participant_uuid, question=question, answer=answered, at=at)
    run.asked.append(asked)
    sim.store.save_run(run)


def close(meeting: Meeting) -> None:
    """End the polls of a meeting that is over; its caller saves it."""
    for poll in meeting.polls or []:
        if poll.status is PollStatus.STARTED:
            poll.status = PollStatus.ENDED
