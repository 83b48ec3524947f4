"""A session that is gone ends a sign-in; a database that fails does not."""

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError
from psycopg.errors import DiskFull

from classbell.accounts.models import User
from classbell.accounts.sessions import SessionStore
from classbell.accounts.tokens import issue_tokens
from tests.factories import make_student

pytestmark = pytest.mark.django_db


@pytest.fixture
def student() -> User:
    return make_student()


def test_session_that_is_gone_is_told() -> None:
    session = SessionStore()
    session.create()
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        session.save()


def test_nobody_is_signed_out_because_the_database_is_full(api, student, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh = {"refresh_token": issue_tokens(student).refresh_token}

    def fail(*_arguments: object, **_named: object) -> None:
        raise OperationalError from DiskFull()

    with monkeypatch.context() as patch:
        patch.setattr(Session, "save", fail)
        refused = api().post("/api/auth/token/refresh", refresh)

    assert (refused.status_code, refused.json()["code"]) == (503, "database_full")
    assert api().post("/api/auth/token/refresh", refresh).status_code == 200
