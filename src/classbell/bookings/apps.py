"""Django's entry for this module."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.bookings"
    label = "bookings"

    def ready(self) -> None:
        """Listen to meetings."""
        from classbell.bookings import receivers  # noqa: F401, PLC0415 -- only once all apps are loaded
