"""The room inside our own page, by Zoom's Meeting SDK, which the browser loads from Zoom at this moment."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classbell.accounts.permissions import allowed, signed_in
from classbell.meetings.joining.backup import room_now
from classbell.meetings.joining.clicks import note_press
from classbell.meetings.joining.entrance import sdk_join
from classbell.meetings.models import Meeting
from classbell.web.kit.closed import says_closed
from classbell.web.kit.requests import PersonRequest

# Versions age out after about a year. Source: Zoom's Meeting SDK for web, its page about installing from the CDN.
SDK_VERSION = "6.2.0"
SDK = f"https://source.zoom.us/{SDK_VERSION}/lib"
STYLES = (f"{SDK}/css/bootstrap.css", f"{SDK}/css/react-select.css")
SCRIPTS = (
    *(f"{SDK}/vendor/{name}.min.js" for name in ("react", "react-dom", "redux", "redux-thunk", "lodash")),
    f"https://source.zoom.us/zoom-meeting-{SDK_VERSION}.min.js",
)
# What Zoom's SDK needs, on this page only: its files, its servers, workers made of blobs, WebAssembly, styles of its own.
POLICY = (
    "default-src 'self'; "
    "script-src 'self' https://source.zoom.us blob: 'wasm-unsafe-eval' 'unsafe-eval'; "
    "style-src 'self' https://source.zoom.us 'unsafe-inline'; "
    "connect-src 'self' https://*.zoom.us wss://*.zoom.us blob: data:; "
    "img-src 'self' https: data: blob:; "
    "media-src 'self' https://*.zoom.us blob: data:; "
    "font-src 'self' https://source.zoom.us data:; "
    "worker-src 'self' blob:; "
    "frame-src 'self' https://*.zoom.us; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
LANGUAGES = {"en": "en-US", "ar": "en-US"}


@never_cache
@require_safe
@allowed(signed_in, for_wards=True)
@says_closed
def room(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Who may attend: into the room without leaving the site; by Zoom's link when that cannot be."""
    seen = Meeting.objects.visible_to(request.user).select_related("teacher", "group", "zoom_host")
    meeting = get_object_or_404(seen, pk=meeting_id)
    if not meeting.wanted or room_now(meeting, now=timezone.now()) is not None:
        return redirect("meeting-join", meeting_id=meeting.pk)
    handed = sdk_join(meeting, request.user, now=timezone.now())
    if handed is None:
        return redirect("meeting-join", meeting_id=meeting.pk)
    if request.method == "GET":
        note_press(meeting, request.user, now=timezone.now())
    context = {
        "meeting": meeting,
        "scripts": SCRIPTS,
        "styles": STYLES,
        "sdk": {
            "lib": SDK,
            "language": LANGUAGES.get(translation.get_language() or "en", "en-US"),
            "leaveUrl": request.build_absolute_uri(reverse("meeting", args=[meeting.pk])),
            "join": handed,
        },
    }
    response = render(request, "meetings/room.html", context)
    response.headers["Content-Security-Policy"] = POLICY
    return response
