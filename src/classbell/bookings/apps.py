"""Django's entry for this module."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.bookings"
    label = "bookings"
