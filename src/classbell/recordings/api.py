"""Recordings: `/api/recordings`, and those of a meeting at `/api/zoom/meetings/{id}/recordings`."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from ninja import Router

from classbell.accounts.acting import guardian_of
from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, signed_in
from classbell.accounts.schemas import Done
from classbell.meetings.api.answers import find_recorded_meeting
from classbell.recordings.deleting import ask_deletion
from classbell.recordings.permissions import deletes_recording, find_recording
from classbell.recordings.queries import Seen, seen, seen_of_meeting
from classbell.recordings.schemas import RecordingAnswer, RecordingOut, RecordingsAnswer
from classbell.recordings.watching import open_recording

router = Router(tags=["Recordings"])
of_meetings = Router(tags=["Recordings"])
AS_FILE: Final[dict[str, Any]] = {"responses": {302: {"description": "The address of the file, good for three hours."}}}


@of_meetings.get("/meetings/{meeting_id}/recordings", response=RecordingsAnswer)
@allowed(signed_in, for_wards=True)
def list_recordings(request: ApiRequest, meeting_id: str) -> RecordingsAnswer:
    """
    What was recorded of a meeting's sessions: all that you may watch. What is in the trash at Zoom is listed for who may
    delete it.
    """
    meeting = find_recorded_meeting(request.user, meeting_id)
    found = seen_of_meeting(meeting, request.user, now=timezone.now())
    return RecordingsAnswer(recordings=[_described(one) for one in found])


@router.get("/{uuid:recording_id}", response=RecordingAnswer)
@allowed(signed_in, for_wards=True)
def get_recording(request: ApiRequest, recording_id: UUID) -> RecordingAnswer:
    """One recording that you may watch."""
    now = timezone.now()
    recording = find_recording(request.user, recording_id, now=now)
    return RecordingAnswer(recording=_described(seen(recording, request.user, now=now)))


@router.get("/{uuid:recording_id}/file", openapi_extra=AS_FILE, response={302: None})
@allowed(signed_in, for_wards=True)
def get_file(request: ApiRequest, recording_id: UUID, download: bool = False) -> HttpResponse:
    """
    On to the file, at an address that is good for three hours, takes `Range` and needs no sign-in. With `download` as a
    file to keep: 403 where it may only be watched. 410 `recording_gone` once it is deleted. Who opened it is noted.
    """
    now = timezone.now()
    recording = find_recording(request.user, recording_id, now=now)
    ticket = open_recording(recording, request.user, guardian=guardian_of(request), is_download=download, now=now)
    return HttpResponseRedirect(request.build_absolute_uri(reverse("recording-file", args=[ticket])))


@router.delete("/{uuid:recording_id}", response=Done)
@allowed(deletes_recording)
def delete_recording(request: ApiRequest, recording_id: UUID) -> Done:
    """
    Delete a recording: nobody can watch it from now on, and Zoom has it in its trash for 30 days, from where it can be had
    back there. The meeting's teacher and admins.
    """
    ask_deletion(recording_id, now=timezone.now())
    return Done()


def _described(one: Seen) -> RecordingOut:
    recording = one.recording
    return RecordingOut(
        id=recording.pk,
        occurrence_id=one.occurrence.pk if one.occurrence else None,
        type=recording.kind,
        start_time=recording.starts_at,
        duration=int(recording.duration.total_seconds()),
        size=recording.size,
        status=one.status,
        expires_at=one.expires_at,
        may_download=one.may_download and one.is_there,
    )
