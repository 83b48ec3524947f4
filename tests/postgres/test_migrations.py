"""Migrating lets running processes go on, and never goes back."""

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from classbell.config import doctor
from classbell.config.findings import Verdict
from classbell.postgres import migrations
from classbell.postgres.migrations import NewerDatabase, bring_up_to_date

LATER = "0999_of_a_later_version"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What somebody who migrates is told; for them a lock is soon waited for too long."""
    monkeypatch.setattr(migrations, "LOCK_SECONDS", 0.05)
    return []


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Django's commands that were run; the first of them wants a table for itself, as a migration does."""
    run: list[str] = []

    def call(name: str, **options: object) -> None:
        run.append(name)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE notices_notice IN ACCESS EXCLUSIVE MODE")

    monkeypatch.setattr(migrations, "call_command", call)
    return run


def somebody() -> psycopg.Connection:
    """A running process in the middle of a transaction that reads."""
    parameters = connection.get_connection_params()
    session = psycopg.connect(host=parameters["host"], user=parameters["user"], dbname=parameters["dbname"])
    session.execute("SELECT count(*) FROM notices_notice")
    return session


@pytest.mark.django_db(transaction=True)
@pytest.mark.database_timers
def test_whoever_is_in_the_way_is_let_through_first(commands: list[str], told: list[str]) -> None:
    with somebody() as reader:
        bring_up_to_date(tell=told.append, pause=lambda seconds: reader.rollback())

    assert commands == ["migrate", "migrate", "createcachetable"]
    assert ["attempt 2 of" in text for text in told] == [True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.database_timers
def test_in_vain_often_enough_is_an_error(
    commands: list[str], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "ATTEMPTS", 2)

    with somebody(), pytest.raises(OperationalError, match="lock timeout"):
        bring_up_to_date(tell=told.append, pause=lambda seconds: None)

    assert commands == ["migrate", "migrate"]


@pytest.mark.django_db
def test_older_version_changes_nothing_and_says_what_it_cannot_do(commands: list[str], told: list[str]) -> None:
    MigrationRecorder(connection).record_applied("meetings", LATER)

    with pytest.raises(NewerDatabase) as refused:
        bring_up_to_date(tell=told.append)

    assert commands == []
    said = str(refused.value)
    assert f"meetings.{LATER}" in said
    assert "Nothing was changed. Migrations are not undone" in said
    assert "restore the backup that was taken before the upgrade" in said


@pytest.mark.django_db
def test_doctor_of_an_older_version_says_so() -> None:
    MigrationRecorder(connection).record_applied("meetings", LATER)

    (finding,) = doctor._database()

    assert finding.verdict is Verdict.WARNING
    assert LATER in finding.text
