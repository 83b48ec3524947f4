"""The webhooks about users."""

from zoomsim.protocol.wire import Json
from zoomsim.simulation import Simulation
from zoomsim.state.models import User


def created(sim: Simulation, user: User, way: str) -> None:
    """Announce a new user, and by which action they came."""
    about = _about(user) | {"display_name": user.display_name}
    _emit(sim, "user.created", user, {"creation_type": way, "object": about})


def updated(sim: Simulation, user: User, before: Json, after: Json) -> None:
    """Announce what changed of a user; nothing where nothing did."""
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        now, old = {name: after[name] for name in changed}, {name: before[name] for name in changed}
        _emit(sim, "user.updated", user, {"object": {"id": user.id, **now}, "old_object": {"id": user.id, **old}})


def settings_updated(sim: Simulation, user: User, changed: Json) -> None:
    """Announce which settings of a user are what now."""
    _emit(sim, "user.settings_updated", user, {"object": {"id": user.id, "settings": changed}})


def told_of(sim: Simulation, event: str, user: User) -> None:
    """Announce that a user was activated, deactivated, deleted, or left."""
    _emit(sim, event, user, {"object": _about(user)})


def _about(user: User) -> Json:
    names = {"first_name": user.first_name, "last_name": user.last_name}
    return {"id": user.id, **names, "email": user.email, "type": user.type}


def _emit(sim: Simulation, event: str, user: User, payload: Json) -> None:
    by = {"operator": sim.owner.email, "operator_id": sim.owner.id}
    sim.webhooks.emit(event, by | payload, at=sim.now(), about=user.id)
