"""A small school for the pages: one class with its meeting, and everybody who may or may not see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from classbell.accounts.models import User
from classbell.accounts.sessions import SessionStore
from classbell.accounts.sign_ins.kept import NOTED
from classbell.groups.models import Group
from classbell.meetings.hosts.pool import set_seats
from classbell.meetings.models import Audience, Meeting, SyncStatus, ZoomAccount, ZoomHost
from classbell.meetings.recurrence import weekly_rule
from classbell.meetings.services import MeetingSpec, want_meeting
from tests.factories import make_admin, make_class, make_student, make_teacher

SignIn = Callable[[User | None], Client]


@dataclass(frozen=True, kw_only=True, slots=True)
class School:
    """`meeting` belongs to `group`, which `teacher` teaches and `member` is in; the others are strangers to it."""

    admin: User
    teacher: User
    other_teacher: User
    member: User
    stranger: User
    group: Group
    meeting: Meeting

    def person(self, name: str) -> User | None:
        """Return somebody by the name of their field; None for "visitor"."""
        person: User | None = None if name == "visitor" else getattr(self, name)
        return person


@pytest.fixture
def school(db: None) -> School:
    """A class that meets every week, from the day after tomorrow or one later, ready on Zoom."""
    teacher, member = make_teacher(), make_student()
    group = make_class(teacher=teacher, students=[member], name="Algebra")
    return School(
        admin=make_admin(),
        teacher=teacher,
        other_teacher=make_teacher(),
        member=member,
        stranger=make_student(),
        group=group,
        meeting=on_zoom(make_meeting(teacher=teacher, group=group)),
    )


@pytest.fixture
def sign_in() -> SignIn:
    """Return a function that makes a browser in which somebody is signed in; nobody for None."""

    def browser_of(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
        return client

    return browser_of


def session_of(user: User) -> str:
    """Keep that somebody has signed in and was seen: one statement, where it takes a dozen. Return the session's key."""
    key, now = token_hex(16), datetime.now(UTC)
    signed_in = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
        NOTED: [key, now.timestamp()],
    }
    session = Session.objects.create(
        session_key=key,
        session_data=SessionStore().encode(signed_in),
        expire_date=now + timedelta(days=1),
    )
    return str(session.pk)


@pytest.fixture
def host(db: None) -> ZoomHost:
    """One Zoom host with one seat, so that meetings find a place."""
    account = ZoomAccount.objects.create(account_id="an-account")
    host = ZoomHost.objects.create(account=account, zoom_user_id="host-1", email="host@zoom.example", name="Licence 1")
    set_seats(host, 1)
    return host


def make_meeting(**fields: Any) -> Meeting:
    """Want a meeting of four weekly sessions of an hour, the first in two days, or in three: never on Mondays."""
    now = datetime.now(UTC)
    starts_at = (now + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    if starts_at.weekday() == 0:  # when `make_occurrence` has the same teacher busy
        starts_at += timedelta(days=1)
    values: dict[str, Any] = {
        "title": "Algebra",
        "starts_at": starts_at,
        "duration_minutes": 60,
        "timezone": "UTC",
        "rule": weekly_rule([starts_at.weekday()], count=4),
        "audience": Audience.CLASS,
    }
    return want_meeting(MeetingSpec(**values | fields), now=now)


def make_running_meeting(**fields: Any) -> Meeting:
    """Want a single meeting of an hour that began ten minutes ago."""
    started = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
    return make_meeting(**{"starts_at": started, "rule": ""} | fields)


def on_zoom(meeting: Meeting) -> Meeting:
    """Record what a successful reconcile would have."""
    return set_known(
        meeting,
        sync_status=SyncStatus.SYNCED,
        synced_revision=meeting.revision,
        zoom_meeting_id=str(80_000_000_000 + meeting.pk.int % 1_000_000_000),
        join_url=f"https://zoom.example/j/{meeting.pk.hex}",
        password="s3cret",
    )


def failed(meeting: Meeting, *, code: str = "zoom_not_found") -> Meeting:
    """Record what a refused reconcile would have."""
    return set_known(
        meeting,
        sync_status=SyncStatus.FAILED,
        sync_error="Zoom has no such thing (POST /users/{userId}/meetings, status 404, code 1001).",
        sync_error_code=code,
        zoom_meeting_id="",
        join_url="",
    )


def set_known(meeting: Meeting, **knowledge: Any) -> Meeting:
    """Write what is known of Zoom, as only the reconciler does in the product."""
    Meeting.objects.filter(pk=meeting.pk).update(**knowledge)
    meeting.refresh_from_db()
    return meeting
