"""Which failures of the database pass: told apart by what the server itself says."""

from types import SimpleNamespace

import pytest
from django.db import Error, IntegrityError, InterfaceError, connection, transaction
from django.test import RequestFactory
from procrastinate.exceptions import ConnectorException
from psycopg import errors

from classbell.config.unavailable import unavailable
from classbell.postgres.trouble import Trouble, trouble_of


def failure(state: str) -> Error:
    """Return what Django raises when the server fails a statement with this SQLSTATE."""
    with pytest.raises(Error) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{state}'; END $$")
    return raised.value


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        pytest.param("53100", Trouble.FULL, id="disk-full"),
        pytest.param("58030", Trouble.FULL, id="disk-refuses"),
        pytest.param("25006", Trouble.READ_ONLY, id="read-only"),
        pytest.param("53300", Trouble.BUSY, id="too-many-connections"),
        pytest.param("53200", Trouble.BUSY, id="no-memory"),
        pytest.param("57014", Trouble.BUSY, id="statement-timeout"),
        pytest.param("40P01", Trouble.BUSY, id="deadlock"),
        pytest.param("57P01", Trouble.AWAY, id="shut-down"),
        pytest.param("57P03", Trouble.AWAY, id="starting"),
        pytest.param("08006", Trouble.AWAY, id="connection-lost"),
        pytest.param("42P01", None, id="a-mistake-of-ours"),
        pytest.param("23505", None, id="a-rule-of-the-data"),
    ],
)
def test_trouble_is_told_by_what_the_server_says(state, trouble):
    assert trouble_of(failure(state)) == trouble


def test_disk_that_is_only_read_is_no_want_of_privilege():
    class OfTheDisk(errors.InsufficientPrivilege):
        diag = SimpleNamespace(source_file="md.c")  # type: ignore[assignment]

    class OfATable(errors.InsufficientPrivilege):
        diag = SimpleNamespace(source_file="aclchk.c")  # type: ignore[assignment]

    assert trouble_of(OfTheDisk("could not open file: Read-only file system")) == Trouble.READ_ONLY
    assert trouble_of(OfATable("permission denied for table")) is None


def test_lost_connection_within_a_transaction_is_trouble():
    assert trouble_of(InterfaceError("connection already closed")) == Trouble.AWAY


@pytest.mark.parametrize("error", [None, ValueError("no"), IntegrityError("twice"), OSError("disk")])
def test_other_errors_are_none(error):
    assert trouble_of(error) is None


@pytest.mark.django_db
def test_read_only_server_is_really_told():
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

        with pytest.raises(Error) as raised:
            cursor.execute("DELETE FROM django_session")

    assert trouble_of(raised.value) == Trouble.READ_ONLY


def test_job_that_could_not_be_left_behind_is_trouble_too():
    error = ConnectorException()
    error.__cause__ = errors.AdminShutdown()

    assert trouble_of(error) == Trouble.AWAY
    assert trouble_of(ConnectorException()) is None


@pytest.mark.parametrize("trouble", [Trouble.AWAY, Trouble.BUSY, Trouble.FULL])
def test_page_says_it_in_both_languages_without_asking_the_database(trouble):
    answer = unavailable(RequestFactory().get("/week"), trouble)

    page = answer.content.decode()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert 'lang="en" dir="ltr"' in page
    assert 'lang="ar" dir="rtl"' in page


def test_api_says_it_with_a_code():
    answer = unavailable(RequestFactory().post("/api/bookings/"), Trouble.FULL)

    assert answer.status_code == 503
    assert b'"code": "database_full"' in answer.content
