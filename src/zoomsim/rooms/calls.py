"""The calls that change a meeting while it takes place."""

from zoomsim.call import Call
from zoomsim.lookup import find_any_meeting, find_meeting
from zoomsim.meetings import scheduling
from zoomsim.protocol.errors import refused
from zoomsim.protocol.validation import Reader
from zoomsim.protocol.wire import Answer
from zoomsim.rooms.runs import RoomClosed, end_run, record

RECORDING_METHODS = {
    "recording.start": True,
    "recording.resume": True,
    "recording.stop": False,
    "recording.pause": False,
}


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
    """Start or stop to record a running meeting; other controls are accepted and have no effect that could be shown."""
    meeting = find_meeting(call.sim, call["meetingId"])
    reader = Reader(call.body())
    method = reader.text("method", required=True)
    reader.raise_errors()
    if meeting.id not in call.sim.store.running:
        raise refused(f"Meeting {meeting.id} is not running.", code=3000)
    if method in RECORDING_METHODS:
        try:
            record(call.sim, meeting, on=RECORDING_METHODS[method])
        except RoomClosed as error:
            raise refused(str(error), code=3000) from error
    return Answer(202)
