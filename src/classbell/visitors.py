"""
How often whoever is not signed in may ask for something that writes rows and mails: by the address they come from, the e-mail
they name and the page they are on. Counted in the memory of each process, as other limits are.

What is refused says nothing of who has an account: it hangs on how often was asked, and on nothing else.
"""

from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from classbell.addresses import mailbox_of
from classbell.buckets import Buckets, Limit
from classbell.clients import address_of, network_of
from classbell.errors import TooManyRequests

HOUR: Final = 3600
# A class behind one address may sign up together; nobody has that many mailboxes to look into, or lessons to book, at once.
A_NETWORK: Final = Limit(requests=30, seconds=HOUR)
A_MAILBOX: Final = Limit(requests=5, seconds=HOUR)
A_PAGE: Final = Limit(requests=200, seconds=HOUR)

BUCKETS: Final = Buckets()


def admit(request: HttpRequest, what: str, *, email: str, page: str = "") -> None:
    """
    Count somebody's asking for `what`, with an e-mail on a page ("" for the only one). Raises TooManyRequests for one too
    many.
    """
    counted = {
        f"{what} network {network_of(address_of(request))}": A_NETWORK,
        f"{what} mailbox {mailbox_of(email)}": A_MAILBOX,
        f"{what} page {page}": A_PAGE,
    }
    for who, limit in counted.items():
        allowance = BUCKETS.take(who, limit)
        if allowance.is_refused:
            minutes = -(-allowance.again_in // 60)
            text = _("This was asked too often. Try again in %(minutes)s min, or write to the school.")
            raise TooManyRequests(text % {"minutes": minutes}, retry_after_seconds=allowance.again_in)
