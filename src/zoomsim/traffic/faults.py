"""Misbehaviour on demand: what `POST /sim/faults` asks for."""

import random
import re
from dataclasses import dataclass
from enum import StrEnum

from zoomsim.protocol.errors import ZoomError
from zoomsim.protocol.wire import Json


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    LATENCY = "latency"
    TIMEOUT = "timeout"
    REFUSE = "refuse"
    DROP_RESPONSE = "drop_response"
    RATE_LIMIT = "rate_limit"
    GARBAGE = "garbage"


SEGMENT = re.compile(r"\{[A-Za-z]\w*\}")
STATUSES = range(300, 600)
LONGEST_MS = 3_600_000
CODE_FOR_STATUS = {400: 300, 401: 124, 403: 2306, 404: 3001, 409: 1005, 429: 429}


class BadFault(ValueError):
    """A fault that makes no sense; the text says why."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """
    One kind of misbehaviour, and for which calls.

    `path` is a regular expression that must match from the start of the path, so a plain prefix such as `/v2/users`
    works too; end it with `$` for exactly one path. `{name}` stands for one segment, and `/v2` may be left out. The path
    is the one sent, still percent-encoded, without its query.
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    times: int | None = None
    probability: float = 1.0
    ms: float = 0
    status: int = 500
    code: int | None = None
    hits: int = 0

    def concerns(self, method: str, path: str) -> bool:
        """Whether a call is one of those meant."""
        if self.method and self.method != method:
            return False
        pattern = SEGMENT.sub("[^/]+", self.path)
        return re.match(pattern, path) is not None or re.match(pattern, path.removeprefix("/v2")) is not None

    def strikes(self) -> bool:
        """Throw the dice, and count a hit."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.probability < 1 and random.random() >= self.probability:  # noqa: S311 -- dice, not secrets
            return False
        self.hits += 1
        return True

    def error(self) -> ZoomError:
        """The refusal that a `status` fault answers; from 500 on Zoom often sends no JSON (see the caller)."""
        code = self.code if self.code is not None else CODE_FOR_STATUS.get(self.status, self.status)
        return ZoomError(self.status, code, "Simulated failure.")

    def describe(self) -> Json:
        """Return the fault as the control API shows it."""
        return {
            "kind": self.kind,
            "method": self.method,
            "path": self.path,
            "times": self.times,
            "probability": self.probability,
            "ms": self.ms,
            "status": self.status,
            "code": self.code,
            "hits": self.hits,
        }


class Faults:
    """The faults in force, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, wanted: Json) -> Fault:
        """Put a fault in force. Raises BadFault when it cannot be understood."""
        try:
            kind = FaultKind(wanted.get("kind", ""))
        except ValueError:
            raise BadFault(f"kind must be one of {', '.join(FaultKind)}") from None
        try:
            re.compile(wanted.get("path") or "")
        except (re.error, TypeError) as error:
            raise BadFault(f"path is no regular expression: {error}") from None
        try:
            fault = Fault(
                kind=kind,
                method=str(wanted.get("method") or "").upper(),
                path=wanted.get("path") or "",
                times=None if wanted.get("times") is None else int(wanted["times"]),
                probability=float(wanted.get("probability", 1)),
                ms=float(wanted.get("ms", 0)),
                status=int(wanted.get("status", 500)),
                code=None if wanted.get("code") is None else int(wanted["code"]),
            )
        except (TypeError, ValueError) as error:
            raise BadFault(f"times, probability, ms, status and code are numbers: {error}") from None
        _check(fault)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """None in force."""
        self._faults.clear()

    def strike(self, method: str, path: str) -> list[Fault]:
        """Return the faults that hit a call: any latencies, then at most one of another kind."""
        struck = []
        for fault in self._faults:
            if fault.concerns(method, path) and fault.strikes():
                struck.append(fault)
                if fault.kind is not FaultKind.LATENCY:
                    break
        return struck

    def describe(self) -> list[Json]:
        """Return the faults that can still strike."""
        return [fault.describe() for fault in self._faults if fault.times is None or fault.hits < fault.times]


def _check(fault: Fault) -> None:
    """Raise BadFault for numbers that no fault can have."""
    if fault.times is not None and fault.times < 1:
        raise BadFault("times is at least 1")
    if not 0 <= fault.probability <= 1:
        raise BadFault("probability is from 0 to 1")
    if not 0 <= fault.ms <= LONGEST_MS:
        raise BadFault(f"ms is from 0 to {LONGEST_MS}")
    if fault.status not in STATUSES:
        raise BadFault(f"status is from {STATUSES.start} to {STATUSES.stop - 1}")
