"""Getting hold of a calendar: at an address on the internet, by the same rules as webhooks."""

from typing import Final

from django.utils.translation import gettext as _

from classbell.holidays.errors import CalendarUnreachable, CalendarUnreadable, HolidayInvalid
from classbell.outgoing.addresses import BadUrl, Rules, checked_url
from classbell.outgoing.fetching import NotFetched, TooLong, fetch
from classbell.outgoing.sending import Trouble
from classbell.tables.limits import LARGEST_FILE, too_large

WEBCAL: Final = ("webcal://", "webcals://")


def read_address(text: str) -> tuple[str, bytes]:
    """
    Return a calendar's address as it is kept, and what lies there. Call it without a transaction: it may take seconds.

    Raises HolidayInvalid for an address that may not be read, CalendarUnreachable, CalendarUnreadable.
    """
    url = text.strip()
    for scheme in WEBCAL:
        if url.lower().startswith(scheme):
            url = f"https://{url[len(scheme) :]}"
    rules = Rules.of_settings()
    try:
        checked = checked_url(url, rules)
        return checked, fetch(checked, rules=rules, most_bytes=LARGEST_FILE)
    except BadUrl as error:
        raise _bad_address() from error
    except TooLong as error:
        raise CalendarUnreadable(too_large()) from error
    except NotFetched as error:
        if error.trouble == Trouble.REFUSED_ADDRESS:
            raise _bad_address() from error
        raise CalendarUnreachable(
            _("There is no calendar at this address just now. Open it in a browser to see whether it is right.")
        ) from error


def _bad_address() -> HolidayInvalid:
    text = _("Write the calendar’s https address on the internet, such as https://calendar.example/holidays.ics.")
    return HolidayInvalid("url", text)
