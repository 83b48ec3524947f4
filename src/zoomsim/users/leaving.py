"""A user is deleted, or leaves the account."""

from typing import Final

from zoomsim.call import Call
from zoomsim.lookup import find_user
from zoomsim.meetings import scheduling
from zoomsim.protocol.errors import invalid_field, refused
from zoomsim.protocol.wire import Answer
from zoomsim.state.models import User, UserStatus
from zoomsim.users import events

LEAVES, IS_DELETED = "disassociate", "delete"
TOLD: Final = {LEAVES: "user.disassociated", IS_DELETED: "user.deleted"}


def remove(call: Call) -> Answer:
    """
    Take a user out of the account: by default they leave it, with `action` `delete` they are deleted.

    Their meetings to come, recordings with them, go to `transfer_email` where `transfer_meeting` says so; else they are
    deleted.
    """
    user = find_user(call.sim, call["userId"])
    action = call.query.get("action") or LEAVES
    if action not in TOLD:
        raise invalid_field("action")
    if user is call.sim.owner:
        raise refused("The owner of the account cannot be deleted.")
    heir = _heir(call, user)
    for number in list(call.sim.store.by_host[user.id]):
        meeting = call.sim.store.meetings[number]
        if heir is None:
            scheduling.delete_meeting(call.sim, meeting)
        else:
            meeting.host_id = heir.id
            call.sim.store.save_meeting(meeting, former_host=user.id)
    if (grant := call.sim.store.grants.get(user.id)) is not None:
        call.sim.grants.remove(grant)
    user.status = UserStatus.GONE
    call.sim.store.save_user(user)
    events.told_of(call.sim, TOLD[action], user)
    return Answer(204)


def _heir(call: Call, user: User) -> User | None:
    if not call.flag("transfer_meeting"):
        return None
    heir = find_user(call.sim, call.query.get("transfer_email", ""))
    if heir is user:
        raise invalid_field("transfer_email")
    return heir
