"""The calls about a meeting's polls."""

from typing import Final

from zoomsim.call import Call
from zoomsim.lookup import find_meeting
from zoomsim.polls import input as polls_input
from zoomsim.protocol.errors import ZoomError, refused
from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Answer, Json
from zoomsim.state.models import Meeting, MeetingType, Poll, UserType

MOST_POLLS = 50
WITH_POLLS: Final = (MeetingType.SCHEDULED, MeetingType.RECURRING)


def list_of_meeting(call: Call) -> Answer:
    """List the polls; with `anonymous` only those that are, or are not."""
    polls = _meeting(call).polls or []
    if "anonymous" in call.query:
        polls = [poll for poll in polls if poll.anonymous is call.flag("anonymous")]
    return Answer(200, {"total_records": len(polls), "polls": [show(poll) for poll in polls]})


def create(call: Call) -> Answer:
    """Add a poll."""
    meeting, reader = _meeting(call), Reader(call.body())
    poll = polls_input.read(reader)
    reader.raise_errors()
    _add(call, meeting, [poll])
    return Answer(201, show(poll))


def create_many(call: Call) -> Answer:
    """Add several polls, all or none."""
    meeting = _meeting(call)
    polls = polls_input.read_many(Reader(call.body()))
    _add(call, meeting, polls)
    return Answer(201, {"polls": [show(poll) for poll in polls]})


def get(call: Call) -> Answer:
    """Show one poll."""
    return Answer(200, show(_poll(call, _meeting(call))))


def update(call: Call) -> Answer:
    """Put another poll in the place of one."""
    meeting, reader = _meeting(call), Reader(call.body())
    before = _poll(call, meeting)
    after = polls_input.read(reader, poll_id=before.id)
    reader.raise_errors()
    after.status = before.status
    meeting.polls = [after if poll is before else poll for poll in meeting.polls or []]
    call.sim.store.save_meeting(meeting)
    return Answer(204)


def delete(call: Call) -> Answer:
    """Take a poll away; what was answered to it stays."""
    meeting = _meeting(call)
    gone = _poll(call, meeting)
    meeting.polls = [poll for poll in meeting.polls or [] if poll is not gone]
    call.sim.store.save_meeting(meeting)
    return Answer(204)


def show(poll: Poll) -> Json:
    """Return a poll as answers have it."""
    return {
        "id": poll.id,
        "status": poll.status,
        "title": poll.title,
        "anonymous": poll.anonymous,
        "poll_type": poll.poll_type,
        "questions": poll.questions,
    }


def _meeting(call: Call) -> Meeting:
    """Return a meeting that can have polls. Raises ZoomError 404/3001, 400/4400."""
    meeting = find_meeting(call.sim, call["meetingId"])
    is_licensed = call.sim.store.users[meeting.host_id].type == UserType.LICENSED
    if meeting.type not in WITH_POLLS or not is_licensed:
        text = 'Meeting polls disabled. To enable this feature, enable the "Meeting Polls/Quizzes" setting in the Zoom '
        raise refused(f'{text}web portal\'s "Settings" interface.', code=4400)
    return meeting


def _add(call: Call, meeting: Meeting, polls: list[Poll]) -> None:
    together = [*(meeting.polls or []), *polls]
    if len(together) > MOST_POLLS:
        raise refused(f"You can only add a maximum of {MOST_POLLS} polls.", code=4400)
    meeting.polls = together
    call.sim.store.save_meeting(meeting)


def _poll(call: Call, meeting: Meeting) -> Poll:
    for poll in meeting.polls or []:
        if poll.id == call["pollId"]:
            return poll
    raise ZoomError(404, 404, "Meeting poll not found.")
