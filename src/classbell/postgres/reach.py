"""
Whether this process can reach its database.

Connections are made by a helper thread, so that whoever needs one waits no longer than it can afford, whatever holds the
attempt up: a name that does not resolve, a host that is gone, a server that accepts and never answers. Once it could not be
had, the database counts as away: nobody else waits for what is known, and one thread asks twice a second until it is back,
however long that takes.

A server can also stop answering while statements run. So the watch looks at connections that have been busy for a while:
when even a new connection gets no answer then, it cuts all of them, which ends the waiting of those who hold them; of several
servers, those to the one that does not answer. A slow
statement alone is no reason, unless it lasts longer than the server was told to let any: a commit that waits for a standby
knows no such limit, and a server that was cut off from its standbys would keep a thread for ever.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

import psycopg
import structlog
from psycopg.pq import TransactionStatus

from classbell.postgres.servers import Servers, Wanted
from classbell.postgres.trouble import Trouble, is_worth_another_attempt, trouble_of

log = structlog.get_logger(__name__)

Session = psycopg.Connection[Any]
Make = Callable[[], Session]

# The name of the replica among Django's databases.
REPLICA: Final = "replica"
SECONDS_BETWEEN_PROBES: Final = 0.5
SECONDS_BETWEEN_ATTEMPTS: Final = 0.1
SECONDS_BETWEEN_LOOKS: Final = 0.25
# A statement that takes longer makes the watch ask whether the server answers at all.
SUSPICIOUS_SECONDS: Final = 0.5
SECONDS_FOR_A_PROBE: Final = 1.0
# Far more than a connection takes, and leaves a second attempt the time that it needs.
SECONDS_TO_ANOTHER_ATTEMPT: Final = 0.3
# The server ends its statements itself. What then goes on waits for something that no statement's limit bounds.
SECONDS_BEYOND_A_STATEMENT: Final = 5.0


class DatabaseAway(psycopg.OperationalError):
    """It could not be reached a moment ago, or not in the time there was."""


@dataclass(kw_only=True)
class Reach:
    """
    What one process knows of its database. Threads share it.

    `patience` is how many seconds a connection may take; `patience_while_away` how many are spent waiting for a database
    that is known to be away; `longest` after how many seconds of one statement its connection is given up.
    """

    patience: float = 10.0
    patience_while_away: float = 10.0
    longest: float | None = None
    servers: Servers = field(default_factory=Servers)
    away_since: float | None = None
    _sessions: WeakSet[Session] = field(default_factory=WeakSet)
    _allowed: WeakKeyDictionary[Session, float] = field(default_factory=WeakKeyDictionary)
    _make: Make | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _back: threading.Event = field(default_factory=threading.Event)
    _is_watching: bool = False

    @property
    def is_away(self) -> bool:
        """Whether the latest attempt to connect failed and nobody has succeeded since."""
        return self.away_since is not None

    def answer_quickly(self, *, longest: float | None = None) -> None:
        """
        From now on be a process that people wait for: under a second for a connection, no waiting in vain, and reading from a
        standby while no server takes writes. `longest`: as above.
        """
        self.patience, self.patience_while_away, self.longest = 0.8, 0.0, longest
        self.servers.wanted = Wanted.WRITER_IF_ANY
        self.watch()

    def allow(self, session: Session, *, seconds: float) -> None:
        """From now on give this session up after so many seconds of one statement, instead of after `longest`."""
        with self._lock:
            self._allowed[session] = seconds

    def connect(self, make: Make) -> Session:
        """
        Return what `make` makes, trying again for as long as there is patience.

        Raises DatabaseAway, or the OperationalError of the last attempt.
        """
        self._make = make
        if self.is_away and not self._back.wait(self.patience_while_away):
            raise DatabaseAway("the database is away")
        give_up_at = time.monotonic() + self.patience
        refused: psycopg.OperationalError | None = None
        while True:
            try:
                session = _in_time(make, give_up_at - time.monotonic())
            except DatabaseAway as error:
                # Who refused a moment ago is there, however little time was left for this attempt.
                if refused is not None and trouble_of(refused) is not Trouble.AWAY:
                    raise refused from None
                self._lost(error)
                raise
            except psycopg.OperationalError as error:
                refused = error
                if time.monotonic() + SECONDS_BETWEEN_ATTEMPTS < give_up_at and is_worth_another_attempt(error):
                    time.sleep(SECONDS_BETWEEN_ATTEMPTS)
                    continue
                if trouble_of(error) is Trouble.AWAY:
                    self._lost(error)
                raise
            with self._lock:
                self._sessions.add(session)
            return session

    def watch(self) -> None:
        """Look after busy connections from now on, in a thread of its own. Safe to repeat."""
        with self._lock:
            if self._is_watching:
                return
            self._is_watching = True
        threading.Thread(target=self._keep_watching, name="database-watch", daemon=True).start()

    def _lost(self, error: Exception) -> None:
        """Let everybody know, and have one thread find out when it is back."""
        with self._lock:
            if self.is_away:
                return
            self._back.clear()
            self.away_since = time.monotonic()
        log.warning("database_away", error=" ".join(str(error).split()))
        threading.Thread(target=self._wait_for_its_return, name="database-probe", daemon=True).start()

    def _wait_for_its_return(self) -> None:
        while not self._answers(SECONDS_FOR_A_PROBE):
            time.sleep(SECONDS_BETWEEN_PROBES)
        with self._lock:
            seconds = time.monotonic() - (self.away_since or 0.0)
            self.away_since = None
            self._back.set()
        log.warning("database_back", seconds_away=round(seconds, 1))

    def _answers(self, seconds: float) -> bool:
        """Whether a new connection is answered. A refusal for want of connections is an answer."""
        if self._make is None:
            return True
        try:
            _in_time(self._make, seconds).close()
        except psycopg.OperationalError as error:
            return trouble_of(error) is not Trouble.AWAY
        except Exception:
            # Wrong credentials, no such database: somebody answers, and who asks next will see what is wrong.
            log.exception("database_probe_failed")
        return True

    def _keep_watching(self) -> None:
        busy_since: dict[int, float] = {}
        asked_at = 0.0
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            now = time.monotonic()
            busy = {id(session): session for session in self._all() if _is_busy(session)}
            busy_since = {key: busy_since.get(key, now) for key in busy}
            for key, since in busy_since.items():
                longest = self._longest_of(busy[key])
                if longest is not None and now - since > longest:
                    log.warning("database_connection_given_up", seconds=round(now - since, 1))
                    _cut(busy[key])
            # Who was busy when the server last answered has to be so for a while again.
            suspicious = [key for key, since in busy_since.items() if now - max(since, asked_at) >= SUSPICIOUS_SECONDS]
            if (away_since := self.away_since) is not None:
                # Found out by somebody who came anew: whoever still waits, waits in vain.
                for key in suspicious if now - away_since >= SECONDS_FOR_A_PROBE else ():
                    _cut(busy[key])
            elif suspicious:
                if not self._answers(SECONDS_FOR_A_PROBE):
                    self._lost(DatabaseAway("it does not answer"))
                    for session in self._all():
                        _cut(session)
                elif self.servers.are_several:
                    self._let_go_of_silent([busy[key] for key in suspicious])
                asked_at = time.monotonic()

    def _let_go_of_silent(self, suspicious: list[Session]) -> None:
        """Cut the connections to those servers of theirs that answer nobody, while another one does: a leader cut off."""
        for server in {_server_of(session) for session in suspicious}:
            theirs = [session for session in self._all() if not session.closed and _server_of(session) == server]
            if theirs and not _server_answers(theirs[0]):
                log.warning("database_server_given_up", host=server[0], port=server[1])
                for session in theirs:
                    _cut(session)

    def _longest_of(self, session: Session) -> float | None:
        with self._lock:
            return self._allowed.get(session, self.longest)

    def _all(self) -> list[Session]:
        with self._lock:
            return list(self._sessions)


REACH: Final = Reach()
# A replica that is away keeps nobody from the database itself.
REACH_OF_REPLICA: Final = Reach(patience=0.5, patience_while_away=0.0, servers=Servers(wanted=Wanted.ANY))


def reach_of(alias: str) -> Reach:
    """Return what this process knows of the database that Django knows by this name."""
    return REACH_OF_REPLICA if alias == REPLICA else REACH


def _cut(session: Session) -> None:
    # A copy of the descriptor, so that the session still owns and closes its own.
    with (
        contextlib.suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(session.fileno())) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)


def _server_of(session: Session) -> tuple[str, int]:
    return session.info.host, session.info.port


def _server_answers(session: Session) -> bool:
    """Whether the server that this session is at answers somebody who comes anew."""
    again = partial(psycopg.connect, session.info.dsn, password=session.info.password)
    try:
        _in_time(again, SECONDS_FOR_A_PROBE).close()
    except psycopg.OperationalError as error:
        return trouble_of(error) is not Trouble.AWAY
    return True


def _is_busy(session: Session) -> bool:
    """Whether a statement is under way: read from memory, without waiting for whoever uses it."""
    return session.pgconn.transaction_status == TransactionStatus.ACTIVE


def _in_time(make: Make, seconds: float) -> Session:
    """
    Return what `make` makes if that takes no longer, begun a second time when nothing has come of it for a while: a first
    packet that gets lost is sent again after a second only. What was not needed, or comes too late, is closed.
    """
    made: Future[Session] = Future()
    give_up_at = time.monotonic() + seconds

    def attempt() -> None:
        try:
            session = make()
        except BaseException as error:  # noqa: BLE001 -- handed to who waits for it
            with contextlib.suppress(InvalidStateError):
                made.set_exception(error)
            return
        try:
            made.set_result(session)
        except InvalidStateError:
            session.close()

    for patience in (min(seconds, SECONDS_TO_ANOTHER_ATTEMPT), seconds):
        threading.Thread(target=attempt, name="database-connect", daemon=True).start()
        with contextlib.suppress(NotInTime):
            return made.result(max(0.0, min(patience, give_up_at - time.monotonic())))
    made.add_done_callback(lambda late: None if late.exception() else late.result().close())
    raise DatabaseAway(f"no connection within {seconds:.1f} s") from None
