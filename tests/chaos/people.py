"""What people have in hand: asking for something over HTTP, written down with how it was answered."""

import itertools
import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Lock
from typing import Any, Final

import httpx

from tests.chaos.journal import Action, Journal, Outcome, Try
from tests.chaos.stage import Stage

PATIENCE_SECONDS: Final = 12.0
# Some of the lessons are meant to be after the same hour.
HOURS_WANTED: Final = range(2, 14)


class People:
    """Everybody who asks for something on a stage. `name` begins all their keys. Any number may ask at once."""

    def __init__(self, stage: Stage, journal: Journal, *, name: str) -> None:
        self.stage, self.journal = stage, journal
        self._name, self._numbers, self._lock = name, 0, Lock()
        self._http = httpx.Client(timeout=PATIENCE_SECONDS, limits=httpx.Limits(max_connections=None))
        self._busy: set[str] = set()
        # Held by whoever changes the members of a class, so that the order of changes is known.
        self.at_lists = Lock()
        self._turn = itertools.count()

    def ask(
        self,
        kind: str,
        by: str,
        path: str,
        body: dict[str, Any],
        *,
        about: str = "",
        method: str = "POST",
        **facts: Any,
    ) -> Action:
        """Send a request in somebody's name ("" for a visitor's) and return what became of it."""
        with self._lock:
            self._numbers += 1
            key = f"{self._name}-{self._numbers}"
        action = Action(kind=kind, by=by, path=path, body=body, key=key, about=about, method=method, facts=facts)
        self.journal.add(action)
        self.send(action)
        return action

    def send(self, action: Action) -> None:
        """Send what was written down, once more too, by its own key, and write down what became of it."""
        sent_at = self.stage.clock.now()
        action.outcome = self._outcome(action)
        action.tries.append(Try(sent_at=sent_at, ended_at=self.stage.clock.now(), outcome=action.outcome))

    def _outcome(self, action: Action) -> Outcome:
        """Send a request, keep its answer, and return how it ended."""
        headers = self._headers(action.by, key=action.key)
        try:
            if csv := action.facts.get("csv"):
                answer = self._http.post(
                    self._url(action.path), content=csv, headers=headers | {"Content-Type": "text/csv"}
                )
            else:
                answer = self._http.request(action.method, self._url(action.path), json=action.body, headers=headers)
        except httpx.HTTPError:
            self.journal.count(0)
            return Outcome.UNKNOWN
        self._note(answer)
        # A server whose clock was wrong may take what is asked now for too much: whoever hears that asks again, too.
        if answer.status_code >= 500 or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            action.errors.append(f"{answer.status_code} {answer.text[:100]}")
            return Outcome.UNKNOWN
        said = answer.json() if answer.content else {}
        if said.get("code") == "idempotency_outcome_unknown":
            action.errors.append("broke off")
            return Outcome.UNKNOWN
        action.answer, action.status = said, answer.status_code
        return Outcome.DONE if answer.is_success else Outcome.REFUSED

    def get(self, by: str, path: str, **query: str) -> httpx.Response | None:
        """Read something in somebody's name; None when nobody answered."""
        try:
            answer = self._http.get(self._url(path), params=query or None, headers=self._headers(by))
        except httpx.HTTPError:
            self.journal.count(0)
            return None
        self._note(answer)
        return answer

    def _note(self, answer: httpx.Response) -> None:
        self.journal.count(answer.status_code)
        if answer.status_code >= 500 and answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            path = re.sub(r"[0-9a-f-]{36}", "ID", answer.url.path)
            self.journal.wrong.append(f"{answer.request.method} {path}: {answer.status_code} {answer.text[:120]}")

    def _url(self, path: str) -> str:
        return f"{self.stage.url(next(self._turn))}{path}"

    def _headers(self, by: str, *, key: str = "") -> dict[str, str]:
        headers = {"Idempotency-Key": key} if key else {}
        if by:
            return headers | {"Authorization": f"Bearer {self.stage.school.people[by].token}"}
        with self._lock:
            self._numbers += 1
            return headers | {"X-Forwarded-For": f"10.{self._numbers // 250 % 250}.0.{self._numbers % 250 + 1}"}

    def id(self, name: str) -> str:
        """Return the id of somebody by their first name."""
        return self.stage.school.people[name].id

    def hour(self, dice: random.Random, hours: range = HOURS_WANTED) -> datetime:
        """Return the begin of an hour soon, the same for many."""
        begin = self.stage.clock.now().replace(minute=0, second=0, microsecond=0)
        return begin + timedelta(hours=dice.choice(hours))

    def take_hold(self, dice: random.Random, *kinds: str) -> Action | None:
        """Return something of these kinds that was made and that nobody else is at, so that the order of changes is known."""
        with self._lock:
            free = [action for action in self.journal.done(*kinds) if action.answer["id"] not in self._busy]
            if not free:
                return None
            chosen = dice.choice(free[-12:])
            self._busy.add(chosen.answer["id"])
            return chosen

    def give_back(self, action: Action) -> None:
        """Let others at it."""
        with self._lock:
            self._busy.discard(action.answer["id"])


def at_once(*calls: Callable[[], object]) -> None:
    """Make all calls at one moment and wait for their ends. Raises what one of them raised."""
    together = Barrier(len(calls))

    def make(call: Callable[[], object]) -> None:
        together.wait()
        call()

    with ThreadPoolExecutor(len(calls)) as threads:
        list(threads.map(make, calls))
