"""As what people may sign up on their own, with which addresses, and whether the school looks at them first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import Role, User
from classbell.accounts.services import PersonInput, ensure_people
from classbell.accounts.sign_up_models import LONGEST_WORDS, SignUpMode, SignUpRequest, SignUpRole, SignUpRule
from classbell.accounts.signals import sign_up_waits
from classbell.addresses import checked_email
from classbell.errors import DomainError
from classbell.text import many_lines


class SignUpClosed(DomainError):
    """Nobody signs up in this role on their own."""

    code = "sign_up_closed"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("The school makes these accounts. Ask there for one."))


class DomainRefused(DomainError):
    """The school takes only addresses of its domains."""

    code = "email_domain_refused"

    def __init__(self, domains: Sequence[str]) -> None:
        text = _("Sign up with an e-mail address of %(domains)s.") % {"domains": ", ".join(domains)}
        super().__init__(text, details=[{"field": "email"}])


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What somebody asks for; `timezone` is an IANA name, `locale` a language that the pages have."""

    email: str
    role: SignUpRole
    first_name: str = ""
    last_name: str = ""
    timezone: str = "UTC"
    locale: str = "en"
    words: str = ""


def rules() -> Mapping[SignUpRole, SignUpRule]:
    """Return how each role signs up, closed where nothing was said. One query."""
    said = {rule.role: rule for rule in SignUpRule.objects.all()}
    return {role: said.get(role.value) or SignUpRule(role=role, mode=SignUpMode.CLOSED) for role in SignUpRole}


def roles_offered() -> Sequence[SignUpRole]:
    """Return as what people may sign up on a page: none without a mail server, by which they prove their address."""
    if not settings.EMAIL_HOST:
        return []
    return [role for role, rule in rules().items() if rule.mode != SignUpMode.CLOSED]


def set_rule(*, role: SignUpRole, mode: SignUpMode, domains: Sequence[str]) -> None:
    """Say how a role signs up. Those who wait go on waiting."""
    SignUpRule.objects.update_or_create(role=role, defaults={"mode": mode, "domains": list(domains)})


def rule_for(role: SignUpRole, email: str) -> SignUpRule:
    """Return how a role signs up with this address. Raises SignUpClosed, DomainRefused."""
    rule = rules()[role]
    if rule.mode == SignUpMode.CLOSED:
        raise SignUpClosed
    if rule.domains and email.rpartition("@")[2].lower() not in rule.domains:
        raise DomainRefused(rule.domains)
    return rule


def signs_up(email: str) -> bool:
    """Whether somebody with this address may ask for a student's account."""
    try:
        rule_for(SignUpRole.STUDENT, email)
    except (SignUpClosed, DomainRefused):
        return False
    return True


def sign_up_by_provider(wanted: Wanted, *, now: datetime) -> User | None:
    """
    Take somebody in for whose address a provider stands, by the same rules: their account, or None where they wait.

    Raises SignUpClosed, DomainRefused, NotAnAddress.
    """
    rule = rule_for(wanted.role, checked_email(wanted.email))
    if rule.mode == SignUpMode.APPROVAL:
        with transaction.atomic():
            let_wait(SignUpRequest(**columns_of(wanted), made_at=now), now)
        return None
    return ensure_people([person_of(wanted)]).people[wanted.email]


def let_wait(request: SignUpRequest, now: datetime) -> None:
    """Let a request wait for an answer, unless one of the same address waits already."""
    request.digest, request.verified_at = "", now
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        SignUpRequest.objects.filter(pk=request.pk).delete()
    else:
        sign_up_waits.send(SignUpRequest, request=request)


def columns_of(wanted: Wanted) -> dict[str, str]:
    """Return what a request keeps of what somebody asks for. Raises NotAnAddress."""
    return {
        "email": checked_email(wanted.email),
        "first_name": wanted.first_name,
        "last_name": wanted.last_name,
        "role": wanted.role,
        "timezone": wanted.timezone,
        "locale": wanted.locale,
        "words": many_lines(wanted.words)[:LONGEST_WORDS],
    }


def person_of(asked: SignUpRequest | Wanted) -> PersonInput:
    """Return who is to have an account."""
    return PersonInput(
        email=asked.email,
        first_name=asked.first_name,
        last_name=asked.last_name,
        role=Role(asked.role),
        timezone=asked.timezone,
    )
