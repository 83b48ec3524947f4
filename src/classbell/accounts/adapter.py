"""How django-allauth behaves here."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation

from classbell.accounts.models import User
from classbell.accounts.sign_ins.attempts import TooManyAttempts, note_refused, try_password
from classbell.accounts.sign_ins.devices import device_of
from classbell.accounts.sso.links import BEGAN, STILL_SIGNED_IN, note_beginning, note_session
from classbell.accounts.sso.pages import said_page
from classbell.accounts.sso.policy import OnlyProviders, needs_provider
from classbell.addresses import NotAnAddress, checked_email, email_key


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by admins and imports; nobody signs up unasked."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up from the pages."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write to somebody in their language and of our own host, whatever the page had on which the mail was asked for."""
        reader = context.get("user")
        with translation.override(reader.locale if isinstance(reader, User) else translation.get_language()):
            site = {"current_site": SimpleNamespace(name="Classbell", domain=public_host())}
            self.render_mail(template_prefix, email, {"email": email} | site | context).send()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return an address on the installation's own host, whatever host a request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return urljoin(settings.ENVIRONMENT.public_url, path.replace("UID-KEY", quote(key)))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave the counting of failures to `accounts.sign_ins.attempts`."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """
        Return who signs in, on pages and by the API, under the one spelling that addresses have here; nobody without one.

        Raises ValidationError, because of TooManyAttempts, where it was tried too often.
        """
        email = email_key(str(credentials.get("email") or ""))
        by_allauth = super().authenticate

        def check() -> User | None:
            found: User | None = by_allauth(request, **credentials | {"email": email})
            return found if found is None or found.email == email else None

        try:
            return try_password(email, device_of(request), check, now=timezone.now())
        except TooManyAttempts as refused:
            raise ValidationError(str(refused), code=refused.code) from refused

    def pre_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse | None:
        """Let in by a provider only, where that is the rule, and remember with which one the session begins."""
        request.session.pop(BEGAN, None)
        arrived = (facts.get("signal_kwargs") or {}).get("sociallogin")
        if arrived is not None:
            note_beginning(request, arrived.account, arrived.arrival)
        elif needs_provider(user):
            note_refused(user, device_of(request), now=timezone.now())
            refusal = OnlyProviders()
            raise ImmediateHttpResponse(said_page(request, str(refusal), status=refusal.status))
        response: HttpResponse | None = super().pre_login(request, user, **facts)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign somebody in, after the second step if any."""
        super().login(request, user)
        note_session(request)

    def logout(self, request: HttpRequest) -> None:
        """End the session here; the next page offers to sign out at the provider too, where it began there and can end."""
        began = request.session.get(BEGAN) or {}
        super().logout(request)
        if began.get("sign_out_url"):
            request.session[STILL_SIGNED_IN] = began

    def clean_email(self, email: str) -> str:
        """Return an address as it is kept, in every form of allauth that asks for one."""
        try:
            return checked_email(super().clean_email(email))
        except NotAnAddress as error:
            raise ValidationError(str(error), code="invalid") from error


def public_host() -> str:
    """Return the host that people use."""
    return urlsplit(settings.ENVIRONMENT.public_url).netloc
