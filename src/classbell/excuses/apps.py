"""Django's entry for this module."""

from django.apps import AppConfig


class ExcusesConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.excuses"
    label = "excuses"

    def ready(self) -> None:
        """Listen to meetings and bookings."""
        from classbell.excuses import receivers  # noqa: F401, PLC0415 -- only once all apps are loaded
