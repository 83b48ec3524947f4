"""Django's entry for this module."""

from django.apps import AppConfig


class OperationConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.operation"
    label = "operation"
