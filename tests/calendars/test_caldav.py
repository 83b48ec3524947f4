"""
The round trip with Radicale, a real CalDAV server: an entry there blocks here; a session here stands there, moves, goes,
and is put right.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from classbell.accounts.models import User
from classbell.bookings.models import Booking
from classbell.bookings.services import cancel_booking, confirm_booking, reschedule_booking
from classbell.calendars import dav, reading, tasks, writing
from classbell.calendars.models import CalendarKind, CalendarStatus, ExternalCalendar, WrittenSession
from classbell.calendars.services import (
    CalendarInvalid,
    CalendarUnusable,
    SeveralCalendars,
    add_calendar,
    finish_removal,
    remove_calendar,
    write_sessions_into,
)
from classbell.calendars.sources import ask_calendar
from classbell.calendars.troubles import Trouble
from classbell.meetings.models import Occurrence
from tests.api_client import ApiClient
from tests.calendars.entries import at, calendar
from tests.calendars.radicale import NAME, PASSWORD, Radicale, running
from tests.calendars.servers import CalendarServer, reaching
from tests.calendars.test_reading import HOUR, NOW, TEN, claimed, free_hours
from tests.factories_bookings import make_booking

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def radicale_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with running(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def radicale(radicale_process: Radicale, monkeypatch: pytest.MonkeyPatch) -> Iterator[Radicale]:
    """The server, with one calendar, that the settings let Classbell ask."""
    monkeypatch.setattr(django_settings, "ENVIRONMENT", reaching(radicale_process.port))
    radicale_process.make("private")
    yield radicale_process
    radicale_process.ask("DELETE", f"{NAME}/", "")


def add(radicale: Radicale, teacher: User, *, url: str = "", now: datetime = NOW) -> ExternalCalendar:
    return add_calendar(
        teacher=teacher,
        kind=CalendarKind.CALDAV,
        url=url or radicale.collection("private"),
        login=NAME,
        password=PASSWORD,
        now=now,
    )


def writing_into(radicale: Radicale, teacher: User) -> ExternalCalendar:
    added = add(radicale, teacher)
    write_sessions_into(calendar_id=added.pk, is_wanted=True, now=NOW)
    return added


def lesson(teacher: User, *, starts_at: datetime = TEN) -> Occurrence:
    booking = confirm_booking(booking_id=make_booking(teacher=teacher, starts_at=starts_at, now=NOW).pk, now=NOW)
    assert booking.session is not None
    return booking.session


def a_turn(added: ExternalCalendar, *, now: datetime = NOW) -> None:
    """What a worker does when the calendar is due."""
    reading.read(added.pk, now=now)
    writing.keep_true(added.pk, now=now)


def test_an_entry_there_blocks_here_and_is_free_again_when_it_is_deleted(radicale: Radicale, teacher: User) -> None:
    added = add(radicale, teacher)
    assert 10 in free_hours(teacher)

    radicale.put(f"{NAME}/private/dentist.ics", calendar(at(TEN, TEN + HOUR, uid="dentist")))
    a_turn(added, now=NOW + MINUTE)
    assert claimed(teacher) == [(TEN, TEN + HOUR)]
    assert 10 not in free_hours(teacher)

    radicale.ask("DELETE", f"{NAME}/private/dentist.ics", "")
    a_turn(added, now=NOW + 2 * MINUTE)
    assert claimed(teacher) == []


def test_it_is_due_again_within_a_minute(radicale: Radicale, teacher: User) -> None:
    assert add(radicale, teacher).due_at <= NOW + MINUTE


def test_an_unchanged_calendar_costs_one_request(
    radicale: Radicale, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = add(radicale, teacher)
    asked: list[str] = []
    ask = ask_calendar

    def note(method: str, url: str, **more: Any) -> Any:
        asked.append(method)
        return ask(method, url, **more)

    monkeypatch.setattr(dav, "ask_calendar", note)

    a_turn(added, now=NOW + MINUTE)

    assert asked == ["PROPFIND"]


def test_a_session_here_stands_there_moves_and_goes(radicale: Radicale, teacher: User) -> None:
    added = writing_into(radicale, teacher)
    session = lesson(teacher)

    a_turn(added)
    assert radicale.entries("private") == [f"{session.pk}.ics"]
    said = radicale.content("private", f"{session.pk}.ics")
    assert f"UID:{session.pk}@classbell" in said
    assert f"DTSTART:{TEN:%Y%m%dT%H%M%SZ}" in said

    booking = Booking.objects.get()
    reschedule_booking(booking_id=booking.pk, by=teacher, starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR, now=NOW)
    a_turn(added)
    assert f"DTSTART:{TEN + HOUR:%Y%m%dT%H%M%SZ}" in radicale.content("private", f"{session.pk}.ics")

    cancel_booking(booking_id=booking.pk, by=teacher, now=NOW)
    a_turn(added)
    assert radicale.entries("private") == []


def test_what_was_written_does_not_come_back_as_busy(radicale: Radicale, teacher: User) -> None:
    added = writing_into(radicale, teacher)
    lesson(teacher)

    a_turn(added)
    a_turn(added, now=NOW + MINUTE)

    assert claimed(teacher) == []


@pytest.mark.parametrize("is_deleted", [False, True])
def test_what_somebody_changes_there_of_a_session_is_put_right(
    radicale: Radicale, teacher: User, is_deleted: bool
) -> None:
    added = writing_into(radicale, teacher)
    session = lesson(teacher)
    a_turn(added)
    path = f"{NAME}/private/{session.pk}.ics"

    if is_deleted:
        radicale.ask("DELETE", path, "")
    else:
        radicale.put(path, calendar(at(TEN + 4 * HOUR, TEN + 5 * HOUR, uid=f"{session.pk}@classbell")))
    a_turn(added, now=NOW + MINUTE)

    assert f"DTSTART:{TEN:%Y%m%dT%H%M%SZ}" in radicale.content("private", f"{session.pk}.ics")


def test_who_dies_between_writing_and_noting_it_leaves_no_second_entry(radicale: Radicale, teacher: User) -> None:
    added = writing_into(radicale, teacher)
    session = lesson(teacher)
    writing.keep_true(added.pk, now=NOW)
    WrittenSession.objects.all().delete()

    writing.keep_true(added.pk, now=NOW)

    assert radicale.entries("private") == [f"{session.pk}.ics"]
    assert WrittenSession.objects.count() == 1


def test_a_session_that_came_into_the_calendar_by_mail_is_that_entry(radicale: Radicale, teacher: User) -> None:
    added = writing_into(radicale, teacher)
    session = lesson(teacher)
    radicale.put(f"{NAME}/private/by-mail.ics", calendar(at(TEN, TEN + HOUR, uid=f"{session.pk}@classbell")))

    a_turn(added)

    assert radicale.entries("private") == ["by-mail.ics"]


def test_nothing_is_asked_while_nothing_is_to_be_written(
    radicale: Radicale, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = writing_into(radicale, teacher)
    lesson(teacher)
    writing.keep_true(added.pk, now=NOW)
    monkeypatch.setattr(dav, "ask_calendar", None)

    assert writing.keep_true(added.pk, now=NOW) is False


def test_sessions_are_written_into_one_calendar_and_leave_the_one_before(radicale: Radicale, teacher: User) -> None:
    first = writing_into(radicale, teacher)
    session = lesson(teacher)
    a_turn(first)
    second = add(radicale, teacher, url=radicale.make("teaching"))

    write_sessions_into(calendar_id=second.pk, is_wanted=True, now=NOW)
    for one in (first, second):
        a_turn(one)

    assert radicale.entries("private") == []
    assert radicale.entries("teaching") == [f"{session.pk}.ics"]


def test_a_removed_calendar_is_left_without_sessions(radicale: Radicale, teacher: User) -> None:
    added = writing_into(radicale, teacher)
    lesson(teacher)
    a_turn(added)

    remove_calendar(calendar_id=added.pk, now=NOW)
    assert not ExternalCalendar.objects.present().exists()
    tasks.read(calendar_id=str(added.pk))

    assert radicale.entries("private") == []
    assert not ExternalCalendar.objects.exists()


def test_a_removed_calendar_that_nobody_reaches_is_forgotten_after_a_day(radicale: Radicale, teacher: User) -> None:
    added = writing_into(radicale, teacher)
    lesson(teacher)
    a_turn(added)
    remove_calendar(calendar_id=added.pk, now=NOW)

    finish_removal(calendar_id=added.pk, now=NOW + HOUR)
    assert ExternalCalendar.objects.exists()
    finish_removal(calendar_id=added.pk, now=NOW + timedelta(days=2))
    assert not ExternalCalendar.objects.exists()


def test_only_what_is_read_by_caldav_can_be_written_into(server: CalendarServer, teacher: User) -> None:
    server.content = calendar()
    added = add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=server.url, now=NOW)

    with pytest.raises(CalendarInvalid, match="CalDAV"):
        write_sessions_into(calendar_id=added.pk, is_wanted=True, now=NOW)


def test_the_only_calendar_of_whoever_signs_in_is_found_by_the_servers_address(
    radicale: Radicale, teacher: User
) -> None:
    radicale.make("tasks", kinds="VTODO")

    added = add(radicale, teacher, url=radicale.url)

    assert added.status_at(NOW) is CalendarStatus.OK


def test_of_several_calendars_one_is_chosen(radicale: Radicale, teacher: User) -> None:
    radicale.make("teaching", title="Teaching")

    with pytest.raises(SeveralCalendars) as refused:
        add(radicale, teacher, url=radicale.url)

    assert {one["name"] for one in refused.value.details} == {"Private", "Teaching"}
    chosen = next(one["url"] for one in refused.value.details if one["name"] == "Teaching")
    assert add(radicale, teacher, url=chosen).status_at(NOW) is CalendarStatus.OK


def test_a_wrong_password_is_said_to_be_one(radicale: Radicale, teacher: User) -> None:
    with pytest.raises(CalendarUnusable) as refused:
        add_calendar(
            teacher=teacher,
            kind=CalendarKind.CALDAV,
            url=radicale.collection("private"),
            login=NAME,
            password="guessed",
            now=NOW,
        )

    assert refused.value.field == "password"


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b"<html>Sign in</html>"),
        (405, b""),
        (207, b"<html>"),
        (207, b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><multistatus xmlns="DAV:"/>'),
        (207, b'<multistatus xmlns="DAV:"/>'),
    ],
)
def test_where_no_calendar_is_by_caldav_it_is_said(
    server: CalendarServer, teacher: User, status: int, content: bytes
) -> None:
    server.status, server.content = status, content

    with pytest.raises(CalendarUnusable) as refused:
        add_calendar(teacher=teacher, kind=CalendarKind.CALDAV, url=server.url, now=NOW)

    assert str(refused.value) == str(CalendarUnusable(Trouble.NO_COLLECTION))


def test_entries_that_lie_elsewhere_are_anothers(server: CalendarServer) -> None:
    said = calendar(at(TEN, TEN + HOUR)).decode()
    server.status = 207
    server.content = (
        '<multistatus xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
        f"<response><href>/somebody-else/1.ics</href><propstat><prop><c:calendar-data>{said}</c:calendar-data></prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"
    ).encode()

    nobody = dav.Login(name="", password="")
    assert dav.read_entries(server.url, nobody, starts_at=NOW, ends_at=TEN) == []


def test_by_api_one_chooses_where_sessions_are_written(
    radicale: Radicale, teacher: User, api: Callable[..., ApiClient]
) -> None:
    client = api(teacher)
    body: dict[str, Any] = {"type": "caldav", "url": radicale.url, "user": NAME, "password": PASSWORD}
    added = client.post("/api/calendars/external", body).json()

    changed = client.patch(f"/api/calendars/external/{added['id']}", {"writes_sessions": True}).json()

    assert (added["writes_sessions"], changed["writes_sessions"]) == (False, True)
    assert PASSWORD not in str(changed)
