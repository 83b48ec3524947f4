"""Django's entry for this module."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.groups"
    label = "groups"
