"""Django's entry for this module."""

import structlog
from django.apps import AppConfig
from django.conf import settings

from classbell.zoom.service import legacy_credentials_message

log = structlog.get_logger(__name__)


class MeetingsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.meetings"
    label = "meetings"

    def ready(self) -> None:
        """Make the receivers known, and say at every start what credentials of a retired kind are good for: nothing."""
        from classbell.meetings import receivers  # noqa: F401, PLC0415 -- only once all apps are loaded

        if settings.ENVIRONMENT.zoom_api_key or settings.ENVIRONMENT.zoom_api_secret.get_secret_value():
            log.warning("legacy_zoom_credentials", advice=legacy_credentials_message())
