"""Several servers behind one address: the one that takes writes is found, whatever the others do."""

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connections

from classbell.postgres.address import WrongAddress, database_settings, parse_address
from classbell.postgres.servers import NoneTakesWrites, Servers, Wanted, each_server, takes_writes

SERVER = os.environ["DATABASE_URL"]

Make = Callable[[], psycopg.Connection[Any]]


def leader() -> psycopg.Connection[Any]:
    return psycopg.connect(SERVER, autocommit=True)


def standby() -> psycopg.Connection[Any]:
    return psycopg.connect(SERVER, autocommit=True, options="-c default_transaction_read_only=on")


def refusing() -> psycopg.Connection[Any]:
    raise psycopg.OperationalError("connection refused")


@pytest.fixture
def silent() -> Iterator[Make]:
    """A machine that is gone without a word: whoever asks it waits."""
    forgotten = threading.Event()

    def make() -> psycopg.Connection[Any]:
        forgotten.wait()
        return refusing()

    yield make
    forgotten.set()


def found(*attempts: Make, wanted: Wanted = Wanted.WRITER_IF_ANY) -> bool:
    """Return whether who was found takes writes."""
    with Servers(wanted=wanted).connect(attempts) as session:
        return takes_writes(session)


def test_writer_is_found_wherever_it_stands(silent):
    assert found(leader, standby, refusing)
    assert found(refusing, standby, leader)
    assert found(silent, standby, leader)


def test_standby_lets_people_read_while_nobody_takes_writes(silent):
    assert not found(refusing, standby)
    assert not found(silent, standby)


def test_standby_is_not_enough_for_who_wants_to_write():
    with pytest.raises(NoneTakesWrites):
        found(refusing, standby, wanted=Wanted.WRITER)


def test_whoever_answers_is_as_good_for_who_only_reads(silent):
    assert not found(silent, standby, wanted=Wanted.ANY)


def test_server_that_served_last_is_asked_first():
    servers, asked = Servers(), []

    def counted(name: str, make: Make) -> psycopg.Connection[Any]:
        asked.append(name)
        return make()

    attempts = [partial(counted, "first", refusing), partial(counted, "second", leader)]
    servers.connect(attempts).close()
    asked.clear()

    servers.connect(attempts).close()

    assert asked == ["second"]


def test_of_all_refusals_the_one_that_says_most_is_told():
    def crowded() -> psycopg.Connection[Any]:
        raise psycopg.OperationalError("FATAL: sorry, too many clients already")

    with pytest.raises(psycopg.OperationalError, match="too many clients"):
        found(refusing, crowded)


def test_sessions_that_are_not_taken_are_closed():
    made: list[psycopg.Connection[Any]] = []

    def kept() -> psycopg.Connection[Any]:
        made.append(standby())
        return made[-1]

    assert found(kept, leader)
    assert [session.closed for session in made] == [True]


def test_address_with_several_servers_names_each():
    parameters = parse_address("postgresql://me:p%40ss@one,two:6432/school")

    assert [(one["host"], one["port"]) for one in each_server(parameters)] == [("one", "5432"), ("two", "6432")]
    assert {one["password"] for one in each_server(parameters)} == {"p@ss"}
    assert database_settings("postgresql://one,two:6432/school")["HOST"] == "one,two"


def test_one_port_may_be_that_of_all():
    parameters = parse_address("postgresql:///school?host=one,two&port=6432")

    assert [one["port"] for one in each_server(parameters)] == ["6432", "6432"]


@pytest.mark.parametrize(
    "address",
    ["mysql://db/school", "db/school", "postgresql://db/school?no=such", "postgresql:///s?host=a,b,c&port=1,2"],
)
def test_what_is_no_address_is_said_without_its_password(address):
    with pytest.raises(WrongAddress) as raised:
        parse_address(address.replace("://", "://me:secret@"))

    assert "secret" not in str(raised.value)


@pytest.mark.django_db(transaction=True)
def test_standby_that_was_better_than_nothing_is_left_before_the_next_request(monkeypatch):
    connection = connections["default"]
    connection.ensure_connection()
    kept = connection.is_usable()
    connection.connection.execute("SET default_transaction_read_only = on")
    alone = connection.is_usable()

    monkeypatch.setitem(connection.settings_dict, "HOST", "one,two")

    assert (kept, alone, connection.is_usable()) == (True, True, False)
    connection.close()
