"""Who asks too often is told how long to wait; who shares their address is not made to."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from classbell.accounts.models import User
from classbell.buckets import Buckets
from classbell.clients import CLIENT, network_of
from classbell.config import limits
from classbell.groups.models import Group
from tests.api_client import ApiClient
from tests.config.test_buckets import Clock
from tests.factories import PASSWORD, make_admin, make_teacher
from tests.factories_keys import issue_key, program

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
CLASSES = "/api/zoom/classes"
LIMITS = {"requests_per_key": 6, "requests_per_person": 3, "requests_per_address": 2}


class Counted:
    """Stands in for the tally, which counts in a thread of its own."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def add(self, kind: str) -> None:
        """Note one more."""
        self.kinds.append(kind)


@pytest.fixture
def clock() -> Clock:
    """The clock of the limits."""
    return Clock()


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Counted:
    """Small limits on a clock that stands still, and what was counted as refused."""
    tally = Counted()
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=LIMITS))
    monkeypatch.setattr(limits, "BUCKETS", Buckets(clock=clock))
    monkeypatch.setattr(limits, "TALLY", tally)
    return tally


def statuses(ask: Callable[[], Any], times: int) -> list[int]:
    """Return what so many requests are answered."""
    return [ask().status_code for _ in range(times)]


def test_person_is_refused_with_the_time_to_wait_and_may_go_on_after_it(
    api: Api, clock: Clock, counted: Counted
) -> None:
    client = api(make_teacher())

    assert statuses(lambda: client.get(CLASSES), 3) == [200] * 3
    refused = client.get(CLASSES)

    assert refused.status_code == 429
    assert refused.json() == {
        "error": "These are too many requests at once. Go on in 20 seconds.",
        "code": "too_many_requests",
        "details": [],
    }
    assert refused.headers["Retry-After"] == "20"
    assert refused.headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert refused.headers["RateLimit"] == '"default";r=0;t=60'
    assert counted.kinds == ["person"]
    clock.advance(20)
    assert client.get(CLASSES).status_code == 200


def test_answer_says_what_is_left(api: Api) -> None:
    answer = api(make_teacher()).get(CLASSES)

    assert answer.headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert answer.headers["RateLimit"] == '"default";r=2;t=20'


def test_envelope_of_v1_is_kept(api: Api) -> None:
    client = api(make_teacher())

    answers = [client.get("/api/v1/halaka") for _ in range(4)]

    assert answers[3].json()["status"] == "error"
    assert answers[3].json()["code"] == "too_many_requests"


def test_school_behind_one_address_shares_nothing_once_signed_in(api: Api) -> None:
    clients = [api(make_teacher()) for _ in range(5)]

    assert [client.get(CLASSES).status_code for client in clients for _ in range(3)] == [200] * 15


def test_person_has_one_allowance_for_pages_and_apps(api: Api) -> None:
    teacher, browser = make_teacher(), Client()
    browser.force_login(teacher)

    assert statuses(lambda: browser.get("/classes/"), 2) == [200, 200]
    assert statuses(lambda: api(teacher).get(CLASSES), 2) == [200, 429]


def test_key_has_an_allowance_of_its_own_beside_its_admins(api: Api, counted: Counted) -> None:
    admin = make_admin()
    first, second = issue_key("classes:read", owner=admin), issue_key("classes:read", owner=admin)

    assert statuses(lambda: program(first).get(CLASSES), 7) == [200] * 6 + [429]
    assert program(second).get(CLASSES).status_code == 200
    assert api(admin).get(CLASSES).status_code == 200
    assert counted.kinds == ["key"]


def test_what_a_key_may_not_counts_too() -> None:
    client = program(issue_key("classes:read"))

    assert statuses(lambda: client.get("/api/audit"), 7) == [403] * 6 + [429]


def test_visitors_are_counted_by_address(counted: Counted) -> None:
    visitor = ApiClient()

    assert statuses(lambda: visitor.get("/api/bookings/teachers"), 3) == [200, 200, 429]
    assert counted.kinds == ["address"]


@pytest.mark.parametrize("path", [CLASSES, "/api/nothing", "/api/bookings/slots/available"])
def test_guessing_is_counted_whatever_it_is_answered(path: str) -> None:
    guesses = [ApiClient(access_token="guess").get(path).status_code for _ in range(3)]

    assert guesses[2] == 429
    assert 200 not in guesses


def test_refused_request_changes_nothing(api: Api) -> None:
    client = api(make_teacher())
    statuses(lambda: client.get(CLASSES), 3)

    assert client.post(CLASSES, {"name": "Algebra"}).status_code == 429
    assert not Group.objects.exists()


def test_page_says_it_in_the_readers_language_and_signs_nobody_in() -> None:
    browser = Client(headers={"accept-language": "ar"})
    statuses(lambda: browser.get("/accounts/login/"), 2)

    refused = browser.post("/accounts/login/", {"login": make_teacher().email, "password": PASSWORD})

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "30"
    assert 'dir="rtl"' in refused.content.decode()
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("path", ["/healthz", "/healthz/live", "/healthz/ready", "/metrics"])
def test_machines_of_ours_ask_as_often_as_they_like(path: str) -> None:
    assert statuses(lambda: Client().get(path), 4) == [200] * 4


def test_zoom_is_never_refused_for_asking_often() -> None:
    answers = statuses(lambda: ApiClient().post("/api/zoom/webhook", {}), 4)

    assert len(set(answers)) == 1
    assert 429 not in answers


def test_address_is_the_one_that_the_trusted_proxy_saw() -> None:
    visitors = [Client(**{CLIENT: f"192.0.2.{number}", "REMOTE_ADDR": "10.0.0.1"}) for number in range(4)]  # type: ignore[arg-type]

    assert [visitor.get("/accounts/login/").status_code for visitor in visitors] == [200] * 4


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_customer_with_many_addresses_counts_once(address: str, network: str) -> None:
    assert network_of(address) == network


def test_without_a_limit_nothing_is_said(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update={"requests_per_person": 0}))
    client = api(make_teacher())

    answers = [client.get(CLASSES) for _ in range(20)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


def test_request_takes_one_and_no_more(api: Api) -> None:
    teacher: User = make_teacher()

    left = [api(teacher).get(path).headers["RateLimit"] for path in (CLASSES, "/api/nothing", "/api/auth/me")]

    # A path that is not there asks nobody who they are.
    assert left == ['"default";r=2;t=20', '"default";r=1;t=30', '"default";r=1;t=40']
