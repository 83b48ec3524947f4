"""What a page's decorators guarantee about its request, as a type."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from classbell.accounts.models import User
from classbell.text import many_lines


def typed_text(request: HttpRequest, name: str) -> str:
    """Return longer text that was posted without a form, as forms return it; "" for none."""
    return many_lines(request.POST.get(name, ""))


class VisitorRequest(HttpRequest):
    """A request of anybody, signed in or not."""

    htmx: HtmxDetails


class PersonRequest(VisitorRequest):
    """A request of somebody who is signed in."""

    user: User
