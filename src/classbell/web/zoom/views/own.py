"""A teacher's own Zoom: connected at Zoom's consent page, and disconnected."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from classbell.accounts.permissions import allowed, is_admin, is_teacher_or_admin
from classbell.errors import DomainError
from classbell.meetings import consent
from classbell.meetings.models import LostBecause, ZoomTrouble
from classbell.meetings.sync.health import health
from classbell.meetings.user_app import keep_user_app, redirect_uri, user_app
from classbell.web.kit.requests import PersonRequest
from classbell.web.zoom.forms import UserAppForm
from classbell.web.zoom.views.accounts import STILL_AT_ZOOM
from classbell.zoom.check import USER_SCOPES
from classbell.zoom.consent import authorization_url, new_verifier

# What a session remembers of somebody on their way to Zoom and back, and for how long.
ON_THE_WAY: Final = "own_zoom"
LONGEST_WAY: Final = timedelta(minutes=15)
REFUSED: Final = "access_denied"


@never_cache
@require_safe
@allowed(is_teacher_or_admin)
def own(request: PersonRequest) -> HttpResponse:
    """Teachers: whether their own Zoom is connected, what that means, and the way to change it."""
    own = consent.own_zoom(request.user, now=timezone.now())
    context = {"app": user_app(), "own": own, "trouble": _trouble(own)}
    return render(request, "zoom/own.html", context)


@never_cache
@require_GET
@allowed(is_teacher_or_admin)
def connect(request: PersonRequest) -> HttpResponse:
    """Teachers: to Zoom's consent page. Nothing is changed before they are back."""
    app = user_app()
    if app is None:
        return redirect("own-zoom")
    state, verifier = secrets.token_urlsafe(32), new_verifier()
    request.session[ON_THE_WAY] = {"state": state, "verifier": verifier, "since": timezone.now().isoformat()}
    return redirect(authorization_url(app.at_zoom, redirect_uri=redirect_uri(), state=state, verifier=verifier))


@never_cache
@require_GET
@allowed(is_teacher_or_admin)
def back(request: PersonRequest) -> HttpResponse:
    """Teachers: back from Zoom, with a code or with their no. Only who set out in this session comes back, and once."""
    now = timezone.now()
    verifier = _verifier_of_who_set_out(request, now)
    if verifier is None:
        messages.error(request, _("This did not begin here, or took too long. Nothing was connected; begin again."))
        return redirect("own-zoom")
    if error := request.GET.get("error"):
        said = _("You did not allow it at Zoom. Nothing was connected.")
        other = _("Zoom did not connect it (%(error)s). Begin again; if it happens again, tell the school.")
        messages.error(request, said if error == REFUSED else other % {"error": error[:80]})
        return redirect("own-zoom")
    try:
        consent.connect(request.user, code=request.GET.get("code", ""), verifier=verifier, now=now)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Connected. Your new lessons are held at your own Zoom."))
    return redirect("own-zoom")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_teacher_or_admin)
def disconnect(request: PersonRequest) -> HttpResponse:
    """Teachers: take the permission back, after reading what becomes of their lessons."""
    own = consent.own_zoom(request.user, now=timezone.now())
    if own is None or not own.is_connected:
        return redirect("own-zoom")
    if request.method != "POST":
        return render(request, "zoom/own_disconnect.html", {"own": own})
    if consent.disconnect(own.row, because=LostBecause.DISCONNECTED, now=timezone.now()):
        messages.success(request, _("Disconnected. What was to be held there is given other hosts."))
    else:
        messages.warning(request, STILL_AT_ZOOM)
    return redirect("own-zoom")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def app(request: PersonRequest) -> HttpResponse:
    """Admins: the app at Zoom that teachers consent to. What is kept of its secrets is not shown."""
    known = user_app()
    is_of_settings = known is not None and known.is_of_settings
    form = UserAppForm(request.POST if request.method == "POST" and not is_of_settings else None, kept=known)
    if form.is_valid():
        keep_user_app(**form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("zoom-user-app")
    context = {
        "form": form,
        "is_of_settings": is_of_settings,
        "redirect_uri": redirect_uri(),
        "webhook_address": urljoin(settings.ENVIRONMENT.public_url, "/api/zoom/webhook"),
        "scopes": USER_SCOPES,
    }
    return render(request, "zoom/user_app.html", context, status=400 if form.errors else 200)


def _trouble(own: consent.OwnZoom | None) -> str:
    """Return what ails a connected Zoom, in words; "" for nothing."""
    known = health(own.row.account_id) if own is not None and own.is_connected else None
    return str(ZoomTrouble(known.trouble).label) if known is not None and known.trouble else ""


def _verifier_of_who_set_out(request: PersonRequest, now: datetime) -> str | None:
    """Return the PKCE verifier of this session's way to Zoom, which is over now; None where none fits what came back."""
    way = request.session.pop(ON_THE_WAY, None)
    if way is None or now - datetime.fromisoformat(way["since"]) > LONGEST_WAY:
        return None
    if not hmac.compare_digest(way["state"].encode(), request.GET.get("state", "").encode()):
        return None
    return str(way["verifier"])
