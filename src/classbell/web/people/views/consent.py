"""What the school asks people to agree to: when they sign in, and to take back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed, signed_in
from classbell.errors import DomainError
from classbell.privacy.consent import agree, withdraw
from classbell.privacy.models import ConsentText
from classbell.privacy.receivers import ASKED
from classbell.web.kit.presenters.asked_text import asked_text, version_agreed_to
from classbell.web.kit.requests import PersonRequest, onwards


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(signed_in)
def consent(request: PersonRequest) -> HttpResponse:
    """Everybody: read the text, agree to it or leave it for now; then on to where they were going."""
    if request.method == "POST":
        try:
            if "version" in request.POST:
                agree(request.user, version=version_agreed_to(request), now=timezone.now())
                messages.success(request, _("Thank you. You can take it back under “What is kept about you”."))
            request.session.pop(ASKED, None)
            return onwards(request, request.POST.get("next", ""))
        except DomainError as error:
            messages.error(request, str(error))
    text = ConsentText.newest()
    if text is None:
        request.session.pop(ASKED, None)
        return redirect("home")
    return render(request, "data/consent.html", asked_text(request, text))


@require_POST
@allowed(signed_in)
def consent_withdraw(request: PersonRequest) -> HttpResponse:
    """Everybody: take back what they agreed to; the admins are told."""
    if withdraw(request.user, now=timezone.now()):
        messages.success(request, _("You have taken it back. The school is told."))
    return redirect("my-data")
