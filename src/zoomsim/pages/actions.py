"""What the dashboard's forms do: faults, badly delivered webhooks, the clock."""

from datetime import UTC, datetime, time, timedelta

from aiohttp import web

from zoomsim.keys import SIMULATION
from zoomsim.pages import dashboard
from zoomsim.pages.rendering import see
from zoomsim.traffic.faults import BadFault
from zoomsim.webhooks.deliveries import Misbehaviour

HOUR_S = 3600


async def add_fault(request: web.Request) -> web.StreamResponse:
    """Put a fault in force."""
    sim = request.app[SIMULATION]
    form = await _form(request)
    try:
        sim.faults.add({name: value for name, value in form.items() if value})
    except BadFault as error:
        return dashboard.page(request, status=400, form=form, error=("faults", str(error)))
    sim.changes.announce("faults")
    return see("/#faults")


async def clear_faults(request: web.Request) -> web.StreamResponse:
    """Behave again."""
    sim = request.app[SIMULATION]
    sim.faults.clear()
    sim.changes.announce("faults")
    return see("/#faults")


async def misbehave(request: web.Request) -> web.StreamResponse:
    """Set how badly webhooks are delivered; probabilities come as percents."""
    sim = request.app[SIMULATION]
    form = await _form(request)
    try:
        percents = {name: float(form.get(name) or 0) / 100 for name in ("duplicate", "shuffle", "drop")}
        rest = {"delay_ms": form.get("delay_ms") or 0, "keep_timestamp": "keep_timestamp" in form}
        sim.webhooks.misbehaviour = Misbehaviour.read(percents | rest)
    except ValueError as error:
        return dashboard.page(request, status=400, form=form, error=("webhooks", str(error)))
    sim.changes.announce("faults")
    return see("/#webhooks")


async def move_clock(request: web.Request) -> web.StreamResponse:
    """Move the simulator's clock an hour on, to the next UTC midnight, or back to the real time."""
    sim = request.app[SIMULATION]
    offset_s = sim.clock.offset.total_seconds()
    try:
        match (await _form(request)).get("to"):
            case "hour":
                sim.set_clock(offset_s + HOUR_S)
            case "day":
                sim.set_clock(offset_s + _seconds_to_midnight(sim.now()))
            case "now":
                sim.set_clock(0)
    except ValueError as error:
        return dashboard.page(request, status=400, error=("clock", str(error)))
    return see("/#about")


async def _form(request: web.Request) -> dict[str, str]:
    return {name: str(value).strip() for name, value in (await request.post()).items()}


def _seconds_to_midnight(now: datetime) -> float:
    return (datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=UTC) - now).total_seconds()
