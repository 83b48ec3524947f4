"""Recordings as Zoom shows them, in answers and events."""

from collections.abc import Sequence

from zoomsim.clock import zulu
from zoomsim.protocol.wire import Json
from zoomsim.recordings.files import content
from zoomsim.simulation import Simulation
from zoomsim.state.models import RecordedFile, Recording


def show_recording(
    sim: Simulation, recording: Recording, files: Sequence[RecordedFile], *, door: str = "download"
) -> Json:
    """Return a recording with some of its files; `door` is where these are downloaded, as `webhook_download`."""
    meeting = sim.store.meetings[recording.meeting_id]
    run = sim.store.run(recording.uuid)
    shown = [show_file(sim, recording, file, door) for file in files]
    whole_minutes = (
        sum(int((take.ended_at - take.started_at).total_seconds()) for take in run.takes if take.ended_at) // 60
        if run
        else 0
    )
    return {
        "uuid": recording.uuid,
        "id": meeting.id,
        "account_id": sim.options.account_id,
        "host_id": meeting.host_id,
        "host_email": sim.store.users[meeting.host_id].email,
        "topic": meeting.topic,
        "type": meeting.type,
        "start_time": zulu(run.started_at) if run else "",
        "timezone": meeting.timezone,
        "duration": whole_minutes,
        "total_size": sum(file["file_size"] for file in shown),
        "recording_count": len(shown),
        "share_url": f"{sim.base_url}/rec/share/{recording.key}",
        "password": recording.passcode,
        "recording_play_passcode": recording.play_passcode,
        "on_prem": False,
        "auto_delete": recording.settings.get("auto_delete", False),
        "auto_delete_date": recording.settings.get("auto_delete_date", ""),
        "recording_files": shown,
        "participant_audio_files": [],
    }


def show_file(sim: Simulation, recording: Recording, file: RecordedFile, door: str = "download") -> Json:
    """Return one file."""
    shown: Json = {
        "id": file.id,
        "meeting_id": recording.uuid,
        "recording_start": zulu(file.started_at),
        "recording_end": zulu(file.ended_at),
        "file_type": file.file_type,
        "file_extension": file.extension,
        "file_size": len(content(file)),
        "play_url": f"{sim.base_url}/rec/play/{file.key}",
        "download_url": f"{sim.base_url}/rec/{door}/{file.key}",
        "status": "completed",
        "recording_type": file.recording_type,
    }
    trashed_at = file.trashed_at or recording.trashed_at
    return shown | ({"deleted_time": zulu(trashed_at)} if trashed_at else {})
