"""Which provider of payments the settings name. Another one than Stripe is chosen here."""

from django.conf import settings

from classbell.payments.providers import Provider
from classbell.payments.stripe_checkout import StripeCheckout


def provider() -> Provider | None:
    """Return the provider of payments, None while paying is not set up."""
    return _stripe() if is_on() else None


def whose_webhooks() -> Provider | None:
    """
    Return the provider whose webhooks can be verified, None where that is not set up. A school that sells nothing any more
    still hears of what was being paid.
    """
    return _stripe() if settings.ENVIRONMENT.stripe_webhook_secret.get_secret_value() else None


def is_on() -> bool:
    """Whether people can pay online."""
    return bool(settings.ENVIRONMENT.stripe_secret_key.get_secret_value())


def _stripe() -> StripeCheckout:
    environment = settings.ENVIRONMENT
    return StripeCheckout(
        secret_key=environment.stripe_secret_key.get_secret_value(),
        webhook_secret=environment.stripe_webhook_secret.get_secret_value(),
        api_url=environment.stripe_api_url,
        automatic_tax=environment.stripe_automatic_tax,
    )
