"""Asking before somebody joins, where the school wants it: their way goes on once they have agreed."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from classbell.meetings.models import Meeting
from classbell.meetings.permissions import attends, can_host
from classbell.recordings.consent import text_to_ask
from classbell.web.kit.requests import PersonRequest

View = Callable[..., HttpResponse]


def asks_before_joining(view: View) -> View:
    """Lead who comes to learn to what the school asks first, unless they agreed to it. Stands below `@allowed`."""

    @wraps(view)
    def asking(request: PersonRequest, meeting_id: UUID, **others: Any) -> HttpResponse:
        if request.method == "GET" and text_to_ask(request.user) is not None:
            meeting = get_object_or_404(Meeting.objects.visible_to(request.user), pk=meeting_id)
            if not can_host(request.user, meeting) or attends(request.user, meeting):
                query = urlencode({"next": request.get_full_path()})
                return HttpResponseRedirect(f"{reverse('recording-consent')}?{query}")
        return view(request, meeting_id=meeting_id, **others)

    return asking
