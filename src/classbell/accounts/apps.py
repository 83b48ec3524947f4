"""Django's entry for this module."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Make the checks and the receivers known, which register themselves once settings are there."""
        from classbell.accounts import checks  # noqa: F401, PLC0415
        from classbell.accounts.sign_ins import receivers  # noqa: F401, PLC0415
