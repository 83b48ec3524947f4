"""A way in that is closed to somebody, or just now: a page says so."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from classbell.errors import NotAllowed
from classbell.meetings.joining.entrance import DoorClosed

View = Callable[..., HttpResponse]


def says_closed(view: View) -> View:
    """Answer a meeting's page with the reason where its view finds the door closed. Stands below `@allowed`."""

    @wraps(view)
    def answering(request: HttpRequest, meeting_id: UUID, **others: Any) -> HttpResponse:
        try:
            return view(request, meeting_id=meeting_id, **others)
        except (DoorClosed, NotAllowed) as closed:
            context = {"reason": str(closed), "meeting_id": meeting_id, "may_open": isinstance(closed, DoorClosed)}
            return render(request, "meetings/closed.html", context, status=closed.status)

    return answering
