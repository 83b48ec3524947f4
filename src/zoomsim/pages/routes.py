"""Where each page is."""

from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path

from aiohttp import web

from zoomsim.control.guard import is_cross_site, may_control
from zoomsim.keys import SIMULATION
from zoomsim.pages import actions, consent, dashboard, doors, host, register, room, walk_in
from zoomsim.pages.rendering import sentence

STATIC = Path(__file__).parent / "static"
NUMBER = r"{number:\d+}"
FORMS = ("/j/", "/w/", "/s/", "/meeting/register/", f"{dashboard.ACTIONS}/", consent.AUTHORIZE, consent.APPS)
# Who uses these may be anybody in the account, or change it.
GUARDED = (f"{dashboard.ACTIONS}/", consent.AUTHORIZE, consent.APPS)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def setup(app: web.Application) -> None:
    """Add the pages to the application."""
    routes = [
        web.get("/", dashboard.show),
        web.post(f"{dashboard.ACTIONS}/faults", actions.add_fault),
        web.post(f"{dashboard.ACTIONS}/faults/clear", actions.clear_faults),
        web.post(f"{dashboard.ACTIONS}/webhooks", actions.misbehave),
        web.post(f"{dashboard.ACTIONS}/clock", actions.move_clock),
        web.get(consent.AUTHORIZE, consent.ask),
        web.post(consent.AUTHORIZE, consent.decide),
        web.get(consent.APPS, consent.apps),
        web.post(f"{consent.APPS}/remove", consent.remove),
        web.get(f"/j/{NUMBER}", doors.guest),
        web.post(f"/j/{NUMBER}/join", doors.guest_joins),
        web.post(f"/j/{NUMBER}/leave", doors.guest_leaves),
        web.get(f"/j/{NUMBER}/events", room.events),
        web.post(f"/j/{NUMBER}/register", register.of_meeting),
        web.get(f"/w/{NUMBER}", doors.registrant),
        web.post(f"/w/{NUMBER}/join", doors.registrant_joins),
        web.post(f"/w/{NUMBER}/leave", doors.registrant_leaves),
        web.get(f"/s/{NUMBER}", host.show),
        web.post(f"/s/{NUMBER}/start", host.start),
        web.post(f"/s/{NUMBER}/leave", host.leave),
        web.post(f"/s/{NUMBER}/end", host.end),
        web.post(f"/s/{NUMBER}/record", host.record),
        web.post(f"/s/{NUMBER}/remove", host.remove),
        web.post(f"/s/{NUMBER}/class", host.let_class_in),
        web.post(f"/s/{NUMBER}/empty", host.everybody_leaves),
        web.get("/meeting/register/{key}", register.show),
    ]
    app.add_routes(web.RouteDef(route.method, route.path, _guarded(route.handler), route.kwargs) for route in routes)
    app.router.add_static("/static", STATIC)
    app.cleanup_ctx.append(walk_in.walks)


def _guarded(handler: Handler) -> Handler:
    """Let no other site's page submit a form here, and no stranger do what takes control of everything."""

    @wraps(handler)
    async def guarding(request: web.Request) -> web.StreamResponse:
        sim = request.app[SIMULATION]
        if request.method == "POST" and request.path.startswith(FORMS) and is_cross_site(sim, request):
            return sentence(request, "cross_site", status=403)
        if request.path.startswith(GUARDED) and not may_control(sim, request):
            return sentence(request, "strangers", status=403)
        return await handler(request)

    return guarding
