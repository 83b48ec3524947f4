"""How many calls came, to what, and in which second."""

from collections import Counter, deque
from dataclasses import dataclass

from zoomsim.clock import Clock
from zoomsim.traffic.limits import Label

HISTORY_SECONDS = 300


@dataclass(slots=True)
class Second:
    """What happened in one second of the simulator's clock."""

    at: int
    requests: int = 0
    throttled: int = 0
    light: int = 0
    medium: int = 0
    heavy: int = 0


class Counters:
    """Totals since the start or the last reset, and the last five minutes second by second."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.requests = 0
        self.throttled = 0
        self.faults = 0
        self.by_endpoint: Counter[str] = Counter()
        self.history: deque[Second] = deque(maxlen=HISTORY_SECONDS)

    def forget(self) -> None:
        """Begin at zero."""
        self.requests = self.throttled = self.faults = 0
        self.by_endpoint.clear()
        self.history.clear()

    def count(self, endpoint: str, label: Label | None) -> None:
        """Count a call that arrived, whatever becomes of it; `endpoint` is method and pattern."""
        self.requests += 1
        self.by_endpoint[endpoint] += 1
        second = self._second()
        second.requests += 1
        match label:
            case Label.LIGHT:
                second.light += 1
            case Label.MEDIUM:
                second.medium += 1
            case Label.HEAVY:
                second.heavy += 1

    def count_throttled(self) -> None:
        """Count a call that was answered 429."""
        self.throttled += 1
        self._second().throttled += 1

    def _second(self) -> Second:
        at = int(self.clock.now().timestamp())
        if not self.history or self.history[-1].at != at:
            self.history.append(Second(at))
        return self.history[-1]
