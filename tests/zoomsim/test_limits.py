"""Rate limits: how many, what a 429 says, and when they are over."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from tests.simulator import Simulator
from tests.zoomsim.conftest import NOW, in_utc, signed_in
from tests.zoomsim.shapes import payload

STUDENT = payload("POST_meetings_registrants.request")
DAY_S = 86_400


@pytest.fixture(scope="module")
def business() -> Iterator[Simulator]:
    """A simulator of a Business account."""
    with Simulator(plan="business", hosts=2) as simulator:
        yield simulator


@pytest.fixture
def client(business: Simulator) -> Iterator[httpx.Client]:
    """A client of a Business account that has done nothing yet."""
    business.reset()
    business.set_clock(NOW)
    with signed_in(business) as client:
        yield client


@pytest.fixture(scope="module")
def free() -> Iterator[Simulator]:
    """A simulator of a Free account."""
    with Simulator(plan="free", hosts=1) as simulator:
        yield simulator


def until_throttled(call) -> tuple[int, httpx.Response]:
    """Call until the answer is 429; return how often it was not within one second, and the 429."""
    good: Counter[int] = Counter()
    while True:
        answer = call()
        second = int(datetime.now(UTC).timestamp())
        if answer.status_code == 429:
            return good[second], answer
        good[second] += 1


@pytest.mark.parametrize(
    ("path", "limit", "category"), [("/users/me", 4, "Light"), ("/users", 2, "Medium")], ids=["light", "medium"]
)
def test_second_of_an_account_is_full_at_its_label_s_limit(free, path, limit, category):
    free.reset()
    with signed_in(free) as client:
        good, refused = until_throttled(lambda: client.get(path))

    assert good == limit
    assert refused.json() == payload("error.429_per_second")
    assert refused.headers["x-ratelimit-category"] == category
    assert (refused.headers["x-ratelimit-type"], refused.headers["x-ratelimit-limit"]) == (
        "Per-second-limit",
        str(limit),
    )
    assert "retry-after" not in refused.headers


def test_labels_are_counted_apart_and_throttled_calls_are_told(free):
    free.reset()
    with signed_in(free) as client:
        until_throttled(lambda: client.get("/users/me"))
        other_label = client.get("/users")

    counters = free.counters()
    assert other_label.status_code == 200
    assert counters["throttled"] == 1
    assert counters["by_endpoint"]["GET /users/{userId}"] + 2 == counters["requests"]


@pytest.mark.slow
def test_day_of_a_free_account_ends_at_midnight_utc(free):
    """A thousand heavy calls a day, one a second: the clock is moved for each."""
    free.reset()
    free.set_clock(NOW.replace(hour=0, minute=1))
    with signed_in(free) as client:
        answers = []
        for second in range(1001):
            free.clock(second)
            answers.append(client.get("/report/meetings/1"))

    refused = answers[-1]
    assert Counter(answer.status_code for answer in answers[:-1]) == {400: 1000}
    assert (refused.status_code, refused.json()) == (429, payload("error.429_daily"))
    assert (refused.headers["x-ratelimit-type"], refused.headers["x-ratelimit-remaining"]) == ("Daily-limit", "0")
    assert refused.headers["retry-after"].endswith("T00:00:00Z")


@pytest.mark.slow
def test_host_has_a_hundred_creates_and_updates_a_day(business, client):
    meeting = client.post("/users/host02@zoomsim.example/meetings", json={"start_time": in_utc(days=1)}).json()["id"]
    answers = [_patiently(lambda: client.patch(f"/meetings/{meeting}", json={"duration": 30})) for _ in range(100)]
    elsewhere = _patiently(lambda: client.post("/users/host01@zoomsim.example/meetings", json={}))
    not_counted = _patiently(lambda: client.get(f"/meetings/{meeting}"))

    business.clock(DAY_S)
    client.headers["Authorization"] = f"Bearer {business.access_token()}"
    next_day = _patiently(lambda: client.patch(f"/meetings/{meeting}", json={"duration": 31}))

    assert Counter(answer.status_code for answer in answers) == {204: 99, 429: 1}
    assert answers[-1].json() == payload("error.429_host_100_per_day")
    assert "retry-after" not in answers[-1].headers
    assert [answer.status_code for answer in (elsewhere, not_counted, next_day)] == [201, 200, 204]


def test_registrant_can_be_added_three_times_a_day(client):
    meeting = client.post(
        "/users/me/meetings", json={"start_time": in_utc(days=1), "settings": {"approval_type": 0}}
    ).json()["id"]

    answers = [client.post(f"/meetings/{meeting}/registrants", json=STUDENT) for _ in range(4)]
    other = client.post(f"/meetings/{meeting}/registrants", json=STUDENT | {"email": "other@school.example"})

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert answers[-1].json() == payload("error.429_registrant_3_per_day")
    assert other.status_code == 201


def test_registrant_can_be_decided_about_ten_times_a_day(client):
    meeting = client.post(
        "/users/me/meetings", json={"start_time": in_utc(days=1), "settings": {"approval_type": 1}}
    ).json()["id"]
    client.post(f"/meetings/{meeting}/registrants", json=STUDENT)
    decision = {"action": "approve", "registrants": [{"email": STUDENT["email"]}]}

    statuses = [client.put(f"/meetings/{meeting}/registrants/status", json=decision).status_code for _ in range(11)]

    assert statuses == [204] * 10 + [429]


def test_unlimited_plan_has_no_limits(v2):
    statuses = Counter(v2.post("/users/me/meetings", json={"type": 3}).status_code for _ in range(120))

    assert statuses == {201: 120}


def _patiently(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Call again while only the second is full."""
    while True:
        answer = call()
        if answer.status_code != 429 or "per-second" not in answer.json()["message"]:
            return answer
