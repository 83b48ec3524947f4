"""
Signing up: people who ask for an account on their own, as far as the school lets them.

Whoever asks is told the same whether the address has an account or not; only a mail to that address says which. An account
is made when the mailed link is followed, or when an admin approves after that; its owner then chooses a password by the link
of an invitation.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from classbell.accounts.invitations import invite_people
from classbell.accounts.models import Invitation, User
from classbell.accounts.services import ensure_people
from classbell.accounts.sign_up_models import LONGEST_WORDS, SignUpMode, SignUpRequest, SignUpRole, Verdict
from classbell.accounts.sign_up_rules import Wanted, columns_of, let_wait, person_of, rule_for
from classbell.errors import DomainError, NotThere
from classbell.jobs import defer
from classbell.rows import locked, write
from classbell.text import many_lines

VALID_FOR: Final = timedelta(days=2)
# Whoever never followed the link, and what was decided long ago.
FORGOTTEN_AFTER: Final = timedelta(days=30)


class SignUpLinkUnusable(DomainError):
    """The link is forged, too old, or was used before."""

    code = "sign_up_link_unusable"

    def __init__(self) -> None:
        super().__init__(
            _("This link cannot be used any more. Sign up again, or sign in if you have an account by now.")
        )


class HasAccount(DomainError):
    """Who has just proven the address has an account."""

    code = "has_account"

    def __init__(self) -> None:
        super().__init__(_("You have an account already: sign in."))


class AlreadyDecided(DomainError):
    """Somebody else was quicker."""

    code = "already_decided"

    def __init__(self) -> None:
        super().__init__(_("This request was answered already."))


def ask(wanted: Wanted, *, now: datetime) -> None:
    """
    Ask for an account. A job mails the link, or says that there is an account already; the caller learns neither.

    Raises SignUpClosed, DomainRefused, NotAnAddress.
    """
    columns = columns_of(wanted)
    rule_for(wanted.role, columns["email"])
    with transaction.atomic():
        request = SignUpRequest.objects.create(**columns, made_at=now)
        defer("accounts.mail_sign_up", request_id=str(request.pk))


def mail_link(*, request_id: UUID) -> None:
    """Mail somebody their link, or that they have an account already. Raises OSError while no mail server answers."""
    request = SignUpRequest.objects.filter(pk=request_id, verified_at=None).first()
    if request is None or not settings.EMAIL_HOST:
        return
    known = User.objects.by_email([request.email]).get(request.email)
    if known is not None:
        if known.is_active:
            _mail(known.locale, request.email, _KNOWN, {"email": known.email, "link": _whole("account_login")})
        return
    # Made here, so that it stands in no job. Another attempt makes another one.
    token = secrets.token_urlsafe(32)
    SignUpRequest.objects.filter(pk=request.pk).update(digest=digest_of(token))
    _mail(request.locale, request.email, _PROVE, {"link": _whole("sign-up-confirm", token)})


def request_of(token: str, *, now: datetime) -> SignUpRequest:
    """Return whose link this is. Raises SignUpLinkUnusable."""
    found = SignUpRequest.objects.filter(digest=digest_of(token), made_at__gt=now - VALID_FOR, verdict="").first()
    if found is None:
        raise SignUpLinkUnusable
    return found


def follow(token: str, *, now: datetime) -> User | None:
    """
    Take somebody in who has followed their link: return their account, which they choose a password for; None where the
    school looks at it first, and admins were told.

    Raises SignUpLinkUnusable, SignUpClosed, DomainRefused, HasAccount.
    """
    with transaction.atomic():
        request = locked(SignUpRequest.objects.all(), request_of(token, now=now).pk)
        if request is None or request.digest != digest_of(token):
            raise SignUpLinkUnusable
        if User.objects.by_email([request.email]):
            raise HasAccount
        rule = rule_for(SignUpRole(request.role), request.email)
        if rule.mode == SignUpMode.APPROVAL:
            let_wait(request, now)
            return None
        user = ensure_people([person_of(request)]).people[request.email]
        User.objects.filter(pk=user.pk).update(locale=request.locale)
        Invitation.objects.update_or_create(user=user, defaults={"invited_by": None, "sent_at": now})
        answered = {"verdict": Verdict.APPROVED, "decided_at": now, "account": user}
        write(request, {"digest": "", "verified_at": now} | answered)
    return user


def waiting() -> Sequence[SignUpRequest]:
    """Return who has proven their address and waits for an answer, the first first."""
    return list(SignUpRequest.objects.filter(verdict="").exclude(verified_at=None).order_by("verified_at", "pk"))


def approve(*, request_id: UUID, by: User, now: datetime) -> None:
    """Make the account that somebody asked for, and mail them the link of an invitation. Raises NotThere, AlreadyDecided."""
    with transaction.atomic():
        request = _undecided(request_id)
        invited = invite_people([person_of(request)], by=by, locale=request.locale, now=now)
        (account,) = (*invited.sent, *invited.not_needed)
        answered = {"verdict": Verdict.APPROVED, "decided_at": now, "decided_by": by, "account": account}
        write(request, answered)


def refuse(*, request_id: UUID, by: User, words: str = "", now: datetime) -> None:
    """Say no, with words of the school's if any, by mail. Raises NotThere, AlreadyDecided."""
    with transaction.atomic():
        request = _undecided(request_id)
        changes = {"verdict": Verdict.REFUSED, "decided_at": now, "decided_by": by}
        write(request, changes | {"words": many_lines(words)[:LONGEST_WORDS]})
        defer("accounts.mail_sign_up_refused", request_id=str(request.pk))


def mail_refusal(*, request_id: UUID) -> None:
    """Mail somebody that they get no account. Raises OSError while no mail server answers."""
    request = SignUpRequest.objects.filter(pk=request_id, verdict=Verdict.REFUSED).first()
    if request is not None and settings.EMAIL_HOST:
        _mail(request.locale, request.email, _REFUSED, {"words": request.words})


def forget_requests(*, now: datetime) -> int:
    """Forget whoever never followed their link, and what was decided, after a month; return how many."""
    old = SignUpRequest.objects.filter(made_at__lt=now - FORGOTTEN_AFTER)
    return old.exclude(verdict="", verified_at__isnull=False).delete()[0]


def digest_of(token: str) -> str:
    """Return what a link is found by: the token is random and long, so a plain digest is no way back."""
    return hashlib.sha256(token.encode()).hexdigest()


def _undecided(request_id: UUID) -> SignUpRequest:
    request = locked(SignUpRequest.objects.exclude(verified_at=None), request_id)
    if request is None:
        raise NotThere
    if request.verdict:
        raise AlreadyDecided
    return request


def _whole(name: str, *arguments: str) -> str:
    return urljoin(settings.ENVIRONMENT.public_url, reverse(name, args=arguments))


# Subject and text of each mail.
_PROVE: Final = (
    gettext_noop("Confirm your e-mail address"),
    gettext_noop(
        "Somebody, probably you, asked for an account with this address.\n\n"
        "Go on here; the link works once and for two days:\n%(link)s\n\n"
        "If it was not you, do nothing: no account is made."
    ),
)
_KNOWN: Final = (
    gettext_noop("You have an account already"),
    gettext_noop(
        "Somebody, probably you, asked for an account with %(email)s. You have one already.\n\n"
        "Sign in here, or choose a new password there:\n%(link)s"
    ),
)
_REFUSED: Final = (
    gettext_noop("Your request for an account"),
    gettext_noop("The school does not give you an account. If you think that is a mistake, ask there.\n\n%(words)s"),
)


def _mail(locale: str, to: str, words: tuple[str, str], facts: dict[str, str]) -> None:
    with translation.override(locale):
        subject, text = (_(part) for part in words)
    EmailMessage(subject=subject, body=(text % facts).strip(), to=[to]).send()
