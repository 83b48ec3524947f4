"""
Who comes in by an identity provider, and as what.

An account is found by the link that an earlier sign-in made, else by an address that the provider stands for; it is made
only where the provider may, for addresses of its domains. `judge` says what would happen and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pghistory
import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from classbell.accounts.models import Invitation, Role, User, roles_in_words
from classbell.accounts.services import MAY_LEARN, AlwaysIn, LastAdmin, PersonInput, ensure_people, set_role
from classbell.accounts.sign_up_models import SignUpRole
from classbell.accounts.sign_up_rules import Wanted, sign_up_by_provider, signs_up
from classbell.accounts.sso.claims import Identity, RoleByClaims, identity_of, role_of
from classbell.accounts.sso.errors import NotComingIn, Waiting
from classbell.accounts.sso.provider import Provider
from classbell.addresses import email_key
from classbell.bidi import isolated
from classbell.errors import DomainError
from classbell.history import BY

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """
    What becomes of somebody who signs in: `refusal` is "" for those who come in, `user` None for those who get an account.
    `role` is theirs from then on, and student besides where it `learns`.
    """

    identity: Identity
    by_claims: RoleByClaims
    user: User | None = None
    role: Role = Role.STUDENT
    learns: bool = False
    refusal: str = ""

    @property
    def roles_in_words(self) -> str:
        """What they are from then on, for people to read."""
        return roles_in_words([self.role, *([Role.STUDENT] if self.learns else [])])


def judge(provider: Provider, claims: Mapping[str, Any], *, linked: User | None) -> Verdict:
    """Return what becomes of whoever has these verified claims; `linked` is who signed in with the same identity before."""
    identity, by_claims = identity_of(provider, claims), role_of(provider, claims)
    user = linked or _by_address(identity)
    role = _role(provider, user, by_claims)
    return Verdict(
        identity=identity,
        by_claims=by_claims,
        user=user,
        role=role,
        learns=role in MAY_LEARN and (bool(user and user.learns) or (by_claims.learns and role == by_claims.role)),
        refusal=_refusal(provider, identity, user, is_linked=linked is not None),
    )


def admit(provider: Provider, verdict: Verdict) -> User:
    """
    Return the account with which somebody comes in, made or with its role changed where the verdict says so.

    Raises NotComingIn.
    """
    if not provider.is_on:
        raise NotComingIn(_("Signing in with %(provider)s is switched off.") % {"provider": isolated(provider.name)})
    if verdict.refusal:
        log.info("provider_sign_in_refused", provider=provider.slug)
        raise NotComingIn(verdict.refusal)
    # By itself: that they wait for an answer stays, though they do not come in.
    signed_up = None if verdict.user or provider.makes_accounts else _signed_up(verdict)
    with transaction.atomic():
        user = verdict.user or signed_up or _made(verdict)
        if not user.is_active:  # made by somebody else at the same moment, and deactivated since
            raise NotComingIn(_closed())
        Invitation.objects.filter(user=user, accepted_at=None).update(accepted_at=timezone.now())
        return _with_role(provider, user, verdict)


def _by_address(identity: Identity) -> User | None:
    return User.objects.by_email([identity.email]).get(email_key(identity.email)) if identity.is_verified else None


def _refusal(provider: Provider, identity: Identity, user: User | None, *, is_linked: bool) -> str:
    names = {"provider": isolated(provider.name), "email": isolated(identity.email)}
    if not identity.email and not is_linked:
        return _("%(provider)s did not say your e-mail address. Ask the school to let it do so.") % names
    if provider.domains and identity.email and not provider.has_domain_of(identity.email):
        return _("%(email)s is not an address of the school. Choose your school account at %(provider)s.") % names
    if not identity.is_verified and not is_linked:
        text = _("%(provider)s has not verified %(email)s. Verify it there, then try again, or ask the school.")
        return text % names
    if user is None and not provider.makes_accounts and not signs_up(identity.email):
        return _("Nobody here has the address %(email)s. Ask the school to invite you.") % names
    return _closed() if user is not None and not user.is_active else ""


def _closed() -> str:
    return _("Your school has ended your access. If that is a mistake, ask there.")


def _role(provider: Provider, user: User | None, by_claims: RoleByClaims) -> Role:
    """Return a role that the provider may give: without leave to make admins, it makes nobody one and leaves them alone."""
    now = Role(user.role) if user else Role.STUDENT
    given = Role(by_claims.role) if by_claims.role else now
    if Role.ADMIN in {now, given} and not provider.may_make_admins:
        return now
    if (now, given) == (Role.GUARDIAN, Role.STUDENT):
        return now  # whom no rule fits is called a student
    return given


def _signed_up(verdict: Verdict) -> User:
    """
    Return the account of who may sign up on their own, a student's whatever the provider calls them. Raises Waiting for who
    waits for the school's answer.
    """
    identity = verdict.identity
    wanted = Wanted(
        email=identity.email,
        role=SignUpRole.STUDENT,
        first_name=identity.first_name,
        last_name=identity.last_name,
        timezone=settings.TIME_ZONE,
        locale=get_language() or settings.LANGUAGE_CODE,
    )
    try:
        user = sign_up_by_provider(wanted, now=timezone.now())
    except DomainError as closed:
        raise NotComingIn(str(closed)) from closed
    if user is None:
        raise Waiting
    return user


def _made(verdict: Verdict) -> User:
    identity = verdict.identity
    person = PersonInput(
        email=identity.email,
        first_name=identity.first_name,
        last_name=identity.last_name,
        role=verdict.role,
        learns=verdict.learns,
        timezone=settings.TIME_ZONE,
    )
    return ensure_people([person]).people[identity.email]


def _with_role(provider: Provider, user: User, verdict: Verdict) -> User:
    if not provider.roles or (verdict.role, verdict.learns) == (user.role, user.learns):
        return user
    rule = verdict.by_claims.rule
    said = f"{provider.name}: {rule.claim} = {rule.value}" if rule else provider.name
    try:
        with transaction.atomic(), pghistory.context(**{BY: said}):
            return set_role(user_id=user.pk, role=verdict.role, learns=verdict.learns)
    except (LastAdmin, AlwaysIn) as kept:
        log.warning("provider_role_ignored", reason=kept.code, user_id=str(user.pk))
        return user
