"""Zoom lets only so many people into a meeting, and nobody finds that out at the door."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classbell.accounts.models import User
from classbell.meetings.audience import Crowd, crowd_of, crowds_of, people_in
from classbell.meetings.hosts import pool
from classbell.meetings.hosts.fitting import Holds, rounds
from classbell.meetings.models import Audience, HostSeat, Meeting, Registrant, ZoomAccount, ZoomHost
from classbell.meetings.services import want_meetings
from classbell.meetings.sync.status import status
from classbell.zoom.client import ZoomClient
from tests.api_client import ApiClient
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_meetings import make_meeting, next_monday_at, spec
from tests.query_plans import plan_of_one, rows_read


def make_host(name: str, capacity: int | None, *, licensed: bool = True) -> ZoomHost:
    account, _made = ZoomAccount.objects.get_or_create(account_id="sim-account")
    host = ZoomHost.objects.create(
        account=account,
        zoom_user_id=name,
        email=f"{name}@zoom.example",
        is_licensed=licensed,
        is_basic=not licensed,
        capacity=capacity,
    )
    HostSeat.objects.create(host=host, number=1)
    return host


def planned(students: int, hour: int = 9, **fields: object) -> Meeting:
    group = make_class(students=students)
    return make_meeting(spec(group.teachers.get(), group=group, starts_at=next_monday_at(hour), **fields))


def host_of(meeting: Meeting) -> str:
    return meeting.seat.host.zoom_user_id if meeting.seat is not None else ""


def test_large_class_is_given_a_host_that_lets_all_of_it_in(db: None) -> None:
    make_host("a-small", 3)
    make_host("b-large", 10)

    meeting = planned(3)

    assert host_of(meeting) == "b-large"
    assert crowd_of(meeting) is None


def test_small_class_leaves_the_large_host_free(db: None) -> None:
    make_host("a-large", 10)
    make_host("b-small", 3)

    assert [host_of(planned(2)), host_of(planned(5))] == ["b-small", "a-large"]


def test_meetings_wanted_together_are_seated_by_their_size_whatever_their_order(db: None) -> None:
    make_host("a-small", 3)
    make_host("b-large", 10)
    groups = [make_class(students=2), make_class(students=5)]

    outcomes = want_meetings([spec(one.teachers.get(), group=one) for one in groups], now=datetime.now(UTC))

    assert [host_of(one.meeting) for one in outcomes if one.meeting] == ["a-small", "b-large"]


def test_class_in_which_nobody_is_yet_is_seated_by_its_places(db: None) -> None:
    make_host("a-small", 3)
    make_host("b-large", 10)
    group = make_class(capacity=8)

    assert host_of(make_meeting(spec(group.teachers.get(), group=group))) == "b-large"


def test_host_of_whom_nothing_is_known_may_be_large_enough(db: None) -> None:
    make_host("a-small", 3)
    make_host("b-unknown", None)

    meeting = planned(5)

    assert host_of(meeting) == "b-unknown"
    assert crowd_of(meeting) is None


def test_class_larger_than_every_host_has_the_largest_and_says_so(db: None) -> None:
    make_host("a-small", 3)
    make_host("b-large", 5)

    meeting = planned(9)

    assert host_of(meeting) == "b-large"
    assert crowd_of(meeting) == Crowd(meeting=meeting, people=10, capacity=5)


def test_better_crowded_than_nowhere(db: None) -> None:
    make_host("a-small", 3)
    make_host("b-large", 10)

    first, second = planned(5), planned(6)

    assert [host_of(first), host_of(second)] == ["b-large", "a-small"]
    assert crowd_of(second) is not None


def test_who_is_hard_to_seat_goes_first() -> None:
    small, large, basic = Holds(True, 100), Holds(True, 300), Holds(False, 100)
    needs = {"short": Holds(False, 20), "long": Holds(True, 20), "full": Holds(True, 250)}

    order = list(rounds(needs, [large, basic, small, small]))

    assert order == [
        (["full"], large),
        (["long"], small),
        (["long"], large),
        (["short"], basic),
        (["short"], small),
        (["short"], large),
        (["full"], small),
        (["full"], basic),
        (["long"], basic),
    ]


def test_all_to_whom_a_meeting_is_open_are_counted(db: None) -> None:
    teacher = make_teacher()
    for _number in range(3):
        make_student()
    make_student(is_active=False)
    assembly = make_meeting(spec(teacher, audience=Audience.STUDENTS))
    everyone = make_meeting(spec(make_teacher(), audience=Audience.EVERYONE))

    assert people_in([assembly, everyone]) == {assembly.pk: 4, everyone.pk: 6}


def test_status_counts_the_meetings_that_are_too_full_while_they_are_ahead(db: None) -> None:
    make_host("a-small", 3)
    fits, full = planned(2, 9), planned(5, 11)
    assembly = make_meeting(spec(make_teacher(), audience=Audience.STUDENTS, starts_at=next_monday_at(13)))
    Meeting.objects.filter(pk__in=[fits.pk, full.pk, assembly.pk]).update(seat=HostSeat.objects.get())

    ahead = status(now=datetime.now(UTC), crowds=True)
    over = status(now=full.starts_at + timedelta(days=1), crowds=True)
    not_asked = status(now=datetime.now(UTC))

    assert (ahead.meetings_crowded, ahead.crowded_meeting) == (2, full.pk)
    assert (over.meetings_crowded, over.crowded_meeting) == (0, None)
    assert (not_asked.meetings_crowded, not_asked.crowded_meeting) == (None, None)
    assert crowd_of(fits) is None


def test_status_counts_nobody_twice_and_nobody_who_may_not_sign_in(db: None) -> None:
    make_host("a-small", 5)
    meetings = [planned(4, hour) for hour in (9, 10, 11, 12)]
    Meeting.objects.update(seat=HostSeat.objects.get())
    both, inactive, more, teacher_too = meetings
    members = {meeting.pk: list(User.objects.filter(memberships__group=meeting.group)) for meeting in meetings}
    for meeting, person in (
        (both, members[both.pk][0]),
        (inactive, make_student(is_active=False)),
        (more, make_student()),
        (teacher_too, teacher_too.teacher),
    ):
        Registrant.objects.create(meeting=meeting, user=person, is_invited=True)

    stands = status(now=datetime.now(UTC), crowds=True)

    assert (stands.meetings_crowded, stands.crowded_meeting) == (1, more.pk)
    assert [crowd.meeting for crowd in crowds_of(meetings)] == [more]


def test_status_looks_at_no_people_where_a_room_holds_all_of_them(db: None) -> None:
    make_host("a-small", 10)
    for hour in (9, 10, 11):
        planned(6, hour)
    Meeting.objects.update(seat=HostSeat.objects.get())

    with CaptureQueriesContext(connection) as queries:
        assert status(now=datetime.now(UTC), crowds=True).meetings_crowded == 0

    assert rows_read(plan_of_one(queries, with_text="crowded"), "accounts_user") == 0


def test_zoom_says_how_many_people_a_host_lets_in(zoom_hosts: list[ZoomHost], zoom: ZoomClient) -> None:
    now = datetime.now(UTC)
    host = ZoomHost.objects.get(pk=zoom_hosts[0].pk)
    assert host.capacity is not None

    ZoomHost.objects.filter(pk=host.pk).update(capacity=None)
    pool.read_capacities(zoom, account_id="sim-account", now=now)
    assert ZoomHost.objects.get(pk=host.pk).capacity is None, "it was asked today"
    pool.read_capacities(zoom, account_id="sim-account", now=now + timedelta(days=2))
    assert ZoomHost.objects.get(pk=host.pk).capacity == host.capacity


def test_api_tells_the_host_and_nobody_else(db: None, api: Callable[[User], ApiClient]) -> None:
    make_host("a-small", 3)
    student = make_student()
    group = make_class(students=[student, *(make_student() for _number in range(4))])
    meeting = make_meeting(spec(group.teachers.get(), group=group))

    told = [
        api(reader).get(f"/api/zoom/meetings/{meeting.pk}").json()["meeting"]["too_many_people"]
        for reader in (meeting.teacher, student)
    ]

    assert told == [{"people": 6, "capacity": 3}, None]


def test_pages_tell_the_teacher_and_admins_before_the_session(db: None, client: Client) -> None:
    make_host("a-small", 3)
    meeting = planned(5)

    client.force_login(meeting.teacher)
    assert (
        "6 people may come, and Zoom lets 3 into this meeting."
        in client.get(f"/meetings/{meeting.pk}", follow=True).content.decode()
    )
    client.force_login(make_admin())
    assert "1 meeting has more people than Zoom lets in" in client.get("/", follow=True).content.decode()
