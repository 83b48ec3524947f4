"""A calendar elsewhere takes its owner's time here: what blocks, what stays, what becomes of it when it cannot be read."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings as django_settings

from classbell.accounts.models import User
from classbell.accounts.reader import read_by
from classbell.bookings.errors import SlotUnavailable
from classbell.bookings.services import cancel_booking, confirm_booking
from classbell.bookings.slots import find_slots, starts_of
from classbell.calendars import reading
from classbell.calendars.models import BusyTime, CalendarKind, CalendarStatus, ExternalCalendar
from classbell.calendars.services import (
    MOST_CALENDARS,
    CalendarInvalid,
    CalendarUnusable,
    add_calendar,
    change_calendar,
    forget_person,
    remove_calendar,
)
from classbell.calendars.troubles import Trouble
from classbell.meetings.clashes import what_blocks
from classbell.meetings.models import Claim, ClaimKind
from classbell.notices.models import Notice
from classbell.notices.texts import Kind
from tests.calendars.entries import at, calendar, entry
from tests.calendars.servers import CalendarServer, reaching
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

TEN = a_day_ahead(7, hour=10)
HOUR = timedelta(hours=1)
NOW = TEN - timedelta(days=7)
LATER = timedelta(hours=2)


def add(server: CalendarServer, teacher: User, *entries: str, now: datetime = NOW) -> ExternalCalendar:
    server.content = calendar(*entries)
    return add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=server.url, now=now)


def read_again(one: ExternalCalendar, *, now: datetime) -> ExternalCalendar:
    again = reading.read(one.pk, now=now)
    assert again is not None
    return again


def free_hours(teacher: User) -> list[int]:
    found = find_slots(teacher_id=teacher.pk, first=TEN.date(), minutes=60, timezone="UTC", now=NOW)
    return [start.hour for start in starts_of(found)]


def claimed(teacher: User) -> list[tuple[datetime, datetime]]:
    rows = Claim.objects.filter(resource_id=teacher.pk, kind=ClaimKind.ELSEWHERE).order_by("during")
    return [(row.during.lower, row.during.upper) for row in rows]


def told(teacher: User) -> list[str]:
    return list(Notice.objects.filter(user=teacher).order_by("pk").values_list("kind", flat=True))


def test_nobody_is_offered_or_given_a_time_in_which_the_teacher_is_busy_elsewhere(
    server: CalendarServer, teacher: User
) -> None:
    assert 10 in free_hours(teacher)

    added = add(server, teacher, at(TEN, TEN + 2 * HOUR))

    assert added.status_at(NOW) is CalendarStatus.OK
    assert {10, 11}.isdisjoint(free_hours(teacher))
    assert {9, 12} <= set(free_hours(teacher))
    with pytest.raises(SlotUnavailable):
        make_booking(teacher=teacher, starts_at=TEN + HOUR, now=NOW)


def test_what_is_removed_there_is_free_here(server: CalendarServer, teacher: User) -> None:
    added = add(server, teacher, at(TEN, TEN + HOUR, uid="1"), at(TEN + 3 * HOUR, TEN + 4 * HOUR, uid="2"))
    (before,) = Claim.objects.filter(during__startswith=TEN + 3 * HOUR, kind=ClaimKind.ELSEWHERE)

    server.content = calendar(at(TEN + 3 * HOUR, TEN + 4 * HOUR, uid="2"))
    read_again(added, now=NOW + LATER)

    assert claimed(teacher) == [(TEN + 3 * HOUR, TEN + 4 * HOUR)]
    assert Claim.objects.filter(pk=before.pk).exists(), "only what differs is written"


def test_nothing_but_times_is_kept(server: CalendarServer, teacher: User) -> None:
    add(server, teacher, at(TEN, TEN + HOUR, "LOCATION:Clinic"))

    fields = {field.name for field in BusyTime._meta.get_fields()}
    assert fields == {"id", "calendar", "starts_at", "ends_at"}


def test_who_may_know_reads_why_a_time_is_taken_and_others_only_that_it_is(
    server: CalendarServer, teacher: User
) -> None:
    add(server, teacher, at(TEN, TEN + HOUR))
    (claim,) = Claim.objects.filter(kind=ClaimKind.ELSEWHERE)

    for person, words in [
        (teacher, "something in their own calendar"),
        (make_admin(), "something in their own calendar"),
        (make_teacher(), ""),
        (make_student(), ""),
    ]:
        with read_by(person):
            assert what_blocks([claim]) == {claim.pk: words}


def test_days_on_end_are_claimed_a_day_at_a_time(server: CalendarServer, teacher: User) -> None:
    add(server, teacher, at(TEN, TEN + timedelta(days=3)))

    found = claimed(teacher)
    assert len(found) == 4
    assert all(end - start <= timedelta(days=1) for start, end in found)
    assert (found[0][0], found[-1][1]) == (TEN, TEN + timedelta(days=3))
    assert free_hours(teacher) == [9]


def test_a_lesson_that_is_there_already_stays_and_its_teacher_is_told_once(
    server: CalendarServer, teacher: User
) -> None:
    booking = make_booking(teacher=teacher, starts_at=TEN, now=NOW)
    confirm_booking(booking_id=booking.pk, now=NOW)
    already = told(teacher)

    added = add(server, teacher, at(TEN, TEN + 2 * HOUR))
    server.content = calendar(at(TEN, TEN + 2 * HOUR), at(TEN + 5 * HOUR, TEN + 6 * HOUR, uid="2"))
    read_again(added, now=NOW + LATER)

    booking.refresh_from_db()
    assert booking.is_live
    assert told(teacher)[len(already) :] == [Kind.CALENDAR_OVERLAPS]
    assert claimed(teacher)[0] == (TEN + HOUR, TEN + 2 * HOUR)


def test_when_such_a_lesson_is_cancelled_its_time_is_taken_by_what_stood_there(
    server: CalendarServer, teacher: User
) -> None:
    booking = make_booking(teacher=teacher, starts_at=TEN, now=NOW)
    added = add(server, teacher, at(TEN, TEN + HOUR))
    assert claimed(teacher) == []

    cancel_booking(booking_id=booking.pk, by=teacher, now=NOW)
    read_again(added, now=NOW + LATER)

    assert claimed(teacher) == [(TEN, TEN + HOUR)]


def test_own_lessons_in_the_calendar_do_not_come_back_as_busy(server: CalendarServer, teacher: User) -> None:
    booking = make_booking(teacher=teacher, starts_at=TEN, now=NOW)
    confirmed = confirm_booking(booking_id=booking.pk, now=NOW)
    session = confirmed.session
    assert session is not None

    add(
        server,
        teacher,
        at(TEN + 2 * HOUR, TEN + 3 * HOUR, uid=f"{session.pk}@classbell"),
        at(TEN + 4 * HOUR, TEN + 5 * HOUR, uid="01890a5d-ac96-774b-bcce-b302099a8057@classbell"),
    )

    assert claimed(teacher) == [(TEN + 4 * HOUR, TEN + 5 * HOUR)], "another school's lesson is none of ours"


def test_an_unchanged_calendar_costs_one_request_and_writes_nothing(server: CalendarServer, teacher: User) -> None:
    server.headers = {"etag": '"7"'}
    added = add(server, teacher, at(TEN, TEN + HOUR))
    before = list(BusyTime.objects.values_list("pk", flat=True)), list(Claim.objects.values_list("pk", flat=True))

    again = read_again(added, now=NOW + LATER)

    assert len(server.asked) == 2
    assert server.asked[-1].headers["if-none-match"] == '"7"'
    assert again.last_read_at == NOW + LATER
    assert before == (
        list(BusyTime.objects.values_list("pk", flat=True)),
        list(Claim.objects.values_list("pk", flat=True)),
    )


def test_a_series_comes_into_view_though_its_calendar_stays_the_same(server: CalendarServer, teacher: User) -> None:
    server.headers = {"etag": '"7"'}
    daily = entry(f"DTSTART:{TEN:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", "RRULE:FREQ=DAILY")
    added = add(server, teacher, daily)
    last = claimed(teacher)[-1]

    read_again(added, now=NOW + timedelta(days=1))

    assert claimed(teacher)[-1] > last


def test_two_calendars_of_one_teacher_may_say_the_same(server: CalendarServer, teacher: User) -> None:
    add(server, teacher, at(TEN, TEN + HOUR))
    server.content = calendar(at(TEN, TEN + 2 * HOUR))
    second = add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=f"{server.url}?second", now=NOW)
    assert claimed(teacher) == [(TEN, TEN + 2 * HOUR)]

    remove_calendar(calendar_id=second.pk, now=NOW)

    assert claimed(teacher) == [(TEN, TEN + HOUR)]


def test_what_does_not_count_for_its_owner_counts_after_they_changed_it(server: CalendarServer, teacher: User) -> None:
    added = add(server, teacher, entry(f"DTSTART;VALUE=DATE:{TEN:%Y%m%d}"))
    assert free_hours(teacher) == []

    change_calendar(calendar_id=added.pk, changes={"takes_whole_days": False}, now=NOW)
    read_again(added, now=NOW)

    assert 10 in free_hours(teacher)


def test_what_was_known_holds_for_a_time_then_goes_and_the_owner_was_told_once(
    server: CalendarServer, teacher: User
) -> None:
    added = add(server, teacher, at(TEN, TEN + HOUR))
    server.status = 503

    failing = read_again(added, now=NOW + LATER)
    assert failing.status_at(NOW + LATER) is CalendarStatus.FAILING
    assert told(teacher) == [], "a hiccup is nobody's news"

    read_again(added, now=NOW + 2 * LATER)
    read_again(added, now=NOW + 3 * LATER)
    assert told(teacher) == [Kind.CALENDAR_FAILING]
    assert claimed(teacher) == [(TEN, TEN + HOUR)]

    over = NOW + LATER + timedelta(hours=django_settings.ENVIRONMENT.calendar_hold_hours)
    lapsed = read_again(added, now=over)
    assert lapsed.status_at(over) is CalendarStatus.LAPSED
    assert claimed(teacher) == []
    assert told(teacher) == [Kind.CALENDAR_FAILING]

    server.status = 200
    well = read_again(added, now=over + HOUR)
    assert (well.status_at(over + HOUR), well.error) == (CalendarStatus.OK, "")
    assert claimed(teacher) == [(TEN, TEN + HOUR)]


def test_a_calendar_that_lets_nobody_in_any_more_is_told_at_once(server: CalendarServer, teacher: User) -> None:
    added = add(server, teacher, at(TEN, TEN + HOUR))
    server.status = 401

    failing = read_again(added, now=NOW + LATER)

    assert failing.error == Trouble.SIGN_IN
    assert told(teacher) == [Kind.CALENDAR_FAILING]


@pytest.mark.parametrize(
    ("status", "content", "trouble"),
    [
        (401, b"", Trouble.SIGN_IN),
        (404, b"", Trouble.NOT_THERE),
        (200, b"<html><body>Sign in</body></html>", Trouble.PAGE),
        (200, b"%PDF-1.7", Trouble.NO_CALENDAR),
    ],
)
def test_an_address_without_a_calendar_is_refused_with_its_sentence(
    server: CalendarServer, teacher: User, status: int, content: bytes, trouble: Trouble
) -> None:
    server.status, server.content = status, content

    with pytest.raises(CalendarUnusable) as refused:
        add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=server.url, now=NOW)

    assert str(refused.value) == str(CalendarUnusable(trouble))
    assert not ExternalCalendar.objects.exists()


def test_a_calendar_without_end_is_read_no_further_than_is_wanted(server: CalendarServer, teacher: User) -> None:
    server.endless = True

    with pytest.raises(CalendarUnusable) as refused:
        add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=server.url, now=NOW)

    assert str(refused.value) == str(CalendarUnusable(Trouble.TOO_LARGE))


def test_a_calendar_that_only_does_not_answer_now_is_kept_with_its_error(server: CalendarServer, teacher: User) -> None:
    server.status = 503

    added = add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=server.url, now=NOW)

    assert (added.status_at(NOW), added.error) == (CalendarStatus.FAILING, Trouble.SERVER)


@pytest.mark.parametrize(
    "url",
    [
        "calendar",
        "ftp://calendar.example/a.ics",
        "https://127.0.0.1/a.ics",
        "https://169.254.169.254/latest/meta-data",
        "https://calendar.example:22/a.ics",
        "https://amina:secret@calendar.example/a.ics",
    ],
)
def test_addresses_that_nobody_may_ask_are_refused(teacher: User, url: str) -> None:
    with pytest.raises(CalendarInvalid) as refused:
        add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=url, now=NOW)

    assert refused.value.field == "url"


def test_where_an_address_leads_on_to_is_looked_at_as_any_other(server: CalendarServer, teacher: User) -> None:
    server.status, server.headers = 302, {"location": "http://169.254.169.254/latest/meta-data"}

    with pytest.raises(CalendarUnusable):
        add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=server.url, now=NOW)


def test_classbells_own_feed_is_no_calendar_elsewhere(
    server: CalendarServer, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"http://localhost:{server.port}"
    monkeypatch.setattr(django_settings, "ENVIRONMENT", reaching(server.port, public_url=own))

    with pytest.raises(CalendarInvalid, match="own calendar"):
        add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=f"{own}/api/calendar/secret.ics", now=NOW)


def test_a_calendar_is_added_once_and_nobody_has_any_number(server: CalendarServer, teacher: User) -> None:
    add(server, teacher)
    with pytest.raises(CalendarInvalid, match="already"):
        add(server, teacher)

    for number in range(MOST_CALENDARS - 1):
        add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=f"{server.url}?{number}", now=NOW)
    with pytest.raises(CalendarInvalid, match="Remove one"):
        add_calendar(teacher=teacher, kind=CalendarKind.ICS, url=f"{server.url}?more", now=NOW)


def test_an_address_is_stored_where_nobody_reads_it(server: CalendarServer, teacher: User) -> None:
    add(server, teacher)

    row = ExternalCalendar.objects.values().get()
    assert "private" not in str(row)


def test_calendars_are_read_when_they_are_due_and_by_one_at_a_time(server: CalendarServer, teacher: User) -> None:
    added = add(server, teacher)
    away = make_tutor()
    others = add_calendar(teacher=away, kind=CalendarKind.ICS, url=server.url, now=NOW)
    away.is_active = False
    away.save()

    assert reading.due(now=NOW, most=10) == []
    later = NOW + reading.EVERY[CalendarKind.ICS]
    assert reading.due(now=later, most=10) == [added.pk]
    assert reading.due(now=later, most=10) == []
    assert others.pk not in reading.due(now=later + reading.LEASE, most=10)


def test_who_looks_at_their_calendars_has_them_read(server: CalendarServer, teacher: User) -> None:
    added = add(server, teacher)

    assert reading.hurry(teacher.pk, now=NOW + timedelta(seconds=5)) == []
    assert reading.hurry(teacher.pk, now=NOW + timedelta(minutes=2)) == [added.pk]
    assert reading.hurry(teacher.pk, now=NOW + timedelta(minutes=2)) == []


def test_who_is_forgotten_is_no_longer_busy_elsewhere(server: CalendarServer, teacher: User) -> None:
    add(server, teacher, at(TEN, TEN + HOUR))

    forget_person(teacher.pk)

    assert not ExternalCalendar.objects.exists()
    assert claimed(teacher) == []


def test_a_calendar_that_was_removed_while_it_was_read_stays_removed(server: CalendarServer, teacher: User) -> None:
    added = add(server, teacher, at(TEN, TEN + HOUR))
    found = reading.source_of(added, now=NOW).read(reading.wanted_of(added, now=NOW), known="")

    remove_calendar(calendar_id=added.pk, now=NOW)

    assert reading.note_found(added.pk, found, now=NOW) is None
    assert claimed(teacher) == []
