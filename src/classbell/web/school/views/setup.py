"""Setting the school up: a checklist that knows what is done, and checks what it can."""

from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.meetings.hosts import pool
from classbell.meetings.sync.gateway import is_configured, zoom_in_request
from classbell.meetings.zoom_accounts import school_accounts
from classbell.reasons import ZOOMS_WORDS, of_zoom
from classbell.web.kit.requests import PersonRequest
from classbell.web.models import SkippedStep
from classbell.web.school import setup as school
from classbell.web.school.labels import settings_in_words
from classbell.zoom.check import CLASSIC_SCOPES, GRANULAR_SCOPES
from classbell.zoom.errors import ZoomBusy, ZoomError

# How long somebody waits while the hosts are read; a worker reads them every ten minutes.
READING_SECONDS: Final = 20.0


@never_cache
@require_safe
@allowed(is_admin)
def setup(request: PersonRequest) -> HttpResponse:
    """Admins."""
    steps = school.steps()
    environment = settings.ENVIRONMENT
    context = {
        "steps": steps,
        "done": sum(1 for step in steps if not step.is_left),
        "next": next((step.name for step in steps if step.is_left), ""),
        "webhook_address": urljoin(environment.public_url, "/api/zoom/webhook"),
        "webhook_secret_is_set": bool(environment.zoom_webhook_secret.get_secret_value()),
        "events": school.EVENTS,
        "scopes": GRANULAR_SCOPES,
        "classic_scopes": CLASSIC_SCOPES,
        "settings_file": environment.settings_file,
        "is_public": environment.public_url.startswith("https://"),
    }
    return render(request, "setup/page.html", context)


@require_safe
@allowed(is_admin)
def installation(request: PersonRequest) -> HttpResponse:
    """Admins: every setting, what it is for and what it would be by itself."""
    environment = settings.ENVIRONMENT
    context = {"groups": settings_in_words(environment), "file": environment.settings_file}
    return render(request, "setup/settings.html", context)


@require_POST
@allowed(is_admin)
def check(request: PersonRequest) -> HttpResponse:
    """Admins: ask Zoom now whether the connection works."""
    found = school.check_zoom()
    if request.htmx:
        return render(request, "setup/check.html", {"check": found})
    (messages.success if found.kind == "ok" else messages.error)(request, found.sentence)
    return redirect("setup")


@require_POST
@allowed(is_admin)
def read_hosts(request: PersonRequest) -> HttpResponse:
    """Admins: read from Zoom who may host, now."""
    if not is_configured():
        messages.error(request, _("Connect Zoom first."))
        return redirect("setup")
    try:
        found = 0
        for one in school_accounts():
            with zoom_in_request(one.account_id, seconds=READING_SECONDS) as client:
                found += pool.read_hosts(client, account_id=one.account_id, now=timezone.now()).found
    except ZoomBusy:
        messages.error(request, _("Zoom answers slowly just now, and others wait for it; try again in a moment."))
    except ZoomError as error:
        said = of_zoom(error)
        words = format_html('<span lang="en" dir="ltr">{}</span>', said.facts[ZOOMS_WORDS])
        messages.error(request, format_html("{} {}", said, words))
    else:
        text = ngettext("Zoom lists %(count)s host.", "Zoom lists %(count)s hosts.", found)
        messages.success(request, text % {"count": found})
    return redirect("setup")


@require_POST
@allowed(is_admin)
def skip(request: PersonRequest, name: str) -> HttpResponse:
    """Admins: leave a step out, or take it up again."""
    if name not in school.STEPS:
        raise Http404
    if request.POST.get("again"):
        SkippedStep.objects.filter(name=name).delete()
    else:
        SkippedStep.objects.get_or_create(name=name)
    return redirect("setup")
