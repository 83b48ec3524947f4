"""
The log of a whole story, from signing in to the mail about it, at level DEBUG: what was done can be followed by one number,
and nothing in it lets anybody in.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.factories_bookings import a_day_ahead
from tests.mail_server import MailServer
from tests.operation.story import People, fill
from tests.simulator import STUCK_SECONDS, Simulator, wait_until
from tests.system import System, fresh_system

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("story")]

PASSWORD, WRONG_PASSWORD = "planted-Password-17", "planted-Mistake-18"
# By the name of its setting; none of them may ever be written.
SECRETS = {
    "CLASSBELL_SECRET_KEY": "planted-key-of-the-installation-19",
    "CLASSBELL_METRICS_TOKEN": "planted-metrics-token-20",
    "EMAIL_HOST_PASSWORD": "planted-mail-password-21",
    "ZOOM_SDK_SECRET": "planted-sdk-secret-22-that-is-long-enough",
    "CLASSBELL_JWT_SECRET": "planted-issuer-secret-23-that-is-long-enough",
}
PROXYS_ID = "f00dfeedf00dfeedf00dfeedf00dfeed"


class Story:
    """What happened, and every secret that was in somebody's hands meanwhile, by what it is."""

    def __init__(self, system: System, people: People) -> None:
        self.system, self.people = system, people
        self.secrets: dict[str, str] = {"password": PASSWORD, "wrong password": WRONG_PASSWORD, **SECRETS}
        self.secrets |= {"API key": people.api_key, "invitation": people.invitation.rpartition("/")[2]}
        self.confirmed_under = ""

    def sign_in_on_pages(self) -> httpx.Client:
        browser = httpx.Client(base_url=self.system.url, timeout=60)
        browser.get("/accounts/login/").raise_for_status()
        self.secrets["CSRF token"] = browser.cookies["csrftoken"]
        for password, status in ((WRONG_PASSWORD, 200), (PASSWORD, 302)):
            form = {
                "login": self.people.admin,
                "password": password,
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            }
            assert browser.post("/accounts/login/", data=form).status_code == status
        self.secrets["session"] = browser.cookies["sessionid"]
        assert browser.get("/").status_code == 200
        return browser

    def sign_in_by_api(self, email: str) -> httpx.Client:
        body = {"email": email, "password": PASSWORD}
        tokens = httpx.post(f"{self.system.url}/api/auth/token", json=body, timeout=60).raise_for_status().json()
        for name in ("access_token", "refresh_token"):
            self.secrets[f"{name} of {email}"] = tokens[name]
        return self.system.client(tokens["access_token"], seconds=60)

    def book(self) -> None:
        student, teacher = self.sign_in_by_api(self.people.student), self.sign_in_by_api(self.people.teacher)
        lesson = {"teacher_id": self.people.teacher_id, "start_time": a_day_ahead(days=3, hour=9).isoformat()}
        booking = student.post("/bookings/bookings", json=lesson).raise_for_status().json()
        confirmed = teacher.post(f"/bookings/bookings/{booking['id']}/confirm", headers={"X-Request-ID": PROXYS_ID})
        assert confirmed.raise_for_status().headers["X-Request-ID"] == PROXYS_ID

    def teach(self, simulator: Simulator) -> None:
        student, teacher = self.sign_in_by_api(self.people.student), self.sign_in_by_api(self.people.teacher)
        soon = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
        body: dict[str, Any] = {"title": "Algebra", "startTime": soon.isoformat(), "registrationEnabled": True}
        body["invited"] = [self.people.student_id]
        made = teacher.post("/zoom/meetings", json=body).raise_for_status()
        self.confirmed_under = made.headers["X-Request-ID"]
        meeting = made.json()["meeting"]
        wait_until(lambda: self.system.unfinished() == 0, seconds=STUCK_SECONDS, what="all to be on Zoom")
        for person in (teacher, student):
            entrance = person.get(f"/zoom/meetings/{meeting['id']}/join").raise_for_status().json()
            self._keep(entrance, "startUrl", "joinUrl", "password", "sdkSignature")
        zak = self.sign_in_by_api(self.people.admin).post(
            "/v1/zoom/zak-token", json={"userId": "host01@zoomsim.example"}
        )
        self._keep(zak.raise_for_status().json(), "zak")
        feed = student.post("/calendar").raise_for_status().json()
        self.secrets["feed"] = next(iter(feed.values())).rpartition("/")[2].removesuffix(".ics")
        assert httpx.get(f"{self.system.url}/api/calendar/{self.secrets['feed']}.ics", timeout=60).status_code == 200
        self._take_place(simulator, meeting)

    def _take_place(self, simulator: Simulator, meeting: dict[str, Any]) -> None:
        number = self.system.query("SELECT zoom_meeting_id FROM meetings_meeting WHERE title = 'Algebra'")[0][0]
        simulator.start_meeting(number)
        participant = simulator.join(number, "Student", email=self.people.student)
        simulator.leave(number, participant)
        simulator.end_meeting(number)
        told = "SELECT count(*) FROM meetings_webhookevent WHERE processed_at IS NOT NULL AND starts_with(event, 'meeting.')"
        wait_until(lambda: self.system.query(told)[0][0] >= 4, seconds=STUCK_SECONDS, what="Zoom's messages")
        occurrence = self.system.query("SELECT id FROM meetings_occurrence WHERE meeting_id = %s", meeting["id"])[0][0]
        arguments = json.dumps({"occurrence_id": str(occurrence)})
        columns, values = "queue_name, task_name, args", f"'zoom', 'meetings.fetch_report', '{arguments}'"
        self.system.execute(f"INSERT INTO procrastinate_jobs ({columns}) VALUES ({values})")
        left = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'meetings.fetch_report'"
        wait_until(lambda: self.system.query(left)[0][0] == 0, seconds=STUCK_SECONDS, what="the report")

    def fail(self) -> None:
        """Do what is refused, each with a secret in its hands."""
        key = self.people.api_key
        for headers in ({"Authorization": f"Bearer {key}"}, {"Authorization": f"Bearer {key}x"}):
            httpx.get(f"{self.system.url}/api/auth/me", headers=headers, timeout=60)
        httpx.get(self.people.invitation, timeout=60)
        httpx.post(self.people.invitation, data={"password": "short"}, timeout=60)
        httpx.get(f"{self.system.url}/metrics?token={SECRETS['CLASSBELL_METRICS_TOKEN']}", timeout=60)
        body = b'{"event": "meeting.started", "payload": {"password": "%s"}}' % PASSWORD.encode()
        headers = {"x-zm-signature": "v0=planted-signature-24", "x-zm-request-timestamp": "1"}
        httpx.post(f"{self.system.url}/api/zoom/webhook", content=body, headers=headers, timeout=60)
        self.secrets["signature"] = "planted-signature-24"

    def _keep(self, answer: dict[str, Any], *names: str) -> None:
        self.secrets |= {f"{name} {len(self.secrets)}": answer[name] for name in names if answer.get(name)}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, list[dict[str, Any]], str]]:
    """The story, each line of the log, and all of it as text."""
    folder: Path = tmp_path_factory.mktemp("story")
    with Simulator(plan="unlimited", hosts=3) as simulator, MailServer() as mail:
        settings = {"CLASSBELL_LOG_LEVEL": "DEBUG", "CLASSBELL_LOG_FORMAT": "json", "ZOOM_SDK_KEY": "sdk-key"}
        settings |= SECRETS | mail.settings(EMAIL_HOST_USER="classbell")
        with fresh_system(simulator, folder, **settings) as system:
            system.environment["CLASSBELL_PUBLIC_URL"] = system.url
            people = fill(system, password=PASSWORD)
            system.start_web()
            system.start_worker()
            system.wait_for_web()
            simulator.send_webhooks_to(f"{system.url}/api/zoom/webhook")
            story = Story(system, people)
            story.sign_in_on_pages()
            story.book()
            story.teach(simulator)
            story.fail()
            wait_until(lambda: mail.mails, seconds=STUCK_SECONDS, what="mail")
            wait_until(lambda: _jobs_of_requests(system) == 0, seconds=STUCK_SECONDS, what="the jobs of requests")
            story.secrets |= _of_zoom(system, simulator)
            system.kill_all()
            text = system.log.read_text()
            yield story, [json.loads(line) for line in text.splitlines() if line.startswith("{")], text


def _jobs_of_requests(system: System) -> int:
    """Return how many jobs that requests have queued are not done."""
    left = "SELECT count(*) FROM procrastinate_jobs j JOIN operation_joborigin o ON o.job_id = j.id"
    return int(system.query(f"{left} WHERE j.status::text IN ('todo', 'doing')")[0][0])


def _of_zoom(system: System, simulator: Simulator) -> dict[str, str]:
    """Return what Zoom gave out: its tokens, passcodes, links of people who are registered."""
    found = {"Zoom's secret": simulator.client_secret, "webhook secret": simulator.webhook_secret}
    for number, (passcode, link) in enumerate(system.query("SELECT password, join_url FROM meetings_meeting")):
        found |= {f"passcode {number}": passcode, f"link {number}": link}
    for number, (link,) in enumerate(system.query("SELECT join_url FROM meetings_registrant")):
        found[f"link of a registrant {number}"] = link
    return {name: value for name, value in found.items() if value}


def stands_in(text: str, secret: str) -> bool:
    """Say whether a secret is in a text; a passcode of six characters may be part of somebody's number by chance."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", text) is not None


def test_no_line_lets_anybody_in(told: tuple[Story, list[dict[str, Any]], str]) -> None:
    story, lines, text = told

    assert len(lines) > 50
    assert "[INFO]" not in text
    assert len(story.secrets) > 25
    assert {name for name, secret in story.secrets.items() if stands_in(text, secret)} == set()


def test_request_is_followed_to_the_calls_of_zoom(told: tuple[Story, list[dict[str, Any]], str]) -> None:
    _story, lines, _text = told
    under = [line for line in lines if line.get("request_id") == PROXYS_ID]
    jobs = {(line["task"], line["job_id"]) for line in under if "job_id" in line}
    of_zoom = [line for line in under if line["event"] == "zoom_call"]

    assert next(line["path"] for line in under if line["event"] == "request").endswith("/confirm")
    assert {"meetings.reconcile", "notices.mail_notice"} <= {task for task, _number in jobs}
    assert {"POST /users/{userId}/meetings"} <= {f"{line['method']} {line['path']}" for line in of_zoom}


def test_every_call_of_a_job_carries_the_jobs_number(told: tuple[Story, list[dict[str, Any]], str]) -> None:
    _story, lines, _text = told
    calls = [line for line in lines if line["event"] == "zoom_call"]

    assert calls
    assert [line for line in calls if "job_id" not in line and "request_id" not in line] == []


def test_webhook_is_logged_under_a_number_of_its_own(told: tuple[Story, list[dict[str, Any]], str]) -> None:
    _story, lines, _text = told

    assert [line for line in lines if line["event"] == "webhook_rejected" and not line.get("request_id")] == []
