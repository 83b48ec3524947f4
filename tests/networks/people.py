"""
People who work on while links are lost: what they were promised is journaled, and looked for later.

Each begins at one of the servers, repeats what was not answered at the other one, with the same `Idempotency-Key`, as a
browser behind a proxy does or a program, and goes on until somebody says yes or no.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.bookings.school import School
from tests.failover import send_event
from tests.networks.machines import Machine, Network
from tests.simulator import Simulator
from tests.system import System

STUDENTS: Final = 4
SECONDS_BETWEEN_BOOKINGS: Final = 0.7
SECONDS_BETWEEN_EVENTS: Final = 0.4
SECONDS_BETWEEN_PAGES: Final = 0.4
SECONDS_BETWEEN_TRIES: Final = 0.3
PATIENCE: Final = httpx.Timeout(15.0, connect=3.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request: what for, of which server, when it was sent and answered (seconds) and how; 0: not at all."""

    kind: str
    app: str
    sent: float
    answered: float
    status: int

    @property
    def is_done(self) -> bool:
        """Whether it was answered with what was asked for."""
        return 200 <= self.status < 300


@dataclass
class Journal:
    """What was asked; when what was acknowledged: bookings made and confirmed, by id, and Zoom's events; what was refused."""

    asked: list[Asked] = field(default_factory=list)
    booked: dict[str, float] = field(default_factory=dict)
    confirmed: dict[str, float] = field(default_factory=dict)
    events: dict[str, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def since(self, moment: float, *kinds: str, app: str = "") -> list[Asked]:
        """Return the requests of some kinds that were sent after a moment, to one server or to any."""
        return [one for one in list(self.asked) if one.kind in kinds and one.sent > moment and app in ("", one.app)]


class People:
    """Students book, their teacher says yes, Zoom sends events, somebody reads: all the time, each in a thread."""

    def __init__(self, network: Network, apps: Mapping[str, System], school: School) -> None:
        self.journal = Journal()
        self._network, self._school = network, school
        self._urls = {name: app.url for name, app in apps.items()}
        self._lessons, self._events = itertools.count(), itertools.count()
        self._over = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[Journal]:
        """Let them work meanwhile; they may come again."""
        self._over.clear()
        home, zoom = self._network["people"], self._network["zoom"]
        with ThreadPoolExecutor(STUDENTS + 2 * len(self._urls)) as threads:
            jobs = [
                threads.submit(self._at, home, self._book, token, self._beginning_with(number))
                for number, token in enumerate(self._school.student_tokens[:STUDENTS])
            ]
            for number in range(len(self._urls)):
                jobs.append(threads.submit(self._at, zoom, self._tell, self._beginning_with(number)))
                jobs.append(threads.submit(self._at, home, self._read, self._beginning_with(number)))
            try:
                yield self.journal
            finally:
                self._over.set()
                for job in jobs:
                    job.result()

    def _at(self, machine: Machine, work: Callable[..., None], *arguments: Any) -> None:
        with machine.inside():
            work(*arguments)

    def _beginning_with(self, number: int) -> list[str]:
        names = list(self._urls)
        first = number % len(names)
        return names[first:] + names[:first]

    def _book(self, token: str, apps: Sequence[str]) -> None:
        student, teacher = self._clients(token), self._clients(self._school.teacher_token)
        begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        while not self._over.wait(SECONDS_BETWEEN_BOOKINGS):
            start = begin + timedelta(hours=next(self._lessons))
            body = {"teacher_id": self._school.teacher_id, "start_time": start.isoformat(), "despite_overlap": True}
            made = self._until_answered("booking", apps, student, "/api/bookings/bookings", body)
            if made is None:
                continue
            self.journal.booked[made["id"]] = time.time()
            path = f"/api/bookings/bookings/{made['id']}/confirm"
            if self._until_answered("confirmation", apps, teacher, path, None) is not None:
                self.journal.confirmed[made["id"]] = time.time()

    def _tell(self, apps: Sequence[str]) -> None:
        clients = self._clients("")
        while not self._over.wait(SECONDS_BETWEEN_EVENTS):
            name = f"event-{next(self._events)}"
            about = {"account_id": Simulator.account_id, "object": {"id": name}}
            told = {"event": "meeting.alert", "event_ts": int(time.time() * 1000), "payload": about}
            for app in itertools.cycle(apps):
                answer = self._ask("event", app, lambda app=app, told=told: send_event(clients[app], told))  # type: ignore[misc]
                if answer.is_success:
                    self.journal.events[name] = time.time()
                if answer.is_success or self._over.wait(SECONDS_BETWEEN_TRIES):
                    break

    def _read(self, apps: Sequence[str]) -> None:
        client = self._clients("")[apps[0]]
        while not self._over.wait(SECONDS_BETWEEN_PAGES):
            self._ask("page", apps[0], lambda: client.get("/api/bookings/teachers"))

    def _clients(self, token: str) -> dict[str, httpx.Client]:
        """Return a client of each server. People keep their connections; Zoom, and who has no account, come anew."""
        headers = {"Authorization": f"Bearer {token}"} if token else {"Connection": "close"}
        return {name: httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) for name, url in self._urls.items()}

    def _until_answered(
        self, kind: str, apps: Sequence[str], clients: Mapping[str, httpx.Client], path: str, body: object
    ) -> dict[str, Any] | None:
        """Return what was answered, None when it was refused or nobody answered before the end."""
        headers = {"Idempotency-Key": uuid4().hex}
        for app in itertools.cycle(apps):
            answer = self._ask(kind, app, lambda app=app: clients[app].post(path, json=body, headers=headers))  # type: ignore[misc]
            if answer.is_success:
                return dict(answer.json())
            if 400 <= answer.status_code < 500:
                self.journal.refused.append(f"{kind}: {answer.text}")
                return None
            if self._over.wait(SECONDS_BETWEEN_TRIES):
                return None
        return None

    def _ask(self, kind: str, app: str, request: Callable[[], httpx.Response]) -> httpx.Response:
        sent = time.time()
        try:
            answer = request()
        except httpx.HTTPError:
            answer = httpx.Response(0)
        asked = Asked(kind=kind, app=app, sent=sent, answered=time.time(), status=answer.status_code)
        self.journal.asked.append(asked)
        return answer
