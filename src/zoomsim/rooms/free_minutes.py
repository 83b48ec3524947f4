"""The end of Basic hosts' meetings, forty minutes after they began by the simulator's clock."""

import asyncio
from datetime import timedelta

from zoomsim.rooms.runs import FREE_MINUTES_USED_UP, end_run
from zoomsim.simulation import Simulation
from zoomsim.state.models import UserType

FREE_MINUTES = timedelta(minutes=40)
LOOK_EVERY_S = 1.0


def end_overdue(sim: Simulation) -> None:
    """End what Basic hosts have held for too long: as of the minute that was too much, however late it is seen."""
    for meeting_id, run in list(sim.store.running.items()):
        meeting = sim.store.meetings[meeting_id]
        over_at = run.started_at + FREE_MINUTES
        if sim.store.users[meeting.host_id].type == UserType.BASIC and over_at <= sim.now():
            end_run(sim, meeting, at=over_at, reason=FREE_MINUTES_USED_UP)


async def keep_ending_overdue(sim: Simulation) -> None:
    """Look every second, until cancelled."""
    while True:
        end_overdue(sim)
        await asyncio.sleep(LOOK_EVERY_S)
