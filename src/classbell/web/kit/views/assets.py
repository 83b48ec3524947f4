"""Files that pages are made of, where they are put together, and where a page of another version asks for them."""

from mimetypes import guess_type
from pathlib import Path, PurePath

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, anyone
from classbell.errors import NotThere
from classbell.web.kit.assets import assets

A_YEAR = "public, max-age=31536000, immutable"
KINDS = {".css": "text/css", ".js": "text/javascript"}


@require_safe
@allowed(anyone)
def asset(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """Everybody: the joined stylesheet or a script. A page of another version gets this one's, not for good."""
    if name not in assets():
        raise NotThere
    found = assets()[name]
    squeezed = "gzip" in request.headers.get("Accept-Encoding", "")
    kind = KINDS[PurePath(name).suffix]
    response = HttpResponse(found.compressed if squeezed else found.plain, content_type=f"{kind}; charset=utf-8")
    if squeezed:
        response["Content-Encoding"] = "gzip"
    response["Cache-Control"] = A_YEAR if version == settings.STATIC_VERSION and not settings.DEBUG else "no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@require_safe
@allowed(anyone)
def push_worker(request: HttpRequest) -> HttpResponse:
    """Everybody: what shows notifications in a browser; at the root, so that it is there for all pages."""
    response = HttpResponse(assets()["push-worker.js"].plain, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
@allowed(anyone)
def static_file(request: HttpRequest, version: str, path: str) -> HttpResponse:
    """Everybody: what WhiteNoise did not know, a static file for a page of another version: this one's, not for good."""
    file = Path(finders.find(path) or "")
    if not file.is_file():
        raise NotThere
    kind, _encoding = guess_type(path)
    response = HttpResponse(file.read_bytes(), content_type=kind or "application/octet-stream")
    response["Cache-Control"] = "no-cache"
    return response
