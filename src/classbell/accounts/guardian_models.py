"""Who is whose guardian."""

from typing import ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from classbell.history import keeps_history
from classbell.ids import uuid7

LONGEST_RELATION: Final = 40


class GuardianshipQuerySet(models.QuerySet["Guardianship"]):
    """Filters that read after the noun."""

    def in_force(self) -> Self:
        """Where both are active and whoever is guarded is a student and nothing else, so that no guardian acts as staff."""
        return self.filter(guardian__is_active=True, student__is_active=True, student__role="student")


@keeps_history("guardian", "student", "relation")
class Guardianship(models.Model):
    """
    That somebody is a student's guardian since a moment; without the row they see and do nothing of the student's.

    `relation` is what they are to the student as whoever added them wrote it, such as "mother", "" for nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guardianships")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guarded_by")
    relation = models.CharField(max_length=LONGEST_RELATION, blank=True)
    since = models.DateTimeField()

    objects = GuardianshipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guardian", "student"], name="guardian_is_named_once_for_a_student"),
            models.CheckConstraint(condition=~Q(guardian=F("student")), name="nobody_is_their_own_guardian"),
        ]
        ordering: ClassVar[list[str]] = ["since", "pk"]

    def __str__(self) -> str:
        return f"{self.guardian} for {self.student}"
