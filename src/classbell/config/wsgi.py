"""
What the web server runs: one WSGI application, with two ways through Django.

Pages pass through everything that a browser session needs. The API passes through the few middlewares in
`API_MIDDLEWARE`: it asks who signs in by token, and answers several times as often for it. Zoom's webhooks and free times
have doors of their own before either.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classbell.config.settings")

from django.core.wsgi import get_wsgi_application

_pages = get_wsgi_application()  # Before the others: they name models, which it loads.

from classbell.config.api_handler import ApiHandler  # noqa: E402 -- see above
from classbell.config.slots_door import with_slots_door  # noqa: E402 -- see above
from classbell.config.webhook_door import with_webhook_door  # noqa: E402 -- see above
from classbell.postgres.bounds import Read, reading  # noqa: E402 -- see above

READ_ONLY: Final = frozenset({"GET", "HEAD"})
Respond = Callable[..., Any]

_api = with_slots_door(ApiHandler())


def _by_path(environ: dict[str, Any], start_response: Respond) -> Iterable[bytes]:
    """Answer one request (PEP 3333)."""
    is_api = environ["PATH_INFO"].startswith("/api/")
    handler = _api if is_api else _pages
    only_reads = environ["REQUEST_METHOD"] in READ_ONLY
    with reading((Read.API if is_api else Read.PAGE) if only_reads else None):
        return handler(environ, start_response)


application = with_webhook_door(_by_path)
