"""What the API takes and answers about recordings."""

from datetime import datetime
from uuid import UUID

from classbell.wire import Output


class RecordingOut(Output):
    """
    One file that was recorded. `type` is video, audio, transcript, chat or other; `duration` are seconds, `size` bytes.
    `status` is available, deleting, trashed or deleted; `expires_at` is when the school's rule lets it go, null for never.
    """

    id: UUID
    occurrence_id: UUID | None
    type: str
    start_time: datetime
    duration: int
    size: int
    status: str
    expires_at: datetime | None
    may_download: bool


class RecordingsAnswer(Output):
    """The recordings of a meeting, the latest session first."""

    recordings: list[RecordingOut]


class RecordingAnswer(Output):
    """One recording."""

    recording: RecordingOut
