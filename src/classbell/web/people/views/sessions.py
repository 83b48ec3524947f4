"""Where one is signed in: browsers and apps, each to be ended."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.permissions import allowed, signed_in
from classbell.accounts.sign_ins import kept
from classbell.accounts.sign_ins.devices import in_words
from classbell.accounts.tokens import session_key_of
from classbell.errors import NotThere
from classbell.web.kit.requests import PersonRequest
from classbell.zones import place_of


@never_cache
@require_safe
@allowed(signed_in)
def sessions(request: PersonRequest) -> HttpResponse:
    """Everybody, their own: where they are signed in, and since when."""
    key = session_key_of(request)
    rows = [
        {"row": row, "device": in_words(row.agent), "is_current": row.session_key == key}
        for row in kept.sign_ins_of(request.user, now=timezone.now())
    ]
    rows.sort(key=lambda one: not one["is_current"])
    return render(request, "people/sessions.html", {"rows": rows, "place": place_of(request.user.zone)})


@require_POST
@allowed(signed_in)
def end(request: PersonRequest, sign_in_id: UUID) -> HttpResponse:
    """Everybody, their own: end one of them, at once. This one is ended by signing out."""
    found = kept.sign_ins_of(request.user, now=timezone.now()).filter(pk=sign_in_id).first()
    if found is None:
        raise NotThere
    if found.session_key == session_key_of(request):
        return redirect("account_logout")
    kept.end_sign_in(request.user, sign_in_id)
    messages.success(request, _("Signed out there: %(device)s.") % {"device": in_words(found.agent)})
    return redirect("my-sessions")


@require_POST
@allowed(signed_in)
def end_others(request: PersonRequest) -> HttpResponse:
    """Everybody, their own: end all of them but this one, at once. Safe to repeat."""
    ended = kept.end_others(request.user, session_key=session_key_of(request), now=timezone.now())
    text = ngettext("Signed out on %(count)s other device.", "Signed out on %(count)s other devices.", ended)
    messages.success(request, text % {"count": ended} if ended else _("You were signed in nowhere else."))
    return redirect("my-sessions")
