"""What became of each webhook, and how badly webhooks are to be delivered."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from zoomsim.clock import zulu
from zoomsim.protocol.validation import as_boolean
from zoomsim.protocol.wire import Json

LONGEST_DELAY_MS = 3_600_000


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    WAITING = "waiting"
    """For its next attempt."""
    DELIVERED = "delivered"
    LOST = "lost"
    DROPPED = "dropped"
    """On purpose, never sent."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a webhook was sent; `status` is 0 when nobody answered."""

    at: datetime
    timestamp: str
    status: int
    error: str
    took_ms: int


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One event on its way to the endpoint."""

    event: str
    meeting_id: str
    body: str
    created_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: list[Attempt] = field(default_factory=list)
    next_attempt_at: datetime | None = None

    def describe(self) -> Json:
        """Return the delivery as the control API shows it."""
        return {
            "event": self.event,
            "meeting_id": self.meeting_id,
            "created_at": zulu(self.created_at),
            "status": self.status,
            "attempts": [
                {
                    "at": zulu(attempt.at),
                    "timestamp": attempt.timestamp,
                    "status": attempt.status,
                    "error": attempt.error,
                    "ms": attempt.took_ms,
                }
                for attempt in self.attempts
            ],
            "next_attempt_at": zulu(self.next_attempt_at) if self.next_attempt_at else None,
            "body": json.loads(self.body),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """
    How badly to deliver.

    `duplicate`, `shuffle` and `drop` are probabilities per event; `delay_ms` holds every first attempt back;
    `keep_timestamp` signs retries with the timestamp of the first attempt instead of anew.
    """

    duplicate: float = 0.0
    shuffle: float = 0.0
    drop: float = 0.0
    delay_ms: float = 0.0
    keep_timestamp: bool = False

    def describe(self) -> Json:
        """Return it as the control API shows it."""
        return asdict(self)

    @classmethod
    def read(cls, wanted: Json) -> "Misbehaviour":
        """Read what the control API was sent; what is not named is off. Raises ValueError for a bad value."""
        numbers = {}
        for name in ("duplicate", "shuffle", "drop", "delay_ms"):
            value = wanted.get(name, 0)
            try:
                numbers[name] = float(value)
            except (TypeError, ValueError):
                raise ValueError(f"{name} is a number, not {value!r}") from None
            most = LONGEST_DELAY_MS if name == "delay_ms" else 1
            if not 0 <= numbers[name] <= most:
                raise ValueError(f"{name} is from 0 to {most}")
        keep = as_boolean(wanted.get("keep_timestamp", False))
        if keep is None:
            raise ValueError("keep_timestamp is true or false")
        return cls(**numbers, keep_timestamp=keep)
