"""What buying says no to, each with its sentence."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.errors import DomainError, NotThere
from classbell.money import price_in_words


class NoSuchOffer(NotThere):
    """There is no such offer, or it is not on sale any more."""

    def __init__(self) -> None:
        super().__init__(_("This is not for sale (any more). Look what is."))


class NoSuchPurchase(NotThere):
    """There is no such purchase, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__(_("There is no such purchase here."))


class OfferRefused(DomainError):
    """An offer cannot be like that; `refused` says of each field what to do."""

    code = "invalid_input"

    def __init__(self, refused: Mapping[str, str]) -> None:
        self.refused = dict(refused)
        details = [{"field": name, "message": message} for name, message in refused.items()]
        super().__init__(" ".join(f"{name}: {message}" for name, message in refused.items()), details=details)


class PriceChanged(DomainError):
    """The buyer saw another price than the offer has by now."""

    code = "price_changed"
    status = 409

    def __init__(self, price: int, currency: str) -> None:
        text = _(
            "The price has changed meanwhile: it is %(price)s now. Nothing was bought; look at it and decide again."
        )
        details = [{"field": "price", "price": price, "currency": currency}]
        super().__init__(text % {"price": price_in_words(price, currency)}, details=details)


class PayingOff(DomainError):
    """No provider of payments is set up."""

    code = "paying_off"

    def __init__(self) -> None:
        super().__init__(_("Paying online is not set up at this school. Ask the school how to pay."))


class ProviderUnreachable(DomainError):
    """The provider gave no answer; what was begun is gone on with when it is asked again."""

    code = "payment_provider_unreachable"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("The provider of payments does not answer just now. Nothing was paid; try again in a minute.")
        )


class CheckoutRefused(DomainError):
    """The provider does not take such a payment: its settings, or the price, are not to its liking."""

    code = "payment_refused"

    def __init__(self) -> None:
        super().__init__(_("The provider of payments does not take this payment. Nothing was paid; tell the school."))


class NotPaid(DomainError):
    """There is nothing to refund of what was not paid, or not as agreed."""

    code = "not_paid"

    def __init__(self) -> None:
        super().__init__(
            _("Only what was paid as agreed is refunded here. Another amount goes back at the provider itself.")
        )


class TooFewUnused(DomainError):
    """Fewer lessons of the purchase are unused than were to be refunded."""

    code = "too_few_unused"

    def __init__(self, unused: int) -> None:
        text = ngettext(
            "Only %(count)s lesson of this purchase is unused: refund no more than that.",
            "Only %(count)s lessons of this purchase are unused: refund no more than those.",
            unused,
        )
        said = (
            text % {"count": unused}
            if unused
            else _("No lesson of this purchase is unused: there is nothing to refund.")
        )
        super().__init__(said, details=[{"field": "lessons", "unused": unused}])


class RefundRefused(DomainError):
    """The provider refused a refund; the lessons are back on the balance."""

    code = "refund_refused"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The provider of payments refused the refund. The student keeps the lessons; look at the provider’s own page."
            )
        )


class WebhooksNotConfigured(DomainError):
    """Nothing can be verified without the provider's secret."""

    code = "webhook_not_configured"
    status = 503

    def __init__(self) -> None:
        super().__init__(_("Webhooks of payments are not configured here: set STRIPE_WEBHOOK_SECRET."))


class WebhookForged(DomainError):
    """Not signed with our secret, or not in our time. Which of the two is not said."""

    code = "webhook_not_verified"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("This is not a current, signed message of the provider of payments."))


class WebhookUnreadable(DomainError):
    """Signed, but no message that the provider would send."""

    code = "invalid_input"

    def __init__(self) -> None:
        super().__init__(_("The body is no message of the provider of payments."))


class WebhookTooLarge(DomainError):
    """Larger than any message of the provider; refused unread."""

    code = "too_large"
    status = 413

    def __init__(self) -> None:
        super().__init__(_("The body is too large."))
