"""API keys: which programs of the school are let in, and what they may."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.keys import services
from classbell.accounts.models import ApiKey
from classbell.accounts.permissions import allowed, is_admin
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.forms import KeyForm
from classbell.web.school.keys import present_key
from classbell.zones import place_of


@never_cache
@require_safe
@allowed(is_admin)
def keys(request: PersonRequest) -> HttpResponse:
    """Admins: every key, whom it acts for, when it was used last; a new secret, and the end."""
    now = timezone.now()
    rows = ApiKey.objects.select_related("owner").order_by("name")
    context = {"keys": [present_key(key, now=now) for key in rows], "place": place_of(request.user.zone)}
    return render(request, "keys/list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed(is_admin)
def new(request: PersonRequest) -> HttpResponse:
    """Admins: make a key. Its secret stands in the answer, this once."""
    form, now = KeyForm(request.POST or None), timezone.now()
    if form.is_valid():
        try:
            made = services.make_key(
                owner=request.user,
                name=form.cleaned_data["name"],
                scopes=form.scopes(),
                expires_at=form.expires_at(now),
                now=now,
            )
        except services.KeyInvalid as error:
            form.add_error("name", str(error))
        else:
            return _once(request, made)
    return render(request, "keys/new.html", {"form": form}, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def rotate(request: PersonRequest, key_id: UUID) -> HttpResponse:
    """Admins: give a key a new secret, which stands in the answer, this once."""
    if request.method != "POST":  # the address of a secret that is shown once, read again
        return redirect("keys")
    try:
        made = services.rotate_key(key_id=key_id, by=request.user, now=timezone.now())
    except services.KeyExpired as error:
        messages.error(request, str(error))
        return redirect("keys")
    return _once(request, made)


@require_POST
@allowed(is_admin)
def end(request: PersonRequest, key_id: UUID) -> HttpResponse:
    """Admins: end a key, at once."""
    name = services.end_key(key_id=key_id)
    messages.success(request, _("The key %(name)s has ended.") % {"name": name})
    return redirect("keys")


def _once(request: PersonRequest, made: services.IssuedKey) -> HttpResponse:
    key = present_key(made.key, now=timezone.now())
    return render(request, "keys/secret.html", {"key": key, "secret": made.secret})
