"""Inviting people: an account without a password, and a signed link with which its owner chooses one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.marks import is_mark_of, mark_of
from classbell.accounts.models import Invitation, Role, User
from classbell.accounts.services import PersonInput, ensure_people, set_role
from classbell.accounts.sso.policy import needs_provider
from classbell.accounts.sso.providers import active_providers
from classbell.bidi import isolated
from classbell.errors import DomainError
from classbell.jobs import defer

SALT: Final = "classbell.accounts.invitations"
VALID_FOR: Final = timedelta(days=14)


class InvitationUnusable(DomainError):
    """The link is forged, too old, or was used before; nothing more is said of it."""

    code = "invitation_unusable"

    def __init__(self) -> None:
        super().__init__(_("This link cannot be used any more. Ask the school for a new one, or sign in."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Invited:
    """Who is sent a link, and who needs none: they can sign in already, or are deactivated."""

    sent: Sequence[User]
    not_needed: Sequence[User]


def invite_people(people: Sequence[PersonInput], *, by: User, locale: str, now: datetime) -> Invited:
    """
    Make sure that each of them has an account, and send a link to everybody who has no password yet.

    Who has an account keeps its role. Accounts, invitations and mails commit together; `locale` is the language of the
    mail and of the first pages. Safe to repeat: the link is sent again, earlier ones stay good for their time.

    Raises EmailUnusable.
    """
    with transaction.atomic():
        found = dict.fromkeys(ensure_people(people).people.values())
        waiting = [user for user in found if user.is_active and not user.has_usable_password()]
        User.objects.filter(pk__in=[user.pk for user in waiting]).update(locale=locale)
        for user in waiting:
            Invitation.objects.update_or_create(user=user, defaults={"invited_by": by, "sent_at": now})
            defer("accounts.mail_invitation", user_id=str(user.pk))
    return Invited(sent=waiting, not_needed=[user for user in found if user not in waiting])


def invite_admin(email: str, *, locale: str, now: datetime) -> str:
    """
    Make sure that somebody is an admin, and return the link with which they choose their password, "" when they have one.

    Raises EmailUnusable.
    """
    with transaction.atomic():
        person = PersonInput(email=email, role=Role.ADMIN, timezone=settings.TIME_ZONE)
        (user,) = ensure_people([person]).people.values()
        user = set_role(user_id=user.pk, role=Role.ADMIN)
        if user.has_usable_password():
            return ""
        User.objects.filter(pk=user.pk).update(locale=locale)
        Invitation.objects.update_or_create(user=user, defaults={"invited_by": None, "sent_at": now})
    return invitation_link(user)


def without_password(people: QuerySet[User]) -> QuerySet[User]:
    """Return those of them who could come in by a link: they may, and have not chosen a password yet. By name."""
    return people.filter(is_active=True, is_guest=False, password__startswith=UNUSABLE_PASSWORD_PREFIX).order_by(
        "last_name", "first_name", "email"
    )


def invitation_link(user: User) -> str:
    """Return the address under which this person chooses a password: good for two weeks, and once."""
    token = signing.dumps({"user": user.pk.hex, "mark": mark_of(user.password, salt=SALT)}, salt=SALT)
    return urljoin(settings.ENVIRONMENT.public_url, reverse("welcome", args=[token]))


def invited_person(token: str) -> User:
    """Return whose link this is. Raises InvitationUnusable."""
    try:
        claims = signing.loads(token, salt=SALT, max_age=VALID_FOR)
        user = User.objects.get(pk=UUID(claims["user"]), is_active=True)
    except (signing.BadSignature, User.DoesNotExist) as error:
        raise InvitationUnusable from error
    if not is_mark_of(claims["mark"], user.password, salt=SALT):
        raise InvitationUnusable
    return user


def accept_invitation(
    token: str, *, password: str, first_name: str, last_name: str, timezone: str, now: datetime
) -> User:
    """
    Let the person behind a link choose a password and say who and where they are. Of two uses at once one succeeds.

    The password is checked by the form. Raises InvitationUnusable.
    """
    with transaction.atomic():
        User.objects.select_for_update().filter(pk=invited_person(token).pk).get()
        user = invited_person(token)  # as it is now that nobody else can change it
        user.first_name, user.last_name, user.timezone = first_name, last_name, timezone
        user.set_password(password)
        user.save(update_fields=["first_name", "last_name", "timezone", "password"])
        Invitation.objects.filter(user=user).update(accepted_at=now)
    return user


def mail_invitation(*, user_id: UUID) -> None:
    """
    Send the link to somebody who still has no password; without a mail server the admin's page shows it instead.

    Raises OSError while the mail server cannot be reached.
    """
    user = User.objects.get(pk=user_id)
    if not settings.EMAIL_HOST or not user.is_active or user.has_usable_password() or not user.has_address:
        return
    if needs_provider(user):
        mail_way_by_provider(user)
        return
    with translation.override(user.locale):
        subject = _("Your account at Classbell")
        text = _(
            "The school has made an account for you: %(email)s.\n\n"
            "Choose your password here; the link works once and for two weeks:\n%(link)s"
        ) % {"email": user.email, "link": invitation_link(user)}
        guarded = Guardianship.objects.in_force().filter(guardian=user).select_related("student")
        if wards := [isolated(one.student.name) for one in guarded]:
            named = {"names": pgettext("between names in a list", ", ").join(wards)}
            text += "\n\n" + _("You see there how it goes for %(names)s, and book and excuse for them.") % named
    EmailMessage(subject=subject, body=text, to=[user.email]).send()


def mail_way_by_provider(user: User) -> None:
    """Tell somebody who comes in by a provider alone where that begins. Raises OSError as the mail server does."""
    with translation.override(user.locale):
        names = " / ".join(isolated(provider.name) for provider in active_providers())
        text = _(
            "The school has made an account for you: %(email)s.\n\n"
            "Sign in with your school account (%(providers)s) here:\n%(link)s"
        ) % {
            "email": user.email,
            "providers": names,
            "link": urljoin(settings.ENVIRONMENT.public_url, reverse("account_login")),
        }
        EmailMessage(subject=_("Your account at Classbell"), body=text, to=[user.email]).send()
