"""The calls about summaries."""

from datetime import timedelta
from urllib.parse import unquote

from zoomsim.call import Call
from zoomsim.lookup import meeting_number
from zoomsim.protocol.days import day_of
from zoomsim.protocol.errors import invalid_field, no_meeting
from zoomsim.protocol.wire import Answer
from zoomsim.state.models import Summary
from zoomsim.summaries import making
from zoomsim.summaries.view import show, show_in_list

LISTED = timedelta(days=30)


def of_account(call: Call) -> Answer:
    """List the summaries of the account that were written on some days, the latest first: of the last month unless told."""
    last = day_of(call.query, "to") or call.sim.now()
    first = day_of(call.query, "from") or last - LISTED
    if first > last:
        raise invalid_field("from")
    found = [one for one in call.sim.store.summaries.values() if first <= one.created_at < last + timedelta(days=1)]
    found.sort(key=lambda one: one.created_at, reverse=True)
    page = call.sim.pager.page(found, call.query, of=f"summaries {call.query.get('from')} {call.query.get('to')}")
    envelope = {name: page.envelope[name] for name in ("page_size", "next_page_token")}
    period = {"from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"}
    return Answer(200, envelope | period | {"summaries": [show_in_list(call.sim, one) for one in page.items]})


def get(call: Call) -> Answer:
    """Show the summary of a run, or of a meeting's latest that has one."""
    return Answer(200, show(call.sim, _find(call)))


def delete(call: Call) -> Answer:
    """Take a summary away."""
    making.delete(call.sim, _find(call))
    return Answer(204)


def _find(call: Call) -> Summary:
    """Return the summary of the run of a uuid, or of the latest run of a number. Raises ZoomError 404/3001."""
    name, store = call["meetingId"], call.sim.store
    uuids = (
        [run.uuid for run in reversed(store.runs_of(meeting_number(name)))]
        if name.isdecimal()
        else [unquote(name), name]
    )
    for uuid in uuids:
        if uuid in store.summaries:
            return store.summaries[uuid]
    raise no_meeting(name)
