"""What every page needs and no API call does."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

GetResponse = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: https:",
        "style-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)


def personal_settings(get_response: GetResponse) -> GetResponse:
    """Show times in the reader's timezone, and pages in their language unless they chose another for this visit."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            timezone.activate(user.zone)
            if "django_language" not in request.COOKIES:
                translation.activate(user.locale)
                request.LANGUAGE_CODE = translation.get_language()
        return get_response(request)

    return middleware


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Allow what this site serves itself and nothing else; the API's documentation page brings its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path_info.startswith(("/api/", "/admin/")):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware
