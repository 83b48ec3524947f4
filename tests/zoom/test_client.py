"""What the client does when Zoom is well: every call once, against the simulator."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from classbell.zoom.errors import ZoomInvalid, ZoomNotFound
from classbell.zoom.limits import PLANS, LocalLimiter
from classbell.zoom.models import User
from tests.simulator import Simulator

BODY = {"topic": "Algebra", "type": 2, "duration": 45, "timezone": "Africa/Cairo"}


def in_days(days, hour=9):
    """Return a time that lies ahead, as a datetime and as Zoom writes it."""
    moment = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return moment, moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def series_of(count):
    _, starts_at = in_days(3)
    return BODY | {
        "type": 8,
        "start_time": starts_at,
        "timezone": "UTC",
        "recurrence": {"type": 1, "repeat_interval": 1, "end_times": count},
    }


@pytest.fixture
def open_meeting(client, host):
    """A single meeting that people register for."""
    _, starts_at = in_days(2)
    return client.create_meeting(host, BODY | {"start_time": starts_at, "settings": {"approval_type": 0}})


def register(client, meeting, number):
    person = {"email": f"student{number}@school.example", "first_name": "Student", "last_name": str(number)}
    return client.add_registrant(meeting.id, person)


@pytest.fixture
def held(client, host, simulator):
    """A meeting that has taken place: its host and two people were there, one of them twice."""
    meeting = client.create_meeting(host, BODY | {"start_time": in_days(0, hour=23)[1]})
    simulator.start_meeting(meeting.id)
    for _ in range(2):
        stay = simulator.join(meeting.id, "Student Seven", email="student07@school.example", customer_key="stu-7")
        simulator.leave(meeting.id, stay)
    simulator.join(meeting.id, "Guest")
    simulator.end_meeting(meeting.id)
    # Reports take a while to appear.
    simulator.clock(2 * 3600)
    return meeting


class TestUsers:
    def test_user_is_found_by_id_and_by_address(self, client, host):
        user = client.get_user(host)

        assert isinstance(user, User)
        assert client.get_user(user.email) == user
        assert user.type == 2

    def test_users_are_listed(self, client, simulator):
        assert {user.id for user in client.iter_users()} >= {host["id"] for host in simulator.state()["hosts"]}

    def test_settings_say_how_many_meetings_may_run_at_once(self, client, host):
        assert client.get_user_settings(host)["feature"]["concurrent_meeting"] in {"None", "Basic", "Plus"}

    def test_zak_is_a_key(self, client, host):
        assert len(client.zak(host)) > 20
        assert len(client.zak(host, ttl_seconds=60)) > 20

    def test_unknown_user_is_not_found(self, client):
        with pytest.raises(ZoomNotFound):
            client.zak("nobody@school.example")


class TestMeetings:
    def test_meeting_is_created_read_changed_listed_and_deleted(self, client, host):
        moment, starts_at = in_days(2)

        created = client.create_meeting(host, BODY | {"start_time": starts_at, "agenda": "x" * 300})

        assert client.get_meeting(created.id).model_dump(exclude={"start_url"}) == created.model_dump(
            exclude={"start_url"}
        )
        assert (created.topic, created.host_id, created.duration) == ("Algebra", host, 45)
        assert created.start_time == moment
        client.update_meeting(created.id, {"topic": "Geometry"}, host_id=host)
        (listed,) = client.iter_meetings(host)
        assert (listed.id, listed.topic, listed.agenda) == (created.id, "Geometry", "x" * 250)
        client.delete_meeting(created.id)
        assert list(client.iter_meetings(host)) == []
        with pytest.raises(ZoomNotFound):
            client.delete_meeting(created.id)

    def test_one_occurrence_is_moved_and_one_deleted(self, client, host):
        series = client.create_meeting(host, series_of(3))
        first, second, third = series.occurrences
        moment, starts_at = in_days(4, hour=20)

        client.update_meeting(series.id, {"start_time": starts_at}, occurrence_id=second.occurrence_id, host_id=host)
        client.delete_meeting(series.id, occurrence_id=third.occurrence_id)

        shown = {o.occurrence_id: o for o in client.get_meeting(series.id).occurrences}
        assert shown[first.occurrence_id] == first
        assert shown[second.occurrence_id].start_time == moment
        assert shown[third.occurrence_id].status == "deleted"

    @pytest.mark.parametrize("act", ["update", "delete", "get"])
    def test_empty_occurrence_never_means_the_whole_series(self, act, client, host):
        series = client.create_meeting(host, series_of(2))

        with pytest.raises(ValueError, match="occurrence_id"):
            {
                "update": lambda: client.update_meeting(series.id, {}, occurrence_id=""),
                "delete": lambda: client.delete_meeting(series.id, occurrence_id=""),
                "get": lambda: client.get_meeting(series.id, occurrence_id=""),
            }[act]()

        assert len(client.get_meeting(series.id, show_previous_occurrences=True).occurrences) == 2

    def test_refused_field_is_named(self, client, host):
        with pytest.raises(ZoomInvalid) as raised:
            client.create_meeting(host, BODY | {"settings": {"approval_type": 7}})

        assert raised.value.code == 300

    def test_all_pages_are_read(self, client, host):
        with ThreadPoolExecutor(8) as pool:
            created = pool.map(
                lambda number: client.create_meeting(host, BODY | {"start_time": in_days(2)[1]}), range(301)
            )
            ids = {meeting.id for meeting in created}

        assert len(ids) == 301
        assert {meeting.id for meeting in client.iter_meetings(host)} == ids

    def test_running_meeting_is_ended_and_one_that_is_not_running_left_alone(self, client, host, simulator):
        meeting = client.create_meeting(host, BODY | {"start_time": in_days(1)[1]})
        client.end_meeting(meeting.id)
        simulator.start_meeting(meeting.id)
        assert client.get_meeting(meeting.id).status == "started"

        client.end_meeting(meeting.id)

        assert client.get_meeting(meeting.id).status == "waiting"


class TestRegistrants:
    def test_person_is_registered_and_listed(self, client, open_meeting):
        registered = register(client, open_meeting, 1)

        (listed,) = client.iter_registrants(open_meeting.id)
        assert (listed.id, listed.email) == (registered.registrant_id, "student1@school.example")
        assert registered.join_url == listed.join_url

    def test_many_are_registered_at_once(self, client, open_meeting):
        people = [{"email": f"s{n}@school.example", "first_name": "S", "last_name": str(n)} for n in range(30)]

        registered = client.add_registrants(open_meeting.id, people)

        assert [person.email for person in registered] == [person["email"] for person in people]
        assert {person.id for person in client.iter_registrants(open_meeting.id)} == {
            person.registrant_id for person in registered
        }

    def test_more_than_a_batch_is_refused_before_it_is_sent(self, client, open_meeting):
        people = [{"email": f"s{n}@school.example", "first_name": "S", "id": str(n)} for n in range(31)]

        with pytest.raises(ValueError, match="at most 30"):
            client.add_registrants(open_meeting.id, people)
        with pytest.raises(ValueError, match="at most 30"):
            client.update_registrant_status(open_meeting.id, "cancel", people)

    def test_denied_registrant_is_listed_as_such_and_deleted_one_not_at_all(self, client, open_meeting):
        one, two = register(client, open_meeting, 1), register(client, open_meeting, 2)

        client.update_registrant_status(
            open_meeting.id, "deny", [{"id": one.registrant_id, "email": "student1@school.example"}]
        )
        client.delete_registrant(open_meeting.id, two.registrant_id)

        assert [person.id for person in client.iter_registrants(open_meeting.id, status="denied")] == [
            one.registrant_id
        ]
        assert list(client.iter_registrants(open_meeting.id)) == []

    def test_meeting_without_registration_says_so(self, client, host):
        meeting = client.create_meeting(host, BODY | {"start_time": in_days(1)[1]})

        with pytest.raises(ZoomInvalid, match="Registration has not been enabled"):
            register(client, meeting, 1)


class TestPastMeetings:
    def test_run_is_found_by_uuid_and_as_the_latest_of_its_meeting(self, client, held):
        (run,) = client.past_instances(held.id)

        past = client.get_past_meeting(run.uuid)

        assert past == client.get_past_meeting(held.id)
        assert (past.id, past.uuid) == (held.id, run.uuid)
        assert past.start_time <= past.end_time

    def test_every_stay_is_listed(self, client, held):
        stays = list(client.iter_past_participants(held.id))

        assert sorted(stay.name for stay in stays if stay.name in {"Student Seven", "Guest"}) == [
            "Guest",
            "Student Seven",
            "Student Seven",
        ]
        assert len({stay.user_id for stay in stays}) == len(stays)
        assert all(stay.leave_time - stay.join_time >= timedelta() for stay in stays)

    def test_report_adds_customer_keys(self, client, held):
        stays = client.iter_report_participants(held.id)

        assert [stay.customer_key for stay in stays if stay.name == "Student Seven"] == ["stu-7", "stu-7"]
        assert client.get_report_meeting(held.id).id == held.id

    def test_runs_of_a_host_are_listed(self, client, host, held):
        today = datetime.now(UTC).date()

        runs = client.iter_report_user_meetings(host, start=today - timedelta(days=1), end=today + timedelta(days=1))

        assert held.id in {run.id for run in runs}

    def test_meeting_that_never_took_place_has_no_past(self, client, host):
        meeting = client.create_meeting(host, BODY | {"start_time": in_days(1)[1]})

        with pytest.raises(ZoomNotFound):
            client.get_past_meeting(meeting.id)

    def test_run_is_found_whatever_its_uuid_contains(self, client, host, simulator):
        """Until there was a run whose uuid needs each way of encoding that chance gives in 60 runs."""
        meeting = client.create_meeting(host, BODY | {"start_time": in_days(1)[1]})
        for _ in range(60):
            simulator.start_meeting(meeting.id)
            simulator.end_meeting(meeting.id)

        runs = client.past_instances(meeting.id)

        assert any("/" in run.uuid for run in runs)
        assert [client.get_past_meeting(run.uuid).uuid for run in runs] == [run.uuid for run in runs]


@pytest.mark.slow
class TestThreads:
    def test_threads_share_one_client_and_one_token(self, client, simulator, host):
        gate = threading.Barrier(16)

        def work(number):
            gate.wait()
            ids = [client.create_meeting(host, BODY | {"topic": f"{number}-{n}"}).id for n in range(5)]
            return [client.get_meeting(id_).topic for id_ in ids] == [f"{number}-{n}" for n in range(5)]

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(work, range(16)))

        counted = simulator.counters()["by_endpoint"]
        assert counted["POST /oauth/token"] == 1
        assert counted["POST /users/{userId}/meetings"] == 80

    def test_local_limiter_keeps_threads_below_zooms_limits(self, client_for):
        with Simulator(plan="pro", hosts=4) as simulator:
            hosts = [host["id"] for host in simulator.state()["hosts"]]
            client = client_for(
                api_url=simulator.api_url,
                oauth_url=simulator.oauth_url,
                limiter=LocalLimiter(PLANS["pro"]),
                timeout_seconds=5,
            )

            with ThreadPoolExecutor(16) as pool:
                list(pool.map(lambda number: client.create_meeting(hosts[number % 4], BODY), range(120)))

            assert simulator.counters()["throttled"] == 0
            assert len(simulator.state()["meetings"]) == 120
