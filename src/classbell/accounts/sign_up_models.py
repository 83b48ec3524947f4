"""Who may sign up on their own, and who has asked to."""

from typing import ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from classbell.history import keeps_history
from classbell.ids import uuid7

LONGEST_WORDS: Final = 500


class SignUpMode(models.TextChoices):
    """Whether people sign up on their own."""

    CLOSED = "closed", _("Closed: the school makes the accounts")
    APPROVAL = "approval", _("By approval: the school looks at each")
    OPEN = "open", _("Open: whoever proves their e-mail address")


class SignUpRole(models.TextChoices):
    """As what somebody may sign up; admins are made by admins."""

    STUDENT = "student", _("Student")
    TEACHER = "teacher", _("Teacher")
    GUARDIAN = "guardian", _("Guardian")


class Verdict(models.TextChoices):
    """What became of a request."""

    NONE = "", _("Waiting")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


@keeps_history("role", "mode", "domains")
class SignUpRule(models.Model):
    """How one role signs up; closed without a row. With `domains` (lower case) only addresses of theirs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.CharField(max_length=16, choices=SignUpRole.choices, unique=True)
    mode = models.CharField(max_length=16, choices=SignUpMode.choices, default=SignUpMode.CLOSED)
    domains = ArrayField(models.CharField(max_length=253), default=list, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["role"]

    def __str__(self) -> str:
        return f"{self.role}: {self.mode}"


class SignUpRequest(models.Model):
    """
    Somebody asked for an account. Of the mailed link only a digest is kept, "" once it was used or where no mail was
    needed because a provider stands for the address; until `verified_at` nobody is shown it, and a job forgets it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    first_name = models.CharField(max_length=64, blank=True)
    last_name = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=16, choices=SignUpRole.choices)
    timezone = models.CharField(max_length=64, default="UTC")
    locale = models.CharField(max_length=8, default="en")
    words = models.CharField(max_length=LONGEST_WORDS, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices, default=Verdict.NONE, blank=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(verdict="", verified_at__isnull=False),
                name="one_sign_up_waits_per_address",
            ),
            models.UniqueConstraint(
                fields=["digest"], condition=~models.Q(digest=""), name="sign_up_link_is_of_one_request"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["made_at"], name="sign_up_by_time")]
        ordering: ClassVar[list[str]] = ["made_at", "pk"]

    def __str__(self) -> str:
        return self.email

    @property
    def name(self) -> str:
        """What they call themselves; their address without one."""
        return f"{self.first_name} {self.last_name}".strip() or self.email
