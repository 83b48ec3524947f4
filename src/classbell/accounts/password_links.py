"""
Links with which people choose a new password.

Whether somebody asks for one of theirs or of an address that nobody has makes no difference to see: a job is left behind
either way, and only the job looks who that is.
"""

from urllib.parse import urljoin

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm, default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from classbell.accounts.forms import OwnEmail
from classbell.accounts.invitations import invitation_link, mail_way_by_provider
from classbell.accounts.models import User
from classbell.accounts.sso.policy import needs_provider
from classbell.jobs import defer

log = structlog.get_logger(__name__)


class PasswordLinkForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Asks for a link; nothing is looked up while somebody waits."""

    email = OwnEmail(required=True)

    def clean_email(self) -> str:
        """Take any address."""
        email: str = self.cleaned_data["email"]
        return email

    def save(self, request: HttpRequest, **_options: object) -> str:
        """Leave the rest to a job."""
        email: str = self.cleaned_data["email"]
        if settings.EMAIL_HOST:
            defer("accounts.mail_password_link", email=email)
        return email


def mail_password_link(*, email: str) -> None:
    """
    Send a link to whoever has this address, or where they sign in instead while passwords are off; nothing when nobody has
    it, or who does is deactivated.

    Raises OSError while the mail server cannot be reached.
    """
    user = User.objects.by_email([email]).get(email)
    if user is None or not user.is_active or not user.has_address:
        return
    if needs_provider(user):
        mail_way_by_provider(user)
        return
    context = {"user": user, "password_reset_url": password_link(user)}
    get_adapter().send_mail("account/email/password_reset_key", user.email, context)


def link_to_hand_on(user: User, *, by: User) -> str:
    """
    Return a link with which this person chooses a password, for an admin to hand on where no mail goes out; who made it for
    whom is logged. Good once: for three days, or for two weeks where they have never chosen one.
    """
    log.info("password_link_given", by=str(by.pk), user_id=str(user.pk))
    return password_link(user) if user.has_usable_password() else invitation_link(user)


def password_link(user: User) -> str:
    """Return the address under which this person chooses a new password: good for three days, and once."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return urljoin(settings.ENVIRONMENT.public_url, path)
