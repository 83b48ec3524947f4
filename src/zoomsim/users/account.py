"""The calls about the account: its settings and locks, and what it has not bought or set up."""

from zoomsim.call import Call
from zoomsim.hosts import ROLE_DESCRIPTIONS, ROLE_NAMES
from zoomsim.protocol.errors import ZoomError, no_webinars
from zoomsim.protocol.wire import Answer


def tracking_fields(call: Call) -> Answer:
    """List the tracking fields, of which the account has none."""
    return Answer(200, {"total_records": 0, "tracking_fields": []})


def groups(call: Call) -> Answer:
    """List the groups, of which the account has none."""
    return Answer(200, {"total_records": 0, "groups": []})


def roles(call: Call) -> Answer:
    """List the roles that every account has, and how many have each."""
    users = call.sim.store.present_users
    shown = [
        {
            "id": role_id,
            "name": name,
            "description": ROLE_DESCRIPTIONS[role_id],
            "total_members": sum(user.role_id == role_id for user in users),
        }
        for role_id, name in ROLE_NAMES.items()
    ]
    return Answer(200, {"total_records": len(shown), "roles": shown})


def webinars(call: Call) -> Answer:
    """Refuse: the account has no webinars."""
    raise no_webinars()


def settings(call: Call) -> Answer:
    """Show the account's settings."""
    _require_own(call)
    return Answer(200, call.sim.account.shown())


def change_settings(call: Call) -> Answer:
    """Change what is named of the account's settings."""
    _require_own(call)
    call.sim.account.change(call.body())
    return Answer(204)


def lock_settings(call: Call) -> Answer:
    """Show which of the account's settings are locked."""
    _require_own(call)
    return Answer(200, call.sim.account.locks())


def change_lock_settings(call: Call) -> Answer:
    """Lock or unlock what is named."""
    _require_own(call)
    call.sim.account.change_locks(call.body())
    return Answer(204)


def _require_own(call: Call) -> None:
    """Raise ZoomError 404/2001 for any account but the app's own, which is also `me`."""
    if call["accountId"] not in {"me", call.sim.options.account_id}:
        raise ZoomError(404, 2001, f"Account does not exist: {call['accountId']}.")
