"""Django's entry for this module."""

from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.recordings"
    label = "recordings"

    def ready(self) -> None:
        """Listen to meetings."""
        from classbell.recordings import receivers  # noqa: F401, PLC0415 -- only once all apps are loaded
