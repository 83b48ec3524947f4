"""What people agree to before they join, because sessions are recorded."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.acting import doer
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.errors import DomainError
from classbell.recordings.consent import agree, agreed
from classbell.recordings.models import RecordingText
from classbell.web.kit.presenters.asked_text import asked_text, version_agreed_to
from classbell.web.kit.requests import PersonRequest, onwards
from classbell.web.recordings.forms import RecordingTextForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(signed_in, for_wards=True)
def consent(request: PersonRequest) -> HttpResponse:
    """Everybody, once for each text: read it and agree, then on to where they were going."""
    if request.method == "POST":
        try:
            agree(request.user, version=version_agreed_to(request), by=doer(request), now=timezone.now())
            return onwards(request, request.POST.get("next", ""))
        except DomainError as error:
            messages.error(request, str(error))
    text = RecordingText.newest()
    if text is None:
        return redirect("home")
    return render(request, "recordings/consent.html", asked_text(request, text))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def consent_text(request: PersonRequest) -> HttpResponse:
    """Admins: write the text in both languages, have it asked or not, and see how many agreed."""
    kept = RecordingText.newest()
    form = RecordingTextForm(request.POST or None, kept=kept)
    if request.method == "POST" and form.is_valid():
        try:
            text = RecordingText.write(**form.cleaned_data, by=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error("english", str(error))
        else:
            saved = _("Saved as version %(version)d. Who joins from now on is asked.")
            said = saved if text.is_asked else _("Saved. Nobody is asked.")
            messages.success(request, said % {"version": text.version})
            return redirect("recording-text")
    context = {"form": form, "kept": kept, "agreed": agreed(kept.version) if kept else 0}
    return render(request, "recordings/text.html", context, status=400 if form.errors else 200)
