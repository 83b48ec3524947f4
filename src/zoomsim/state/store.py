"""
Everything the simulator knows, with the indexes that keep every call short.

Whoever changes an entity tells the store with `save_…`, which keeps the indexes right, writes the journal and announces
the change.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from zoomsim.state import ids
from zoomsim.state.changes import Changes
from zoomsim.state.journal import Journal
from zoomsim.state.models import Grant, Meeting, RecordedFile, Recording, Registrant, Run, Summary, User, UserStatus


class Shelf:
    """The meetings of one host in the order of their starts; those without a time come first."""

    def __init__(self) -> None:
        self._keys: list[tuple[float, int]] = []
        self._ids: list[int] = []
        self._key_of: dict[int, tuple[float, int]] = {}

    def put(self, meeting: Meeting) -> None:
        """Add a meeting, or move it to where its start belongs."""
        key = (meeting.start.timestamp() if meeting.start else 0.0, meeting.id)
        if self._key_of.get(meeting.id) != key:
            self.remove(meeting.id)
            place = bisect_left(self._keys, key)
            self._keys.insert(place, key)
            self._ids.insert(place, meeting.id)
            self._key_of[meeting.id] = key

    def remove(self, meeting_id: int) -> None:
        """Take a meeting off; nothing happens when it is not there."""
        key = self._key_of.pop(meeting_id, None)
        if key is not None:
            place = bisect_left(self._keys, key)
            del self._keys[place], self._ids[place]

    def split(self, start: datetime) -> tuple[Sequence[int], Sequence[int]]:
        """Return the meetings without a time or before this one, and those from it on, to be read before any changes."""
        first = bisect_left(self._keys, (start.timestamp(), 0))
        return (self._ids[:first], self._ids[first:]) if first else ((), self._ids)

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._keys)


class Store:
    """Users, meetings, registrants, runs and recordings, found by whatever Zoom finds them by."""

    def __init__(self, journal: Journal, changes: Changes) -> None:
        self.journal = journal
        self.changes = changes
        self.users: dict[str, User] = {}
        self.grants: dict[str, Grant] = {}
        self.meetings: dict[int, Meeting] = {}
        self.registrants: dict[int, dict[str, Registrant]] = {}
        self.runs: dict[int, list[Run]] = {}
        self.running: dict[int, Run] = {}
        self.recordings: dict[str, Recording] = {}
        self.summaries: dict[str, Summary] = {}
        self.by_host: defaultdict[str, Shelf] = defaultdict(Shelf)
        self.written_in_list: dict[int, bytes] = {}
        """What lists say of meetings that have not changed since."""
        self._user_by_email: dict[str, User] = {}
        self._run_by_uuid: dict[str, Run] = {}
        self._recording_by_file: dict[str, Recording] = {}
        self._registrant_by_email: dict[tuple[int, str], Registrant] = {}
        self._registrant_by_token: dict[str, Registrant] = {}

    def user(self, id_or_email: str) -> User | None:
        """Return a user by id or e-mail; None for one who was deleted."""
        found = self.users.get(id_or_email) or self._user_by_email.get(id_or_email.lower())
        return None if found is None or found.status is UserStatus.GONE else found

    @property
    def present_users(self) -> list[User]:
        """All users but those who were deleted."""
        return [user for user in self.users.values() if user.status is not UserStatus.GONE]

    def run(self, uuid: str) -> Run | None:
        """Return one run by its uuid."""
        return self._run_by_uuid.get(uuid)

    def registrants_of(self, meeting_id: int) -> dict[str, Registrant]:
        """Return the registrants of a meeting by id, in the order of their registration."""
        return self.registrants.get(meeting_id, {})

    def registrant_by_email(self, meeting_id: int, email: str) -> Registrant | None:
        """Return the registrant who gave this e-mail."""
        return self._registrant_by_email.get((meeting_id, email.lower()))

    def registrant_by_token(self, token: str) -> Registrant | None:
        """Return the registrant whose personal link carries this `tk`."""
        return self._registrant_by_token.get(token)

    def runs_of(self, meeting_id: int) -> list[Run]:
        """Return the runs of a meeting, oldest first."""
        return self.runs.get(meeting_id, [])

    def recorded_file(self, key: str) -> tuple[Recording, RecordedFile] | None:
        """Return the file whose addresses carry this key, and the recording that it is of."""
        recording = self._recording_by_file.get(key)
        file = next((file for file in recording.files if file.key == key), None) if recording else None
        return (recording, file) if recording and file else None

    def new_meeting_id(self) -> int:
        """Return a number that no meeting has or had."""
        while (number := ids.meeting_id()) in self.meetings:
            pass
        return number

    def save_user(self, user: User) -> None:
        """Keep a new or changed user."""
        self.users[user.id] = user
        self._user_by_email[user.email.lower()] = user
        self.journal.write("user", user.id, user)
        self.changes.announce("user", user_id=user.id)

    def save_grant(self, grant: Grant) -> None:
        """Keep a new or changed consent."""
        self.grants[grant.user_id] = grant
        self.journal.write("grant", grant.user_id, grant)
        self.changes.announce("user", user_id=grant.user_id)

    def remove_grant(self, grant: Grant) -> None:
        """Forget a consent."""
        self.grants.pop(grant.user_id, None)
        self.journal.erase("grant", grant.user_id)
        self.changes.announce("user", user_id=grant.user_id)

    def save_meeting(self, meeting: Meeting, *, former_host: str = "") -> None:
        """Keep a new or changed meeting; `former_host` is who had it before it moved."""
        self._index_meeting(meeting, former_host)
        self.journal.write("meeting", str(meeting.id), meeting)
        self.changes.announce("meeting", meeting_id=meeting.id)

    def save_registrant(self, registrant: Registrant) -> None:
        """Keep a new or changed registrant."""
        self._index_registrant(registrant)
        self.journal.write("registrant", registrant.id, registrant)
        self.changes.announce("meeting", meeting_id=registrant.meeting_id)

    def remove_registrant(self, registrant: Registrant) -> None:
        """Forget a registrant."""
        self.registrants_of(registrant.meeting_id).pop(registrant.id, None)
        self._registrant_by_email.pop((registrant.meeting_id, registrant.email.lower()), None)
        self._registrant_by_token.pop(registrant.token, None)
        self.journal.erase("registrant", registrant.id)
        self.changes.announce("meeting", meeting_id=registrant.meeting_id)

    def save_run(self, run: Run) -> None:
        """Keep a new or changed run with who was in it."""
        self._index_run(run)
        self.journal.write("run", run.uuid, run)
        self.changes.announce("room", meeting_id=run.meeting_id)

    def save_recording(self, recording: Recording) -> None:
        """Keep a new or changed recording."""
        self._index_recording(recording)
        self.journal.write("recording", recording.uuid, recording)
        self.changes.announce("meeting", meeting_id=recording.meeting_id)

    def remove_recording(self, recording: Recording) -> None:
        """Forget a recording."""
        del self.recordings[recording.uuid]
        for file in recording.files:
            self._recording_by_file.pop(file.key, None)
        self.journal.erase("recording", recording.uuid)
        self.changes.announce("meeting", meeting_id=recording.meeting_id)

    def save_summary(self, summary: Summary) -> None:
        """Keep a new or changed summary."""
        self.summaries[summary.uuid] = summary
        self.journal.write("summary", summary.uuid, summary)
        self.changes.announce("meeting", meeting_id=summary.meeting_id)

    def remove_summary(self, summary: Summary) -> None:
        """Forget a summary."""
        self.summaries.pop(summary.uuid, None)
        self.journal.erase("summary", summary.uuid)
        self.changes.announce("meeting", meeting_id=summary.meeting_id)

    def forget(self) -> None:
        """Empty the store and its journal."""
        for kept in (
            self.users,
            self.grants,
            self.meetings,
            self.registrants,
            self.runs,
            self.running,
            self.recordings,
            self.summaries,
            self.by_host,
            self.written_in_list,
            self._user_by_email,
            self._run_by_uuid,
            self._recording_by_file,
            self._registrant_by_email,
            self._registrant_by_token,
        ):
            kept.clear()
        self.journal.clear()

    def load(self) -> None:
        """Read back what the journal holds."""
        for entity in self.journal.read():
            match entity:
                case User():
                    self.users[entity.id] = entity
                    self._user_by_email[entity.email.lower()] = entity
                case Grant():
                    self.grants[entity.user_id] = entity
                case Meeting():
                    self._index_meeting(entity)
                case Registrant():
                    self._index_registrant(entity)
                case Run():
                    self._index_run(entity)
                case Recording():
                    self._index_recording(entity)
                case Summary():
                    self.summaries[entity.uuid] = entity

    def _index_meeting(self, meeting: Meeting, former_host: str = "") -> None:
        self.meetings[meeting.id] = meeting
        self.written_in_list.pop(meeting.id, None)
        if former_host and former_host != meeting.host_id:
            self.by_host[former_host].remove(meeting.id)
        if meeting.deleted_at is None:
            self.by_host[meeting.host_id].put(meeting)
        else:
            self.by_host[meeting.host_id].remove(meeting.id)

    def _index_registrant(self, registrant: Registrant) -> None:
        self.registrants.setdefault(registrant.meeting_id, {})[registrant.id] = registrant
        self._registrant_by_email[registrant.meeting_id, registrant.email.lower()] = registrant
        self._registrant_by_token[registrant.token] = registrant

    def _index_recording(self, recording: Recording) -> None:
        self.recordings[recording.uuid] = recording
        self._recording_by_file |= dict.fromkeys((file.key for file in recording.files), recording)

    def _index_run(self, run: Run) -> None:
        if run.uuid not in self._run_by_uuid:
            self.runs.setdefault(run.meeting_id, []).append(run)
        self._run_by_uuid[run.uuid] = run
        if run.ended_at is None:
            self.running[run.meeting_id] = run
        elif self.running.get(run.meeting_id) is run:
            del self.running[run.meeting_id]
