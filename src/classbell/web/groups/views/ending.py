"""Ending a class, a course or a circle, and opening it again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed
from classbell.web.groups.kinds import Kind, teaches
from classbell.web.kit.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(teaches)
def end(request: PersonRequest, kind: Kind, pk: UUID) -> HttpResponse:
    """Who teaches it, and admins: end it after reading what that does."""
    name, now = kind.group(pk).name, timezone.now()
    if request.method == "POST":
        kind.end(pk, now=now)
        messages.success(request, str(kind.ended) % {"name": name})
        return redirect(kind.list_page)
    context = {"kind": kind, "name": name, "url": kind.url(pk), "cancellation": kind.cancellation(pk, now=now)}
    return render(request, "groups/end.html", context)


@require_POST
@allowed(teaches)
def reopen(request: PersonRequest, kind: Kind, pk: UUID) -> HttpResponse:
    """Who teaches it, and admins: teach it again after it was ended. Safe to repeat."""
    kind.reopen(pk)
    said = _("%(name)s is taught again. Cancelled meetings stay cancelled; plan new ones.")
    messages.success(request, said % {"name": kind.group(pk).name})
    return redirect(kind.reopened_page, pk)
