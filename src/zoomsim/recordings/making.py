"""Recording a run to the cloud: it starts and stops, and its files are there when the run is over."""

from datetime import datetime, timedelta

from zoomsim.recordings import events, files
from zoomsim.simulation import Simulation
from zoomsim.state import ids
from zoomsim.state.models import Meeting, RecordedFile, Recording, Run, Take, UserType

TRASH_LIFE = timedelta(days=30)
PLAY_PASSCODE_LENGTH = 24


def starts_by_itself(sim: Simulation, meeting: Meeting, run: Run) -> bool:
    """Whether a run is recorded without anybody asking for it: only licensed hosts have a cloud to record to."""
    occurrence = meeting.occurrence(run.occurrence_id)
    settings = meeting.settings | ((occurrence.settings or {}) if occurrence else {})
    settings = sim.account.overrule(settings)
    return settings.get("auto_recording") == "cloud" and may_record(sim, meeting)


def may_record(sim: Simulation, meeting: Meeting) -> bool:
    """Whether the host's licence has cloud recordings."""
    return sim.store.users[meeting.host_id].type == UserType.LICENSED


def start(sim: Simulation, meeting: Meeting, run: Run, at: datetime) -> None:
    """Start to record; nothing happens where that is done already."""
    if not run.is_recorded_now:
        run.takes.append(Take(started_at=at))
        sim.store.save_run(run)
        events.started(sim, meeting, run)


def stop(sim: Simulation, meeting: Meeting, run: Run, at: datetime) -> None:
    """Stop to record; starting again makes further files."""
    if run.is_recorded_now:
        run.takes[-1].ended_at = max(at, run.takes[-1].started_at)
        sim.store.save_run(run)
        events.stopped(sim, meeting, run)


def finish(sim: Simulation, meeting: Meeting, run: Run) -> None:
    """Make the files of a run that has ended, if any of it was recorded, and announce them."""
    if run.takes:
        recording = Recording(
            uuid=run.uuid,
            meeting_id=meeting.id,
            key=ids.letters(40),
            passcode=ids.letters(8),
            play_passcode=ids.letters(PLAY_PASSCODE_LENGTH),
            files=[file for take in run.takes for file in files.of_take(run, take)],
        )
        sim.store.save_recording(recording)
        events.completed(sim, recording)
        events.transcript_completed(sim, recording)


def trash(sim: Simulation, recording: Recording, file: RecordedFile | None) -> None:
    """Put a recording, or one of its files, where it can be had back from for 30 days."""
    _of(recording, file).trashed_at = sim.now()
    sim.store.save_recording(recording)
    events.trashed(sim, recording, file)


def delete(sim: Simulation, recording: Recording, file: RecordedFile | None) -> None:
    """Delete a recording, or one of its files, for good; the recording goes with the last of its files."""
    events.deleted(sim, recording, file)
    if file is not None:
        recording.files.remove(file)
    if file is None or not recording.files:
        sim.store.remove_recording(recording)
    else:
        sim.store.save_recording(recording)


def recover(sim: Simulation, recording: Recording, file: RecordedFile | None) -> None:
    """Take a recording, or one of its files, back out of the trash."""
    _of(recording, file).trashed_at = None
    sim.store.save_recording(recording)
    events.recovered(sim, recording, file)


def empty_trash(sim: Simulation) -> None:
    """Forget what has lain in the trash for too long."""
    since = sim.now() - TRASH_LIFE
    for recording in list(sim.store.recordings.values()):
        gone = [file for file in recording.files if file.trashed_at is not None and file.trashed_at <= since]
        if recording.trashed_at is not None and recording.trashed_at <= since:
            sim.store.remove_recording(recording)
        elif gone:
            recording.files = [file for file in recording.files if file not in gone]
            sim.store.save_recording(recording)


def _of(recording: Recording, file: RecordedFile | None) -> Recording | RecordedFile:
    return recording if file is None else file
