"""Whether this process can do its work, for load balancers and people."""

from threading import Event
from typing import Final

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

import classbell
from classbell.config.stopping import STOPPING
from classbell.postgres.migrations import missing_migrations

# Whether this process has seen the tables to be its version's.
MIGRATED: Final = Event()


def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while this process answers at all; nothing is asked. Restart a process that does not."""
    return JsonResponse({"status": "ok", "version": classbell.__version__})


def ready(request: HttpRequest) -> JsonResponse:
    """
    Answer 200 while this process may be sent people: it is not about to stop, the database answers, and its tables are not
    older than this version. 503 otherwise, at once. Says nothing about Zoom: its outages are survived.
    """
    if STOPPING.is_set():
        return _not_ready(reason="stopping")
    try:
        if not _is_migrated():
            return _not_ready(reason="not_migrated")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return _not_ready(reason="database_unreachable", database="unreachable")
    return JsonResponse({"status": "ok", "version": classbell.__version__})


def _not_ready(**why: str) -> JsonResponse:
    return JsonResponse({"status": "unavailable", **why}, status=503)


def _is_migrated() -> bool:
    """Say whether the tables are this version's. Looked at until they are: they do not become older again."""
    if not MIGRATED.is_set() and missing_migrations() == 0:
        MIGRATED.set()
    return MIGRATED.is_set()
