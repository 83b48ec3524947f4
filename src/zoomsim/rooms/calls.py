"""The calls that change a meeting while it takes place."""

from zoomsim.call import Call
from zoomsim.lookup import find_any_meeting, find_meeting
from zoomsim.meetings import scheduling
from zoomsim.protocol.errors import refused
from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Answer
from zoomsim.rooms.runs import end_run


def set_status(call: Call) -> Answer:
    """End a running meeting, or undo a deletion."""
    reader = Reader(call.body())
    action = reader.choice("action", ("end", "recover"), required=True)
    reader.raise_errors()
    if action == "recover":
        scheduling.recover_meeting(call.sim, find_any_meeting(call.sim, call["meetingId"]))
    else:
        end_run(call.sim, find_meeting(call.sim, call["meetingId"]))
    return Answer(204)


def control_live(call: Call) -> Answer:
    """Accept a control of a running meeting; none has an effect that the simulator could show."""
    meeting = find_meeting(call.sim, call["meetingId"])
    reader = Reader(call.body())
    reader.text("method", required=True)
    reader.raise_errors()
    if meeting.id not in call.sim.store.running:
        raise refused(f"Meeting {meeting.id} is not running.", code=3000)
    return Answer(202)
