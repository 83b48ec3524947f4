"""The calls about cloud recordings, of which there are none: the simulator records nothing."""

from datetime import UTC, timedelta

from zoomsim.call import Call
from zoomsim.lookup import find_meeting, find_user
from zoomsim.protocol.days import day_of
from zoomsim.protocol.errors import ZoomError
from zoomsim.protocol.wire import Answer, Json

DAYS_LISTED = timedelta(days=1)


def list_of_user(call: Call) -> Answer:
    """List no recordings: of today and tomorrow unless other days are asked for, as Zoom documents it."""
    user = find_user(call.sim, call["userId"])
    today = call.sim.now().astimezone(UTC)
    first = day_of(call.query, "from") or today
    last = day_of(call.query, "to") or first + DAYS_LISTED
    none: list[Json] = []
    page = call.sim.pager.page(none, call.query, of=f"recordings {user.id}")
    period = {"from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"}
    return Answer(200, period | page.envelope | {"meetings": page.items})


def of_meeting(call: Call) -> Answer:
    """Answer that nothing was recorded, whether recordings are to be shown or deleted."""
    find_meeting(call.sim, call["meetingId"])
    raise ZoomError(404, 3301, "There is no recording for this meeting.")
