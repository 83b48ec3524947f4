"""The client: one short method for each call of Zoom's API that Classbell makes."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, Self

import httpx

from classbell.zoom import endpoints
from classbell.zoom.breaker import Breaker
from classbell.zoom.config import ZoomConfig
from classbell.zoom.endpoints import Endpoint
from classbell.zoom.errors import ZoomError, ZoomInvalid
from classbell.zoom.exchange import Exchange
from classbell.zoom.limits import Limiter, Priority
from classbell.zoom.models import (
    Meeting,
    MeetingListType,
    MeetingRecordings,
    MeetingSummary,
    NewRegistrant,
    Participant,
    PastInstance,
    PastMeeting,
    Registered,
    Registrant,
    RegistrantAction,
    RegistrantReference,
    RegistrantStatus,
    User,
    UserStatus,
    UserToken,
)
from classbell.zoom.oauth import Token, TokenStore
from classbell.zoom.sending import Sender

__all__ = ["ZoomClient", "ZoomConfig"]

# The most registrants in one batch or one change of status.
BATCH_SIZE: Final = 30
# What Zoom answers to ending a meeting that is not running.
NOT_RUNNING_CODES: Final = frozenset({3000, 3007})


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ZoomClient:
    """
    Talks to Zoom for one account. Threads may share it; every method raises ZoomError.

    Users are named by id or e-mail address; `me` is the owner of the app. Meetings are named by id; where a run of a
    meeting is meant, its uuid names that run and the id the latest one.
    """

    def __init__(
        self,
        config: ZoomConfig,
        *,
        http: httpx.Client,
        tokens: TokenStore,
        limiter: Limiter,
        breaker: Breaker,
        clock: Callable[[], datetime] = _utc_now,
        on_failure: Callable[[ZoomError], None] | None = None,
        refresh_token: Callable[[], str] | None = None,
    ) -> None:
        exchange = Exchange(config=config, http=http, breaker=breaker)
        self._sender = Sender(
            config=config,
            exchange=exchange,
            tokens=tokens,
            limiter=limiter,
            clock=clock,
            on_failure=on_failure,
            refresh_token=refresh_token,
        )

    def with_options(self, *, priority: Priority | None = None, deadline_seconds: float | None = None) -> Self:
        """
        Return a copy that shares everything and differs in these.

        All that is done through the copy must be over `deadline_seconds` from now: queueing, answers and repetitions
        together. What cannot be, fails with ZoomBusy before it is sent, or with ZoomUnavailable when Zoom is too slow.
        """
        changes: dict[str, Any] = {}
        if priority is not None:
            changes["priority"] = priority
        if deadline_seconds is not None:
            changes["deadline"] = time.monotonic() + deadline_seconds
        other = copy(self)
        other._sender = replace(self._sender, **changes)
        return other

    def as_urgent_as(self, other: "ZoomClient") -> Self:
        """Return a copy that has another's priority and must be done when it must, whichever account that talks for."""
        copied = copy(self)
        copied._sender = replace(self._sender, priority=other._sender.priority, deadline=other._sender.deadline)
        return copied

    @property
    def account_id(self) -> str:
        """Return the Zoom account this client talks for."""
        return self._sender.config.account_id

    @property
    def by_consent(self) -> bool:
        """Whether it acts in the name of one user who consented: `me` is that user, and nobody else is reached."""
        return bool(self._sender.config.own_user_id)

    def _named(self, user_id: str) -> str:
        """Return a user as Zoom wants to hear of them: whoever consented, as `me`."""
        return "me" if user_id == self._sender.config.own_user_id else user_id

    def token(self, *, renewed: bool = False) -> Token:
        """
        Return the token in use, which says what the app may do. Its `access_token` is a secret.

        `renewed` asks Zoom for a new one: scopes added to the app show only in tokens issued afterwards.
        """
        kept = self._sender.tokens.current(self.account_id) if renewed else None
        return self._sender.token(refused=kept)

    # Users. https://developers.zoom.us/docs/api/users/

    def get_user(self, user_id: str) -> User:
        """
        Return one user.

        Raises ZoomNotFound for someone who is not in the account.
        Source: GET /users/{userId}.
        """
        return self._sender.read(User, endpoints.GET_USER.at(userId=self._named(user_id)))

    def iter_users(self, *, status: UserStatus = "active") -> Iterator[User]:
        """
        Yield the account's users. Pages are fetched while iterating.

        Source: GET /users.
        """
        return self._sender.pages(User, endpoints.LIST_USERS.at(), "users", query={"status": status})

    def get_user_settings(self, user_id: str) -> dict[str, Any]:
        """
        Return a user's settings as Zoom nests them, such as `feature.concurrent_meeting`; which ones depends on the plan.

        Source: GET /users/{userId}/settings.
        """
        answer = self._sender.request(endpoints.GET_USER_SETTINGS.at(userId=self._named(user_id)))
        return answer if isinstance(answer, dict) else {}

    def zak(self, user_id: str, *, ttl_seconds: int | None = None) -> str:
        """
        Return a key that starts meetings as this user, for `ttl_seconds` (Zoom's default is two hours).

        A secret: ask for it at the moment of use and keep it nowhere.
        Source: GET /users/{userId}/token.
        """
        # Without a type Zoom answers 200 with the sentence that the default type is retired.
        query = {"type": "zak"} | ({"ttl": str(ttl_seconds)} if ttl_seconds is not None else {})
        return self._sender.read(UserToken, endpoints.GET_USER_TOKEN.at(userId=self._named(user_id)), query=query).token

    def get_account_settings(self, account_id: str = "me") -> dict[str, Any]:
        """
        Return the settings of the whole account as Zoom nests them, such as `in_meeting.waiting_room`.

        Source: GET /accounts/{accountId}/settings.
        """
        answer = self._sender.request(endpoints.GET_ACCOUNT_SETTINGS.at(accountId=account_id))
        return answer if isinstance(answer, dict) else {}

    def get_lock_settings(self, account_id: str = "me") -> dict[str, Any]:
        """
        Return which of the account's settings are locked, nested as the settings are.

        Source: GET /accounts/{accountId}/lock_settings.
        """
        answer = self._sender.request(endpoints.GET_LOCK_SETTINGS.at(accountId=account_id))
        return answer if isinstance(answer, dict) else {}

    # Meetings. https://developers.zoom.us/docs/api/meetings/

    def create_meeting(
        self, user_id: str, body: Mapping[str, Any], *, before_sending: Callable[[], None] | None = None
    ) -> Meeting:
        """
        Create a meeting hosted by this user. `before_sending` is called when its turn has come, right before it leaves.

        Never repeated: when the error's `may_have_happened` is set, look among the host's meetings before asking again.
        A start in the past becomes now, and settings locked by the account win, both without a word: read the answer.
        Counts against the host's 100 creates and updates a day.
        Source: POST /users/{userId}/meetings.
        """
        target = endpoints.CREATE_MEETING.at(userId=self._named(user_id))
        return self._sender.read(Meeting, target, body=body, host_id=user_id, before_sending=before_sending)

    def get_meeting(
        self, meeting_id: str, *, occurrence_id: str | None = None, show_previous_occurrences: bool = False
    ) -> Meeting:
        """
        Return a meeting; of a series the coming occurrences, cancelled ones among them, and on demand the past ones.

        Source: GET /meetings/{meetingId}.
        """
        query = _occurrence(occurrence_id)
        if show_previous_occurrences:
            query["show_previous_occurrences"] = "true"
        return self._sender.read(Meeting, endpoints.GET_MEETING.at(meetingId=meeting_id), query=query)

    def update_meeting(
        self,
        meeting_id: str,
        changes: Mapping[str, Any],
        *,
        occurrence_id: str | None = None,
        host_id: str | None = None,
    ) -> None:
        """
        Change a meeting, or one occurrence of a series.

        Zoom answers nothing and ignores some changes, such as a start in the past: get the meeting to see. With
        `host_id` it counts against that host's 100 creates and updates a day, as it does at Zoom.
        Source: PATCH /meetings/{meetingId}.
        """
        query = _occurrence(occurrence_id)
        self._sender.request(
            endpoints.UPDATE_MEETING.at(meetingId=meeting_id), query=query, body=changes, host_id=host_id
        )

    def delete_meeting(self, meeting_id: str, *, occurrence_id: str | None = None) -> None:
        """
        Delete a meeting, or one occurrence; without `occurrence_id` the whole series goes. Zoom mails nobody about it.

        Raises ZoomNotFound when it is gone already, which may be the work of a first attempt whose answer got lost.
        Source: DELETE /meetings/{meetingId}.
        """
        query = {"schedule_for_reminder": "false", "cancel_meeting_reminder": "false"} | _occurrence(occurrence_id)
        self._sender.request(endpoints.DELETE_MEETING.at(meetingId=meeting_id), query=query)

    def end_meeting(self, meeting_id: str) -> None:
        """
        End the running meeting for everybody; one that is not running stays as it is.

        Source: PUT /meetings/{meetingId}/status.
        """
        try:
            self._sender.request(endpoints.SET_MEETING_STATUS.at(meetingId=meeting_id), body={"action": "end"})
        except ZoomInvalid as error:
            if error.code not in NOT_RUNNING_CODES:
                raise

    def iter_meetings(self, user_id: str, *, type: MeetingListType = "scheduled") -> Iterator[MeetingSummary]:  # noqa: A002 -- Zoom's word
        """
        Yield a user's meetings; a series is one row of `scheduled`. Instant and expired ones are not listed.

        Source: GET /users/{userId}/meetings.
        """
        query = {"type": type}
        return self._sender.pages(
            MeetingSummary, endpoints.LIST_MEETINGS.at(userId=self._named(user_id)), "meetings", query=query
        )

    # Registrants: only where the meeting's approval_type is 0 or 1.

    def add_registrant(
        self, meeting_id: str, registrant: NewRegistrant | Mapping[str, Any], *, occurrence_ids: Sequence[str] = ()
    ) -> Registered:
        """
        Register one person.

        Zoom accepts three adds of an address to a meeting per day: look among the registrants before asking again.
        Source: POST /meetings/{meetingId}/registrants.
        """
        query = {"occurrence_ids": ",".join(occurrence_ids)} if occurrence_ids else {}
        return self._sender.read(
            Registered, endpoints.ADD_REGISTRANT.at(meetingId=meeting_id), query=query, body=registrant
        )

    def add_registrants(
        self, meeting_id: str, registrants: Sequence[NewRegistrant], *, auto_approve: bool = True
    ) -> list[Registered]:
        """
        Register at most 30 people at once, without Zoom mailing them. A HEAVY call, and only for single meetings.

        Raises ValueError for more than 30.
        Source: POST /meetings/{meetingId}/batch_registrants.
        """
        body = {
            "auto_approve": auto_approve,
            "registrants_confirmation_email": False,
            "registrants": _batch(registrants),
        }
        return self._sender.read_list(
            Registered, endpoints.ADD_REGISTRANTS.at(meetingId=meeting_id), "registrants", body=body
        )

    def iter_registrants(
        self, meeting_id: str, *, status: RegistrantStatus = "approved", occurrence_id: str | None = None
    ) -> Iterator[Registrant]:
        """
        Yield the registrants with this status. Cancelled ones cannot be listed.

        Source: GET /meetings/{meetingId}/registrants.
        """
        query = {"status": status} | _occurrence(occurrence_id)
        return self._sender.pages(
            Registrant, endpoints.LIST_REGISTRANTS.at(meetingId=meeting_id), "registrants", query=query
        )

    def update_registrant_status(
        self,
        meeting_id: str,
        action: RegistrantAction,
        registrants: Sequence[RegistrantReference],
        *,
        occurrence_id: str | None = None,
    ) -> None:
        """
        Approve, deny or cancel at most 30 registrants. Links of denied and cancelled ones stop working.

        Raises ValueError for more than 30.
        Source: PUT /meetings/{meetingId}/registrants/status.
        """
        body = {"action": action, "registrants": _batch(registrants)}
        query = _occurrence(occurrence_id)
        self._sender.request(endpoints.SET_REGISTRANT_STATUS.at(meetingId=meeting_id), query=query, body=body)

    def delete_registrant(self, meeting_id: str, registrant_id: str, *, occurrence_id: str | None = None) -> None:
        """
        Remove a registrant. `occurrence_id` is needed where people register for single occurrences.

        Source: DELETE /meetings/{meetingId}/registrants/{registrantId}.
        """
        query = _occurrence(occurrence_id)
        self._sender.request(
            endpoints.DELETE_REGISTRANT.at(meetingId=meeting_id, registrantId=registrant_id), query=query
        )

    # Past meetings: a paid account, at most 15 months back, nothing before the first run has ended.

    def get_past_meeting(self, meeting: str) -> PastMeeting:
        """
        Return how a run went; `meeting` is its uuid, or the meeting's id for the latest run.

        Source: GET /past_meetings/{meetingId}.
        """
        return self._sender.read(PastMeeting, endpoints.GET_PAST_MEETING.at(meetingId=meeting))

    def past_instances(self, meeting_id: str) -> list[PastInstance]:
        """
        Return all ended runs of a meeting.

        Source: GET /past_meetings/{meetingId}/instances.
        """
        return self._sender.read_list(PastInstance, endpoints.LIST_PAST_INSTANCES.at(meetingId=meeting_id), "meetings")

    def iter_past_participants(self, meeting: str) -> Iterator[Participant]:
        """
        Yield every stay of every participant of a run; someone who drops and rejoins appears once per stay.

        Lighter than the report, without customer keys. A run of one person alone may be missing.
        Source: GET /past_meetings/{meetingId}/participants.
        """
        return self._participants(endpoints.LIST_PAST_PARTICIPANTS, meeting)

    # Cloud recordings: hosts with a licence. https://developers.zoom.us/docs/api/meetings/

    def get_recordings(self, meeting: str) -> MeetingRecordings:
        """
        Return what was recorded of a run; `meeting` is its uuid, or the meeting's id for the latest run that has a
        recording.

        Raises ZoomNotFound where nothing was, or all of it is deleted or in the trash.
        Source: GET /meetings/{meetingId}/recordings.
        """
        return self._sender.read(MeetingRecordings, endpoints.GET_RECORDINGS.at(meetingId=meeting))

    def iter_recordings(self, user_id: str, *, start: date, end: date) -> Iterator[MeetingRecordings]:
        """
        Yield what was recorded of runs that a user hosted from `start` to `end` (UTC dates, both included, at most a
        month: of a longer time Zoom lists the end, without a word).

        Source: GET /users/{userId}/recordings.
        """
        query = {"from": start.isoformat(), "to": end.isoformat()}
        return self._sender.pages(
            MeetingRecordings, endpoints.LIST_RECORDINGS.at(userId=self._named(user_id)), "meetings", query=query
        )

    def delete_recording_file(self, meeting: str, file_id: str, *, for_good: bool) -> None:
        """
        Put one file of a run's recording into Zoom's trash, from where it can be had back for 30 days; or delete it for
        good.

        Raises ZoomNotFound when it is gone already.
        Source: DELETE /meetings/{meetingId}/recordings/{recordingId}.
        """
        target = endpoints.DELETE_RECORDING_FILE.at(meetingId=meeting, recordingId=file_id)
        self._sender.request(target, query={"action": "delete" if for_good else "trash"})

    def fetch_recording(self, download_url: str, *, first: int, last: int) -> tuple[bytes, int]:
        """
        Return the bytes of a recorded file from `first` to `last`, both included, as far as there are any; and how many
        bytes the whole file has. `download_url` is as Zoom told it.

        Raises ZoomNotFound when there is no such file any more, and ValueError for an address that is none of Zoom's: our
        token goes to nobody else.
        """
        return self._sender.fetch_part(download_url, first=first, last=last)

    # Reports: as past meetings, at most one year back.

    def get_report_meeting(self, meeting: str) -> PastMeeting:
        """
        Return the report of a run; `meeting` is its uuid, or the meeting's id for the latest run. A HEAVY call.

        Source: GET /report/meetings/{meetingId}.
        """
        return self._sender.read(PastMeeting, endpoints.GET_REPORT_MEETING.at(meetingId=meeting))

    def iter_report_participants(self, meeting: str) -> Iterator[Participant]:
        """
        Yield every stay of every participant of a run, with registrant ids and customer keys.

        Each page is a HEAVY call. Zoom promises no time at which the report is complete; a later answer may be better.
        Source: GET /report/meetings/{meetingId}/participants.
        """
        return self._participants(endpoints.LIST_REPORT_PARTICIPANTS, meeting)

    def iter_report_user_meetings(self, user_id: str, *, start: date, end: date) -> Iterator[PastMeeting]:
        """
        Yield the runs a user hosted from `start` to `end` (UTC dates, both included, at most a month, six months back).

        Source: GET /report/users/{userId}/meetings.
        """
        query = {"from": start.isoformat(), "to": end.isoformat(), "type": "past"}
        return self._sender.pages(
            PastMeeting, endpoints.LIST_REPORT_MEETINGS.at(userId=self._named(user_id)), "meetings", query=query
        )

    def _participants(self, endpoint: Endpoint, meeting: str) -> Iterator[Participant]:
        query = {"include_fields": "registrant_id"}
        return self._sender.pages(Participant, endpoint.at(meetingId=meeting), "participants", query=query)


def _occurrence(occurrence_id: str | None) -> dict[str, str]:
    """Return the query that narrows a call to one occurrence. An empty id would mean the whole series: ValueError."""
    if occurrence_id is None:
        return {}
    if not occurrence_id:
        raise ValueError("occurrence_id is empty")
    return {"occurrence_id": occurrence_id}


def _batch(items: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    if len(items) > BATCH_SIZE:
        raise ValueError(f"at most {BATCH_SIZE} registrants at once, not {len(items)}")
    return list(items)
