"""The HTTP server: the API, the control API, and the pages."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from zoomsim.api.dispatch import PREFIX, Api
from zoomsim.control import calls as control
from zoomsim.keys import SIMULATION
from zoomsim.pages import routes as pages
from zoomsim.recordings import downloads
from zoomsim.rooms.free_minutes import keep_ending_overdue
from zoomsim.sdk import server as sdk
from zoomsim.simulation import Simulation

MAX_BODY_BYTES = 4 * 1024 * 1024


def build_app(sim: Simulation) -> web.Application:
    """Return the application that serves one simulation."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app[SIMULATION] = sim
    api = Api(sim)
    # What is asked for most is found first.
    app.router.add_route("*", PREFIX + "/{path:.*}", api.call)
    app.router.add_route("*", PREFIX, api.call)
    app.router.add_post("/oauth/token", api.token)
    app.router.add_post("/oauth/revoke", api.revoke)
    control.setup(app)
    pages.setup(app)
    sdk.setup(app)
    downloads.setup(app)
    app.cleanup_ctx.append(_running)
    return app


async def _running(app: web.Application) -> AsyncIterator[None]:
    sim = app[SIMULATION]
    await sim.webhooks.start()
    ending = asyncio.create_task(keep_ending_overdue(sim))
    yield
    ending.cancel()
    await sim.webhooks.stop()
    sim.journal.close()
