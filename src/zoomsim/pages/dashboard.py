"""
The dashboard: everything about the simulation on one page that follows what happens.

It shows what the control API shows, so whoever may not use that sees a sentence instead. Its sections can be fetched
one by one (`/?parts=traffic,hosts`): the page's script asks for those that changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from aiohttp import web

from zoomsim.control.guard import may_control
from zoomsim.control.snapshot import show_host
from zoomsim.keys import SIMULATION
from zoomsim.meetings.settings import NO_REGISTRATION
from zoomsim.meetings.view import join_url
from zoomsim.options import Options
from zoomsim.pages.chart import draw
from zoomsim.pages.finding import Shown, list_meetings, shown_occurrence
from zoomsim.pages.rendering import address, render, sentence
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting
from zoomsim.traffic.faults import FaultKind

ACTIONS = "/dashboard"
MOST_HOSTS, MOST_NAMES, MOST_DELIVERIES, MOST_ENDPOINTS = 50, 12, 20, 12
LAST_PAGE = 100_000

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the list of meetings is to show, from the address."""

    shown: Shown
    query: str
    page: int

    @classmethod
    def read(cls, request: web.Request) -> "Wanted":
        """Read the address; what makes no sense is left out."""
        shown, page = request.query.get("show", ""), request.query.get("page", "")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
        return cls(
            shown=Shown(shown) if shown in set(Shown) else Shown.ALL,
            query=request.query.get("q", "").strip()[:200],
            page=min(max(number, 1), LAST_PAGE),
        )

    def address(self, *, shown: Shown | None = None, page: int = 1) -> str:
        """Return the address of another filter or page of the same search."""
        show = shown or self.shown
        query = address("/", q=self.query, show="" if show is Shown.ALL else show, page=str(page) if page > 1 else "")
        return f"{query}#meetings"


async def show(request: web.Request) -> web.StreamResponse:
    """Show the dashboard."""
    return page(request)


def page(
    request: web.Request, *, status: int = 200, form: dict[str, str] | None = None, error: tuple[str, str] = ("", "")
) -> web.Response:
    """Return the dashboard; after a form that made no sense with what was typed, and `(form, why)`."""
    sim = request.app[SIMULATION]
    if not may_control(sim, request):
        return sentence(request, "strangers", status=403)
    named = request.query.get("parts", "").split(",")
    parts = [name for name in PARTS if name in named] or list(PARTS)
    wanted = Wanted.read(request)
    context = {name: PARTS[name](sim, wanted) for name in parts}
    return render(
        request,
        "dashboard/parts.html" if "parts" in request.query else "dashboard.html",
        status=status,
        parts=parts,
        wanted=wanted,
        shown_choices=list(Shown),
        kinds=list(FaultKind),
        form=form or {},
        form_error=error,
        **context,
    )


def _about(sim: Simulation, _wanted: Wanted) -> Json:
    """Say where the simulator is and how to sign in; a secret of one's own is not shown."""
    options = sim.options
    return {
        "plan": options.plan,
        "now": sim.now(),
        "offset": sim.clock.offset,
        "offset_said": _duration(sim.clock.offset),
        "account_id": options.account_id,
        "client_id": options.client_id,
        "secret": options.client_secret if options.client_secret == Options().client_secret else "",
    }


def _traffic(sim: Simulation, _wanted: Wanted) -> Json:
    return {
        "chart": draw(sim),
        "usage": sim.limits.usage(),
        "requests": sim.counters.requests,
        "throttled": sim.counters.throttled,
        "endpoints": sim.counters.by_endpoint.most_common(MOST_ENDPOINTS),
    }


def _live(sim: Simulation, _wanted: Wanted) -> Json:
    rooms = [
        {
            "meeting": meeting,
            "host": sim.store.users[meeting.host_id].email,
            "since": run.started_at,
            "count": len(run.present),
            "names": [stay.name for stay in islice(run.present, MOST_NAMES)],
            **_links(sim, meeting),
        }
        for run in islice(reversed(sim.store.running.values()), MOST_HOSTS)
        if (meeting := sim.store.meetings[run.meeting_id])
    ]
    return {"rooms": rooms, "more": len(sim.store.running) - len(rooms)}


def _meetings(sim: Simulation, wanted: Wanted) -> Json:
    now = sim.now()
    found, has_more = list_meetings(sim, wanted.shown, wanted.query, wanted.page)
    rows = [
        {
            "meeting": meeting,
            "host": sim.store.users[meeting.host_id].email,
            "occurrence": shown_occurrence(meeting, now),
            "live": meeting.id in sim.store.running,
            "deleted": meeting.deleted_at is not None,
            "registrants": _registrants(sim, meeting),
            **_links(sim, meeting),
        }
        for meeting in found
    ]
    return {"rows": rows, "has_more": has_more, "kept": len(sim.store.meetings)}


def _hosts(sim: Simulation, _wanted: Wanted) -> Json:
    users = sim.store.present_users
    return {
        "rows": [show_host(sim, user) for user in users[:MOST_HOSTS]],
        "more": max(0, len(users) - MOST_HOSTS),
    }


def _webhooks(sim: Simulation, _wanted: Wanted) -> Json:
    deliveries = sim.webhooks.deliveries
    return {
        "url": sim.webhooks.url,
        "validated": sim.webhooks.validated,
        "deliveries": list(islice(reversed(deliveries), MOST_DELIVERIES)),
        "kept": len(deliveries),
        "misbehaviour": sim.webhooks.misbehaviour.describe(),
    }


def _faults(sim: Simulation, _wanted: Wanted) -> Json:
    return {"rows": sim.faults.describe(), "struck": sim.counters.faults}


def _registrants(sim: Simulation, meeting: Meeting) -> int | None:
    """Return how many registered; None where nobody has to."""
    count = len(sim.store.registrants_of(meeting.id))
    return count if count or meeting.approval_type != NO_REGISTRATION else None


def _links(sim: Simulation, meeting: Meeting) -> Json:
    """Return the ways in, as they are on this server whatever its public address."""
    return {
        "door": join_url(sim, meeting).removeprefix(sim.base_url),
        "host_door": f"/s/{meeting.id}?zak={sim.tokens.zak(meeting.host_id)}",
    }


def _duration(offset: timedelta) -> str:
    """Write an offset as `+1 d 03:20`."""
    sign, minutes = "−" if offset < timedelta() else "+", round(abs(offset).total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    return f"{sign}{days} d {clock}" if days else f"{sign}{clock}"


PARTS: dict[str, Callable[[Simulation, Wanted], Json]] = {
    "about": _about,
    "traffic": _traffic,
    "live": _live,
    "meetings": _meetings,
    "webhooks": _webhooks,
    "faults": _faults,
    "hosts": _hosts,
}
