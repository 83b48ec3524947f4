"""All identity providers: those of the settings, which stand first, and those that admins have set up on a page."""

import structlog
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from pydantic import SecretStr, ValidationError

from classbell.accounts.models import IdentityProvider, ProviderSession
from classbell.accounts.sso.provider import Provider
from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.errors import DomainError, NotThere
from classbell.rows import write

log = structlog.get_logger(__name__)

PURPOSE = "identity-provider"


class NameTaken(DomainError):
    """Another provider has this short name, which stands in addresses."""

    code = "provider_exists"

    def __init__(self) -> None:
        super().__init__(_("Another provider has this short name."))


def all_providers() -> list[Provider]:
    """Return every provider, also those that are switched off. One query."""
    configured = list(configured_providers())
    known = {provider.slug for provider in configured}
    rows = [_provider(row) for row in IdentityProvider.objects.all() if row.slug not in known]
    return configured + [provider for provider in rows if provider is not None]


def active_providers() -> list[Provider]:
    """Return the providers that people may use."""
    return [provider for provider in all_providers() if provider.is_on]


def find_provider(slug: str) -> Provider | None:
    """Return the provider with this short name, switched on or off; None when there is none."""
    return next((provider for provider in all_providers() if provider.slug == slug), None)


def configured_providers() -> tuple[Provider, ...]:
    """Return those of the settings, which no page changes."""
    providers: tuple[Provider, ...] = settings.ENVIRONMENT.sign_in_providers
    return providers


def add_provider(provider: Provider) -> Provider:
    """Keep a new provider. Raises NameTaken."""
    if any(one.slug == provider.slug for one in configured_providers()):
        raise NameTaken
    try:
        with transaction.atomic():
            IdentityProvider.objects.create(slug=provider.slug, **_kept(provider))
    except IntegrityError as error:
        raise NameTaken from error
    return provider


def change_provider(provider: Provider) -> Provider:
    """Keep what is said now of the provider with this short name; without a secret, the one kept stays. Raises NotThere."""
    with transaction.atomic():
        row = _locked(provider.slug)
        kept = _kept(provider)
        if not provider.client_secret.get_secret_value():
            del kept["secret"]
        write(row, kept)
    return provider


def remove_provider(slug: str) -> None:
    """
    Forget a provider and who is linked with it: they keep their accounts, and sessions that began there end.

    Raises NotThere.
    """
    with transaction.atomic():
        row = _locked(slug)
        accounts = SocialAccount.objects.filter(provider=slug)
        sessions = ProviderSession.objects.filter(account__in=accounts).values_list("pk", flat=True)
        Session.objects.filter(pk__in=list(sessions)).delete()
        accounts.delete()
        row.delete()


def _locked(slug: str) -> IdentityProvider:
    row = IdentityProvider.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        raise NotThere
    return row


def _kept(provider: Provider) -> dict[str, object]:
    secret = provider.client_secret.get_secret_value()
    return {"said": provider.kept(), "secret": encrypt(secret.encode(), purpose=PURPOSE) if secret else b""}


def _provider(row: IdentityProvider) -> Provider | None:
    """Return what a row holds; None, and a word in the log, where that is no provider any more."""
    try:
        secret = decrypt(bytes(row.secret), purpose=PURPOSE).decode() if row.secret else ""
    except NotDecipherable:
        # The secret key is another one: whoever opens the provider's page writes the secret again.
        log.warning("provider_secret_lost", provider=row.slug)
        secret = ""
    try:
        return Provider(slug=row.slug, client_secret=SecretStr(secret), **row.said)
    except ValidationError:
        log.exception("provider_unusable", provider=row.slug)
        return None
