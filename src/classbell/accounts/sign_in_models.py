"""What is kept of signing in: where somebody is signed in now, and what was tried."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from classbell.history import MADE, keeps_history
from classbell.ids import uuid7

LONGEST_AGENT = 300


class SignIn(models.Model):
    """
    A session of pages or of an app: where it is and when it was last seen, right to a few minutes.

    `session_key` names Django's session, without which it is over; no foreign key, so that processes of the version before
    may delete sessions. `mark` is what the person's sign-ins begin with: after a new password, another role or a
    deactivation it differs from theirs, and the sign-in is over too.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    mark = models.CharField(max_length=24)
    is_app = models.BooleanField(default=False)
    agent = models.CharField(max_length=LONGEST_AGENT, blank=True)
    address = models.CharField(max_length=64, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-seen_at", "pk"]

    def __str__(self) -> str:
        return str(self.pk)


class Outcome(models.TextChoices):
    """What became of an attempt to sign in."""

    IN = "in", _("signed in")
    WRONG_PASSWORD = "wrong_password", _("wrong password")
    WRONG_CODE = "wrong_code", _("wrong code of the second step")
    DEACTIVATED = "deactivated", _("deactivated")
    REFUSED = "refused", _("refused by the rules of signing in")
    UNKNOWN = "unknown", _("nobody has this e-mail")


@keeps_history("user", "outcome", "agent", "address", of=(MADE,))
class SignInAttempt(models.Model):
    """
    Somebody signed in, or tried to; kept a day to count by, its history as long as all history.

    `bucket` is what its failures count against (`accounts.sign_ins.attempts`), and tells no address to who reads it;
    `network` the address, of IPv6 the half that one customer has. `user` is null where nobody has the e-mail, which is not
    kept: people type passwords there.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    bucket = models.CharField(max_length=64)
    network = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=LONGEST_AGENT, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["bucket", "-at"], name="sign_in_attempt_by_bucket"),
            models.Index(
                fields=["network", "-at"], condition=~models.Q(outcome="in"), name="sign_in_failure_by_network"
            ),
            models.Index(fields=["at"], name="sign_in_attempt_by_time"),
        ]

    def __str__(self) -> str:
        return self.outcome
