"""What a reader chooses for all pages: the language, the timezone and the theme."""

from datetime import timedelta
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from classbell.accounts.permissions import allowed, anyone
from classbell.web.kit.device import CHOSEN_COOKIE, KEPT_COOKIE, LONGEST_NAME
from classbell.web.kit.requests import onwards
from classbell.web.people.forms.people import THEMES
from classbell.zones import is_timezone

THEME_COOKIE = "theme"
KEPT_FOR = timedelta(days=365)


@require_POST
@allowed(anyone)
def language(request: HttpRequest) -> HttpResponse:
    """Show pages in another language from now on; a signed-in person's choice is kept with them."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        request.user.locale = chosen
        request.user.save(update_fields=["locale"])
    response: HttpResponse = set_language(request)
    return response


@require_POST
@allowed(anyone)
def timezone(request: HttpRequest) -> HttpResponse:
    """
    Show times in another timezone: a signed-in person's is kept with them, a visitor's on this device; with `keep` nothing
    changes and it is not offered again. What is no timezone changes nothing.
    """
    response = _back(request)
    chosen = request.POST.get("timezone", "")
    if len(chosen) > LONGEST_NAME or not is_timezone(chosen):
        return response
    if request.POST.get("keep"):
        _remember(request, response, KEPT_COOKIE, chosen)
    elif request.user.is_authenticated:
        request.user.timezone = chosen
        request.user.save(update_fields=["timezone"])
    else:
        _remember(request, response, CHOSEN_COOKIE, chosen)
    return response


@require_POST
@allowed(anyone)
def theme(request: HttpRequest) -> HttpResponse:
    """Keep to light or dark on this device; anything else follows the device."""
    response = _back(request)
    keep_theme(request, response, request.POST.get("theme", ""))
    return response


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the page of this site on which the choice was made."""
    return onwards(request, request.POST.get("next", ""))


def _remember(request: HttpRequest, response: HttpResponse, cookie: str, zone: str) -> None:
    response.set_cookie(cookie, quote(zone), max_age=KEPT_FOR, samesite="Lax", secure=request.is_secure())


def keep_theme(request: HttpRequest, response: HttpResponse, chosen: str) -> None:
    """Remember the theme on this device; anything but light and dark follows the device."""
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=KEPT_FOR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
