"""How django-allauth's sign-in at providers behaves here: which there are, who comes in, what is said to who does not."""

from typing import Any

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from requests import RequestException, Session

from classbell.accounts.sign_ins.attempts import note_refused
from classbell.accounts.sign_ins.devices import device_of
from classbell.accounts.sso.errors import NotComingIn
from classbell.accounts.sso.links import link
from classbell.accounts.sso.pages import said_page
from classbell.accounts.sso.people import admit, judge
from classbell.accounts.sso.provider import OPENID, Provider
from classbell.accounts.sso.providers import all_providers, find_provider
from classbell.accounts.sso.saml_settings import saml_settings
from classbell.accounts.sso.trial import TRIAL, trial_page
from classbell.bidi import isolated

log = structlog.get_logger(__name__)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Providers come from `providers`, people from `people`; allauth's own tables and forms for both are not used."""

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the providers as allauth knows them: by their short name, or by protocol."""
        apps = map(_app, all_providers())
        return [
            app
            for app in apps
            if (not provider or provider in {app.provider, app.provider_id})
            and (not client_id or client_id == app.client_id)
        ]

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        """Nobody is found by address before `people` has judged it."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Refuse allauth's sign-up; `people` makes the accounts."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Decide who comes in, or say why not. Called once what the provider said is verified."""
        account = sociallogin.account
        provider = find_provider(account.provider)
        if provider is None:
            raise ImmediateHttpResponse(said_page(request, _("This provider is not here any more."), status=404))
        linked = sociallogin.user if account.pk else None
        verdict = judge(provider, sociallogin.arrival.claims, linked=linked)
        if sociallogin.state.get("process") == TRIAL:
            raise ImmediateHttpResponse(trial_page(request, provider, sociallogin.arrival.claims, verdict))
        try:
            sociallogin.user = admit(provider, verdict)
            sociallogin.account = link(account, sociallogin.user)
        except NotComingIn as error:
            note_refused(verdict.user, device_of(request), now=timezone.now())
            raise ImmediateHttpResponse(said_page(request, str(error), provider=provider.name, status=403)) from error

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Say what went wrong at the provider, or on the way back, and what to do."""
        facts = extra_context or {}
        reason = str(exception or facts.get("saml_last_error_reason") or request.GET.get("error") or error)
        log.warning("provider_sign_in_failed", provider=provider.app.provider_id, reason=reason[:500])
        text = _what_went_wrong(request, provider.name, error, exception, facts)
        raise ImmediateHttpResponse(said_page(request, text, provider=provider.name, status=401))

    def get_requests_session(self) -> Session:
        """Return what asks providers: for five seconds at most, and never where they send it instead."""
        session: Session = super().get_requests_session()
        session.max_redirects = 0
        return session


def _app(said: Provider) -> SocialApp:
    is_openid = said.kind == OPENID
    app = SocialApp(
        provider="openid_connect" if is_openid else "saml",
        provider_id=said.slug,
        name=said.name,
        client_id=said.client_id if is_openid else said.slug,
        secret=said.client_secret.get_secret_value(),
        settings={} if is_openid else saml_settings(said, certificate=said.certificates[0]),
    )
    app.said = said
    return app


def _what_went_wrong(
    request: HttpRequest, name: str, error: str | None, exception: Exception | None, facts: dict[str, Any]
) -> str:
    names = {"provider": isolated(name), "code": request.GET.get("error", "")[:80]}
    if error == AuthError.CANCELLED:
        return _("You have not signed in at %(provider)s. Try again when you like.") % names
    if isinstance(exception, RequestException):
        return _("%(provider)s does not answer just now. Try again in a minute.") % names
    if exception is not None or "saml_errors" in facts:
        text = _("What %(provider)s answered cannot be trusted. Try again; if it happens again, tell your school.")
        return text % names
    if names["code"]:
        text = _("%(provider)s answered “%(code)s”. Try again; if it happens again, tell your school.")
        return text % names
    text = _("This sign-in took too long, or began in another window or browser. Begin again here.")
    return text % names
