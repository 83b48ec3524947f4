"""What a page's decorators guarantee about its request, as a type."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from classbell.accounts.models import User


class VisitorRequest(HttpRequest):
    """A request of anybody, signed in or not."""

    htmx: HtmxDetails


class PersonRequest(VisitorRequest):
    """A request of somebody who is signed in."""

    user: User
