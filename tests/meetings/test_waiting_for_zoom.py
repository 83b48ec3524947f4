"""Waiting for Zoom takes a share of the threads: whoever comes when it is taken is answered without Zoom, at once."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from classbell.meetings.models import Meeting, SyncStatus
from classbell.meetings.sync import bulkhead, gateway, health
from classbell.meetings.sync.bulkhead import Bulkhead
from classbell.meetings.sync.tokens import PostgresTokenStore
from classbell.zoom.errors import ZoomBusy, ZoomUnavailable
from classbell.zoom.oauth import Token
from tests.factories import make_admin, make_teacher
from tests.zoom_setup import an_account

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@contextmanager
def taken(places: Bulkhead, count: int = 1, *, of: str = "sim-account") -> Iterator[None]:
    """Let so many other threads hold a place, as if Zoom kept them waiting."""
    leave, inside = threading.Event(), threading.Barrier(count + 1)

    def wait_inside() -> None:
        with places.place(of):
            inside.wait()
            leave.wait()

    with ThreadPoolExecutor(count) as threads:
        for _number in range(count):
            threads.submit(wait_inside)
        inside.wait()
        try:
            yield
        finally:
            leave.set()


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All that this process lets wait for Zoom do so, and have for a while."""
    monkeypatch.setattr(bulkhead, "PATIENCE_SECONDS", 0.0)
    places = Bulkhead(2)
    monkeypatch.setattr(gateway, "BULKHEAD", places)
    with taken(places, 2):
        yield


@pytest.mark.parametrize(("threads", "places"), [(1, 1), (2, 1), (4, 2), (8, 4)])
def test_half_of_the_threads_may_wait(monkeypatch, threads, places):
    monkeypatch.setattr(bulkhead, "PATIENCE_SECONDS", 0.0)
    shared = Bulkhead(99)
    shared.share(threads)

    with taken(shared, places), pytest.raises(ZoomBusy), shared.place("sim-account"):
        pass


def test_account_that_hangs_leaves_places_to_the_others(monkeypatch):
    monkeypatch.setattr(bulkhead, "PATIENCE_SECONDS", 0.0)
    shared = Bulkhead(99)
    shared.share(8)

    with taken(shared, 4, of="east"):
        with pytest.raises(ZoomBusy), shared.place("east"):
            pass
        with taken(shared, 2, of="west"), pytest.raises(ZoomBusy), shared.place("north"):
            pass
        with shared.place("west"):
            pass


def test_whoever_has_a_place_needs_no_second():
    places = Bulkhead(1)

    with places.place(), places.place():
        pass
    with places.place():
        pass


def test_place_that_gets_free_while_zoom_answers_is_waited_for(monkeypatch):
    monkeypatch.setattr(bulkhead, "PATIENCE_SECONDS", 60.0)
    places = Bulkhead(1)
    came = threading.Event()

    def come() -> bool:
        came.set()
        with places.place():
            return True

    with ThreadPoolExecutor(1) as threads:
        with taken(places):
            asked = threads.submit(come)
            came.wait()
        assert asked.result()


def test_place_is_given_back_when_zoom_fails():
    places = Bulkhead(1)
    with pytest.raises(ZeroDivisionError), places.place():
        _ = 1 / 0

    with places.place():
        pass


@pytest.mark.usefixtures("zoom_hosts", "full")
def test_meeting_is_saved_and_pending_when_too_many_wait(api):
    starts_at = datetime.now(UTC) + timedelta(days=1)

    answer = api(make_teacher()).post("/api/zoom/meetings", {"title": "Arabic", "startTime": starts_at.isoformat()})

    meeting = Meeting.objects.get()
    assert (answer.status_code, answer.json()["meeting"]["sync_status"]) == (201, "pending")
    assert (meeting.sync_status, meeting.sync_failures) == (SyncStatus.PENDING, 0)


@pytest.mark.usefixtures("zoom_hosts", "full")
def test_token_of_a_host_is_refused_for_a_moment_when_too_many_wait(api):
    admin = make_admin()

    answer = api(admin).post("/api/v1/zoom/zak-token", {"userId": admin.email})

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "zoom_unavailable", "5")


@pytest.mark.django_db(transaction=True)
@pytest.mark.database_timers
def test_who_has_little_time_waits_no_longer_for_a_token_that_another_process_asks_for():
    held, leave = threading.Event(), threading.Event()

    def fetch() -> Token:
        held.set()
        leave.wait()
        raise ZoomUnavailable

    with ThreadPoolExecutor(1) as other:
        first = other.submit(_renewing, fetch)
        held.wait()
        try:
            with pytest.raises(ZoomBusy):
                PostgresTokenStore(an_account()).renew("an-account", None, fetch, deadline=time.monotonic() + 0.01)
        finally:
            leave.set()
        assert isinstance(first.exception(), ZoomUnavailable)


def _renewing(fetch: Callable[[], Token]) -> None:
    try:
        PostgresTokenStore(an_account()).renew("an-account", None, fetch)
    finally:
        connection.close()


@pytest.mark.usefixtures("full")
def test_status_says_what_is_known_without_asking(zoom, api):
    before = api(make_teacher()).get("/api/zoom/status").json()["status"]
    assert (before["success"], before["configured"]) == (False, True)
    assert "waiting" in before["error"]

    health.check(zoom, now=NOW)

    answer = api(make_teacher()).get("/api/zoom/status").json()
    assert (answer["status"]["success"], answer["checked_at"][:10]) == (True, "2027-03-01")


def test_status_does_not_wait_for_a_zoom_that_hangs(zoom, simulator, api):
    health.check(zoom, now=NOW)
    simulator.fault(kind="status", status=503, path="/")

    status = api(make_teacher()).get("/api/zoom/status").json()["status"]

    known = health.health()
    # Had Zoom been asked, it would be in trouble by now.
    assert known
    assert (status["success"], known.trouble) == (True, "")


@pytest.mark.usefixtures("full", "zoom_hosts")
def test_pages_of_admins_say_that_others_wait():
    client = Client()
    client.force_login(make_admin(locale="en"))

    page = client.post("/setup/hosts", follow=True).content.decode()

    assert "Zoom answers slowly just now, and others wait for it" in page
