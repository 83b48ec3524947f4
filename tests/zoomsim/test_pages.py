"""The dashboard, and what holds for every page."""

import re
import socket
from datetime import datetime

import httpx
import pytest

from tests.simulator import Simulator, wait_until
from tests.zoomsim.browsing import names
from tests.zoomsim.conftest import NOW, in_utc
from zoomsim.pages.texts import WORDS


def outside_address():
    """Return this machine's address other than loopback; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


@pytest.mark.parametrize("path", ["/", "/j/123", "/?parts=traffic"], ids=["dashboard", "friendly error", "part"])
def test_pages_let_nothing_in_from_outside(browser, simulator, path):
    page = browser().get(path)

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<style|style=|<script(?! type=\"module\" src=\"/static/)|\son\w+=", page.text)


def test_arabic_is_written_from_right_to_left_and_remembered(browser, schedule):
    meeting = schedule()
    layla, preferring = browser(), browser(**{"Accept-Language": "ar-EG,ar;q=0.9,en;q=0.5"})

    chosen = layla.get(f"/j/{meeting['id']}", params={"lang": "ar"})
    later = layla.get(f"/j/{meeting['id']}")
    preferred = preferring.get("/")

    for page in (chosen, later, preferred):
        assert '<html lang="ar" dir="rtl">' in page.text
        assert "زووم تجريبي" in page.text
    assert 'dir="ltr">' in browser().get("/").text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
    ids=["fetch metadata", "origin", "hidden origin"],
)
@pytest.mark.parametrize("path", ["/dashboard/clock", "/s/{id}/start", "/j/{id}/join"], ids=["clock", "start", "join"])
def test_form_of_another_site_is_refused(simulator, browser, schedule, path, headers):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])

    page = browser(**headers).post(path.format(id=meeting["id"]), data={"to": "hour", "name": "Ali"})

    assert page.status_code == 403
    assert "another site" in page.text
    assert (names(simulator, meeting), simulator.state()["offset_s"]) == (["Host 01"], simulator.ahead_s)


def test_form_of_the_same_site_is_taken(simulator, browser):
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": simulator.url}

    assert browser(**headers).post("/dashboard/clock", data={"to": "hour"}).status_code == 200
    assert simulator.state()["offset_s"] == simulator.ahead_s + 3600


def test_dashboard_without_meetings_teaches_the_first_step(browser, simulator):
    page = browser().get("/")

    assert page.status_code == 200
    assert "No meetings yet" in page.text
    assert "/oauth/token" in page.text
    assert "sim-secret" in page.text
    assert "host01@zoomsim.example" in page.text


def test_dashboard_does_not_show_a_secret_of_ones_own():
    with Simulator(hosts=1, client_secret="my-own-secret") as simulator:
        page = httpx.get(simulator.url)

    assert "my-own-secret" not in page.text


def test_strangers_reach_rooms_but_not_the_dashboard():
    with Simulator(hosts=1, host="0.0.0.0") as simulator, httpx.Client() as stranger:
        from_outside = f"http://{outside_address()}:{simulator.port}"
        dashboard = stranger.get(from_outside)
        action = stranger.post(f"{from_outside}/dashboard/clock", data={"to": "hour"})
        door = stranger.get(f"{from_outside}/j/123")

        assert (dashboard.status_code, action.status_code, door.status_code) == (403, 403, 404)
        assert "host01@zoomsim.example" not in dashboard.text
        assert simulator.state()["offset_s"] == 0


def test_dashboard_finds_meetings_by_topic_number_and_host(browser, schedule):
    algebra, botany = schedule(topic="Algebra"), schedule("host02@zoomsim.example", topic="Botany")

    found = {
        query: browser().get("/", params={"q": query, "parts": "meetings"}).text
        for query in ("botan", str(algebra["id"]), "host02", "nothing")
    }

    assert "Botany" in found["botan"]
    assert "Algebra" not in found["botan"]
    assert "Algebra" in found[str(algebra["id"])]
    assert str(botany["id"]) in found["host02"]
    assert "No meeting matches" in found["nothing"]


def test_dashboard_filters_meetings_by_how_they_stand(simulator, browser, schedule, v2):
    live, coming, deleted = (schedule(topic=topic) for topic in ("Running", "Planned", "Scrapped"))
    schedule(topic="Bygone", start_time=in_utc(hours=1), duration=1)
    v2.delete(f"/meetings/{deleted['id']}")
    simulator.start_meeting(live["id"])
    simulator.clock(7200)

    shown = {
        show: set(
            re.findall(
                "Running|Planned|Scrapped|Bygone",
                browser().get("/", params={"show": show, "parts": "meetings"}).text,
            )
        )
        for show in ("all", "live", "upcoming", "deleted")
    }

    assert shown == {
        "all": {"Running", "Planned", "Bygone"},
        "live": {"Running"},
        "upcoming": {"Running", "Planned"},
        "deleted": {"Scrapped"},
    }
    assert coming["topic"] == "Planned"


def test_dashboard_pages_through_meetings(browser, schedule):
    for number in range(21):
        schedule(topic=f"Lesson {number}.")

    first, second = (browser().get("/", params={"page": page, "parts": "meetings"}).text for page in (1, 2))

    assert first.count("People&#39;s door") == 20
    assert "Lesson 20." in first
    assert second.count("People&#39;s door") == 1
    assert "Lesson 0." in second


def test_dashboard_shows_who_is_in_and_what_was_delivered(simulator, browser, schedule, receiver):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    simulator.join(meeting["id"], "Ali Aziz")
    wait_until(lambda: len(simulator.deliveries("meeting.participant_joined")) >= 2, what="the events")

    page = browser().get("/").text

    assert "Ali Aziz" in page
    assert receiver.url in page
    assert "meeting.participant_joined" in page
    assert "knows the secret" in page


def test_dashboard_adds_and_clears_faults(simulator, browser, v2):
    form = {"kind": "status", "path": "/v2/users", "method": "GET", "times": "1", "status": "503", "ms": ""}

    page = browser().post("/dashboard/faults", data=form)
    struck = v2.get("/users/me").status_code
    browser().post("/dashboard/faults", data=form)
    browser().post("/dashboard/faults/clear")

    assert "struck 0 of 1" in page.text
    assert struck == 503
    assert simulator.state()["faults"] == []


def test_dashboard_says_why_a_fault_makes_no_sense_and_keeps_the_form(simulator, browser):
    page = browser().post("/dashboard/faults", data={"kind": "status", "path": "/v2/(", "times": "3"})

    assert page.status_code == 400
    assert "no regular expression" in page.text
    assert 'value="/v2/("' in page.text
    assert simulator.state()["faults"] == []


def test_dashboard_sets_how_badly_webhooks_are_delivered(simulator, browser):
    browser().post("/dashboard/webhooks", data={"duplicate": "50", "drop": "12.5", "keep_timestamp": "true"})

    webhook = simulator.state()["webhook"]
    assert (webhook["duplicate"], webhook["drop"], webhook["keep_timestamp"]) == (0.5, 0.125, True)


def test_dashboard_moves_the_clock_to_the_next_day_and_back(simulator, browser):
    page = browser()

    page.post("/dashboard/clock", data={"to": "day"})
    moved = datetime.fromisoformat(simulator.state()["now"])
    page.post("/dashboard/clock", data={"to": "now"})

    assert moved.replace(second=0, microsecond=0) == NOW.replace(day=26, hour=0, minute=0)
    assert simulator.state()["offset_s"] == 0


def test_dashboard_tells_the_calls_in_words_too(simulator, browser, v2):
    v2.get("/users/me")

    page = browser().get("/", params={"parts": "traffic"}).text

    assert re.search(r"Calls in the last three minutes: \d+;", page)
    assert '<rect class="light"' in page
    assert "This plan has no limits." in page


def test_every_text_exists_in_both_languages():
    for key, (english, arabic) in WORDS.items():
        assert english, key
        assert arabic, key
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", arabic)), key
