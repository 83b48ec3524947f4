"""Trying a provider: an admin signs in there, and sees who they would be here and why; nobody is signed in."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from classbell.accounts.models import User
from classbell.accounts.sso.people import Verdict
from classbell.accounts.sso.provider import Provider
from classbell.errors import NotAllowed

# What such a sign-in is for, in the state it begins with.
TRIAL: Final = "trial"


def trial_page(request: HttpRequest, provider: Provider, claims: Mapping[str, Any], verdict: Verdict) -> HttpResponse:
    """Return the page that shows what was said and what would happen. Raises NotAllowed for who is no admin."""
    if not isinstance(request.user, User) or not request.user.is_admin:
        raise NotAllowed
    context = {"provider": provider, "claims": sorted(claims.items()), "verdict": verdict}
    return render(request, "sign_in/trial.html", context)
