"""How large a table may be, and refusing a larger one while it is read: no more of it than that is ever held."""

from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from classbell.errors import DomainError

LARGEST_FILE: Final = 5_000_000
# What a form may bring besides its files: its fields, and the lines between its parts.
BESIDE_FILES: Final = 200_000
MOST_FILES: Final = 3
# What the OpenAPI document says of an operation that reads its table by `sent_file`.
A_FILE: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    }
}


class TableUnreadable(DomainError):
    """What was handed in is no table, not the one that is asked for, or too large."""

    code = "file_unreadable"


class UploadTooLarge(RequestDataTooBig):
    """More was sent than any file here may hold; the rest of it was not read."""

    def __init__(self) -> None:
        super().__init__(too_large())


class BoundedUploads(FileUploadHandler):
    """The first of Django's upload handlers: refuses a request by its length, and a file once it has sent too much."""

    def handle_raw_input(
        self,
        input_data: object,
        META: object,  # noqa: N803 -- Django calls it so
        content_length: int,
        boundary: object,
        encoding: object = None,
    ) -> None:
        """Refuse before anything is read what cannot be files of the right size. Raises UploadTooLarge."""
        if content_length > MOST_FILES * LARGEST_FILE + BESIDE_FILES:
            raise UploadTooLarge

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on. Raises UploadTooLarge when the file is too long with it."""
        if start + len(raw_data) > LARGEST_FILE:
            raise UploadTooLarge
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:  # type: ignore[type-arg]  # Django's own is not generic
        """Leave the file to the next handler."""
        return None


def sent_file(request: HttpRequest, field: str = "file") -> bytes:
    """
    Return the file that a program sent, as the body or as a form field. Raises RequestDataTooBig, having read no more, and
    TableUnreadable for a form without the field.
    """
    upload = request.FILES.get(field)
    if upload is not None:
        content: bytes = upload.read()
        return content
    if request.content_type == "multipart/form-data":
        raise TableUnreadable(_("Send the file as the form’s field “%(field)s”, or as the body.") % {"field": field})
    return request.body


def too_large() -> str:
    """Say how large a file may be."""
    return _("The file is larger than %(most)s MB. Split it.") % {"most": LARGEST_FILE // 1_000_000}
