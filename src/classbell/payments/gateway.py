"""Which provider of payments the settings name. Another one than Stripe is chosen here."""

from django.conf import settings

from classbell.payments.providers import Provider
from classbell.payments.stripe_checkout import StripeCheckout


def provider() -> Provider | None:
    """Return the provider of payments, None while paying is not set up."""
    environment = settings.ENVIRONMENT
    secret_key = environment.stripe_secret_key.get_secret_value()
    if not secret_key:
        return None
    return StripeCheckout(
        secret_key=secret_key,
        webhook_secret=environment.stripe_webhook_secret.get_secret_value(),
        api_url=environment.stripe_api_url,
        automatic_tax=environment.stripe_automatic_tax,
    )


def is_on() -> bool:
    """Whether people can pay online."""
    return bool(settings.ENVIRONMENT.stripe_secret_key.get_secret_value())
