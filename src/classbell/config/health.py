"""Whether this process can do its work, for load balancers and people."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

import classbell


def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while this process answers at all; nothing is asked. Restart a process that does not."""
    return JsonResponse({"status": "ok", "version": classbell.__version__})


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database answers, 503 otherwise. Says nothing about Zoom: its outages are survived."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "unavailable", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "version": classbell.__version__})
