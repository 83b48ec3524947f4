"""What is said to people about the provider: that a sign-in came to nothing, or that one goes on there."""

from collections.abc import Mapping
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from classbell.accounts.sso.providers import find_provider


def said_page(request: HttpRequest, text: str, *, provider: str = "", status: int) -> HttpResponse:
    """Return a page with a sentence that says what happened and what to do, and the way back to signing in."""
    context = {"text": text, "provider": provider}
    return render(request, "socialaccount/authentication_error.html", context, status=status)


def sign_out_address(began: Mapping[str, str]) -> dict[str, str] | None:
    """Return where one signs out at the provider with which a session began, and its name; None when it is gone."""
    provider = find_provider(began["provider"])
    if provider is None:
        return None
    back = urljoin(settings.ENVIRONMENT.public_url, reverse("account_login"))
    query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": back})
    return {
        "name": provider.name,
        "url": f"{began['sign_out_url']}{'&' if '?' in began['sign_out_url'] else '?'}{query}",
    }
