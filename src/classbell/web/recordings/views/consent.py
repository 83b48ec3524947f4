"""What people agree to before they join, because sessions are recorded."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from classbell.accounts.acting import doer
from classbell.accounts.permissions import allowed, is_admin, signed_in
from classbell.errors import DomainError
from classbell.recordings.consent import agree, agreed, newest_text, write_text
from classbell.web.kit.requests import PersonRequest
from classbell.web.recordings.forms import RecordingTextForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(signed_in, for_wards=True)
def consent(request: PersonRequest) -> HttpResponse:
    """Everybody, once for each text: read it and agree, then on to where they were going."""
    if request.method == "POST":
        try:
            typed = request.POST.get("version", "")
            version = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 0
            agree(request.user, version=version, by=doer(request), now=timezone.now())
            return _onwards(request, request.POST.get("next", ""))
        except DomainError as error:
            messages.error(request, str(error))
    text = newest_text()
    if text is None:
        return redirect("home")
    said, language = text.said_in(get_language() or "en")
    context = {
        "text": text,
        "said": said,
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "next": request.GET.get("next", "") or request.POST.get("next", ""),
    }
    return render(request, "recordings/consent.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def consent_text(request: PersonRequest) -> HttpResponse:
    """Admins: write the text in both languages, have it asked or not, and see how many agreed."""
    kept = newest_text()
    initial = {"english": kept.english, "arabic": kept.arabic, "is_asked": kept.is_asked} if kept else None
    form = RecordingTextForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            text = write_text(**form.cleaned_data, by=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error("english", str(error))
        else:
            saved = _("Saved as version %(version)d. Who joins from now on is asked.")
            said = saved if text.is_asked else _("Saved. Nobody is asked.")
            messages.success(request, said % {"version": text.version})
            return redirect("recording-text")
    context = {"form": form, "kept": kept, "agreed": agreed(kept.version) if kept else 0}
    return render(request, "recordings/text.html", context, status=400 if form.errors else 200)


def _onwards(request: PersonRequest, target: str) -> HttpResponse:
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if is_ours else "/")
