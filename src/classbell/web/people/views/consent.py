"""What the school asks people to agree to: when they sign in, and to take back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from classbell.accounts.permissions import allowed, signed_in
from classbell.errors import DomainError
from classbell.privacy.consent import agree, newest_text, withdraw
from classbell.privacy.receivers import ASKED
from classbell.web.kit.requests import PersonRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(signed_in)
def consent(request: PersonRequest) -> HttpResponse:
    """Everybody: read the text, agree to it or leave it for now; then on to where they were going."""
    if request.method == "POST":
        try:
            if "version" in request.POST:
                agree(request.user, version=_number(request.POST["version"]), now=timezone.now())
                messages.success(request, _("Thank you. You can take it back under “What is kept about you”."))
            request.session.pop(ASKED, None)
            return _onwards(request, request.POST.get("next", ""))
        except DomainError as error:
            messages.error(request, str(error))
    text = newest_text()
    if text is None:
        request.session.pop(ASKED, None)
        return redirect("home")
    said, language = text.said_in(get_language() or "en")
    context = {
        "text": text,
        "said": said,
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "next": request.GET.get("next", "") or request.POST.get("next", ""),
    }
    return render(request, "data/consent.html", context)


@require_POST
@allowed(signed_in)
def consent_withdraw(request: PersonRequest) -> HttpResponse:
    """Everybody: take back what they agreed to; the admins are told."""
    if withdraw(request.user, now=timezone.now()):
        messages.success(request, _("You have taken it back. The school is told."))
    return redirect("my-data")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _onwards(request: HttpRequest, target: str) -> HttpResponse:
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if is_ours else "/")
