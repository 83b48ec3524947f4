"""People at work while something is lost: what they were promised is journaled, and looked for later."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx

from classbell.zoom.webhooks import sign
from tests.bookings.school import School
from tests.simulator import Simulator

STUDENTS: Final = 4
SECONDS_BETWEEN_TRIES: Final = 0.3

# Where somebody is while they ask: on which machine, say.
Place = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """
    How people go about it: seconds between bookings of one student, events of Zoom's, and pages; how long they wait for an
    answer; and whether they ask again without one. They are at `home`, and Zoom where `zoom` says.
    """

    bookings: float
    events: float
    pages: float
    patience: httpx.Timeout
    repeats: bool
    home: Place = nullcontext
    zoom: Place = nullcontext


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """
    One request: what for, of which server, when it was sent and answered (seconds of this machine's clock) and how; 0: not
    at all.
    """

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
    """
    Students book, their teacher says yes, Zoom sends events, somebody reads: all the time, each in a thread, each beginning
    at one of the servers, which `urls` names. Who repeats what was not answered does so at the next server, with the same
    `Idempotency-Key`, as a browser behind a proxy does or a program, and goes on until somebody says yes or no.
    """

    def __init__(self, urls: Mapping[str, str], school: School, habits: Habits) -> None:
        self.journal = Journal()
        self._urls, self._school, self._habits = urls, school, habits
        self._lessons, self._events = itertools.count(), itertools.count()
        self._over = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[Journal]:
        """Let them work meanwhile; they may come again."""
        self._over.clear()
        home, zoom = self._habits.home, self._habits.zoom
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

    def _at(self, place: Place, work: Callable[..., None], *arguments: Any) -> None:
        with place():
            work(*arguments)

    def _beginning_with(self, number: int) -> list[str]:
        names = list(self._urls)
        first = number % len(names)
        return names[first:] + names[:first]

    def _book(self, token: str, apps: Sequence[str]) -> None:
        student, teacher = self._clients(token), self._clients(self._school.teacher_token)
        begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        while not self._over.wait(self._habits.bookings):
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
        while not self._over.wait(self._habits.events):
            name = f"event-{next(self._events)}"
            about = {"account_id": Simulator.account_id, "object": {"id": name}}
            told = {"event": "meeting.alert", "event_ts": int(time.time() * 1000), "payload": about}
            answer = self._ask_around("event", apps, lambda app, told=told: send_event(clients[app], told))  # type: ignore[misc]
            if answer.is_success:
                self.journal.events[name] = time.time()

    def _read(self, apps: Sequence[str]) -> None:
        client = self._clients("")[apps[0]]
        while not self._over.wait(self._habits.pages):
            self._ask("page", apps[0], lambda _app: client.get("/api/bookings/teachers"))

    def _clients(self, token: str) -> dict[str, httpx.Client]:
        """Return a client of each server. People keep their connections; Zoom, and who has no account, come anew."""
        headers = {"Authorization": f"Bearer {token}"} if token else {"Connection": "close"}
        patience = self._habits.patience
        return {name: httpx.Client(base_url=url, headers=headers, timeout=patience) for name, url in self._urls.items()}

    def _until_answered(
        self, kind: str, apps: Sequence[str], clients: Mapping[str, httpx.Client], path: str, body: object
    ) -> dict[str, Any] | None:
        """Return what was answered, None when it was refused or nobody answered."""
        headers = {"Idempotency-Key": uuid4().hex}
        answer = self._ask_around(kind, apps, lambda app: clients[app].post(path, json=body, headers=headers))
        if answer.is_client_error:
            self.journal.refused.append(f"{kind}: {answer.text}")
        return dict(answer.json()) if answer.is_success else None

    def _ask_around(self, kind: str, apps: Sequence[str], request: Callable[[str], httpx.Response]) -> httpx.Response:
        """Ask one server, and who repeats one after the other, until one answers yes or no or the end comes."""
        answer = httpx.Response(0)
        for app in itertools.cycle(apps):
            answer = self._ask(kind, app, request)
            is_over = not self._habits.repeats or answer.is_success or answer.is_client_error
            if is_over or self._over.wait(SECONDS_BETWEEN_TRIES):
                break
        return answer

    def _ask(self, kind: str, app: str, request: Callable[[str], httpx.Response]) -> httpx.Response:
        sent = time.time()
        try:
            answer = request(app)
        except httpx.HTTPError:
            answer = httpx.Response(0)
        self.journal.asked.append(Asked(kind=kind, app=app, sent=sent, answered=time.time(), status=answer.status_code))
        return answer


def send_event(zoom: httpx.Client, told: dict[str, Any]) -> httpx.Response:
    """Send one event as Zoom does, signed."""
    raw, moment = json.dumps(told).encode(), str(int(time.time()))
    signature = sign(Simulator.webhook_secret, moment, raw)
    headers = {"x-zm-request-timestamp": moment, "x-zm-signature": signature}
    return zoom.post("/api/zoom/webhook", content=raw, headers=headers)
