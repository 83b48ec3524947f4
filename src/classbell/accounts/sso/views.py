"""Where a sign-in at a provider begins and comes back to, and where the provider says that somebody has signed out there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import deserialize_request
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.saml import views as saml_views
from allauth.socialaccount.providers.saml.utils import build_saml_config
from allauth.socialaccount.sessions import LoginSession
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from lxml.etree import LxmlError
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from requests import RequestException

from classbell.accounts.permissions import allowed, anyone, is_admin
from classbell.accounts.sso.id_tokens import Untrusted, logout_token_claims
from classbell.accounts.sso.links import end_sessions, link_key
from classbell.accounts.sso.openid import OpenIDAdapter, OpenIDCallback
from classbell.accounts.sso.provider import OPENID
from classbell.accounts.sso.saml import Replayed, signing_certificate
from classbell.accounts.sso.saml_settings import saml_settings
from classbell.accounts.sso.trial import TRIAL

log = structlog.get_logger(__name__)

LOGOUT_TOKEN_REMEMBERED_SECONDS = 86400
View = Callable[..., HttpResponse]
# What comes of answers that are not what the protocols say. Each is a refused sign-in, never a crash.
FAILURES = (
    OAuth2Error,
    RequestException,
    PermissionDenied,
    OneLogin_Saml2_Error,
    OneLogin_Saml2_ValidationError,
    Replayed,
    LxmlError,
    LookupError,
    TypeError,
    ValueError,
)


def says_what_failed(view: View) -> View:
    """Answer with a page that says what to do, whatever the provider answered."""

    @wraps(view)
    def answering(request: HttpRequest, **named: str) -> HttpResponse:
        (slug,) = named.values()  # allauth has names of its own for it
        provider = _provider(request, slug)
        try:
            return view(request, slug)
        except FAILURES as failure:
            try:
                get_adapter().on_authentication_error(request, provider, AuthError.UNKNOWN, failure)
            except ImmediateHttpResponse as page:
                return cast("HttpResponse", page.response)
            raise

    return answering


@never_cache
@require_safe
@allowed(anyone)
@says_what_failed
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Send somebody to the provider."""
    provider = _provider(request, slug)
    if not provider.app.said.is_on:
        raise Http404
    response: HttpResponse = provider.redirect_from_request(request)
    return response


@never_cache
@require_safe
@allowed(is_admin)
@says_what_failed
def begin_trial(request: HttpRequest, slug: str) -> HttpResponse:
    """Admins: sign in at the provider to see who that would be here."""
    response: HttpResponse = _provider(request, slug).redirect(request, TRIAL)
    return response


@never_cache
@require_safe
@allowed(anyone)
@says_what_failed
def openid_callback(request: HttpRequest, slug: str) -> HttpResponse:
    """Take back who has signed in by OpenID Connect."""
    response: HttpResponse = OpenIDCallback.adapter_view(OpenIDAdapter(request, slug))(request)
    return response


@csrf_exempt
@never_cache
@require_POST
@allowed(anyone)
def openid_signed_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Providers: somebody has signed out there (Back-Channel Logout); the sessions that began with it end."""
    provider = _provider(request, slug)
    said = provider.app.said
    if said.kind != OPENID:
        raise Http404
    try:
        keys_url = OpenIDAdapter(request, slug).openid_config["jwks_uri"]
        claims = logout_token_claims(
            request.POST.get("logout_token", ""), issuer=said.issuer, client_id=said.client_id, keys_url=keys_url
        )
        _use_once(said.issuer, claims["jti"])
    except (Untrusted, OAuth2Error, RequestException, LookupError, ValueError) as error:
        log.warning("logout_token_refused", provider=slug, reason=str(error)[:200])
        return JsonResponse({"error": "invalid_request"}, status=400)
    sub, sid = claims.get("sub"), claims.get("sid")
    ended = end_sessions(provider=slug, uid=link_key(said.issuer, sub) if sub else None, sid=sid)
    log.info("signed_out_at_provider", provider=slug, sessions=ended)
    return HttpResponse(status=200)


@csrf_exempt
@never_cache
@require_POST
@allowed(anyone)
def saml_answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Take what the provider's page posts, and read it with the browser's own cookies on the next page."""
    _provider(request, slug)
    response: HttpResponse = saml_views.acs(request, organization_slug=slug)
    return response


class _SamlFinish(saml_views.FinishACSView):  # type: ignore[misc]  # allauth has no types
    """Reads an answer by whichever of the provider's certificates signs it; allauth knows one."""

    def get_provider(self, organization_slug: str) -> Any:
        provider = super().get_provider(organization_slug)
        said = provider.app.said
        kept = LoginSession(self.request, "saml_acs_session", "saml-acs-session").store.get("request")
        if kept and len(said.certificates) > 1:
            answer = deserialize_request(kept, HttpRequest()).POST.get("SAMLResponse", "")
            certificate = signing_certificate(said.certificates, answer)
            provider.app.settings = saml_settings(said, certificate=certificate)
        return provider


@never_cache
@require_safe
@allowed(anyone)
@says_what_failed
def saml_finish(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Take back who has signed in by SAML."""
    response: HttpResponse = _SamlFinish.as_view()(request, organization_slug=organization_slug)
    return response


@require_safe
@allowed(anyone)
def saml_metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """Providers: who we are, where answers go, and what is asked of them."""
    provider = _provider(request, slug)
    if provider.app.said.kind == OPENID:
        raise Http404
    config = build_saml_config(request, provider.app.settings, slug)
    del config["sp"]["singleLogoutService"]
    metadata = OneLogin_Saml2_Settings(settings=config, sp_validation_only=True).get_sp_metadata()
    return HttpResponse(metadata, content_type="application/samlmetadata+xml")


@require_safe
@allowed(anyone)
def saml_signed_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Nothing: signing out is not passed on by SAML. python3-saml wants the address to exist."""
    raise Http404


def _use_once(issuer: str, token_id: str) -> None:
    if not cache.add(f"logout:{link_key(issuer, token_id)}", True, timeout=LOGOUT_TOKEN_REMEMBERED_SECONDS):
        raise Untrusted("used before")


def _provider(request: HttpRequest, slug: str) -> Any:
    try:
        return get_adapter().get_provider(request, provider=slug)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
