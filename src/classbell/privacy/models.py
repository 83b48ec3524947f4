"""Copies of what is kept of somebody, erasures, and what the nightly job forgot."""

from django.conf import settings
from django.db import models

from classbell.accounts.wall import personal
from classbell.asked_texts import AskedText
from classbell.ids import uuid7


@personal("person")
class Export(models.Model):
    """
    A copy of all that is kept of a person, as a ZIP: wanted, being made by a job, or ready.

    `content` is encrypted, as it is everything at once; it lies here for a week.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(db_index=True)
    ready_at = models.DateTimeField(null=True)
    content = models.BinaryField(default=bytes)

    class Meta:
        ordering = ["-asked_at", "pk"]

    def __str__(self) -> str:
        return str(self.pk)


@personal("person")
class Erased(models.Model):
    """
    Somebody asked that a person be erased, and when that was done. `counts` are the rows of each table that were deleted or
    anonymised, by the label of its model.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="erasure")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-asked_at", "pk"]

    def __str__(self) -> str:
        return str(self.pk)


class RetentionRun(models.Model):
    """What the nightly job forgot of one kind: how many rows, in how many seconds, and whether that was all there was."""

    id = models.BigAutoField(primary_key=True)
    ran_at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=40)
    deleted = models.PositiveBigIntegerField()
    seconds = models.FloatField()
    finished = models.BooleanField()

    class Meta:
        ordering = ["-ran_at", "kind"]

    def __str__(self) -> str:
        return self.kind


class ConsentText(AskedText):
    """What the school asks people to agree to when they sign in."""


@personal("person")
class Consent(models.Model):
    """Somebody agreed to a version of the text, and when; once withdrawn, agreeing again is another row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "version"],
                condition=models.Q(withdrawn_at=None),
                name="consent_is_given_once_until_it_is_withdrawn",
            )
        ]
        ordering = ["-given_at", "pk"]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.version}"
