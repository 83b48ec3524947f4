"""What is in the files of a recording: the same few seconds of picture and sound each time, and texts about the run."""

from datetime import datetime, timedelta
from pathlib import Path

from zoomsim.state import ids
from zoomsim.state.models import RecordedFile, Run, Stay, Take

MEDIA = Path(__file__).parent / "media"
CONTENT = {"MP4": (MEDIA / "video.mp4").read_bytes(), "M4A": (MEDIA / "audio.m4a").read_bytes()}
CONTENT_TYPES = {"MP4": "video/mp4", "M4A": "audio/mp4", "VTT": "text/vtt", "TXT": "text/plain"}
TRANSCRIPT = "TRANSCRIPT"
SPOKEN_FOR = timedelta(seconds=3)


def of_take(run: Run, take: Take) -> list[RecordedFile]:
    """Return the files of one stretch that was recorded: video, sound, transcript and chat."""
    started_at, ended_at = take.started_at, take.ended_at or run.ended_at or take.started_at
    people = [stay for stay in run.stays if stay.joined_at <= ended_at and (stay.left_at or ended_at) >= started_at]
    kinds = (
        ("MP4", "MP4", "shared_screen_with_speaker_view", ""),
        ("M4A", "M4A", "audio_only", ""),
        (TRANSCRIPT, "VTT", "audio_transcript", _transcript(people, started_at)),
        ("CHAT", "TXT", "chat_file", _chat(people, started_at)),
    )
    return [
        RecordedFile(
            id=ids.participant_uuid().lower(),
            key=ids.letters(40),
            file_type=file_type,
            extension=extension,
            recording_type=recording_type,
            started_at=started_at,
            ended_at=ended_at,
            text=text,
        )
        for file_type, extension, recording_type, text in kinds
    ]


def content(file: RecordedFile) -> bytes:
    """Return the bytes of a file."""
    return CONTENT.get(file.extension) or file.text.encode()


def _transcript(people: list[Stay], started_at: datetime) -> str:
    lines = ["WEBVTT", ""]
    for number, stay in enumerate(people):
        begin = max(stay.joined_at - started_at, SPOKEN_FOR * number)
        lines += [
            str(number + 1),
            f"{_stamp(begin)}.000 --> {_stamp(begin + SPOKEN_FOR)}.000",
            f"{stay.name}: Hello.",
            "",
        ]
    return "\n".join(lines)


def _chat(people: list[Stay], started_at: datetime) -> str:
    return "".join(
        f"{_stamp(max(stay.joined_at - started_at, timedelta()))}\t{stay.name}:\tHello.\r\n" for stay in people
    )


def _stamp(after: timedelta) -> str:
    seconds = int(after.total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
