"""Files that are put together rather than lying in a folder."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, anyone
from classbell.web.assets import stylesheet

A_YEAR = "public, max-age=31536000, immutable"


@require_safe
@allowed(anyone)
def styles(request: HttpRequest, name: str) -> HttpResponse:
    """Everybody: the stylesheet of all pages, under a name that changes with it. An old name gets today's, not for good."""
    sheet = stylesheet()
    response = HttpResponse(sheet.plain, content_type="text/css; charset=utf-8")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(sheet.compressed, content_type="text/css; charset=utf-8")
        response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = A_YEAR if name == sheet.name else "no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
