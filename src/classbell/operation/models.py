"""What is kept of how an installation is doing."""

from django.db import models


class TroubleKind(models.TextChoices):
    """What admins are told of without looking, besides Zoom's own troubles (`ZoomHealth`)."""

    BACKLOG = "backlog"
    INBOX_SILENT = "inbox_silent"
    LICENCE_LOST = "licence_lost"
    MAIL_FAILING = "mail_failing"
    DISK_FULL = "disk_full"


class JobOrigin(models.Model):
    """The request that queued a job, or that queued the job which did. Kept a little longer than the job."""

    job_id = models.BigIntegerField(primary_key=True)
    request_id = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.job_id}: {self.request_id}"


class RequestCount(models.Model):
    """How many requests of one operation had answers of one kind, such as `2xx`, and how long they took together."""

    pk = models.CompositePrimaryKey("operation", "status")
    operation = models.CharField(max_length=100)
    status = models.CharField(max_length=3)
    count = models.PositiveBigIntegerField()
    seconds = models.FloatField()

    def __str__(self) -> str:
        return f"{self.operation} {self.status}: {self.count}"


class RequestDuration(models.Model):
    """How many requests of one kind (page, api, webhook) took at most so many seconds, and longer than the step below."""

    pk = models.CompositePrimaryKey("kind", "up_to")
    kind = models.CharField(max_length=10)
    up_to = models.FloatField()
    count = models.PositiveBigIntegerField()
    seconds = models.FloatField()

    def __str__(self) -> str:
        return f"{self.kind} up to {self.up_to} s: {self.count}"


class Trouble(models.Model):
    """
    How one thing stands that admins are told of.

    `since` is when it was first seen to be wrong, null while it is well; `facts` are what was seen last. `told_at` is when
    admins were told, and `well_since` when what they were told of was first seen to be over.
    """

    kind = models.CharField(max_length=20, primary_key=True)
    since = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True)
    well_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind}: {self.since or 'well'}"
