"""How a teacher offers lessons."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

MOST_BUFFER_MINUTES = 240
MOST_NOTICE_MINUTES = 30 * 24 * 60
MOST_DAYS_AHEAD = 366
SHORTEST_INTERVAL_MINUTES = 5
LONGEST_INTERVAL_MINUTES = 240


class TeacherSettings(models.Model):
    """
    What students read about a teacher, and the rules by which slots are made of the teacher's hours.

    `buffer_minutes` stay free before and after everything the teacher does. `slot_interval_minutes` starts slots on that
    grid of the teacher's clock; null packs them one after another. A teacher without a row has the defaults.
    """

    teacher = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="teaching"
    )
    bio = models.TextField(blank=True, max_length=2000)
    subjects = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    buffer_minutes = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(MOST_BUFFER_MINUTES)])
    min_notice_minutes = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MOST_NOTICE_MINUTES)])
    slot_interval_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(SHORTEST_INTERVAL_MINUTES), MaxValueValidator(LONGEST_INTERVAL_MINUTES)],
    )
    max_days_ahead = models.PositiveSmallIntegerField(
        default=90, validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS_AHEAD)]
    )
    auto_confirm = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "teacher settings"

    def __str__(self) -> str:
        return f"{self.teacher}"
