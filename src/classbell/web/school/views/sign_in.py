"""Signing in with the school's own accounts, as admins set it up."""

from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.accounts.sso.openid import callback_address
from classbell.accounts.sso.people import judge
from classbell.accounts.sso.policy import set_sign_in_policy, sign_in_policy
from classbell.accounts.sso.provider import OPENID, SAML, Provider
from classbell.accounts.sso.providers import (
    add_provider,
    all_providers,
    change_provider,
    configured_providers,
    find_provider,
    remove_provider,
)
from classbell.accounts.sso.saml_settings import sp_entity_id
from classbell.errors import DomainError
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.provider_forms import ClaimsForm, OpenIDForm, PolicyForm, ProviderForm, SamlForm

FORMS: Final[dict[str, type[ProviderForm]]] = {OPENID: OpenIDForm, SAML: SamlForm}


@never_cache
@require_safe
@allowed(is_admin)
def overview(request: PersonRequest) -> HttpResponse:
    """Admins: where people sign in, and whether passwords let them in, too."""
    policy = sign_in_policy()
    form = PolicyForm(initial={"only_providers": policy.only_providers, "always_in": policy.always_in})
    return _overview(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def policy(request: PersonRequest) -> HttpResponse:
    """Admins: let people in by password, or by providers only."""
    if request.method != "POST":  # the address of a refusal, read again
        return redirect("sign-in")
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _overview(request, form)
    admin = form.cleaned_data["always_in"]
    try:
        set_sign_in_policy(only_providers=form.cleaned_data["only_providers"], always_in=admin.pk if admin else None)
    except DomainError as error:
        form.add_error(None, str(error))
        return _overview(request, form)
    messages.success(request, _("Saved."))
    return redirect("sign-in")


@never_cache
@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def new(request: PersonRequest, kind: str) -> HttpResponse:
    """Admins: a provider more."""
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST if request.method == "POST" else None, kept=None)
    if form.is_valid() and form.provider is not None:
        try:
            add_provider(form.provider)
        except DomainError as error:
            form.add_error("slug", str(error))
        else:
            messages.success(request, _("Saved. Tell the provider the addresses below, then try it."))
            return redirect("sign-in-provider", slug=form.provider.slug)
    return render(request, "sign_in/edit.html", {"form": form, "kind": kind}, status=400 if form.errors else 200)


@never_cache
@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def provider(request: PersonRequest, slug: str) -> HttpResponse:
    """Admins: one provider: what is said of it, what it must be told, and who somebody would be."""
    kept = _found(slug)
    form = FORMS[kept.kind](request.POST if request.method == "POST" else None, kept=kept)
    if form.is_valid() and form.provider is not None:
        change_provider(form.provider)
        messages.success(request, _("Saved."))
        return redirect("sign-in-provider", slug=slug)
    return _page(request, kept, form, ClaimsForm())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed(is_admin)
def test(request: PersonRequest, slug: str) -> HttpResponse:
    """Admins: who somebody would be by claims that were pasted; nothing is changed."""
    kept = _found(slug)
    if request.method != "POST":  # the address of an answer, read again
        return redirect("sign-in-provider", slug=slug)
    claims = ClaimsForm(request.POST)
    verdict = judge(kept, claims.cleaned_data["claims"], linked=None) if claims.is_valid() else None
    return _page(request, kept, FORMS[kept.kind](kept=kept), claims, verdict=verdict)


@require_POST
@allowed(is_admin)
def remove(request: PersonRequest, slug: str) -> HttpResponse:
    """Admins: forget a provider; people keep their accounts."""
    kept = _found(slug)
    remove_provider(slug)
    messages.success(request, _("%(provider)s is removed.") % {"provider": kept.name})
    return redirect("sign-in")


def _found(slug: str) -> Provider:
    kept = find_provider(slug)
    if kept is None:
        raise Http404
    return kept


def _overview(request: PersonRequest, form: PolicyForm) -> HttpResponse:
    context = {"providers": all_providers(), "form": form, "only_providers": sign_in_policy().only_providers}
    return render(request, "sign_in/page.html", context, status=400 if form.errors else 200)


def _page(
    request: PersonRequest, kept: Provider, form: ProviderForm, claims: ClaimsForm, *, verdict: object = None
) -> HttpResponse:
    context = {
        "provider": kept,
        "form": None if kept in configured_providers() else form,
        "claims": claims,
        "verdict": verdict,
        "addresses": _addresses(kept),
    }
    is_bad = form.errors or claims.errors
    return render(request, "sign_in/provider.html", context, status=400 if is_bad else 200)


def _addresses(kept: Provider) -> list[tuple[str, str]]:
    """Return what the provider must be told: what it is called there, and the address."""
    if kept.kind == OPENID:
        signed_out = reverse("openid_connect_signed_out", args=[kept.slug])
        return [
            (_("Redirect URI"), callback_address(kept.slug)),
            (_("Back-channel logout URL, where it has such"), urljoin(settings.ENVIRONMENT.public_url, signed_out)),
        ]
    answers = urljoin(settings.ENVIRONMENT.public_url, reverse("saml_acs", args=[kept.slug]))
    return [(_("Entity ID, and address of our metadata"), sp_entity_id(kept.slug)), (_("Reply URL (ACS)"), answers)]
