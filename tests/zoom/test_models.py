from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.zoom import endpoints
from classbell.zoom.errors import ZoomUnavailable
from classbell.zoom.events import Event, RoomParticipant
from classbell.zoom.models import (
    Meeting,
    MeetingSummary,
    Occurrence,
    Participant,
    PastInstance,
    PastMeeting,
    Registered,
    Registrant,
    User,
    read,
    read_list,
)
from tests.zoom.payloads import payload


def test_meeting_is_read_whole():
    answer = payload("GET_meetings_meetingId.200")

    meeting = read(Meeting, answer, endpoints.GET_MEETING)

    assert meeting == Meeting(
        id="85240173966",
        uuid="nB4xT9q2SgKzV1uLw7HdEQ==",
        host_id="Xa91LmQeTgS0rJvU2bHwDg",
        host_email="teacher.amina@school.example",
        topic="Halaka A - Sunday",
        type=2,
        status="waiting",
        start_time=datetime(2026, 11, 29, 15, 0, tzinfo=UTC),
        duration=45,
        timezone="Africa/Cairo",
        agenda="Revision of surah 36",
        created_at=datetime(2026, 11, 21, 9, 15, 2, tzinfo=UTC),
        start_url=answer["start_url"],
        join_url=answer["join_url"],
        password="Kq7P2x",
        settings=answer["settings"],
    )


def test_series_without_start_has_its_occurrences():
    meeting = read(Meeting, payload("GET_meetings_recurring_one_cancelled.200"), endpoints.GET_MEETING)

    assert meeting.start_time is None
    assert [occurrence.status for occurrence in meeting.occurrences] == [
        "available",
        "deleted",
        "available",
        "available",
    ]
    assert meeting.occurrences[0] == Occurrence(
        occurrence_id="1795964400000",
        start_time=datetime(2026, 11, 29, 15, 0, tzinfo=UTC),
        duration=30,
        status="available",
    )
    assert meeting.recurrence == {"type": 2, "repeat_interval": 1, "weekly_days": "1,3", "end_times": 4}
    assert meeting.registration_url is not None


@pytest.mark.parametrize(
    ("model", "name", "key"),
    [
        (User, "GET_users.200", "users"),
        (MeetingSummary, "GET_users_userId_meetings.200", "meetings"),
        (Registrant, "GET_meetings_registrants.200", "registrants"),
        (Registered, "POST_meetings_batch_registrants.201", "registrants"),
        (PastInstance, "GET_past_meetings_instances.200", "meetings"),
        (Participant, "GET_past_meetings_participants.200", "participants"),
        (Participant, "GET_report_meetings_participants_include_registrant.200", "participants"),
    ],
)
def test_documented_list_is_read(model, name, key):
    answer = payload(name)

    items, next_page_token = read_list(model, answer, key, endpoints.LIST_USERS)

    assert len(items) == len(answer[key])
    assert next_page_token == answer.get("next_page_token", "")


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (User, "GET_users_me.200"),
        (User, "GET_users_me_as_s2s_owner.200"),
        (Meeting, "POST_users_userId_meetings.201"),
        (Meeting, "POST_users_userId_meetings_recurring.201"),
        (Meeting, "GET_meetings_meetingId_live.200"),
        (Registered, "POST_meetings_registrants.201"),
        (PastMeeting, "GET_past_meetings_meetingId.200"),
        (PastMeeting, "GET_report_meetings_meetingId.200"),
    ],
)
def test_documented_answer_is_read(model, name):
    answer = payload(name)

    model = read(model, answer, endpoints.GET_USER)

    assert model.model_dump(include={"id", "uuid", "type"}) == {
        key: str(value) if key == "id" else value
        for key, value in answer.items()
        if key in {"id", "uuid", "type"} & set(type(model).model_fields)
    }


def test_stay_of_a_participant_has_its_times_and_keys():
    answer = payload("GET_report_meetings_participants_include_registrant.200")

    stay = read(Participant, answer["participants"][1], endpoints.LIST_REPORT_PARTICIPANTS)

    assert stay.model_dump() == {
        "id": "",
        "user_id": "16779264",
        "participant_user_id": "",
        "name": "Student Seven",
        "email": "student07@school.example",
        "registrant_id": "pW2sK8dTQ7uYcV4hL0mZnA",
        "customer_key": "stu-000007",
        "bo_mtg_id": "",
        "join_time": datetime(2026, 11, 29, 15, 2, 3, tzinfo=UTC),
        "leave_time": datetime(2026, 11, 29, 15, 20, 33, tzinfo=UTC),
        "duration": timedelta(seconds=1110),
        "status": "in_meeting",
    }


def test_registrant_waiting_for_approval_has_no_link():
    assert read(Registered, payload("POST_meetings_registrants_pending.201"), endpoints.ADD_REGISTRANT).join_url is None


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        (Meeting, {"id": 1}),
        (Meeting, {"id": "1", "topic": None, "start_time": "", "settings": None, "occurrences": None, "password": ""}),
        (User, {"email": "pending@school.example", "type": 2}),
        (Participant, {"user_id": 16778240, "user_email": None, "leave_time": ""}),
        (Registrant, {"id": "r"}),
        (PastMeeting, {"id": 1, "new": {"nested": True}}),
    ],
)
def test_sparse_answers_and_nulls_are_read(model, answer):
    read(model, answer, endpoints.GET_USER)


def test_times_are_aware_utc():
    shifted = read(PastInstance, {"uuid": "u", "start_time": "2026-11-29T17:00:00+02:00"}, endpoints.GET_PAST_MEETING)
    bare = read(PastInstance, {"uuid": "u", "start_time": "2026-11-29T15:00:00"}, endpoints.GET_PAST_MEETING)

    assert shifted == bare
    assert bare.start_time == datetime(2026, 11, 29, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "name", "secrets"),
    [
        (Meeting, "GET_meetings_meetingId.200", ["start_url", "join_url", "password", "encrypted_password"]),
        (MeetingSummary, "POST_users_userId_meetings.201", ["join_url", "password", "encrypted_password"]),
        (Registered, "POST_meetings_registrants.201", ["join_url"]),
    ],
)
def test_what_lets_people_in_is_in_no_repr(model, name, secrets):
    answer = payload(name)

    shown = repr(read(model, answer, endpoints.GET_MEETING))

    assert [field for field in secrets if answer[field] in shown] == []


@pytest.mark.parametrize("answer", [None, [], {}, {"topic": "x"}, "<html>"])
def test_unreadable_answer_of_a_create_may_have_happened_and_is_not_shown(answer):
    with pytest.raises(ZoomUnavailable) as raised:
        read(Meeting, answer, endpoints.CREATE_MEETING)

    assert raised.value.may_have_happened
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_unreadable_secret_is_not_in_the_error():
    answer = payload("GET_meetings_meetingId.200")
    answer["recurrence"] = answer["start_url"]

    with pytest.raises(ZoomUnavailable) as raised:
        read(Meeting, answer, endpoints.GET_MEETING)

    assert str(raised.value) == (
        "Zoom cannot be reached at the moment: its answer cannot be read: recurrence (GET /meetings/{meetingId})."
    )


@pytest.mark.parametrize("answer", [None, [], {}, {"users": None}, {"users": {}}])
def test_list_without_its_items_is_unreadable(answer):
    with pytest.raises(ZoomUnavailable, match="users"):
        read_list(User, answer, "users", endpoints.LIST_USERS)


@pytest.mark.parametrize(
    "odd",
    [
        {"duration": None},
        {"duration": "soon"},
        {"name": None},
        {"name": {"first": "Ana"}},
        {"id": ["a"]},
        {"user_id": None},
        {"leave_time": "when it was dark"},
        {"leave_time": 10**30},
        {"status": False},
    ],
    ids=str,
)
def test_odd_field_of_a_participant_costs_that_field_alone(odd):
    row = {"user_id": "16778240", "name": "Ana", "join_time": "2026-11-30T09:00:00Z", "duration": 60}

    read = Participant.model_validate(row | odd)

    kept = Participant.model_validate({key: value for key, value in row.items() if key not in odd})
    shown = read.model_dump()
    assert {key: shown[key] for key in shown if key not in odd} == {
        key: value for key, value in kept.model_dump().items() if key not in odd
    }


ODD_TIMES: list[Any] = [
    "",
    None,
    "9999-12-31T23:59:59-12:00",
    "soon",
    1e300,
    -1e300,
    [],
    {},
    True,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "163-01-01",
]


@pytest.mark.parametrize("odd", ODD_TIMES, ids=repr)
@pytest.mark.parametrize("field", ["start_time", "end_time"])
def test_odd_time_of_a_past_meeting_costs_that_time_alone(field, odd):
    row = {"id": 1, "uuid": "a", "start_time": "2026-11-30T09:00:00Z", "end_time": "2026-11-30T10:00:00Z"}

    read = PastMeeting.model_validate(row | {field: odd}).model_dump()

    assert read == PastMeeting.model_validate(row).model_dump() | {field: None}
    assert PastInstance.model_validate({"uuid": "a", "start_time": odd}).start_time is None


@pytest.mark.parametrize("odd", ["many", [], {}, 1.5, None], ids=repr)
def test_odd_number_of_a_past_meeting_costs_that_number_alone(odd):
    fields = dict.fromkeys(["type", "duration", "total_minutes", "participants_count"], odd)

    assert PastMeeting.model_validate({"id": 1, "uuid": "a"} | fields).duration is None


@pytest.mark.parametrize("odd", ODD_TIMES, ids=repr)
@pytest.mark.parametrize("field", ["event_ts", "start_time", "end_time", "join_time"])
def test_odd_time_of_an_event_costs_that_time_alone(field, odd):
    about = {"id": 1, "uuid": "a", "start_time": "2026-11-30T09:00:00Z", "end_time": "2026-11-30T10:00:00Z"}
    participant = {"user_id": 1, "user_name": "Ana", "join_time": "2026-11-30T09:00:00Z"}
    body = {"event": "meeting.ended", "event_ts": 1795964523000}
    for part in (about, participant, body):
        if field in part:
            part[field] = odd

    event = Event.model_validate(body | {"payload": {"object": about | {"participant": participant}}})

    meeting, somebody = event.payload.object, event.payload.object.participant
    assert somebody is not None
    told = {
        "event_ts": event.happened_at,
        "start_time": meeting.start_time,
        "end_time": meeting.end_time,
        "join_time": somebody.join_time,
    }
    assert [name for name, moment in told.items() if moment is None] == [field]
    assert (meeting.uuid, somebody.connection, somebody.name) == ("a", "1", "Ana")


@pytest.mark.parametrize("odd", [None, [], {}, ""], ids=repr)
@pytest.mark.parametrize("field", ["user_id", "user_name", "id", "email", "registrant_id", "participant_uuid"])
def test_odd_field_of_who_came_costs_that_field_alone(field, odd):
    participant = {"user_id": 1, "user_name": "Ana", "participant_uuid": "P", "join_time": "2026-11-30T09:00:00Z"}

    read = RoomParticipant.model_validate(participant | {field: odd})

    assert read == RoomParticipant.model_validate({key: participant[key] for key in participant if key != field})


@pytest.mark.parametrize("odd", ["many", [], {}, 1.5, None, ""], ids=repr)
def test_odd_number_in_a_list_of_users_or_meetings_costs_that_number_alone(odd):
    user = User.model_validate({"id": "u", "email": "t@x.example", "type": odd})
    meeting = Meeting.model_validate(
        {"id": 1, "type": odd, "duration": odd, "occurrences": [{"occurrence_id": "2", "duration": odd}]}
    )

    assert (user.email, user.type) == ("t@x.example", 0)
    assert (meeting.id, meeting.type, meeting.duration) == ("1", 0, None)
    assert [(one.occurrence_id, one.duration) for one in meeting.occurrences] == [("2", None)]


@pytest.mark.parametrize("odd", ODD_TIMES, ids=repr)
def test_odd_time_of_a_meeting_or_a_registrant_costs_that_time_alone(odd):
    meeting = Meeting.model_validate({"id": 1, "topic": "A", "start_time": odd, "created_at": odd})
    registrant = Registrant.model_validate({"id": "r", "create_time": odd})

    assert (meeting.topic, meeting.start_time, meeting.created_at) == ("A", None, None)
    assert (registrant.id, registrant.create_time) == ("r", None)
