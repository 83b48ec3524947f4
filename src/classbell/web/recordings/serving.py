"""Sending a recorded file on, or a part of it, as browsers ask for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from classbell.recordings.models import Recording
from classbell.recordings.watching import Opened, part_of, parts_after

RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
CONTENT_TYPES: Final = {
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "vtt": "text/vtt; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


class InParts(StreamingHttpResponse):
    """An answer that is longer than what is held: the front door sends it part by part."""

    is_sent_in_parts = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bytes are asked for, both ends included; `last` None: to the end."""

    first: int
    last: int | None


def serve(request: HttpRequest, opened: Opened) -> HttpResponseBase:
    """
    Return the file that was opened, or as much of the part that is asked for as is fetched at a time. Raises as `part_of`.
    """
    recording = opened.recording
    headers = _headers(opened)
    wanted = _wanted(request.headers.get("Range", ""), recording)
    if request.method == "HEAD":
        return HttpResponse(headers=headers | {"Content-Length": str(recording.size)})
    part = part_of(recording, first=wanted.first if wanted else 0, last=wanted.last if wanted else None)
    if wanted is None:
        content: Iterator[bytes] = parts_after(recording, part)
        return InParts(content, headers=headers | {"Content-Length": str(part.total)})
    if not part.content:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{part.total}"})
    last = part.first + len(part.content) - 1
    headers |= {"Content-Range": f"bytes {part.first}-{last}/{part.total}"}
    return HttpResponse(part.content, status=206, headers=headers)


def _headers(opened: Opened) -> dict[str, Any]:
    recording = opened.recording
    known = CONTENT_TYPES.get(recording.extension)
    headers = {
        "Content-Type": known or "application/octet-stream",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    said = content_disposition_header(opened.is_download or known is None, _name(recording))
    return headers | ({"Content-Disposition": said} if said else {})


def _name(recording: Recording) -> str:
    occurrence = recording.run.occurrence
    title = slugify(occurrence.meeting.title, allow_unicode=True) if occurrence else ""
    return f"{title or 'recording'}-{recording.starts_at:%Y-%m-%d}-{recording.kind}.{recording.extension or 'bin'}"


def _wanted(said: str, recording: Recording) -> Wanted | None:
    """Read a Range header; None for none, and for what none is: then the whole is sent, as RFC 9110 has it."""
    found = RANGE.fullmatch(said.strip())
    if found is None or not any(found.groups()):
        return None
    if not found[1]:
        return Wanted(max(0, recording.size - int(found[2])), None)
    first, last = int(found[1]), int(found[2]) if found[2] else None
    return None if last is not None and last < first else Wanted(first, last)
