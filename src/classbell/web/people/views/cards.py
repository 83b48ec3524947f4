"""Coming in by a card: students who have no e-mail address of their own."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.cards import CardUnusable, person_of_card, renew_card, settle_in
from classbell.accounts.permissions import allowed, anyone, is_admin
from classbell.accounts.tokens import BACKEND
from classbell.web.kit.device import device_zone
from classbell.web.kit.requests import PersonRequest, VisitorRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(anyone)
def card(request: VisitorRequest, token: str) -> HttpResponse:
    """Whoever holds the card: come in as its student. Looking at the page alone signs nobody in."""
    try:
        person = person_of_card(token)
    except CardUnusable as error:
        return render(request, "people/card.html", {"refusal": str(error)}, status=410)
    if request.method == "POST":
        zone = device_zone(request)
        settle_in(person, locale=get_language() or person.locale, timezone=zone.key if zone else person.timezone)
        login(request, person, backend=BACKEND)
        return redirect("home")
    return render(request, "people/card.html", {"person": person})


@require_POST
@allowed(is_admin)
def new_card(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Admins: make a new card for somebody without an address; the one before stops working, and ends what it opened."""
    person = renew_card(user_id=person_id)
    messages.success(request, _("%(name)s has a new card; the old one no longer works.") % {"name": person.name})
    return redirect("person", person_id=person_id)
