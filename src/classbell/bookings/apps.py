"""Django's entry for this module."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.bookings"
    label = "bookings"

    def ready(self) -> None:
        """Listen to meetings."""
        from classbell.bookings import receivers  # noqa: F401, PLC0415 -- only once all apps are loaded
        from classbell.bookings.guests.links import path_for_guest  # noqa: PLC0415
        from classbell.notices.wording import guests_read_at  # noqa: PLC0415

        guests_read_at(path_for_guest)
