"""What devices call themselves, in words, and which ones are known."""

from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse

from classbell.accounts.sign_ins.devices import COOKIE, MOST_PEOPLE, device_of, in_words, remember

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36", "Chrome, Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541) {WEBKIT} Chrome/126.0 Safari/537.36", "Chrome, ChromeOS"),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
            "Samsung Internet, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17.5 Mobile Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605 CriOS/126.0 Safari/604.1", "Chrome, iPad"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/17 Safari/605", "Safari, macOS"),
        ("python-httpx/0.27.0", "python-httpx"),
        ("okhttp/4.12.0", "okhttp"),
        ("Mozilla/5.0 (compatible)", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_device_is_said_as_people_call_it(agent: str, said: str) -> None:
    assert in_words(agent) == said


def visit(cookie: str = "", agent: str = "") -> HttpRequest:
    request = HttpRequest()
    request.COOKIES = {COOKIE: cookie} if cookie else {}
    request.META = {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": "192.0.2.7"}
    return request


def remembered(request: HttpRequest, user_id: object) -> str:
    response = HttpResponse()
    remember(request, response, user_id)  # type: ignore[arg-type]
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    return str(cookie.value)


def test_device_knows_who_has_signed_in_on_it() -> None:
    first, second = uuid4(), uuid4()

    one = remembered(visit(), first)
    both = device_of(visit(remembered(visit(one), second)))

    assert both.people == (second, first)
    assert both.id == device_of(visit(one)).id != ""


def test_device_of_many_knows_the_latest() -> None:
    cookie, people = "", [uuid4() for _ in range(MOST_PEOPLE + 1)]
    for user_id in people:
        cookie = remembered(visit(cookie), user_id)

    assert device_of(visit(cookie)).people == tuple(reversed(people[1:]))


@pytest.mark.parametrize("cookie", ["x", "e30:1a2b:forged", "a" * 5000])
def test_cookie_that_we_did_not_sign_says_nothing(cookie: str) -> None:
    device = device_of(visit(cookie))

    assert (device.id, device.people) == ("", ())


def test_device_is_no_longer_than_what_is_kept() -> None:
    assert len(device_of(visit(agent="x" * 5000)).agent) == 300
