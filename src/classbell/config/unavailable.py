"""What is answered while the database does not serve: at once, without asking it, and in words for whoever waits."""

from collections.abc import Callable, Mapping
from typing import Final

import structlog
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classbell.config.api_errors import error_response
from classbell.postgres.reach import REACH
from classbell.postgres.trouble import Trouble

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

RETRY_AFTER_SECONDS: Final = 5
SENTENCES: Final[Mapping[Trouble, Promise]] = {
    Trouble.AWAY: _("Classbell cannot reach its database at the moment. Nothing is lost; try again in a minute."),
    Trouble.BUSY: _("Classbell has more to do than it can at the moment. Try again in a minute."),
    Trouble.READ_ONLY: _("Classbell can be read but not changed at the moment. Try again in a few minutes."),
    Trouble.FULL: _("Classbell has no room left to save anything. It can be read; the school has to make room."),
}


def unavailable(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """Answer 503 with `Retry-After`: the API with the trouble as its code, pages in both languages."""
    if trouble is Trouble.READ_ONLY:
        # The next request may meet the server that took over from this one.
        connection.close()
    request.database_trouble = trouble  # type: ignore[attr-defined]  # for asked_again
    log.warning("request_without_database", method=request.method, path=request.path_info, trouble=trouble.value)
    if request.path_info.startswith("/api/"):
        response = error_response(request, 503, str(SENTENCES[trouble]), trouble.value)
    else:
        response = HttpResponse(_page(trouble), status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    # Said above in one line: Django would add a traceback to each.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def asked_again(get_response: GetResponse) -> GetResponse:
    """
    Answer what only reads once more when its connection broke meanwhile and the database is there: after a restart, or when
    another server took over. What changes something is not repeated: nobody knows whether it was kept.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        broke = getattr(request, "database_trouble", None) is Trouble.AWAY
        if not broke or request.method not in ("GET", "HEAD", "OPTIONS") or REACH.is_away:
            return response
        close_old_connections()
        return get_response(request)

    return middleware


def _page(trouble: Trouble) -> str:
    """Return the page. Whoever reads it cannot be asked who they are, so it speaks both languages, theirs first."""
    here = translation.get_language()
    languages = sorted(("en", "ar"), key=lambda code: code != here)
    said = []
    for code in languages:
        with translation.override(code):
            said.append(
                {
                    "code": code,
                    "direction": "rtl" if translation.get_language_bidi() else "ltr",
                    "title": str(_("One moment")),
                    "sentence": str(SENTENCES[trouble]),
                    "again": str(_("Try again")),
                }
            )
    return render_to_string("503_database.html", {"said": said})
