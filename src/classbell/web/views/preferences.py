"""What a reader chooses for all pages: the language and the theme."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from classbell.accounts.permissions import allowed, anyone

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
THEME_KEPT_FOR = timedelta(days=365)


@require_POST
@allowed(anyone)
def language(request: HttpRequest) -> HttpResponse:
    """Show pages in another language from now on; a signed-in person's choice is kept with them."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(chosen):
        request.user.locale = chosen
        request.user.save(update_fields=["locale"])
    response: HttpResponse = set_language(request)
    return response


@require_POST
@allowed(anyone)
def theme(request: HttpRequest) -> HttpResponse:
    """Keep to light or dark on this device; anything else follows the device."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    keep_theme(request, response, request.POST.get("theme", ""))
    return response


def keep_theme(request: HttpRequest, response: HttpResponse, chosen: str) -> None:
    """Remember the theme on this device; anything but light and dark follows the device."""
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=THEME_KEPT_FOR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
