"""
Several servers, of which one takes writes: whichever that is just now.

All of them are asked at once, so that one that is gone without a word holds nobody up; the one that served last has a small
start. While none takes writes, as in the seconds of a failover, a standby lets people read.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from queue import Empty, SimpleQueue
from typing import Any, Final

import psycopg

from classbell.postgres.trouble import Trouble, trouble_of

Session = psycopg.Connection[Any]
Parameters = dict[str, Any]
Make = Callable[[], Session]

SECONDS_AHEAD: Final = 0.2
# How long the others have to turn out to take writes once a standby has answered.
SECONDS_FOR_THE_OTHERS: Final = 0.3
# Longer than any attempt to connect lasts.
SECONDS_FOR_ALL: Final = 30.0


class Wanted(StrEnum):
    """What is looked for: who takes writes, a standby too while nobody does, or whoever answers."""

    WRITER = "writer"
    WRITER_IF_ANY = "writer_if_any"
    ANY = "any"


class NoneTakesWrites(psycopg.OperationalError):
    """Only standbys answer: the server that took writes is gone, and no other has its place yet."""


def each_server(parameters: Parameters) -> list[Parameters]:
    """Return the parameters of a connection to each of the servers they name."""
    hosts = str(parameters.get("host", "")).split(",")
    ports = str(parameters.get("port", "")).split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    if len(hosts) == 1:
        return [parameters]
    return [{**parameters, "host": host, "port": port or "5432"} for host, port in zip(hosts, ports, strict=True)]


def takes_writes(session: Session) -> bool:
    """Whether the server said so of itself when it last spoke. A pooler says nothing, and is taken to lead to one."""
    return b"on" not in (
        session.pgconn.parameter_status(b"in_hot_standby"),
        session.pgconn.parameter_status(b"default_transaction_read_only"),
    )


@dataclass(kw_only=True)
class Servers:
    """Which of several servers served last, and whether there are several. Threads share it."""

    wanted: Wanted = Wanted.WRITER
    are_several: bool = False
    _latest: int = 0

    def connect(self, attempts: Sequence[Make]) -> Session:
        """
        Return a session at the server that is wanted.

        Raises NoneTakesWrites, or the OperationalError that says most.
        """
        self.are_several = len(attempts) > 1
        if not self.are_several:
            return attempts[0]()
        first = self._latest % len(attempts)
        race = _Race(attempts, wanted=self.wanted)
        try:
            race.start(first)
            race.wait(SECONDS_AHEAD, until=1)
            if race.winner is None:
                for number in range(len(attempts)):
                    race.start(number)
                race.wait(SECONDS_FOR_ALL, until=len(attempts), once_read=SECONDS_FOR_THE_OTHERS)
            if race.winner is not None:
                self._latest = race.winner
            return race.take()
        finally:
            race.end()


@dataclass
class _Race:
    """Attempts at all servers, each in a thread of its own."""

    attempts: Sequence[Make]
    wanted: Wanted
    winner: int | None = None
    _started: set[int] = field(default_factory=set)
    _sessions: dict[int, Session] = field(default_factory=dict)
    _refusals: list[psycopg.OperationalError] = field(default_factory=list)
    _answers: SimpleQueue[tuple[int, Session | BaseException]] = field(default_factory=SimpleQueue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_over: bool = False

    def start(self, number: int) -> None:
        """Begin with this server, unless that was done."""
        if number not in self._started:
            self._started.add(number)
            threading.Thread(target=self._attempt, args=(number,), name="database-server", daemon=True).start()

    def wait(self, seconds: float, *, until: int, once_read: float | None = None) -> None:
        """Wait for the winner, so many answers in all, or the time; `once_read` is what is left of it after a standby's."""
        give_up_at = time.monotonic() + seconds
        while self.winner is None and len(self._sessions) + len(self._refusals) < until:
            if self._sessions and once_read is not None:
                give_up_at, once_read = time.monotonic() + once_read, None
            try:
                number, answer = self._answers.get(timeout=max(0.0, give_up_at - time.monotonic()))
            except Empty:
                return
            self._note(number, answer)

    def take(self) -> Session:
        """Return the best that came of it. Raises the refusal that says most."""
        if self.winner is not None:
            return self._sessions.pop(self.winner)
        if self._sessions and self.wanted is not Wanted.WRITER:
            return self._sessions.pop(min(self._sessions))
        if self._sessions:
            raise NoneTakesWrites("none of the servers takes writes")
        telling = [error for error in self._refusals if trouble_of(error) is not Trouble.AWAY]
        raise next(iter(telling or self._refusals), NoneTakesWrites("no server answers"))

    def end(self) -> None:
        """Close what was not taken, and what comes later."""
        with self._lock:
            self._is_over = True
        while not self._answers.empty():
            self._note(*self._answers.get())
        for session in self._sessions.values():
            session.close()

    def _attempt(self, number: int) -> None:
        try:
            answer: Session | BaseException = self.attempts[number]()
        except BaseException as error:  # noqa: BLE001 -- handed to who waits for it
            answer = error
        with self._lock:
            if not self._is_over:
                self._answers.put((number, answer))
                return
        if isinstance(answer, psycopg.Connection):
            answer.close()

    def _note(self, number: int, answer: Session | BaseException) -> None:
        if isinstance(answer, psycopg.Connection):
            self._sessions[number] = answer
            if self.winner is None and (self.wanted is Wanted.ANY or takes_writes(answer)):
                self.winner = number
        elif isinstance(answer, psycopg.OperationalError):
            self._refusals.append(answer)
        else:
            raise answer
