"""
The calls of Zoom's API that the simulator knows: one line each, with weight, scopes and handler.

`{name}` stands for one segment of the path.
"""

from collections.abc import Callable
from dataclasses import dataclass

from zoomsim.api.scopes import Needs, admin_needs, needs
from zoomsim.call import Call
from zoomsim.history import answers, reports
from zoomsim.history import past_meetings as past
from zoomsim.meetings import calls as meetings
from zoomsim.polls import calls as polls
from zoomsim.protocol.wire import Answer
from zoomsim.recordings import calls as recordings
from zoomsim.registrants import calls as registrants
from zoomsim.rooms import calls as rooms
from zoomsim.summaries import calls as summaries
from zoomsim.traffic.limits import Label
from zoomsim.users import account, leaving
from zoomsim.users import calls as users

Handler = Callable[[Call], Answer]
LIGHT, MEDIUM, HEAVY = Label.LIGHT, Label.MEDIUM, Label.HEAVY
MEETING, REGISTRANTS = "/meetings/{meetingId}", "/meetings/{meetingId}/registrants"
RECORDINGS = "/meetings/{meetingId}/recordings"
PAST, REPORT = "/past_meetings/{meetingId}", "/report/meetings/{meetingId}"
READ_USERS = ("user:read:admin", "user:write:admin")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call."""

    method: str
    pattern: str
    label: Label
    needs: Needs
    handler: Handler
    paid: bool = False
    """Whether free accounts are refused."""

    @property
    def name(self) -> str:
        """How counters call it."""
        return f"{self.method} {self.pattern}"


def _users(granular: str) -> Needs:
    return needs(f"user:{granular}", "user:read", "user:write")


def _read(granular: str) -> Needs:
    return needs(f"meeting:{granular}", "meeting:read")


def _write(granular: str) -> Needs:
    return needs(f"meeting:{granular}", "meeting:write")


USER_ENDPOINTS = (
    Endpoint("GET", "/users", MEDIUM, admin_needs("user:read:list_users", *READ_USERS), users.list_users),
    Endpoint("POST", "/users", LIGHT, admin_needs("user:write:user", "user:write:admin"), users.create),
    Endpoint("GET", "/users/email", LIGHT, _users("read:email"), users.check_email),
    Endpoint("GET", "/users/me/zak", LIGHT, needs("user:read:zak", "user_zak:read"), users.own_zak),
    Endpoint("GET", "/users/{userId}", LIGHT, _users("read:user"), users.get),
    Endpoint("PATCH", "/users/{userId}", LIGHT, needs("user:update:user", "user:write"), users.update),
    Endpoint("DELETE", "/users/{userId}", LIGHT, admin_needs("user:delete:user", "user:write:admin"), leaving.remove),
    Endpoint("GET", "/users/{userId}/settings", MEDIUM, _users("read:settings"), users.settings),
    Endpoint(
        "PATCH", "/users/{userId}/settings", LIGHT, needs("user:update:settings", "user:write"), users.change_settings
    ),
    Endpoint("GET", "/users/{userId}/token", LIGHT, _users("read:token"), users.token),
    Endpoint("PUT", "/users/{userId}/status", LIGHT, needs("user:update:status", "user:write"), users.set_status),
    Endpoint("GET", "/users/{userId}/assistants", MEDIUM, _users("read:list_assistants"), users.assistants),
    Endpoint(
        "POST", "/users/{userId}/assistants", MEDIUM, needs("user:write:assistant", "user:write"), users.add_assistants
    ),
    Endpoint("GET", "/users/{userId}/schedulers", MEDIUM, _users("read:list_schedulers"), users.schedulers),
)

MEETING_ENDPOINTS = (
    Endpoint("POST", "/users/{userId}/meetings", LIGHT, _write("write:meeting"), meetings.create),
    Endpoint("GET", "/users/{userId}/meetings", MEDIUM, _read("read:list_meetings"), meetings.list_of_user),
    Endpoint(
        "GET", "/users/{userId}/upcoming_meetings", MEDIUM, _read("read:list_upcoming_meetings"), meetings.upcoming
    ),
    Endpoint("GET", MEETING, LIGHT, _read("read:meeting"), meetings.get),
    Endpoint("PATCH", MEETING, LIGHT, _write("update:meeting"), meetings.update),
    Endpoint("DELETE", MEETING, LIGHT, _write("delete:meeting"), meetings.delete),
    Endpoint("PUT", f"{MEETING}/status", LIGHT, _write("update:status"), rooms.set_status),
    Endpoint("GET", f"{MEETING}/invitation", LIGHT, _read("read:invitation"), meetings.invitation),
    Endpoint(
        "PATCH",
        "/live_meetings/{meetingId}/events",
        MEDIUM,
        _write("update:in_meeting_controls"),
        rooms.control_live,
    ),
    Endpoint("POST", f"{MEETING}/invite_links", LIGHT, _write("write:invite_links"), meetings.invite_links),
    Endpoint("GET", f"{MEETING}/token", LIGHT, _read("read:token"), meetings.caption_token),
)


def _recordings(granular: str, classic: str = "recording:write") -> Needs:
    return needs(f"cloud_recording:{granular}", classic)


RECORDING_ENDPOINTS = (
    Endpoint(
        "GET",
        "/users/{userId}/recordings",
        MEDIUM,
        _recordings("read:list_user_recordings", "recording:read"),
        recordings.list_of_user,
    ),
    Endpoint(
        "GET", RECORDINGS, LIGHT, _recordings("read:list_recording_files", "recording:read"), recordings.of_meeting
    ),
    Endpoint("DELETE", RECORDINGS, LIGHT, _recordings("delete:meeting_recording"), recordings.delete_of_meeting),
    Endpoint(
        "PUT",
        f"{RECORDINGS}/status",
        LIGHT,
        _recordings("update:recover_meeting_recordings"),
        recordings.recover_of_meeting,
    ),
    Endpoint(
        "GET",
        f"{RECORDINGS}/settings",
        LIGHT,
        _recordings("read:recording_settings", "recording:read"),
        recordings.settings,
    ),
    Endpoint(
        "PATCH", f"{RECORDINGS}/settings", LIGHT, _recordings("update:recording_settings"), recordings.change_settings
    ),
    Endpoint(
        "DELETE", f"{RECORDINGS}/{{recordingId}}", LIGHT, _recordings("delete:recording_file"), recordings.delete_file
    ),
    Endpoint(
        "PUT",
        f"{RECORDINGS}/{{recordingId}}/status",
        LIGHT,
        _recordings("update:recover_single_recording"),
        recordings.recover_file,
    ),
)

REGISTRANT_ENDPOINTS = (
    Endpoint("POST", REGISTRANTS, LIGHT, _write("write:registrant"), registrants.add),
    Endpoint("GET", REGISTRANTS, MEDIUM, _read("read:list_registrants"), registrants.list_of_meeting),
    Endpoint("POST", f"{MEETING}/batch_registrants", HEAVY, _write("write:batch_registrants"), registrants.add_batch),
    Endpoint("PUT", f"{REGISTRANTS}/status", MEDIUM, _write("update:registrant_status"), registrants.set_status),
    Endpoint(
        "GET", f"{REGISTRANTS}/questions", LIGHT, _read("read:list_registration_questions"), registrants.questions
    ),
    Endpoint(
        "PATCH",
        f"{REGISTRANTS}/questions",
        LIGHT,
        _write("update:registration_question"),
        registrants.change_questions,
    ),
    Endpoint("GET", f"{REGISTRANTS}/{{registrantId}}", LIGHT, _read("read:registrant"), registrants.get),
    Endpoint("DELETE", f"{REGISTRANTS}/{{registrantId}}", LIGHT, _write("delete:registrant"), registrants.delete),
)

POLLS, POLL = "/meetings/{meetingId}/polls", "/meetings/{meetingId}/polls/{pollId}"
SUMMARY = "/meetings/{meetingId}/meeting_summary"
POLL_ENDPOINTS = (
    Endpoint("GET", POLLS, LIGHT, _read("read:list_polls"), polls.list_of_meeting, paid=True),
    Endpoint("POST", POLLS, LIGHT, _write("write:poll"), polls.create, paid=True),
    Endpoint("POST", f"{MEETING}/batch_polls", LIGHT, _write("write:batch_polls"), polls.create_many, paid=True),
    Endpoint("GET", POLL, LIGHT, _read("read:poll"), polls.get, paid=True),
    Endpoint("PUT", POLL, LIGHT, _write("update:poll"), polls.update, paid=True),
    Endpoint("DELETE", POLL, LIGHT, _write("delete:poll"), polls.delete, paid=True),
)

SUMMARY_ENDPOINTS = (
    Endpoint(
        "GET",
        "/meetings/meeting_summaries",
        MEDIUM,
        admin_needs("meeting:read:list_summaries", "meeting_summary:read:admin"),
        summaries.of_account,
        paid=True,
    ),
    Endpoint("GET", SUMMARY, LIGHT, needs("meeting:read:summary", "meeting_summary:read"), summaries.get, paid=True),
    Endpoint(
        "DELETE", SUMMARY, LIGHT, needs("meeting:delete:summary", "meeting_summary:write"), summaries.delete, paid=True
    ),
)

PAST_ENDPOINTS = (
    Endpoint("GET", PAST, LIGHT, _read("read:past_meeting"), past.get, paid=True),
    Endpoint("GET", f"{PAST}/instances", MEDIUM, _read("read:list_past_instances"), past.instances, paid=True),
    Endpoint("GET", f"{PAST}/participants", MEDIUM, _read("read:list_past_participants"), past.participants, paid=True),
    Endpoint("GET", f"{PAST}/polls", MEDIUM, _read("read:list_poll_results"), answers.past_polls, paid=True),
    Endpoint("GET", f"{PAST}/qa", MEDIUM, _read("read:past_qa"), answers.past_questions, paid=True),
    Endpoint(
        "GET", REPORT, HEAVY, admin_needs("report:read:meeting", "report:read:admin"), reports.of_meeting, paid=True
    ),
    Endpoint(
        "GET",
        f"{REPORT}/participants",
        HEAVY,
        admin_needs("report:read:list_meeting_participants", "report:read:admin"),
        reports.participants,
        paid=True,
    ),
    Endpoint(
        "GET",
        f"{REPORT}/polls",
        HEAVY,
        admin_needs("report:read:list_meeting_polls", "report:read:admin"),
        answers.reported_polls,
        paid=True,
    ),
    Endpoint(
        "GET",
        f"{REPORT}/qa",
        HEAVY,
        admin_needs("report:read:meeting_qa", "report:read:admin"),
        answers.reported_questions,
        paid=True,
    ),
    Endpoint(
        "GET",
        "/report/users/{userId}/meetings",
        HEAVY,
        admin_needs("report:read:user", "report:read:admin"),
        reports.of_user,
        paid=True,
    ),
    Endpoint(
        "GET",
        "/report/users",
        HEAVY,
        admin_needs("report:read:list_users", "report:read:admin"),
        reports.of_account,
        paid=True,
    ),
)

ACCOUNT_ENDPOINTS = (
    Endpoint("GET", "/groups", MEDIUM, admin_needs("group:read:list_groups", "group:read:admin"), account.groups),
    Endpoint("GET", "/roles", MEDIUM, admin_needs("role:read:list_roles", "role:read:admin"), account.roles),
    Endpoint(
        "GET",
        "/tracking_fields",
        MEDIUM,
        admin_needs("tracking_field:read:list_tracking_fields", "tracking_fields:read:admin"),
        account.tracking_fields,
    ),
    Endpoint(
        "GET",
        "/accounts/{accountId}/settings",
        MEDIUM,
        admin_needs("account:read:settings", "account:read:admin"),
        account.settings,
    ),
    Endpoint(
        "PATCH",
        "/accounts/{accountId}/settings",
        MEDIUM,
        admin_needs("account:update:settings", "account:write:admin"),
        account.change_settings,
    ),
    Endpoint(
        "GET",
        "/accounts/{accountId}/lock_settings",
        MEDIUM,
        admin_needs("account:read:lock_settings", "account:read:admin"),
        account.lock_settings,
    ),
    Endpoint(
        "PATCH",
        "/accounts/{accountId}/lock_settings",
        MEDIUM,
        admin_needs("account:update:lock_settings", "account:write:admin"),
        account.change_lock_settings,
    ),
    *(
        Endpoint(
            method, pattern, LIGHT, needs("webinar:read:webinar", "webinar:read", "webinar:write"), account.webinars
        )
        for method, pattern in (
            ("GET", "/users/{userId}/webinars"),
            ("POST", "/users/{userId}/webinars"),
            ("GET", "/webinars/{webinarId}"),
            ("PATCH", "/webinars/{webinarId}"),
            ("DELETE", "/webinars/{webinarId}"),
            ("GET", "/webinars/{webinarId}/registrants"),
            ("POST", "/webinars/{webinarId}/registrants"),
        )
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    USER_ENDPOINTS
    + MEETING_ENDPOINTS
    + RECORDING_ENDPOINTS
    + REGISTRANT_ENDPOINTS
    + POLL_ENDPOINTS
    + SUMMARY_ENDPOINTS
    + PAST_ENDPOINTS
    + ACCOUNT_ENDPOINTS
)

DEFAULT_SCOPES = tuple(dict.fromkeys(endpoint.needs.granular[-1] for endpoint in ENDPOINTS))
"""What the account's app may do unless told otherwise: everything, by granular scopes for administrators."""

DEFAULT_USER_SCOPES = tuple(
    dict.fromkeys(scope for endpoint in ENDPOINTS for scope in endpoint.needs.granular if not scope.endswith(":admin"))
)
"""What the app of consenting users may do unless told otherwise: everything with their own things."""
