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


@dataclass(frozen=True, kw_only=True, slots=True)
class Try:
    """One request for something: when it was sent, when its answer came or was given up, and how it ended."""

    sent_at: datetime
    ended_at: datetime
    outcome: Outcome


@dataclass(kw_only=True)
class Action:
    """
    One thing asked for. `key` is its Idempotency-Key, `about` the id of what it changes, `facts` what it was to be, `answer`
    what came back. Actions that nobody knows the outcome of are asked for again, with the same key, when all is well: `tries`
    are all of them.
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
    method: str = "POST"
    tries: list[Try] = field(default_factory=list)
    # What each answer that was an error of ours said.
    errors: list[str] = field(default_factory=list)


class Journal:
    """All actions, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.answers: dict[int, int] = {}
        # (status, path, beginning of the text) of answers that nobody may be given.
        self.wrong: list[str] = []
        self._lock = Lock()

    def add(self, action: Action) -> None:
        """Write an action down, before it is asked for."""
        with self._lock:
            self.actions.append(action)

    def count(self, status: int) -> None:
        """Count an answer; 0: there was none."""
        with self._lock:
            self.answers[status] = self.answers.get(status, 0) + 1

    def of(self, *kinds: str, outcome: Outcome | None = None) -> Iterator[Action]:
        """Yield the actions of some kinds, those that ended in one way when it is named."""
        for action in list(self.actions):
            if action.kind in kinds and outcome in {None, action.outcome}:
                yield action

    def done(self, *kinds: str) -> list[Action]:
        """Return what was acknowledged of some kinds."""
        return list(self.of(*kinds, outcome=Outcome.DONE))

    def unknown(self) -> list[Action]:
        """Return what nobody knows the outcome of."""
        return [action for action in list(self.actions) if action.outcome is Outcome.UNKNOWN]
