"""
The backend: each thread keeps its connection, which is looked at before use and made within a bounded time.

Looking costs no question to the server: whatever ended a connection (a restart, a kill, a proxy) can be read from its
socket, where nothing else ever waits between two statements.
"""

import select
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from classbell.postgres.bounds import bound_now, is_bounded
from classbell.postgres.reach import SECONDS_BEYOND_A_STATEMENT, reach_of
from classbell.postgres.servers import Wanted, each_server, takes_writes

Session = psycopg.Connection[Any]
TAKES_STATEMENTS: Final = (TransactionStatus.IDLE, TransactionStatus.INTRANS)
WORDS_OR_END: Final = select.POLLIN | select.POLLHUP | select.POLLERR | select.POLLNVAL


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection."""

    # What its statements were told last, in milliseconds; "" for what they were told when it was made.
    _bound: str = ""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Its cursors for statements that are prepared (`classbell.database`), by their text.
        self.prepared: dict[bytes, psycopg.RawCursor[tuple[Any, ...]]] = {}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Session:
        """Connect, in the time that this process has for it. Raises psycopg's OperationalError."""
        make = cast("Callable[[dict[str, Any]], Session]", super().get_new_connection)
        reach = reach_of(self.alias)
        self._bound, self.prepared = "", {}
        attempts = [partial(self._set_up, make, server) for server in each_server(conn_params)]
        return reach.connect(partial(reach.servers.connect, attempts))

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor whose statements take no longer than what is read for may take."""
        self.bound_statements()
        return super().create_cursor(name)

    def bound_statements(self) -> None:
        """Have statements take no longer than that, for whoever has a cursor of their own on the session."""
        if is_bounded():
            self._tell_bound()

    def is_usable(self) -> bool:
        """Whether the connection will take a statement, as far as can be seen from here."""
        session = self.connection
        if session is None or session.closed or reach_of(self.alias).is_away:
            return False
        if session.pgconn.transaction_status == TransactionStatus.INERROR:
            return False
        if _has_something_to_read(session.fileno()) and not super().is_usable():
            return False
        # A standby was better than nothing: is there more by now?
        is_enough = "," not in self.settings_dict["HOST"] or reach_of(self.alias).servers.wanted is Wanted.ANY
        return is_enough or takes_writes(session)

    def _tell_bound(self) -> None:
        session, wanted = self.connection, bound_now()
        told = self.settings_dict["SESSION"].get("statement_timeout", "0")
        bound = str(wanted // timedelta(milliseconds=1)) if wanted is not None else told
        if bound == (self._bound or told) or session.pgconn.transaction_status not in TAKES_STATEMENTS:
            return
        # Within a transaction it ends with that, and may be taken back before: nothing to remember.
        is_within = not session.autocommit
        session.execute("SELECT set_config('statement_timeout', %s, %s)", [bound, is_within])
        if not is_within:
            self._bound = bound
            reach_of(self.alias).allow(session, seconds=int(bound) / 1000 + SECONDS_BEYOND_A_STATEMENT)

    def _set_up(self, make: Callable[[dict[str, Any]], Session], parameters: dict[str, Any]) -> Session:
        """Connect to one server and have it run a statement: a pooler lets people in whose database is away."""
        session = make(parameters)
        try:
            session.autocommit = True
            wanted = self.settings_dict["SESSION"]
            calls = ", ".join(["set_config(%s, %s, false)"] * len(wanted))
            session.execute(f"SELECT {calls}", [part for pair in wanted.items() for part in pair])
            session.autocommit = False
        except BaseException:
            session.close()
            raise
        return session


def _has_something_to_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, WORDS_OR_END)
    return bool(poll.poll(0))
