"""
The backend: each thread keeps its connection, which is looked at before use and made within a bounded time.

Looking costs no question to the server: whatever ended a connection (a restart, a kill, a proxy) can be read from its
socket, where nothing else ever waits between two statements.
"""

import select
from typing import Any, Final, cast

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from classbell.postgres.reach import REACH

WORDS_OR_END: Final = select.POLLIN | select.POLLHUP | select.POLLERR | select.POLLNVAL


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> "psycopg.Connection[Any]":
        """Connect, in the time that this process has for it. Raises psycopg's OperationalError."""
        make = super().get_new_connection
        return REACH.connect(lambda: cast("psycopg.Connection[Any]", make(conn_params)))

    def is_usable(self) -> bool:
        """Whether the connection will take a statement, as far as can be seen from here."""
        session = self.connection
        if session is None or session.closed or REACH.is_away:
            return False
        if session.pgconn.transaction_status == TransactionStatus.INERROR:
            return False
        return not _has_something_to_read(session.fileno()) or super().is_usable()


def _has_something_to_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, WORDS_OR_END)
    return bool(poll.poll(0))
