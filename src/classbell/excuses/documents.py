"""Documents that come with an excuse: what they are by their first bytes, whatever they are called."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from classbell.excuses.errors import DocumentRefused
from classbell.text import one_line

# (first bytes, type, ending)
TYPES: Final = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)
LONGEST_NAME: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A file that is taken: its name with the ending of its type, its type, and what is in it."""

    name: str
    content_type: str
    content: bytes


def read_document(upload: "UploadedFile[bytes] | None") -> Document | None:
    """Return an uploaded file, None without one. Raises DocumentRefused."""
    if upload is None:
        return None
    most = settings.ENVIRONMENT.largest_document
    if (upload.size or 0) > most:
        raise DocumentRefused(_("The document is larger than %(most)s MB.") % {"most": f"{most / 1_000_000:g}"})
    content = bytes(upload.read())
    for beginning, content_type, ending in TYPES:
        if content.startswith(beginning):
            return Document(name=_named(upload.name or "", ending), content_type=content_type, content=content)
    raise DocumentRefused(_("A document must be a PDF, or a picture as PNG or JPEG."))


def _named(name: str, ending: str) -> str:
    stem = one_line(PurePosixPath(name.replace("\\", "/")).stem)[:LONGEST_NAME].strip()
    return f"{stem or 'document'}.{ending}"
