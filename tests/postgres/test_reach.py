"""One process and a database that goes away: nobody waits long, and it is found again."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Any

import psycopg
import pytest

from classbell.postgres.reach import DatabaseAway, Reach
from classbell.postgres.trouble import Trouble, trouble_of
from tests.database_proxy import DatabaseProxy
from tests.simulator import wait_until

pytestmark = pytest.mark.slow

SERVER = os.environ["DATABASE_URL"]


@pytest.fixture
def proxy() -> Iterator[DatabaseProxy]:
    with DatabaseProxy(SERVER) as proxy:
        yield proxy


@pytest.fixture
def crowded() -> Iterator[str]:
    """Give a role that may have no connection. Its name is its password, as many servers ask for one."""
    name = f"crowded_{os.getpid()}"
    with psycopg.connect(SERVER, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}' CONNECTION LIMIT 0")
        yield name
        admin.execute(f"DROP ROLE {name}")


def quick() -> Reach:
    reach = Reach()
    reach.answer_quickly()
    return reach


def connecting(proxy: DatabaseProxy, **more: Any) -> Any:
    return lambda: psycopg.connect(proxy.url("postgres"), autocommit=True, **more)


@pytest.mark.parametrize("how", ["cut", "hang"])
def test_who_comes_while_it_is_known_to_be_away_does_not_even_try(proxy, how):
    reach, attempts = quick(), []
    make = connecting(proxy)
    getattr(proxy, how)()
    with pytest.raises(psycopg.OperationalError):
        reach.connect(make)

    def try_again() -> Any:
        attempts.append(1)

    with pytest.raises(DatabaseAway):
        reach.connect(try_again)

    assert attempts == []


@pytest.mark.parametrize("how", ["cut", "hang"])
def test_it_is_found_again_without_anybody_asking(proxy, how):
    reach = quick()
    getattr(proxy, how)()
    with pytest.raises(psycopg.OperationalError):
        reach.connect(connecting(proxy))
    assert reach.is_away

    proxy.mend()

    wait_until(lambda: not reach.is_away, what="its return")
    with reach.connect(connecting(proxy)) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_return_is_noticed_however_many_attempts_failed_before(proxy):
    reach, refused = quick(), list[int]()

    def make() -> Any:
        if len(refused) < 40:
            refused.append(1)
            raise psycopg.OperationalError("connection refused")
        return connecting(proxy)()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("classbell.postgres.reach.SECONDS_BETWEEN_PROBES", 0.001)
        patch.setattr(reach, "patience", 0.0)
        with pytest.raises(psycopg.OperationalError):
            reach.connect(make)
        wait_until(lambda: not reach.is_away, what="its return")

    assert len(refused) == 40


def test_who_waits_for_a_statement_is_let_go_when_the_server_stands_still(proxy):
    reach = quick()
    session = reach.connect(connecting(proxy))
    proxy.hang()

    with pytest.raises(psycopg.OperationalError) as raised:
        session.execute("SELECT 1")

    assert trouble_of(raised.value) == Trouble.AWAY
    assert reach.is_away


def test_who_waits_for_one_of_several_servers_that_stands_still_is_let_go_and_served_by_another(proxy):
    reach = quick()
    with DatabaseProxy(SERVER) as other:
        attempts = [connecting(proxy), connecting(other)]
        first, idle = (reach.connect(partial(reach.servers.connect, attempts)) for _ in range(2))
        assert (first.info.port, idle.info.port) == (proxy.port, proxy.port)
        proxy.hang()

        with pytest.raises(psycopg.OperationalError) as raised:
            first.execute("SELECT 1")

        assert trouble_of(raised.value) == Trouble.AWAY
        assert not reach.is_away
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")
        with reach.connect(partial(reach.servers.connect, attempts)) as second:
            assert second.info.port == other.port


def test_who_waits_is_let_go_also_when_somebody_else_found_out(proxy):
    reach = quick()
    session = reach.connect(connecting(proxy))
    proxy.hang()

    with ThreadPoolExecutor(1) as waiting:
        waits = waiting.submit(session.execute, "SELECT 1")
        with pytest.raises(DatabaseAway):
            reach.connect(connecting(proxy))

        with pytest.raises(psycopg.OperationalError):
            waits.result()


def test_slow_statement_of_a_server_that_answers_goes_on(proxy):
    reach = quick()
    session = reach.connect(connecting(proxy))

    assert session.execute("SELECT 1 FROM pg_sleep(1.5)").fetchone() == (1,)
    assert not reach.is_away


def test_statement_beyond_every_limit_is_given_up_alone(proxy):
    """A commit that waits for a standby which never answers: the server's own limits do not end it."""
    reach = Reach()
    reach.answer_quickly(longest=1.0)
    session, other = reach.connect(connecting(proxy)), reach.connect(connecting(proxy))

    with pytest.raises(psycopg.OperationalError) as raised:
        session.execute("SELECT 1 FROM pg_sleep(600)")

    assert trouble_of(raised.value) == Trouble.AWAY
    assert not reach.is_away
    assert other.execute("SELECT 1").fetchone() == (1,)


def test_want_of_connections_is_no_absence(crowded):
    reach = quick()

    with pytest.raises(psycopg.OperationalError) as raised:
        reach.connect(lambda: psycopg.connect(SERVER, user=crowded, password=crowded))

    assert trouble_of(raised.value) == Trouble.BUSY
    assert not reach.is_away


def test_server_that_refused_a_moment_ago_is_there_when_time_runs_out():
    reach, attempts = quick(), []

    def make() -> Any:
        attempts.append(1)
        if len(attempts) > 1:
            raise DatabaseAway("no connection in the time that was left")
        raise psycopg.OperationalError("FATAL: sorry, too many clients already")

    with pytest.raises(psycopg.OperationalError) as raised:
        reach.connect(make)

    assert (len(attempts), trouble_of(raised.value)) == (2, Trouble.BUSY)
    assert not reach.is_away


def test_lost_packet_of_a_connection_is_no_absence(proxy):
    reach, lost, attempts, made = quick(), Event(), [], []

    def make() -> Any:
        attempts.append(1)
        if len(attempts) == 1:
            lost.wait()
        made.append(connecting(proxy)())
        return made[-1]

    session = reach.connect(make)
    lost.set()

    assert (len(attempts), session.closed, reach.is_away) == (2, False, False)
    wait_until(lambda: len(made) == 2 and made[1].closed, what="the connection that came late to be closed")
    session.close()


def test_wrong_name_is_told_at_once_to_who_is_patient():
    with pytest.raises(psycopg.OperationalError, match="nobody_here"):
        Reach(patience=600).connect(lambda: psycopg.connect(SERVER, user="nobody_here"))
