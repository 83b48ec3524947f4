"""Users without a licence hold meetings too: one at a time, forty minutes of them, and nobody finds that out in class."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from classbell.accounts.models import User
from classbell.meetings import claims
from classbell.meetings.hosts import pool
from classbell.meetings.models import FREE_MINUTES, HostSeat, Meeting, SyncStatus, ZoomAccount, ZoomHost
from classbell.meetings.sync import gateway
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.sync.status import status
from tests.api_client import ApiClient
from tests.factories import make_class, make_student, make_teacher
from tests.factories_bookings import make_tutor
from tests.factories_door import make_open_kind
from tests.factories_meetings import make_meeting, next_monday_at, spec
from tests.simulator import Simulator
from tests.zoom_setup import environment_for


@pytest.fixture(scope="module")
def basic_zoom() -> Iterator[Simulator]:
    """A simulated account in which nobody has a licence."""
    with Simulator(plan="unlimited", hosts=0, basic_hosts=2) as simulator:
        yield simulator


@pytest.fixture
def nobody_licensed(basic_zoom: Simulator, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Simulator:
    """Classbell connected to it, its hosts read."""
    basic_zoom.reset()
    monkeypatch.setattr(settings, "ENVIRONMENT", environment_for(basic_zoom))
    gateway._client.cache_clear()
    read_hosts()
    return basic_zoom


def read_hosts() -> None:
    pool.read_hosts(gateway.zoom_client(), account_id="sim-account", now=datetime.now(UTC))


def make_host(email: str, *, licensed: bool, in_pool: bool = True, seats: int = 1) -> ZoomHost:
    account, _made = ZoomAccount.objects.get_or_create(account_id="sim-account")
    kind = {"is_licensed": licensed, "is_basic": not licensed}
    host = ZoomHost.objects.create(account=account, zoom_user_id=email, email=email, in_pool=in_pool, **kind)
    for number in range(1, seats + 1):
        HostSeat.objects.create(host=host, number=number)
    return host


def planned(minutes: int, hour: int = 9) -> Meeting:
    return make_meeting(spec(make_teacher(), duration_minutes=minutes, starts_at=next_monday_at(hour)))


def host_of(meeting: Meeting) -> str:
    return meeting.seat.host.email if meeting.seat is not None else ""


def test_account_without_licences_holds_a_short_meeting(nobody_licensed: Simulator) -> None:
    meeting = planned(30)

    assert reconcile(meeting.pk, gateway.zoom_client()) == SyncStatus.SYNCED
    assert host_of(meeting).startswith("basic")
    assert meeting.ends_after_minutes is None


def test_account_without_licences_holds_a_long_meeting_and_says_when_it_ends(nobody_licensed: Simulator) -> None:
    meeting = planned(60)

    assert reconcile(meeting.pk, gateway.zoom_client()) == SyncStatus.SYNCED
    assert meeting.ends_after_minutes == FREE_MINUTES


def test_basic_host_has_one_meeting_at_a_time(nobody_licensed: Simulator) -> None:
    first, second, third = planned(30), planned(30), planned(30)

    assert {host_of(first), host_of(second)} == {"basic01@zoomsim.example", "basic02@zoomsim.example"}
    assert third.seat is None


def test_users_without_a_licence_stay_out_of_the_pool_where_others_have_one(
    zoom_hosts: list[ZoomHost], zoom, simulator
):
    zoom_user = next(zoom.iter_users(status="active"))
    ask = {"headers": {"Authorization": f"Bearer {simulator.access_token()}"}}
    body = {"action": "custCreate", "user_info": {"email": "office@school.example", "type": 1}}
    simulator.http.post("/v2/users", json=body, **ask).raise_for_status()
    body = {"action": "custCreate", "user_info": {"email": "own@school.example", "type": 1}}
    simulator.http.post("/v2/users", json=body, **ask).raise_for_status()
    make_teacher(email="t@school.example", zoom_user="Own@school.example")
    try:
        pool.read_hosts(zoom, account_id="sim-account", now=datetime.now(UTC))
    finally:
        for email in ("office@school.example", "own@school.example"):
            simulator.http.put(f"/v2/users/{email}/status", json={"action": "deactivate"}, **ask)

    assert zoom_user.type == 2
    assert not ZoomHost.objects.filter(email="office@school.example").exists()
    own = ZoomHost.objects.get(email="own@school.example")
    assert (own.is_basic, own.in_pool) == (True, False)


def test_longer_meetings_have_the_licences_first(db: None) -> None:
    make_host("a-basic@zoom.example", licensed=False)
    make_host("b-licensed@zoom.example", licensed=True)

    short, long = planned(30, 9), planned(60, 9)

    assert (host_of(short), host_of(long)) == ("a-basic@zoom.example", "b-licensed@zoom.example")


def test_meetings_wanted_together_are_held_to_their_ends_as_far_as_the_licences_reach(db: None) -> None:
    make_host("a-basic@zoom.example", licensed=False)
    make_host("b-licensed@zoom.example", licensed=True)
    meetings = [planned(30, 9), planned(60, 9)]
    for meeting in meetings:
        meeting.seat = None

    occurrences = [o for meeting in meetings for o in meeting.occurrences.all()]
    claims.release(occurrence_ids=[o.pk for o in occurrences])
    assert pool.place(meetings, occurrences) == []
    assert [host_of(meeting) for meeting in meetings] == ["a-basic@zoom.example", "b-licensed@zoom.example"]


def test_long_meeting_is_cut_short_rather_than_held_nowhere(db: None) -> None:
    make_host("a-basic@zoom.example", licensed=False)
    make_host("b-licensed@zoom.example", licensed=True)

    first, second = planned(60, 9), planned(60, 9)

    assert [m.ends_after_minutes for m in (first, second)] == [None, FREE_MINUTES]


def test_registration_takes_a_licence(db: None) -> None:
    make_host("a-basic@zoom.example", licensed=False)
    make_host("b-licensed@zoom.example", licensed=True)

    meeting = make_meeting(spec(make_teacher(), duration_minutes=30, registration=True))

    assert host_of(meeting) == "b-licensed@zoom.example"


def test_lost_licence_leaves_one_meeting_at_a_time_and_counts_what_is_cut_short(db: None) -> None:
    host = make_host("host@zoom.example", licensed=True, seats=2)
    long, short = planned(60, 9), planned(30, 9)
    ZoomHost.objects.filter(pk=host.pk).update(is_licensed=False, is_basic=True)

    later = planned(30, 9)
    stands = status(now=datetime.now(UTC))

    assert later.seat is None
    assert (stands.lost_hosts, stands.meetings_cut_short) == (0, 1)
    long.refresh_from_db()
    short.refresh_from_db()
    assert (long.ends_after_minutes, short.ends_after_minutes) == (FREE_MINUTES, None)


def test_licence_that_zoom_takes_away_is_seen_at_the_next_reading(zoom_hosts: list[ZoomHost], zoom, simulator) -> None:
    ask = {"headers": {"Authorization": f"Bearer {simulator.access_token()}"}}
    simulator.http.patch(f"/v2/users/{zoom_hosts[1].email}", json={"type": 1}, **ask).raise_for_status()
    try:
        pool.read_hosts(zoom, account_id="sim-account", now=datetime.now(UTC))
    finally:
        simulator.http.patch(f"/v2/users/{zoom_hosts[1].email}", json={"type": 2}, **ask).raise_for_status()

    host = ZoomHost.objects.get(pk=zoom_hosts[1].pk)
    assert (host.is_licensed, host.is_basic, host.in_pool) == (False, True, True)


def test_meeting_tells_by_api_when_zoom_ends_it(db: None, api: Callable[[User], ApiClient]) -> None:
    make_host("a-basic@zoom.example", licensed=False)
    meeting = planned(60)

    answer = api(meeting.teacher).get(f"/api/zoom/meetings/{meeting.pk}").json()

    assert answer["meeting"]["ends_after_minutes"] == FREE_MINUTES


def test_dry_run_of_a_circle_tells_when_zoom_would_end_it(db: None, api: Callable[[User], ApiClient]) -> None:
    make_host("a-basic@zoom.example", licensed=False)
    first = (datetime.now(UTC) + timedelta(days=2)).date()
    body = {
        "title": "Tajwid",
        "startDate": first.isoformat(),
        "endDate": (first + timedelta(days=14)).isoformat(),
        "days": ["monday"],
        "frequency": "weekly",
        "startTime": "10:00",
        "timezone": "UTC",
    }
    teacher = api(make_teacher())

    told = [
        teacher.post("/api/v1/halaka?dryRun=true", {**body, "duration": minutes}).json()["data"]["endsAfterMinutes"]
        for minutes in (60, 40)
    ]

    assert told == [FREE_MINUTES, None]


def test_meetings_page_tells_when_zoom_ends_it(db: None, client: Client) -> None:
    make_host("a-basic@zoom.example", licensed=False)
    meeting = planned(60)
    client.force_login(meeting.teacher)

    page = client.get(f"/meetings/{meeting.pk}", follow=True).content.decode()

    assert "Zoom ends each session after 40 minutes" in page


def free_times(client: Client, teacher: User, minutes: int) -> str:
    return client.get(f"/teachers/{teacher.pk}/?length={minutes}").content.decode()


@pytest.mark.parametrize(("minutes", "ends"), [(30, False), (FREE_MINUTES, False), (45, True), (60, True)])
def test_whoever_chooses_a_free_time_is_told_before(db: None, client: Client, minutes: int, ends: bool) -> None:
    teacher = make_tutor()
    make_host("free@x.example", licensed=False)

    page = free_times(client, teacher, minutes)
    slots = client.get(
        "/api/bookings/slots/available",
        {"teacher_id": str(teacher.pk), "date": f"{next_monday_at(9):%Y-%m-%d}", "duration": str(minutes)},
    ).json()

    assert ("after 40 minutes" in page) is ends
    assert slots.get("ends_after_minutes") == (FREE_MINUTES if ends else None)


def test_one_licence_among_the_hosts_is_enough(db: None, client: Client) -> None:
    teacher = make_tutor()
    make_host("free@x.example", licensed=False)
    make_host("paid@x.example", licensed=True)

    assert "after 40 minutes" not in free_times(client, teacher, 60)


def test_without_any_host_nothing_is_said_of_their_licences(db: None, client: Client) -> None:
    assert "after 40 minutes" not in free_times(client, make_tutor(), 60)


def test_warning_costs_the_same_for_any_number_of_free_times(
    db: None, client: Client, django_assert_max_num_queries: Any
) -> None:
    teacher = make_tutor()
    make_host("free@x.example", licensed=False)
    path = "/api/bookings/slots/available"
    asked = {"teacher_id": str(teacher.pk), "date": f"{next_monday_at(9):%Y-%m-%d}", "duration": "45"}
    for days in ("1", "31"):
        with django_assert_max_num_queries(8):
            assert client.get(path, asked | {"days": days}).status_code == 200


def test_kinds_with_any_teacher_and_lessons_for_weeks_are_told_too(db: None, client: Client) -> None:
    teacher, student = make_tutor(settings={"auto_confirm": True}), make_student()
    make_host("free@x.example", licensed=False)
    kind = make_open_kind(teacher, make_tutor(), minutes=[60], address="long")
    client.force_login(student)

    kinds = client.get(f"/kinds/{kind.address}/book")
    slots = client.get(f"/api/kinds/{kind.pk}/slots", {"date": f"{next_monday_at(9):%Y-%m-%d}", "days": "3"}).json()
    day = next_monday_at(9)
    typed = {"day": f"{day:%Y-%m-%d}", "time": "10:00", "minutes": "60", "weeks": "3", "every": "1", "notes": ""}
    weeks = client.post(f"/teachers/{teacher.pk}/series", typed | {"step": "preview"})

    assert "after 40 minutes" in kinds.content.decode(), kinds.status_code
    assert slots["ends_after_minutes"] == FREE_MINUTES
    assert "after 40 minutes" in weeks.content.decode(), weeks.status_code


def test_teachers_who_book_for_a_student_are_told_too(db: None, client: Client) -> None:
    teacher = make_tutor()
    make_class(teacher=teacher, students=[make_student()])
    host = make_host("free@x.example", licensed=False)
    client.force_login(teacher)

    with_basic = client.get("/bookings/new").content.decode()
    ZoomHost.objects.filter(pk=host.pk).update(is_licensed=True, is_basic=False)
    with_licence = client.get("/bookings/new").content.decode()

    assert "after 40 minutes" in with_basic
    assert "after 40 minutes" not in with_licence
