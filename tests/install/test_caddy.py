"""Caddy in nginx's place, with the guide's Caddyfile and the trial's certificate, before the same two web processes."""

import re
import shutil
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

import httpx
import pytest

from tests import processes
from tests.install.conftest import PASSWORD
from tests.install.installation import REQUESTS_PER_ADDRESS, WEBHOOK_SECRET, Installation
from tests.install.machine import missing_here
from tests.install.visitor import Visitor
from tests.simulator import STUCK_SECONDS, free_port, wait_until
from tests.web.html import words

MISSING: Final = missing_here() or (
    "" if shutil.which("caddy") else "there is no Caddy here (Debian: apt install caddy)"
)
LINKED: Final = re.compile(r'<(?:link|script|use)\b[^>]* (?:href|src)="([^"#]+)')

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=MISSING),
    pytest.mark.xdist_group("installation"),
]


@pytest.fixture(scope="module")
def caddy(installation: Installation) -> Iterator[str]:
    """Caddy's address. Its ports are two free ones, and its certificate is the trial's, which no issuer has to give."""
    folder, host = installation.machine.folder, installation.machine.host
    http_port, https_port = free_port(), free_port()
    site = (folder / "srv/classbell/install/Caddyfile").read_text(encoding="utf-8").replace("school.example", host)
    certificate = f"{folder}/etc/ssl/classbell/fullchain.pem {folder}/etc/ssl/classbell/key.pem"
    site = site.replace(f"{host} {{\n", f"{host} {{\n\ttls {certificate}\n")
    options = f"{{\n\tadmin off\n\thttp_port {http_port}\n\thttps_port {https_port}\n}}\n"
    file, log = folder / "Caddyfile", folder / "caddy.log"
    file.write_text(options + site, encoding="utf-8")
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]
    url = f"https://{host}:{https_port}"
    environment = {"HOME": str(folder), "PATH": "/usr/bin"}
    with (
        log.open("wb") as said,
        processes.running(command, env=environment, stdout=said, stderr=said) as process,
        installation.visitor(url) as somebody,
    ):
        wait_until(
            lambda: process.poll() is not None or _answers(somebody),
            seconds=STUCK_SECONDS,
            what="Caddy",
        )
        assert process.poll() is None, log.read_text()
        yield url


def _answers(somebody: Visitor) -> bool:
    try:
        return somebody.pages.get("/healthz").is_success
    except httpx.HTTPError:
        return False


def test_people_sign_in_and_change_things_by_https(installation: Installation, teacher: str, caddy: str) -> None:
    with installation.visitor(caddy) as browser:
        browser.send("/accounts/login/", login="head@school.example", password=PASSWORD)
        made = browser.send("/classes/new", name="Geometry", teacher=teacher)
        cookies = list(browser.pages.cookies.jar)

    assert "Geometry" in words(made)
    assert {cookie.secure for cookie in cookies} == {True}
    assert made.headers.get_list("strict-transport-security") == ["max-age=31536000"]
    assert len(made.headers.get_list("content-security-policy")) == 1


def test_requests_have_a_number_of_caddys_whatever_visitors_say(installation: Installation, caddy: str) -> None:
    with installation.visitor(caddy) as browser:
        numbers = [
            browser.pages.get("/healthz/live", headers={"X-Request-ID": "one-of-my-own"}).headers["x-request-id"]
            for _time in range(2)
        ]

    assert "one-of-my-own" not in numbers
    assert len(set(numbers)) == 2
    assert all(len(number) == 36 for number in numbers)


def test_static_files_come_whole_and_are_kept(installation: Installation, caddy: str) -> None:
    with installation.visitor(caddy) as browser:
        page = browser.pages.get("/accounts/login/")
        answers = [browser.pages.get(urljoin(str(page.url), path)) for path in LINKED.findall(page.text)]

    assert {answer.status_code for answer in answers} == {200}
    assert all("immutable" in answer.headers["cache-control"] for answer in answers)
    assert any(answer.headers.get("content-encoding") for answer in answers)


def test_zooms_webhooks_come_through(installation: Installation, caddy: str) -> None:
    simulator = installation.simulator
    simulator.send_webhooks_to(f"{caddy}/api/zoom/webhook", WEBHOOK_SECRET)
    host = simulator.state()["hosts"][0]["id"]
    made = simulator.http.post(
        f"/v2/users/{host}/meetings",
        json={"topic": "Trial", "type": 1},
        headers={"Authorization": f"Bearer {simulator.access_token()}"},
    ).raise_for_status()
    simulator.start_meeting(made.json()["id"])
    delivered = installation.deliveries_of(made.json()["id"])

    assert "meeting.started" in {delivery["event"] for delivery in delivered}
    assert {delivery["status"] for delivery in delivered} == {"delivered"}


def test_addresses_are_those_of_visitors_and_measures_none_of_theirs(installation: Installation, caddy: str) -> None:
    with (
        installation.visitor(caddy, comes_from="127.0.0.4") as pushy,
        installation.visitor(caddy, comes_from="127.0.0.5") as other,
    ):
        measures = pushy.pages.get("/metrics")
        asked = [
            pushy.pages.get("/accounts/login/", headers={"X-Forwarded-For": f"203.0.113.{number % 250}"}).status_code
            for number in range(REQUESTS_PER_ADDRESS * 10)
        ]
        let_in = other.pages.get("/accounts/login/", headers={"X-Forwarded-For": "127.0.0.4"})

    assert measures.status_code == 403
    assert 429 in asked
    assert let_in.status_code == 200
