"""What a machine had locked when its link went is free for the others before the link is back."""

import psycopg
import pytest
from django.db.utils import ConnectionHandler

from classbell.postgres.address import database_settings
from tests.networks.machines import Network, why_not
from tests.networks.plain import plain_postgres
from tests.patroni import Place
from tests.simulator import STUCK_SECONDS, wait_until

REASON = why_not()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]


def test_others_get_the_locks_of_a_machine_that_is_gone() -> None:
    with Network(["app", "database"]) as network:
        app, machine = network["app"], network["database"]
        with plain_postgres(Place(address=machine.address, inside=machine.inside)) as database:
            with app.inside():
                django = ConnectionHandler({"default": database_settings(database.url())})["default"]
                session = django.get_new_connection(django.get_connection_params())
            session.execute("SELECT pg_advisory_xact_lock(1)")
            with machine.inside(), psycopg.connect(database.url(), autocommit=True) as other:

                def gets_it() -> bool:
                    row = other.execute("SELECT pg_try_advisory_lock(1)").fetchone()
                    return bool(row and row[0])

                assert not gets_it()

                network.cut(app, [machine])

                # Left to themselves, servers ask after who was silent once in two hours.
                wait_until(gets_it, seconds=STUCK_SECONDS, what="the lock of who is gone")
            session.close()
