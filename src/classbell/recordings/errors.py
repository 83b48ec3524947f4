"""What recordings refuse."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from classbell.errors import DomainError, NotAllowed
from classbell.recordings.models import RecordingText


class ConsentNeeded(NotAllowed):
    """The school wants a text agreed to first; it goes along in the language that is spoken, or the other one."""

    code = "consent_needed"

    def __init__(self, text: RecordingText) -> None:
        words, language = text.said_in(get_language() or "en")
        super().__init__(_("The school asks you to agree to its text about recordings before you join."))
        self.details = [{"version": text.version, "text": words, "language": language}]


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
