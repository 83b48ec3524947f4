"""The webhooks about summaries. The meeting's id is a number in them."""

from zoomsim.protocol.wire import Json
from zoomsim.simulation import Simulation
from zoomsim.state.models import Summary
from zoomsim.summaries.view import show, show_in_list


def completed(sim: Simulation, summary: Summary) -> None:
    """Announce a summary, with all that it says."""
    _emit(sim, "meeting.summary_completed", summary, {"object": show(sim, summary)})


def updated(sim: Simulation, summary: Summary) -> None:
    """Announce that it says something else, and what."""
    _emit(sim, "meeting.summary_updated", summary, _by_owner(sim) | {"object": show(sim, summary)})


def deleted(sim: Simulation, summary: Summary) -> None:
    """Announce that it is gone."""
    about = show_in_list(sim, summary) | {"summary_title": summary.title}
    _emit(sim, "meeting.summary_deleted", summary, _by_owner(sim) | {"object": about})


def _by_owner(sim: Simulation) -> Json:
    return {"operator": sim.owner.email, "operator_id": sim.owner.id}


def _emit(sim: Simulation, event: str, summary: Summary, payload: Json) -> None:
    at = sim.now() if event == "meeting.summary_deleted" else summary.modified_at
    sim.webhooks.emit(event, payload, at=at, about=str(summary.meeting_id))
