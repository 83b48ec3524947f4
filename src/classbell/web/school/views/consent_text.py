"""What people are asked to agree to when they sign in: its text, and how many do."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import DomainError
from classbell.privacy.consent import figures
from classbell.privacy.models import ConsentText
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.forms import ConsentForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def consent_text(request: PersonRequest) -> HttpResponse:
    """Admins: write the text in both languages, have it asked or not, and see how many agree."""
    kept = ConsentText.newest()
    form = ConsentForm(request.POST or None, kept=kept)
    if request.method == "POST" and form.is_valid():
        try:
            text = ConsentText.write(**form.cleaned_data, by=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error("english", str(error))
        else:
            saved = _("Saved as version %(version)d. Who signs in from now on is asked.")
            messages.success(
                request, (saved if text.is_asked else _("Saved. Nobody is asked.")) % {"version": text.version}
            )
            return redirect("consent-text")
    context = {"form": form, "kept": kept, "figures": figures(kept.version) if kept else None}
    return render(request, "consent/page.html", context, status=400 if form.errors else 200)
