"""What the people of a day asked for and how they were answered: all that a reference may rest on besides what it sees."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from threading import Lock
from typing import Any


class Outcome(Enum):
    """How a request ended, as whoever asked knows it."""

    DONE = "done"
    REFUSED = "refused"
    # No answer, or one that says that something is wrong on our side: it may have been done, or not.
    UNKNOWN = "unknown"


@dataclass(kw_only=True)
class Deed:
    """
    One thing asked for. `key` is its Idempotency-Key, `about` the id of what it changes, `facts` what it was to be, `answer`
    what came back. Deeds that nobody knows the outcome of are asked for again, with the same key, when all is well.
    """

    kind: str
    by: str
    path: str
    body: dict[str, Any]
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    about: str = ""
    outcome: Outcome = Outcome.UNKNOWN
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    # What each answer that was an error of ours said.
    errors: list[str] = field(default_factory=list)


class Journal:
    """All deeds, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self.answers: dict[int, int] = {}
        # (status, path, beginning of the text) of answers that nobody may be given.
        self.wrong: list[str] = []
        self._lock = Lock()

    def add(self, deed: Deed) -> None:
        """Write a deed down, before it is asked for."""
        with self._lock:
            self.deeds.append(deed)

    def count(self, status: int) -> None:
        """Count an answer; 0: there was none."""
        with self._lock:
            self.answers[status] = self.answers.get(status, 0) + 1

    def of(self, *kinds: str, outcome: Outcome | None = None) -> Iterator[Deed]:
        """Yield the deeds of some kinds, those that ended in one way when it is named."""
        for deed in list(self.deeds):
            if deed.kind in kinds and outcome in {None, deed.outcome}:
                yield deed

    def done(self, *kinds: str) -> list[Deed]:
        """Return what was acknowledged of some kinds."""
        return list(self.of(*kinds, outcome=Outcome.DONE))

    def unknown(self) -> list[Deed]:
        """Return what nobody knows the outcome of."""
        return [deed for deed in list(self.deeds) if deed.outcome is Outcome.UNKNOWN]
