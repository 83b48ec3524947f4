"""A thread's own connection: looked at before use, so that no request meets a broken one."""

import select

import pytest
from django.db import close_old_connections, connection

from classbell.database import fetch_prepared


def end_session() -> None:
    """End this thread's session at the server, as a restart does, and wait until the end has come."""
    session = connection.connection
    session.execute("SET idle_session_timeout = '1ms'")
    poll = select.poll()
    poll.register(session.fileno(), select.POLLIN)
    assert poll.poll(5000)


@pytest.mark.django_db(transaction=True)
@pytest.mark.database_timers
def test_ended_connection_is_replaced_before_a_request_uses_it():
    connection.ensure_connection()
    end_session()

    close_old_connections()

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.database_timers
def test_ended_connection_is_replaced_before_a_prepared_statement_uses_it():
    connection.ensure_connection()
    end_session()

    close_old_connections()

    assert fetch_prepared("SELECT 1", {}) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_well_connection_is_kept():
    connection.ensure_connection()
    before = connection.connection

    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert connection.connection is before
