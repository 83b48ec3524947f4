"""Django's entry for this module."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.notices"
    label = "notices"

    def ready(self) -> None:
        """Listen to meetings."""
        from classbell.notices import receivers  # noqa: F401, PLC0415 -- only once all apps are loaded
