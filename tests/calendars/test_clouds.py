"""
Calendars at Google and Microsoft, against a stand-in whose answers have the form of their references: asked by OAuth with
PKCE, read for busy times and nothing else, renewed by themselves. Neither Google nor Microsoft was ever asked by these tests.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from pydantic import SecretStr

from classbell.accounts.models import User
from classbell.accounts.tokens import BACKEND
from classbell.calendars import clouds, oauth, reading
from classbell.calendars.models import BusyTime, CalendarKind, CalendarStatus, ExternalCalendar
from classbell.calendars.sealing import secrets_of
from classbell.calendars.services import CalendarUnusable, add_connected
from classbell.calendars.troubles import Trouble
from tests.calendars.servers import CalendarServer, reaching
from tests.calendars.test_reading import HOUR, NOW, TEN, claimed
from tests.web.html import words

TOKENS = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_at": (NOW + HOUR).isoformat()}
GIVEN = {"access_token": "access-2", "expires_in": 3599, "token_type": "Bearer", "refresh_token": "refresh-2"}
BUSY = {"start": f"{TEN:%Y-%m-%dT%H:%M:%SZ}", "end": f"{TEN + HOUR:%Y-%m-%dT%H:%M:%SZ}"}
FREE_BUSY = {"kind": "calendar#freeBusy", "calendars": {"primary": {"busy": [BUSY]}}}
SECRET = "what-the-provider-knows-us-by"


def graph_event(starts_at: datetime = TEN, **more: object) -> dict[str, Any]:
    """An event as Graph writes it."""
    event: dict[str, Any] = {
        "iCalUId": "040000008200E00074C5B7101A82E008",
        "isAllDay": False,
        "isCancelled": False,
        "showAs": "busy",
        "responseStatus": {"response": "organizer"},
        "start": {"dateTime": f"{starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"},
        "end": {"dateTime": f"{(starts_at + HOUR).astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"},
    }
    return event | more


@pytest.fixture
def cloud(server: CalendarServer, monkeypatch: pytest.MonkeyPatch) -> CalendarServer:
    """The stand-in, for both, with this installation known at both."""
    known = {
        f"{name}_calendar_client_{part}": value
        for name in ("google", "microsoft")
        for part, value in (("id", f"{name}-client"), ("secret", SecretStr(SECRET)))
    }
    monkeypatch.setattr(django_settings, "ENVIRONMENT", reaching(server.port, **known))
    root = f"http://localhost:{server.port}"
    for kind, provider in oauth.PROVIDERS.items():
        monkeypatch.setitem(oauth.PROVIDERS, kind, replace(provider, token_url=f"{root}/token"))
    monkeypatch.setitem(clouds.GOOGLE, "free_busy", f"{root}/freeBusy")
    monkeypatch.setitem(clouds.MICROSOFT, "view", f"{root}/calendarView")
    server.answers = {"/token": json.dumps(GIVEN).encode(), "/freeBusy": json.dumps(FREE_BUSY).encode()}
    say(server)
    return server


def say(cloud: CalendarServer, *events: Mapping[str, Any], **more: object) -> None:
    cloud.answers["/calendarView"] = json.dumps({"value": events or [graph_event()], **more}).encode()


def connect(teacher: User, kind: CalendarKind) -> ExternalCalendar:
    return add_connected(teacher=teacher, kind=kind, tokens=TOKENS, now=NOW)


BOTH = pytest.mark.parametrize("kind", [CalendarKind.GOOGLE, CalendarKind.MICROSOFT])


@BOTH
def test_busy_times_there_take_time_here(cloud: CalendarServer, teacher: User, kind: CalendarKind) -> None:
    added = connect(teacher, kind)

    assert added.status_at(NOW) is CalendarStatus.OK
    assert claimed(teacher) == [(TEN, TEN + HOUR)]
    assert cloud.asked[-1].headers["authorization"] == "Bearer access-1"
    assert BusyTime.objects.count() == 1


def test_google_is_asked_for_times_and_nothing_else(cloud: CalendarServer, teacher: User) -> None:
    connect(teacher, CalendarKind.GOOGLE)

    spans = [json.loads(one.body) for one in cloud.asked]
    assert {tuple(sorted(span)) for span in spans} == {("items", "timeMax", "timeMin")}
    assert all(
        datetime.fromisoformat(span["timeMax"]) - datetime.fromisoformat(span["timeMin"]) <= timedelta(days=60)
        for span in spans
    )


def test_microsoft_is_asked_for_no_words(cloud: CalendarServer, teacher: User) -> None:
    connect(teacher, CalendarKind.MICROSOFT)

    (asked,) = parse_qs(urlsplit(cloud.asked[-1].path).query)["$select"]
    assert {"subject", "body", "attendees", "location"}.isdisjoint(asked.split(","))


@pytest.mark.parametrize(
    "more",
    [
        {"isCancelled": True},
        {"showAs": "free"},
        {"showAs": "workingElsewhere"},
        {"responseStatus": {"response": "declined"}},
    ],
)
def test_at_microsoft_what_is_cancelled_free_or_declined_does_not_make_busy(
    cloud: CalendarServer, teacher: User, more: dict[str, Any]
) -> None:
    say(cloud, graph_event(**more))
    connect(teacher, CalendarKind.MICROSOFT)

    assert claimed(teacher) == []


def test_at_microsoft_the_token_goes_to_no_other_host(cloud: CalendarServer, teacher: User) -> None:
    say(cloud, graph_event(), **{"@odata.nextLink": "https://elsewhere.example/next"})

    with pytest.raises(CalendarUnusable, match="leads on"):
        connect(teacher, CalendarKind.MICROSOFT)


def test_whole_days_at_microsoft_are_on_their_owners_clock(cloud: CalendarServer, teacher: User) -> None:
    teacher.timezone = "Asia/Riyadh"
    teacher.save()
    midnight = TEN.replace(hour=0)
    event = graph_event(midnight, isAllDay=True)
    event["end"]["dateTime"] = f"{midnight + timedelta(days=1):%Y-%m-%dT%H:%M:%S}.0000000"
    say(cloud, event)
    connect(teacher, CalendarKind.MICROSOFT)

    assert claimed(teacher)[0][0] == midnight - 3 * HOUR


@BOTH
def test_tokens_are_renewed_when_they_run_out(cloud: CalendarServer, teacher: User, kind: CalendarKind) -> None:
    added = connect(teacher, kind)
    cloud.answers["/token"] = json.dumps({name: GIVEN[name] for name in ("access_token", "expires_in")}).encode()

    later = NOW + 2 * HOUR
    reading.read(added.pk, now=later)

    added.refresh_from_db()
    kept = secrets_of(added)
    assert (kept["access_token"], kept["refresh_token"]) == ("access-2", "refresh-1")
    assert cloud.asked[-1].headers["authorization"] == "Bearer access-2"


@BOTH
def test_who_took_their_yes_back_is_told(cloud: CalendarServer, teacher: User, kind: CalendarKind) -> None:
    added = connect(teacher, kind)
    cloud.status = 400

    failing = reading.read(added.pk, now=NOW + 2 * HOUR)

    assert failing is not None
    assert failing.error == Trouble.SIGN_IN


@BOTH
def test_an_answer_that_is_none_is_said_to_be_none(cloud: CalendarServer, teacher: User, kind: CalendarKind) -> None:
    added = connect(teacher, kind)
    cloud.answers |= {"/freeBusy": b"<html>", "/calendarView": b"[]"}

    failing = reading.read(added.pk, now=NOW + timedelta(minutes=20))

    assert failing is not None
    assert failing.error == Trouble.NO_CALENDAR


@BOTH
def test_somebody_is_asked_there_and_comes_back(cloud: CalendarServer, teacher: User, kind: CalendarKind) -> None:
    client = Client()
    client.force_login(teacher, backend=BACKEND)
    sent = client.post(reverse("external-calendar-connect", args=[kind.value]))
    query = {name: value for name, (value,) in parse_qs(urlsplit(sent["Location"]).query).items()}
    assert query["client_id"] == f"{kind.value}-client"
    assert SECRET not in sent["Location"]

    back = client.get(
        reverse("external-calendar-connected", args=[kind.value]), {"state": query["state"], "code": "yes"}, follow=True
    )

    assert "The calendar is added" in words(back)
    asked = {name: value for name, (value,) in parse_qs(cloud.asked[0].body.decode()).items()}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert (challenge, query["code_challenge_method"]) == (query["code_challenge"], "S256")
    assert ExternalCalendar.objects.get().kind == kind


@pytest.mark.parametrize("answer", [{"state": "made-up", "code": "yes"}, {"code": "yes"}, {}])
def test_who_comes_back_with_anothers_answer_connects_nothing(
    cloud: CalendarServer, teacher: User, answer: dict[str, str]
) -> None:
    client = Client()
    client.force_login(teacher, backend=BACKEND)
    client.post(reverse("external-calendar-connect", args=["google"]))

    back = client.get(reverse("external-calendar-connected", args=["google"]), answer, follow=True)

    assert "no question of yours" in words(back)
    assert not ExternalCalendar.objects.exists()


def test_connecting_again_takes_the_new_tokens(cloud: CalendarServer, teacher: User) -> None:
    connect(teacher, CalendarKind.GOOGLE)
    again = add_connected(
        teacher=teacher, kind=CalendarKind.GOOGLE, tokens=TOKENS | {"access_token": "access-3"}, now=NOW
    )

    assert ExternalCalendar.objects.count() == 1
    assert secrets_of(again)["access_token"] == "access-3"
