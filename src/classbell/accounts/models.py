"""People: one account each, whatever they do at the school."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from classbell.accounts import guardian_models, sign_in_models, sign_up_models  # noqa: F401 -- Django looks for all models here
from classbell.addresses import email_key, has_somebody, is_erased
from classbell.history import CHANGED, keeps_history
from classbell.ids import uuid7
from classbell.zones import validate_timezone


class Role(models.TextChoices):
    """
    What leads in what someone is here. An admin may also teach; whether either also learns, `User.learns` says. Anybody may
    be a guardian (`accounts.guardians`); whose role it is, is nothing else.
    """

    STUDENT = "student", _("Student")
    TEACHER = "teacher", _("Teacher")
    ADMIN = "admin", _("Admin")
    GUARDIAN = "guardian", _("Guardian")


# Guests whose address nobody has proven to be theirs: anybody may have typed it.
UNPROVEN: Final = models.Q(is_guest=True, proven_at=None)
# Everybody who learns here; in one place, for queries that ask it of rows.
STUDENTS: Final = (models.Q(role=Role.STUDENT) & ~UNPROVEN) | models.Q(learns=True)


class ReminderTime(models.IntegerChoices):
    """How many minutes before each session somebody wants to be reminded of it."""

    NEVER = 0, _("Not at all")
    QUARTER = 15, _("15 minutes before")
    HOUR = 60, _("1 hour before")
    DAY = 1440, _("1 day before")


def roles_in_words(roles: Iterable[Role]) -> str:
    """Return what somebody is, for people to read."""
    return pgettext("between names in a list", ", ").join(str(role.label) for role in roles)


class UserManager(BaseUserManager["User"]):
    """Makes accounts; e-mail is the name people sign in with."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account; without a password nobody can sign in with one until it is set."""
        user = self.model(email=email_key(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an admin who may also use Django's own admin pages."""
        return self.create_user(
            email, password, **{"role": Role.ADMIN, "is_staff": True, "is_superuser": True} | fields
        )

    def by_email(self, emails: Iterable[str]) -> dict[str, "User"]:
        """Return those who have an account, by e-mail as `email_key` spells it, in one statement."""
        wanted = [key for key in map(email_key, emails) if has_somebody(key)]
        # Written as the unique index is, which `iexact` (upper) would not use.
        users = self.alias(lower_email=Lower("email")).filter(lower_email__in=wanted)
        return {user.email.lower(): user for user in users}

    def known(self) -> models.QuerySet["User"]:
        """Return everybody but guests whose address nobody has proven."""
        return self.exclude(UNPROVEN)

    def students(self) -> models.QuerySet["User"]:
        """Return everybody who learns here: students, and teachers and admins who also do."""
        return self.filter(STUDENTS)

    def of_role(self, role: str) -> models.QuerySet["User"]:
        """Return everybody who has a role, whatever else they have."""
        return self.students() if role == Role.STUDENT else self.filter(role=role)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find who signs in with this e-mail, in any case. Raises User.DoesNotExist."""
        return self.alias(lower_email=Lower("email")).get(lower_email=email_key(username or ""))


@keeps_history("email", "role", "learns", "is_active", of=(CHANGED,))
class User(AbstractBaseUser, PermissionsMixin):
    """
    A person.

    `role` is what leads; with `learns` a teacher or an admin is a student too, of others.

    `timezone` is an IANA name and decides how times are shown and how wall times they type are read; `zoom_user` is the
    id or e-mail of their own Zoom account, when they have one. Without `wants_mail` notices stay on their pages;
    `reminder_minutes` is what they chose before `notices.preferences` kept that. Who has no address has one at NO_ADDRESS,
    and may have a `contact_email` that notices go to, which others may share. `external_id` is what another program of the
    school calls them, if any.

    A guest (`is_guest`) booked without an account: they never sign in, and have been `proven_at` when they followed a link
    that was mailed to their contact address.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"))
    external_id = models.CharField(max_length=64, null=True)  # noqa: DJ001 -- unique where there is one
    contact_email = models.EmailField(_("contact e-mail"), blank=True, default="", db_default="")
    first_name = models.CharField(_("first name"), max_length=64, blank=True)
    last_name = models.CharField(_("last name"), max_length=64, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.STUDENT)
    learns = models.BooleanField(default=False, db_default=False)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    locale = models.CharField(max_length=8, default="en")
    avatar = models.URLField(blank=True)
    zoom_user = models.CharField(max_length=128, blank=True)
    wants_mail = models.BooleanField(default=True, db_default=True)
    reminder_minutes = models.PositiveSmallIntegerField(
        choices=ReminderTime.choices, default=ReminderTime.NEVER, db_default=ReminderTime.NEVER
    )
    shows_hijri = models.BooleanField(default=False, db_default=False)
    is_guest = models.BooleanField(default=False, db_default=False)
    proven_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    # Counted up to end every sign-in there is: sessions and tokens were made with the number before.
    sign_ins_ended = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_is_unique_in_any_case"),
            models.UniqueConstraint(
                fields=["external_id"], condition=~models.Q(external_id=None), name="user_external_id_is_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["last_name", "first_name", "email"], name="user_by_name"),
            # Those from whom one chooses who teaches: few among many students.
            models.Index(
                fields=["last_name", "first_name", "email"],
                condition=models.Q(role__in=["teacher", "admin"]),
                name="user_who_may_teach_by_name",
            ),
        ]
        ordering = ["last_name", "first_name", "email"]

    def __str__(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """Return what each session was begun with, and is no longer good for when it differs."""
        return self.sign_in_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same by each older secret key."""
        return map(self.sign_in_hash, settings.SECRET_KEY_FALLBACKS)

    def sign_in_hash(self, secret: str | bytes) -> str:
        """Return what a session was begun with under this secret key."""
        begun_with = self.sign_ins_begin_with
        return salted_hmac("classbell.accounts.sign_in", begun_with, secret=secret, algorithm="sha256").hexdigest()

    @property
    def sign_ins_begin_with(self) -> str:
        """What differs after a new password, another role or a deactivation, so that what began before is over."""
        return f"{self.password} {self.sign_ins_ended}"

    @property
    def has_address(self) -> bool:
        """Whether their e-mail is one that somebody has."""
        return has_somebody(self.email)

    @property
    def address(self) -> str:
        """Their own e-mail, "" for none: what is shown, exported and handed to others, never `email` itself."""
        return self.email if self.has_address else ""

    @property
    def written_to(self) -> str:
        """The address that is written to, "" for none."""
        return self.address or self.contact_email

    @property
    def name(self) -> str:
        """What to call them: their names, or the first part of where they are written to while there are none."""
        named = f"{self.first_name} {self.last_name}".strip() or self.written_to.partition("@")[0]
        return named or str(_("Erased person") if self.is_erased else _("No name"))

    @property
    def is_erased(self) -> bool:
        """Whether the account stands for a person who was erased: for good."""
        return is_erased(self.email)

    @property
    def zone(self) -> ZoneInfo:
        """Their timezone, ready to convert with."""
        return ZoneInfo(self.timezone)

    @property
    def is_admin(self) -> bool:
        """Whether they answer for the whole school."""
        return self.role == Role.ADMIN

    @property
    def is_teacher(self) -> bool:
        """Whether they teach."""
        return self.role == Role.TEACHER

    @property
    def is_student(self) -> bool:
        """Whether they learn here, whatever else they do."""
        return self.role == Role.STUDENT or self.learns

    @property
    def roles(self) -> list[Role]:
        """All that they are, what leads first."""
        return [Role(self.role), *([Role.STUDENT] if self.learns and self.role != Role.STUDENT else [])]

    @property
    def roles_in_words(self) -> str:
        """All that they are, for people to read."""
        return roles_in_words(self.roles)


class Invitation(models.Model):
    """
    Somebody was sent a link with which they choose their password.

    The link itself is signed, not stored; `sent_at` is when the latest one was sent.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="invitation")
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "pk"]

    def __str__(self) -> str:
        return self.user.name


class IdempotencyKey(models.Model):
    """
    The first answer to a request that somebody marked with an `Idempotency-Key`.

    `user` is null for who is not signed in, `fingerprint` a digest of what was asked. `status` is null while the first
    request is being worked on, and stays so if its process died. `answer` is encrypted: it may carry links that let people
    into meetings.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_is_used_once_per_person")]

    def __str__(self) -> str:
        return self.key


class IdentityProvider(models.Model):
    """
    Where people of the school sign in, as an admin has set it up on a page: `accounts.sso.provider.Provider` in parts.

    `said` is all of it but its short name and its secret, which is encrypted (`accounts.sso.providers`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    said = models.JSONField()
    secret = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.slug


class SignInPolicy(models.Model):
    """Whether passwords and passkeys let in nobody but one admin, `always_in`; others sign in at a provider. One row."""

    only_providers = models.BooleanField(default=False)
    always_in = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_sign_in_policy"),
            models.CheckConstraint(
                condition=models.Q(only_providers=False) | models.Q(always_in__isnull=False),
                name="somebody_can_always_sign_in",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ProviderSession(models.Model):
    """
    A session of pages that began at an identity provider, so that signing out there ends it.

    `sid` is what the provider calls its own session, "" where it says nothing.
    """

    session = models.OneToOneField("sessions.Session", on_delete=models.CASCADE, primary_key=True, related_name="+")
    account = models.ForeignKey("socialaccount.SocialAccount", on_delete=models.CASCADE, related_name="+")
    sid = models.CharField(max_length=255, db_default="")

    def __str__(self) -> str:
        return self.sid


@keeps_history(
    "name",
    "owner",
    "scopes",
    "prefix",
    "expires_at",
    when=pgtrigger.AnyChange("name", "owner", "scopes", "prefix", "expires_at"),
)
class ApiKey(models.Model):
    """
    A program of the school and what it may do; ending a key deletes it.

    It acts for `owner`, the admin who made it or was the last to rotate it, and is good as long as they are an admin. Of the
    secret only its SHA-256 is kept, and `prefix` to recognise it by; the one before the latest rotation, if any, is good
    until `previous_until`. `last_used_at` is right to a minute.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=64)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    scopes = ArrayField(models.CharField(max_length=32))
    prefix = models.CharField(max_length=16)
    digest = models.BinaryField(unique=True)
    previous_digest = models.BinaryField(null=True, unique=True)
    previous_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="api_key_name_is_unique_in_any_case")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def has_expired(self, now: datetime) -> bool:
        """Say whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def has_owner(self) -> bool:
        """Whether there is an admin whom it acts for."""
        return self.owner.is_active and self.owner.is_admin
