"""What a page's decorators guarantee about its request, as a type."""

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from classbell.accounts.models import User
from classbell.text import many_lines


def typed_text(request: HttpRequest, name: str) -> str:
    """Return longer text that was posted without a form, as forms return it; "" for none."""
    return many_lines(request.POST.get(name, ""))


def onwards(request: HttpRequest, target: str) -> HttpResponseRedirect:
    """Lead on to where somebody was going, when that is of this site, and home otherwise."""
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if is_ours else "/")


class VisitorRequest(HttpRequest):
    """A request of anybody, signed in or not."""

    htmx: HtmxDetails


class PersonRequest(VisitorRequest):
    """A request of somebody who is signed in."""

    user: User
