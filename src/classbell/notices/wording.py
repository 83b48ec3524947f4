"""A notice in the words of its reader, as each channel has them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone, translation

from classbell.accounts.models import User
from classbell.notices.models import Notice
from classbell.text import one_line

_OF_GUESTS: Final[list[Callable[[User, str], str]]] = []


class Part(NamedTuple):
    """A notice as it is sent: `subject` is one line, `link` "" for none."""

    subject: str
    text: str
    link: str

    @property
    def short(self) -> str:
        """What a text message says: what happened, and where to look."""
        return f"{self.subject}\n{self.link}".strip()


@contextmanager
def in_words_of(reader: User) -> Iterator[None]:
    """Write in somebody's language and on their clock."""
    with translation.override(reader.locale), timezone.override(reader.zone):
        yield


def part_of(notice: Notice) -> Part:
    """Return a notice in the active language and on the clock of the current timezone."""
    words = notice.words
    # A header is one line, whatever a title holds.
    path = _OF_GUESTS[0](notice.user, notice.path) if notice.user.is_guest and _OF_GUESTS else notice.path
    return Part(one_line(words.subject), words.text, whole(path) if path else "")


def guests_read_at(find: Callable[[User, str], str]) -> None:
    """Say where a guest, who has no pages, reads what others read at a path: "" for nowhere. For whoever has their links."""
    _OF_GUESTS[:] = [find]


def whole(path: str) -> str:
    """Return the whole address of a page."""
    return urljoin(settings.ENVIRONMENT.public_url, path)
