"""The last minutes of calls as bars, one a second, for an SVG."""

from dataclasses import dataclass

from zoomsim.simulation import Simulation
from zoomsim.traffic.counters import Second
from zoomsim.traffic.limits import PER_SECOND, Label

SECONDS = 180
HEIGHT = 100
LEAST_TOP = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one bar; `kind` is its class: light, medium, heavy, other or throttled."""

    x: int
    y: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What the picture shows, and what is said about it to those who do not see it."""

    pieces: list[Piece]
    limit_y: float | None
    """Where the limit of light calls is; None when there is none or it is far above every bar."""
    limit: int | None
    top: int
    calls: int
    busiest: int
    throttled: int


def draw(sim: Simulation) -> Chart:
    """Return the chart of the last three minutes by the simulator's clock."""
    now = int(sim.now().timestamp())
    seconds = [second for second in sim.counters.history if now - SECONDS < second.at <= now]
    busiest = max((second.requests for second in seconds), default=0)
    limit = PER_SECOND[sim.limits.plan].get(Label.LIGHT)
    top = max(LEAST_TOP, round(busiest * 1.15) + 1)
    if limit is not None and busiest >= limit / 2:
        top = max(top, round(limit * 1.15))
    pieces = [piece for second in seconds for piece in _bar(second, SECONDS - 1 - (now - second.at), HEIGHT / top)]
    return Chart(
        pieces=pieces,
        limit_y=HEIGHT - limit * HEIGHT / top if limit is not None and limit <= top else None,
        limit=limit,
        top=top,
        calls=sum(second.requests for second in seconds),
        busiest=busiest,
        throttled=sum(second.throttled for second in seconds),
    )


def _bar(second: Second, x: int, per_call: float) -> list[Piece]:
    """Stack one second's calls by weight; those answered 429 are drawn over the top of it."""
    other = second.requests - second.light - second.medium - second.heavy
    stacked = (("heavy", second.heavy), ("medium", second.medium), ("light", second.light), ("other", other))
    pieces = []
    y = float(HEIGHT)
    for kind, count in stacked:
        if count > 0:
            y -= count * per_call
            pieces.append(Piece(x, round(y, 2), round(count * per_call, 2), kind))
    if second.throttled:
        pieces.append(Piece(x, round(y, 2), round(second.throttled * per_call, 2), "throttled"))
    return pieces
