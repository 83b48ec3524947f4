"""What every page needs and no API call does."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation

from classbell.errors import DomainError, NotAllowed
from classbell.privacy.receivers import ASKED
from classbell.web.kit.device import visitor_zone

# What is read or done before somebody has agreed, or not for now.
OPEN_MEANWHILE = ("/consent/", "/accounts/", "/privacy/", "/assets/", "/static/")
GetResponse = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'self'; "
    "img-src 'self' data: https:; "
    "style-src 'self'; "
    "script-src 'self'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'; "
    "form-action 'self'"
)
# Django's admin site sets a few styles in its pages, and so do mails that a page shows.
ADMIN_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


def personal_settings(get_response: GetResponse) -> GetResponse:
    """
    Show times in the reader's timezone, and pages in their language unless they chose another for this visit.

    What they are shown is theirs: nobody on the way keeps it, and their browser forgets it when they sign out. Until then it
    may keep pages, so that coming back to one finds what was typed there.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            with timezone.override(visitor_zone(request) or timezone.get_default_timezone()):
                return get_response(request)
        has_chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        language = translation.get_language() if has_chosen else user.locale
        # Threads serve one person after another: neither may outlive the request.
        with translation.override(language), timezone.override(user.zone):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            # Said here: whoever is asked outside no longer knows.
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            response.headers.setdefault("Cache-Control", "private, no-cache")
            if not request.user.is_authenticated:
                response.headers["Clear-Site-Data"] = '"cache"'
            return response

    return middleware


def consent_asked(get_response: GetResponse) -> GetResponse:
    """Lead who signed in and is to be asked for their consent to that page first; only what is read leads there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_page = request.method == "GET" and "HX-Request" not in request.headers
        is_open = request.path_info.startswith(OPEN_MEANWHILE)
        if is_page and not is_open and request.user.is_authenticated and ASKED in request.session:
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('consent')}?{query}")
        return get_response(request)

    return middleware


def refusals(get_response: GetResponse) -> GetResponse:
    """Show what a rule said no to, where no form did: a cursor that was made up, a tenth try within a minute."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        # What says why in a way of its own is said: who is no guardian any more reads just that.
        if isinstance(error, NotAllowed) and error.code != NotAllowed.code:
            return render(request, "403.html", {"text": str(error)}, status=error.status)
        # Django has pages of its own for what is not there, and for who may not.
        if not isinstance(error, DomainError) or isinstance(error, (Http404, PermissionDenied)):
            return None
        return render(request, "400.html", {"text": str(error)}, status=error.status)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]  # where Django looks for it
    return middleware


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Allow what this site serves itself and nothing else; answers of the API have a policy of their own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path_info.startswith("/api/"):
            is_admin_site = request.path_info.startswith("/admin/")
            response.headers.setdefault("Content-Security-Policy", ADMIN_POLICY if is_admin_site else POLICY)
        return response

    return middleware
