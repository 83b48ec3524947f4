"""Django's entry for this module."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.payments"
    label = "payments"
