"""The way into a class's backup room, where it meets while Zoom has no meeting for it."""

from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, anyone
from classbell.meetings.joining.backup import give_due, go_in
from classbell.meetings.joining.entrance import come_as_host
from classbell.meetings.models import Meeting
from classbell.web.kit.closed import says_closed


@never_cache
@require_safe
@allowed(anyone, for_wards=True)
@says_closed
def backup(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """
    Who may attend, and whoever has the room's `key`, as with Zoom's links: on to the backup room, which is in use from then
    on. To the meeting's page when it is not held there (any more).
    """
    now = timezone.now()
    if request.method == "GET" and (key := request.GET.get("key")):
        keyed = get_object_or_404(Meeting, pk=meeting_id)
        if url := go_in(keyed, now=now, key=key):
            return HttpResponseRedirect(url)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("teacher"), pk=meeting_id)
    come_as_host(meeting, request.user, now=now)
    give_due(now=now, meeting=meeting)
    # A look at the address, as link checkers take, is no use.
    url = go_in(meeting, now=now) if request.method == "GET" else None
    return HttpResponseRedirect(url) if url else redirect("meeting", meeting_id=meeting.pk)
