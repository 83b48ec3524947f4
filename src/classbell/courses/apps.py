"""Django's entry for this module."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """Registers the module under its own short name."""

    name = "classbell.courses"
    label = "courses"
