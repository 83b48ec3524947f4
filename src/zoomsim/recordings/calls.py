"""The calls about cloud recordings."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from zoomsim.call import Call
from zoomsim.lookup import find_user, meeting_number
from zoomsim.protocol.days import day_of
from zoomsim.protocol.errors import ZoomError, invalid_field
from zoomsim.protocol.validation import Reader, as_integer
from zoomsim.protocol.wire import Answer, Json
from zoomsim.recordings import making
from zoomsim.recordings.view import show_recording
from zoomsim.state.models import RecordedFile, Recording
from zoomsim.tokens import DOWNLOAD_TOKEN_LIFE

DAYS_LISTED = timedelta(days=1)
LONGEST_PERIOD = timedelta(days=31)
LONGEST_TTL_S = 604_800
TRASH_TYPES = ("meeting_recordings", "recording_file")
SHARING = ("publicly", "internally", "none")
SWITCHES = (
    "recording_authentication",
    "viewer_download",
    "on_demand",
    "send_email_to_host",
    "show_social_share_buttons",
    "auto_delete",
)


def list_of_user(call: Call) -> Answer:
    """
    List a host's recordings by the day of their start: of today and tomorrow unless other days are asked for.

    Of a period longer than a month its end is listed, as Zoom does without a word.
    """
    making.empty_trash(call.sim)
    user = find_user(call.sim, call["userId"])
    first, last = _period(call)
    trash_type = call.query.get("trash_type") or TRASH_TYPES[0]
    if trash_type not in TRASH_TYPES:
        raise invalid_field("trash_type")
    wanted = [
        (recording, files)
        for recording in _of_host(call, user.id, first, last)
        if (files := _listed(recording, trash=call.flag("trash"), single=trash_type != TRASH_TYPES[0]))
    ]
    of = f"recordings {user.id} {first} {last} {call.query.get('trash')} {trash_type} {call.query.get('meeting_id')}"
    page = call.sim.pager.page(wanted, call.query, of=of)
    shown = [show_recording(call.sim, recording, files) for recording, files in page.items]
    period = {"from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}"}
    return Answer(200, period | page.envelope | {"meetings": shown})


def of_meeting(call: Call) -> Answer:
    """Show the recording of a run, or of a meeting's latest that has one; `download_access_token` when it is asked for."""
    recording = _find(call)
    shown = show_recording(call.sim, recording, _listed(recording, trash=False, single=False))
    if "download_access_token" in call.query.get("include_fields", ""):
        life = timedelta(seconds=_ttl(call)) if "ttl" in call.query else DOWNLOAD_TOKEN_LIFE
        shown["download_access_token"] = call.sim.tokens.download_token(recording.uuid, life)
    return Answer(200, shown)


def delete_of_meeting(call: Call) -> Answer:
    """Put a recording with all its files into the trash, or delete it for good, from the trash too."""
    return _remove(call, _find(call, in_trash=True), None)


def delete_file(call: Call) -> Answer:
    """Put one file into the trash, or delete it for good."""
    recording = _find(call, in_trash=True)
    return _remove(call, recording, _file(call, recording))


def recover_of_meeting(call: Call) -> Answer:
    """Take a recording back out of the trash."""
    recording = _find(call, in_trash=True)
    return _recover(call, recording, None)


def recover_file(call: Call) -> Answer:
    """Take one file back out of the trash."""
    recording = _find(call)
    return _recover(call, recording, _file(call, recording))


def settings(call: Call) -> Answer:
    """Show who may see a recording at Zoom itself, and how."""
    recording = _find(call)
    return Answer(200, _settings(call, recording))


def change_settings(call: Call) -> Answer:
    """Change who may see a recording at Zoom itself; what is not named stays."""
    recording = _find(call)
    reader = Reader(call.body())
    changed: Json = {name: reader.boolean(name) for name in SWITCHES}
    changed["share_recording"] = reader.choice("share_recording", SHARING)
    changed["topic"] = reader.text("topic")
    passcode = reader.text("password", longest=10)
    reader.raise_errors()
    recording.settings |= {name: value for name, value in changed.items() if value is not None}
    recording.passcode = recording.passcode if passcode is None else passcode
    call.sim.store.save_recording(recording)
    return Answer(204)


def _settings(call: Call, recording: Recording) -> Json:
    defaults: Json = dict.fromkeys(SWITCHES, False)
    defaults |= {"share_recording": "publicly", "viewer_download": True, "approval_type": 2}
    defaults |= {"topic": call.sim.store.meetings[recording.meeting_id].topic, "auto_delete_date": ""}
    return defaults | recording.settings | {"password": recording.passcode}


def _remove(call: Call, recording: Recording, file: RecordedFile | None) -> Answer:
    match call.query.get("action") or "trash":
        case "trash" if (file or recording).trashed_at is None and recording.trashed_at is None:
            making.trash(call.sim, recording, file)
        case "trash":
            raise _no_recording()
        case "delete":
            making.delete(call.sim, recording, file)
        case _:
            raise invalid_field("action")
    return Answer(204)


def _recover(call: Call, recording: Recording, file: RecordedFile | None) -> Answer:
    reader = Reader(call.body())
    reader.choice("action", ("recover",), required=True)
    reader.raise_errors()
    if (file or recording).trashed_at is None:
        raise _no_recording()
    making.recover(call.sim, recording, file)
    return Answer(204)


def _find(call: Call, *, in_trash: bool = False) -> Recording:
    """Return what was recorded of the run of a uuid, or of the latest run of a number. Raises ZoomError 404/3301."""
    making.empty_trash(call.sim)
    name, store = call["meetingId"], call.sim.store
    if name.isdecimal():
        runs = [run.uuid for run in store.runs_of(meeting_number(name))]
        found = [store.recordings[uuid] for uuid in runs if uuid in store.recordings]
    else:
        found = [one for uuid in (unquote(name), name) if (one := store.recordings.get(uuid)) is not None]
    # Of a number, what is not in the trash is meant before what is.
    found.sort(key=lambda recording: recording.trashed_at is None)
    if not found or (found[-1].trashed_at is not None and not in_trash):
        raise _no_recording()
    return found[-1]


def _file(call: Call, recording: Recording) -> RecordedFile:
    for file in recording.files:
        if file.id == call["recordingId"]:
            return file
    raise _no_recording()


def _no_recording() -> ZoomError:
    return ZoomError(404, 3301, "There is no recording for this meeting.")


def _listed(recording: Recording, *, trash: bool, single: bool) -> Sequence[RecordedFile]:
    """Return the files of a recording that belong into a list: of the trash whole recordings, or single files."""
    if trash and not single:
        return recording.files if recording.trashed_at is not None else []
    if recording.trashed_at is not None:
        return []
    return [file for file in recording.files if (file.trashed_at is not None) == trash]


def _of_host(call: Call, host_id: str, first: datetime, last: datetime) -> list[Recording]:
    store = call.sim.store
    number = as_integer(call.query.get("meeting_id", ""))
    found = [
        (run.started_at, recording)
        for recording in store.recordings.values()
        if (run := store.run(recording.uuid)) is not None
        and store.meetings[recording.meeting_id].host_id == host_id
        and number in {None, recording.meeting_id}
        and first <= run.started_at < last + timedelta(days=1)
    ]
    return [recording for _start, recording in sorted(found, key=lambda row: row[0], reverse=True)]


def _period(call: Call) -> tuple[datetime, datetime]:
    today = call.sim.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = day_of(call.query, "from") or today
    last = day_of(call.query, "to") or max(first + DAYS_LISTED, today if "from" in call.query else first)
    return max(first, last - LONGEST_PERIOD), last


def _ttl(call: Call) -> int:
    seconds = as_integer(call.query["ttl"])
    if seconds is None or not 0 <= seconds <= LONGEST_TTL_S:
        raise invalid_field("ttl")
    return seconds
