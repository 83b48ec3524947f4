"""A teacher, and a server with their calendar."""

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings

from classbell.accounts.models import User
from tests.calendars.servers import CalendarServer, reaching
from tests.factories_bookings import make_tutor


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CalendarServer]:
    """A calendar's server that the settings let Classbell ask."""
    with CalendarServer() as server:
        monkeypatch.setattr(django_settings, "ENVIRONMENT", reaching(server.port))
        yield server


@pytest.fixture
def teacher(db: None) -> User:
    """Somebody who can be booked every day from nine to five, UTC."""
    return make_tutor()
