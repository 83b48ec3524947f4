"""The calls about the account: what it has not bought or set up."""

from zoomsim.call import Call
from zoomsim.protocol.errors import no_webinars
from zoomsim.protocol.wire import Answer


def tracking_fields(call: Call) -> Answer:
    """List the tracking fields, of which the account has none."""
    return Answer(200, {"total_records": 0, "tracking_fields": []})


def webinars(call: Call) -> Answer:
    """Refuse: the account has no webinars."""
    raise no_webinars()
