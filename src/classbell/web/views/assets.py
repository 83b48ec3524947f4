"""Files that are put together rather than lying in a folder."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, anyone
from classbell.errors import NotThere
from classbell.web.assets import Asset, scripts, stylesheet

A_YEAR = "public, max-age=31536000, immutable"


@require_safe
@allowed(anyone)
def styles(request: HttpRequest, name: str) -> HttpResponse:
    """Everybody: the stylesheet of all pages, under a name that changes with it. An old name gets today's, not for good."""
    sheet = stylesheet()
    return _served(request, sheet.asset, "text/css", is_current=name == sheet.name)


@require_safe
@allowed(anyone)
def script(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """Everybody: one script, in a folder whose name changes with all. An old folder gets today's, not for good."""
    current = scripts()
    if name not in current.files:
        raise NotThere
    return _served(request, current.files[name], "text/javascript", is_current=version == current.version)


def _served(request: HttpRequest, asset: Asset, kind: str, *, is_current: bool) -> HttpResponse:
    squeezed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(asset.compressed if squeezed else asset.plain, content_type=f"{kind}; charset=utf-8")
    if squeezed:
        response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = A_YEAR if is_current else "no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
