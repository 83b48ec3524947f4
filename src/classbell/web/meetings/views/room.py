"""The room inside our own page, by Zoom's Meeting SDK, which the browser loads at this moment."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, signed_in
from classbell.meetings.joining.backup import room_now
from classbell.meetings.joining.clicks import note_press
from classbell.meetings.joining.entrance import as_held_now, hosts_now, sdk_join
from classbell.meetings.models import Meeting
from classbell.meetings.permissions import attends
from classbell.web.kit.closed import says_closed
from classbell.web.kit.requests import PersonRequest
from classbell.web.recordings.asking import asks_before_joining
from classbell.zoom.signature import SDK_URL

# Versions age out after about a year. Source: Zoom's Meeting SDK for web, its page about installing from the CDN.
SDK_VERSION = "6.2.0"
LIBRARIES = ("react", "react-dom", "redux", "redux-thunk", "lodash")
LANGUAGES = {"en": "en-US", "ar": "en-US"}


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
@asks_before_joining
@says_closed
def room(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """
    Who may attend, and as its host who starts it: into the room without leaving the site; by Zoom's link when that cannot be.
    """
    seen = Meeting.objects.visible_to(request.user).select_related("teacher", "group", "zoom_host")
    meeting = get_object_or_404(seen, pk=meeting_id)
    now = timezone.now()
    starts = hosts_now(request.user, meeting, now=now) and not attends(request.user, meeting)
    by_link = "meeting-start" if starts else "meeting-join"
    if not meeting.wanted or room_now(meeting, now=now) is not None:
        return redirect(by_link, meeting_id=meeting.pk)
    handed = sdk_join(as_held_now(meeting, now=now), request.user, now=now)
    if handed is None:
        return redirect(by_link, meeting_id=meeting.pk)
    if request.method == "GET":
        note_press(meeting, request.user, now=now)
    source = settings.ENVIRONMENT.zoom_sdk_url.rstrip("/")
    lib = f"{source}/{SDK_VERSION}/lib"
    context = {
        "meeting": meeting,
        "by_link": reverse(by_link, args=[meeting.pk]),
        "starts": starts,
        "scripts": [
            *(f"{lib}/vendor/{name}.min.js" for name in LIBRARIES),
            f"{source}/zoom-meeting-{SDK_VERSION}.min.js",
        ],
        "styles": [f"{lib}/css/bootstrap.css", f"{lib}/css/react-select.css"],
        "sdk": {
            "lib": lib,
            "language": LANGUAGES.get(translation.get_language() or "en", "en-US"),
            "leaveUrl": request.build_absolute_uri(reverse("meeting", args=[meeting.pk])),
            "join": handed,
        },
    }
    response = render(request, "meetings/room.html", context)
    response.headers["Content-Security-Policy"] = _policy(source)
    return response


def _policy(source: str) -> str:
    """
    Return what the SDK needs, on this page only: its files, its servers, workers made of blobs, WebAssembly, styles of its
    own. One from elsewhere than Zoom asks where it came from.
    """
    parts = urlsplit(source)
    origin = f"{parts.scheme}://{parts.netloc}"
    is_zooms = source == SDK_URL
    servers = "https://*.zoom.us" if is_zooms else origin
    sockets = " wss://*.zoom.us" if is_zooms else ""
    return (
        "default-src 'self'; "
        f"script-src 'self' {origin} blob: 'wasm-unsafe-eval' 'unsafe-eval'; "
        f"style-src 'self' {origin} 'unsafe-inline'; "
        f"connect-src 'self' {servers}{sockets} blob: data:; "
        "img-src 'self' https: data: blob:; "
        f"media-src 'self' {servers} blob: data:; "
        f"font-src 'self' {origin} data:; "
        "worker-src 'self' blob:; "
        f"frame-src 'self' {servers}; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
