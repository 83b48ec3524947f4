"""Calendars at Google and Microsoft: somebody is asked there whether they may be read, and comes back with the answer."""

import secrets
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.calendars import oauth, services
from classbell.calendars.models import CalendarKind
from classbell.calendars.troubles import CalendarTrouble, sentence_of
from classbell.errors import NotThere
from classbell.web.kit.requests import PersonRequest

# What was asked lies in the session, so that nobody comes back with another's answer.
ASKED: Final = "calendar_asked"


@require_POST
@allowed(is_teacher_or_admin)
def connect(request: PersonRequest, kind: str) -> HttpResponse:
    """Teachers: go to Google or Microsoft and be asked there."""
    known = _known(kind)
    asked = oauth.begin(known, redirect_uri=_comes_back_to(known))
    request.session[ASKED] = {"kind": known.value, "state": asked.state, "verifier": asked.verifier}
    return redirect(asked.url)


@never_cache
@require_safe
@allowed(is_teacher_or_admin)
def connected(request: PersonRequest, kind: str) -> HttpResponse:
    """Teachers: come back with a yes, and have the calendar read, or with a no."""
    known = _known(kind)
    asked = request.session.pop(ASKED, {})
    state = request.GET.get("state", "")
    if asked.get("kind") != known or not secrets.compare_digest(asked.get("state", "").encode(), state.encode()):
        messages.error(request, _("This answer belongs to no question of yours. Connect the calendar again."))
    elif not request.GET.get("code"):
        messages.error(request, _("The calendar was not connected: nobody said yes there."))
    else:
        _finish(request, known, request.GET["code"], asked["verifier"])
    return redirect("external-calendars")


def _finish(request: PersonRequest, kind: CalendarKind, code: str, verifier: str) -> None:
    now = timezone.now()
    try:
        tokens = oauth.tokens_for(kind, code=code, verifier=verifier, redirect_uri=_comes_back_to(kind), now=now)
        services.add_connected(teacher=request.user, kind=kind, tokens=tokens, now=now)
    except CalendarTrouble as error:
        messages.error(request, sentence_of(error.trouble))
    except services.CalendarInvalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The calendar is added. When it says that you are busy, nobody can book you."))


def _known(kind: str) -> CalendarKind:
    found = next((one for one in oauth.configured() if one.value == kind), None)
    if found is None:
        raise NotThere
    return found


def _comes_back_to(kind: CalendarKind) -> str:
    return urljoin(settings.ENVIRONMENT.public_url, reverse("external-calendar-connected", args=[kind.value]))
