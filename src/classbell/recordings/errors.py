"""What recordings refuse."""

from django.utils.translation import gettext as _

from classbell.errors import DomainError, NotAllowed


class RecordingGone(DomainError):
    """It is deleted, or in the trash at Zoom."""

    code = "recording_gone"
    status = 410

    def __init__(self) -> None:
        super().__init__(_("This recording is deleted, or on its way to be."))


class LinkExpired(DomainError):
    """A signed address is over, was made up, or is of somebody who may not watch any more."""

    code = "link_expired"
    status = 410

    def __init__(self) -> None:
        super().__init__(_("This address has expired. Open the recording from its session again."))


class NotDownloadable(NotAllowed):
    """It may be watched, and not kept."""

    def __init__(self) -> None:
        super().__init__(_("The school lets you watch this recording, and keep no copy of it."))


class ZoomKeepsIt(DomainError):
    """Zoom does not give the file just now."""

    code = "zoom_unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__(_("Zoom does not give this recording just now. Try again in a minute."))
