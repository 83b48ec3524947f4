"""Why a calendar is not read, each with its sentence: what is the matter, and what its owner can do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classbell.outgoing.fetching import NotFetched


class Trouble(StrEnum):
    """What came instead of a calendar."""

    UNKNOWN_HOST = "unknown_host"
    REFUSED_ADDRESS = "refused_address"
    UNREACHABLE = "unreachable"
    NOT_TRUSTED = "not_trusted"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    SIGN_IN = "sign_in"
    NOT_THERE = "not_there"
    BUSY = "busy"
    SERVER = "server"
    REDIRECTS = "redirects"
    TOO_LARGE = "too_large"
    PAGE = "page"
    NO_CALENDAR = "no_calendar"
    TOO_MANY = "too_many"
    TOO_LONG_TO_READ = "too_long_to_read"
    NO_COLLECTION = "no_collection"
    SECRET_UNREADABLE = "secret_unreadable"
    NOT_WRITABLE = "not_writable"


class Remark(StrEnum):
    """What of a calendar is not known, though it was read."""

    UNKNOWN_TIMEZONE = "unknown_timezone"
    UNREADABLE_ENTRIES = "unreadable_entries"


SENTENCES: Final[Mapping[str, Promise]] = {
    Trouble.UNKNOWN_HOST: _("Nobody knows the name in this address. Look whether it is spelled right."),
    Trouble.REFUSED_ADDRESS: _("This address is inside a network. It must be one on the internet."),
    Trouble.UNREACHABLE: _("Nobody answers at this address just now."),
    Trouble.NOT_TRUSTED: _("The certificate at this address is not trusted, so nothing was sent there."),
    Trouble.TIMEOUT: _("The calendar did not answer in time."),
    Trouble.BROKEN: _("The connection to the calendar broke."),
    Trouble.SIGN_IN: _(
        "The calendar does not let Classbell in. Add it again with its present name and password; Apple and others want a "
        "password made for one app."
    ),
    Trouble.NOT_THERE: _("There is nothing at this address (any more). Copy the calendar’s address and add it again."),
    Trouble.BUSY: _("The calendar asks to be left alone for a while."),
    Trouble.SERVER: _("The calendar’s server has a fault of its own just now."),
    Trouble.REDIRECTS: _(
        "This address leads on to another that Classbell does not follow. Add the calendar by that one."
    ),
    Trouble.TOO_LARGE: _("The calendar is larger than 10 MB. Choose one with less of the past in it."),
    Trouble.PAGE: _(
        "At this address is a web page and no calendar. Copy the calendar’s own address: it often ends in .ics, and stands "
        "in its settings under “share” or “secret address”."
    ),
    Trouble.NO_CALENDAR: _("What is at this address is no calendar. Copy the calendar’s own address anew."),
    Trouble.TOO_MANY: _("The calendar has more entries than Classbell reads. Choose one with less of the past in it."),
    Trouble.TOO_LONG_TO_READ: _("The calendar repeats entries in ways that take too long to follow. Simplify them."),
    Trouble.NO_COLLECTION: _("By CalDAV there is no calendar at this address. Copy the address of one calendar."),
    Trouble.SECRET_UNREADABLE: _("Classbell can no longer read the calendar’s password. Add the calendar again."),
    Trouble.NOT_WRITABLE: _("The calendar can be read, but lets nothing be written into it."),
    Remark.UNKNOWN_TIMEZONE: _("Some entries are in a timezone that nobody knows; they count on your clock."),
    Remark.UNREADABLE_ENTRIES: _("Some entries cannot be read, so they do not make you busy."),
}
# What is wrong with the address or the password itself: it does not get better by itself.
LASTING: Final = frozenset(
    {
        Trouble.REFUSED_ADDRESS,
        Trouble.SIGN_IN,
        Trouble.NOT_THERE,
        Trouble.REDIRECTS,
        Trouble.TOO_LARGE,
        Trouble.PAGE,
        Trouble.NO_CALENDAR,
        Trouble.TOO_MANY,
        Trouble.TOO_LONG_TO_READ,
        Trouble.NO_COLLECTION,
        Trouble.SECRET_UNREADABLE,
    }
)


class CalendarTrouble(Exception):
    """A calendar was not read."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble)


def sentence_of(code: str) -> str:
    """Return what is the matter in the active language; "" for nothing."""
    return str(SENTENCES.get(code, code))


def of_connection(error: NotFetched) -> CalendarTrouble:
    """Return what it means that nothing came back."""
    code = str(error.trouble)
    return CalendarTrouble(Trouble(code) if code in {one.value for one in Trouble} else Trouble.BROKEN)


def of_status(status: int) -> CalendarTrouble:
    """Return what another status than 2xx means."""
    if status in {401, 403, 407}:
        return CalendarTrouble(Trouble.SIGN_IN)
    if status in {404, 405, 410}:
        return CalendarTrouble(Trouble.NOT_THERE)
    if status == 429:
        return CalendarTrouble(Trouble.BUSY)
    if 300 <= status < 400:
        return CalendarTrouble(Trouble.REDIRECTS)
    return CalendarTrouble(Trouble.SERVER if status >= 500 else Trouble.NO_CALENDAR)
