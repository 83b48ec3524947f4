"""What the school, and its groups, ask for of every Zoom meeting."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classbell.groups.models import Group
from classbell.history import keeps_history
from classbell.ids import uuid7


class SettingsOf(models.TextChoices):
    """Whose meetings the settings are for."""

    SCHOOL = "school", _("All meetings")
    LESSONS = "lessons", _("Lessons")
    GROUP = "group", _("One class, course or circle")


@keeps_history("scope", "group", "settings")
class SettingDefaults(models.Model):
    """
    Settings that meetings have unless they ask for others: the school's, over them those of lessons, or of one group.

    `settings` holds only what was asked for here, by the names of `meeting_settings.catalogue`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope = models.CharField(max_length=16, choices=SettingsOf.choices)
    group = models.OneToOneField(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="meeting_settings"
    )
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "setting defaults"
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "group"], nulls_distinct=False, name="one_set_of_meeting_settings"
            ),
            models.CheckConstraint(
                condition=Q(scope="group", group__isnull=False) | (~Q(scope="group") & Q(group__isnull=True)),
                name="only_settings_of_a_group_name_one",
            ),
        ]

    def __str__(self) -> str:
        return f"Settings of {self.group or self.get_scope_display()}"
