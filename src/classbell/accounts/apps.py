"""Django's entry for this module."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.accounts"
    label = "accounts"
