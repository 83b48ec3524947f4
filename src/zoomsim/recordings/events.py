"""The webhooks about recordings. The meeting's id is a number in them."""

from datetime import datetime

from zoomsim.clock import zulu
from zoomsim.protocol.wire import Json
from zoomsim.recordings.files import TRANSCRIPT
from zoomsim.recordings.view import show_recording
from zoomsim.simulation import Simulation
from zoomsim.state.models import Meeting, RecordedFile, Recording, Run


def started(sim: Simulation, meeting: Meeting, run: Run) -> None:
    """Announce that recording has begun."""
    _emit(sim, "recording.started", meeting.id, {"object": _of_run(meeting, run)}, at=run.takes[-1].started_at)


def stopped(sim: Simulation, meeting: Meeting, run: Run) -> None:
    """Announce that recording has stopped."""
    at = run.takes[-1].ended_at
    if at is not None:
        _emit(sim, "recording.stopped", meeting.id, {"object": _of_run(meeting, run)}, at=at)


def completed(sim: Simulation, recording: Recording) -> None:
    """Announce the files, but for the transcript, which Zoom has later; with a token that downloads them."""
    files = [file for file in recording.files if file.file_type != TRANSCRIPT]
    _emit_files(sim, "recording.completed", recording, files)


def transcript_completed(sim: Simulation, recording: Recording) -> None:
    """Announce the transcripts."""
    files = [file for file in recording.files if file.file_type == TRANSCRIPT]
    _emit_files(sim, "recording.transcript_completed", recording, files)


def trashed(sim: Simulation, recording: Recording, file: RecordedFile | None) -> None:
    """Announce that a recording, or one file, was put into the trash."""
    _emit_change(sim, "recording.trashed", recording, file)


def deleted(sim: Simulation, recording: Recording, file: RecordedFile | None) -> None:
    """Announce that a recording, or one file, goes for good."""
    _emit_change(sim, "recording.deleted", recording, file)


def recovered(sim: Simulation, recording: Recording, file: RecordedFile | None) -> None:
    """Announce that a recording, or one file, is back."""
    _emit_change(sim, "recording.recovered", recording, file)


def _emit_files(sim: Simulation, event: str, recording: Recording, files: list[RecordedFile]) -> None:
    body = {"object": show_recording(sim, recording, files, door="webhook_download")}
    at = max(file.ended_at for file in recording.files)
    token = sim.tokens.download_token(recording.uuid)
    sim.webhooks.emit(event, body, at=at, about=str(recording.meeting_id), download_token=token)


def _emit_change(sim: Simulation, event: str, recording: Recording, file: RecordedFile | None) -> None:
    about = show_recording(sim, recording, recording.files if file is None else [file])
    operator = sim.owner
    payload: Json = {"operator": operator.email, "operator_id": operator.id, "object": about}
    if event == "recording.trashed":
        payload["trash_type"] = "meeting_recordings" if file is None else "recording_file"
    _emit(sim, event, recording.meeting_id, payload, at=sim.now())


def _emit(sim: Simulation, event: str, meeting_id: int, payload: Json, *, at: datetime) -> None:
    sim.webhooks.emit(event, payload, at=at, about=str(meeting_id))


def _of_run(meeting: Meeting, run: Run) -> Json:
    take = run.takes[-1]
    return {
        "uuid": run.uuid,
        "id": meeting.id,
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.type,
        "start_time": zulu(run.started_at),
        "timezone": meeting.timezone,
        "duration": meeting.duration,
        "recording_file": {
            "recording_start": zulu(take.started_at),
            "recording_end": zulu(take.ended_at) if take.ended_at else "",
        },
    }
