"""What somebody was told."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from classbell.accounts.sign_in_models import SignIn
from classbell.accounts.wall import personal
from classbell.ids import uuid7
from classbell.meetings.models import Meeting, Occurrence
from classbell.notices.texts import Words, in_words


@personal("user")
class Notice(models.Model):
    """
    One thing that one person is told: shown to them, and sent by mail.

    `kind` is what happened and `facts` its values; `words` makes them sentences for whoever reads. `path` is the page it is
    about; without `on_page` it is not listed among notifications. From `stale_at` on it tells nothing any more, and is not
    sent. Older ones have no kind: they were kept as `subject` and `text`, in the language and timezone of then.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40, blank=True, db_default="")
    facts = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    path = models.CharField(max_length=300, blank=True)
    on_page = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField()
    stale_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="notice_of_person")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.kind or self.subject

    @property
    def words(self) -> Words:
        """What it says, in the active language and the current timezone."""
        return in_words(self.kind, self.facts) if self.kind else Words(self.subject, self.text)


class Channel(models.TextChoices):
    """A way on which a notice goes out, beside its reader's pages."""

    MAIL = "mail"
    DIGEST = "digest"  # by mail, with all others of a day
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    TELEGRAM = "telegram", _("Telegram")
    PUSH = "push"  # to somebody's browsers


# To somebody's phone number, by a gateway of the school's.
TEXT_CHANNELS: Final = (Channel.SMS, Channel.WHATSAPP, Channel.TELEGRAM)
MAIL_CHANNELS: Final = (Channel.MAIL, Channel.DIGEST)


class DispatchStatus(models.TextChoices):
    """How far a notice has come on its way: not yet, in somebody's hands, out, given up, or of no use any more."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    REFUSED = "refused"  # by the other side, for good
    FAILED = "failed"  # after all tries
    DROPPED = "dropped"


class Dispatch(models.Model):
    """
    One notice by one channel: who sends it claims it first, so that it goes out once.

    `tries` failed, the last with `error`; `sent_at` or `failed_at` is when that was the end of it.
    """

    pk = models.CompositePrimaryKey("notice", "channel")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="dispatches")
    channel = models.CharField(max_length=16, choices=Channel.choices)
    status = models.CharField(max_length=16, choices=DispatchStatus.choices)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["status", "failed_at"], name="dispatch_not_out", condition=~Q(status="sent")),
        ]

    def __str__(self) -> str:
        return f"{self.notice} by {self.channel}: {self.status}"


class NotificationChoices(models.Model):
    """
    What somebody has chosen of how they are told; `user` None: what holds at the school for whoever has chosen nothing.

    `choices` has what was chosen only, as `notices.preferences` reads it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="notification_choices"
    )
    choices = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))

    class Meta:
        constraints = [
            models.UniqueConstraint(Coalesce("user", Value(UUID(int=0))), name="notification_choices_of_one"),
        ]

    def __str__(self) -> str:
        return f"Notifications of {self.user or 'the school'}"


class Gateway(models.Model):
    """
    The program by which text messages of one channel go out; without a row, none do.

    `sealed` is its address, headers and body, encrypted: they hold what it knows the school by. With `is_logged` messages are
    only written into the log.
    """

    channel = models.CharField(max_length=16, primary_key=True)
    is_logged = models.BooleanField(default=False, db_default=False)
    sealed = models.BinaryField(default=b"")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Gateway for {self.channel}"


@personal("user")
class Phone(models.Model):
    """
    Somebody's number, to which text messages go once they have `confirmed_at` that it is theirs.

    `code` is the digest of what was sent to it at `code_sent_at`, `tries` how often something else was typed since, and
    `codes` how many were sent within a day.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="phone"
    )
    number = models.CharField(max_length=16)
    confirmed_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=64, blank=True, default="", db_default="")
    code_sent_at = models.DateTimeField()
    codes = models.PositiveSmallIntegerField(default=0, db_default=0)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"Phone of {self.user}"


class PushKey(models.Model):
    """
    By which push services know that what comes is from this installation (VAPID, RFC 8292): made once, its private half
    encrypted. Browsers subscribe to it, so another would end every subscription.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    public = models.CharField(max_length=100)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_push_key")]

    def __str__(self) -> str:
        return "Push key"


@personal("user")
class PushSubscription(models.Model):
    """
    A browser that shows somebody notifications, for as long as the sign-in lasts in which they asked for that (None: tokens
    of an outside issuer). `sealed` is where it is reached and the keys it reads by, encrypted, as whoever knows them may send
    it something; `digest` is of the address.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    sign_in = models.ForeignKey(SignIn, null=True, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Browser of {self.user}"


@personal("user")
class CalendarFeed(models.Model):
    """
    The secret address under which a person's own calendar reads their sessions; deleting it revokes the address.

    Readers are found by `token_digest`, so they go on whatever becomes of the secret key; `sealed` is the token encrypted, to
    show the address again. `plain_token` is where the version before this one keeps the token. `digest` is of what was read
    last, and `changed_at` when that was new.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="calendar_feed"
    )
    token_digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 -- the version before gives none
    sealed = models.BinaryField(default=b"", db_default=b"")
    plain_token = models.CharField(max_length=64, unique=True, null=True, db_column="token")  # noqa: DJ001 -- and many have none
    created_at = models.DateTimeField()
    digest = models.CharField(max_length=64, blank=True, default="")
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Calendar of {self.user}"


class Nudge(models.Model):
    """When a student was last told that a session had begun without them."""

    pk = models.CompositePrimaryKey("occurrence", "user")
    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="nudges")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    nudged_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} was told of {self.occurrence}"


@personal("student", "reader")
class AbsenceAlert(models.Model):
    """Somebody was told that a student was missing from a session, and since `taken_back_at` that they came after all."""

    pk = models.CompositePrimaryKey("occurrence", "student", "reader")
    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="absence_alerts")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    alerted_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["alerted_at"], condition=Q(taken_back_at=None), name="absence_alert_not_taken_back"),
        ]

    def __str__(self) -> str:
        return f"{self.reader} was told that {self.student} was missing from {self.occurrence}"


class Reminder(models.Model):
    """
    Somebody was reminded of a session that begins then.

    It names the meeting, as a series that is laid out anew gets new sessions, and the start, as one that is moved is another
    thing to be reminded of.
    """

    pk = models.CompositePrimaryKey("meeting", "user", "starts_at")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="reminders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    reminded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} was reminded of {self.meeting}"


class ReminderRun(models.Model):
    """
    Until when people were reminded, so that the next run looks only at whose time has come since; `all_at` is when all were
    looked at, whoever came late among them.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField(null=True)
    all_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_reminder_run")]

    def __str__(self) -> str:
        return f"Reminded until {self.until}"
