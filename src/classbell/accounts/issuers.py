"""
Tokens of an outside issuer: Supabase, or any OpenID provider, accepted beside our own.

Checked: signature, algorithm, issuer, audience, expiry. Each way of signing has its own kind of key: HS256 only with the
shared secret, RS256 and ES256 only with a key of the JWKS, so that a public key can never pass for a secret.

Accounts are found, or made, by e-mail, and only by one that the issuer vouches for: the claim `email_verified` must be
true. Supabase has no such claim. It signs people in by e-mail only after they confirmed it, provided that "Confirm email"
is on in the project: keep it on. (What Supabase keeps in `user_metadata` is written by the users themselves and proves
nothing.)

The role comes from the configured claim, which only the issuer's administrators may be able to write. A claim that is
absent says nothing: new people are students, others keep their role. A claim that is there decides at every request, and
one that names no role of ours means student.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import structlog
from django.conf import settings
from jwt import PyJWK

from classbell.accounts.key_sets import signing_key
from classbell.accounts.models import Role, User
from classbell.accounts.services import AlwaysIn, LastAdmin, PersonInput, ensure_people, set_role
from classbell.addresses import email_key, is_email
from classbell.names import LONGEST as LONGEST_NAME
from classbell.text import one_line

log = structlog.get_logger(__name__)

LEEWAY_SECONDS = 10
ASYMMETRIC = {"RS256": "RSA", "ES256": "EC"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """Whose tokens we accept, and how they are checked."""

    issuer: str
    audience: str
    secret: str
    jwks_url: str
    role_claim: str


def configured_issuer() -> Issuer | None:
    """Return the outside issuer of the settings; None unless issuer, audience and a way to check signatures are there."""
    environment = settings.ENVIRONMENT
    issuer = Issuer(
        issuer=environment.jwt_issuer,
        audience=environment.jwt_audience,
        secret=environment.jwt_secret.get_secret_value(),
        jwks_url=environment.jwt_jwks_url,
        role_claim=environment.jwt_role_claim,
    )
    if issuer.issuer and issuer.audience and (issuer.secret or issuer.jwks_url):
        return issuer
    return None


def user_of_outside_token(token: str) -> User | None:
    """
    Return whose token this is, making their account at first sight; None for a token that is not good.

    May fetch the issuer's keys: at most every five minutes, and when a token names a key that is not known yet.
    """
    issuer = configured_issuer()
    if issuer is None:
        return None
    try:
        claims = _verified_claims(token, issuer)
    except jwt.PyJWKClientConnectionError:
        log.warning("issuer_keys_unreachable", url=issuer.jwks_url)
        return None
    except (jwt.PyJWTError, ValueError) as error:  # ValueError: the issuer's keys came as something other than JSON.
        log.info("outside_token_refused", reason=type(error).__name__)
        return None
    email = _verified_email(claims, issuer)
    if email is None:
        log.info("outside_token_refused", reason="no verified email that an account can have")
        return None
    return _account(email, claims, issuer)


def _verified_claims(token: str, issuer: Issuer) -> Mapping[str, Any]:
    algorithm = str(jwt.get_unverified_header(token).get("alg"))
    claims: Mapping[str, Any] = jwt.decode(
        token,
        key=_key(token, algorithm, issuer),
        algorithms=[algorithm],
        issuer=issuer.issuer,
        audience=issuer.audience,
        leeway=LEEWAY_SECONDS,
        options={"require": ["exp", "iss", "aud"]},
    )
    return claims


def _key(token: str, algorithm: str, issuer: Issuer) -> str | PyJWK:
    if algorithm == "HS256" and issuer.secret:
        return issuer.secret
    if algorithm in ASYMMETRIC and issuer.jwks_url:
        return signing_key(token, issuer.jwks_url, key_type=ASYMMETRIC[algorithm])
    raise jwt.InvalidAlgorithmError


def _verified_email(claims: Mapping[str, Any], issuer: Issuer) -> str | None:
    email = claims.get("email")
    if not isinstance(email, str) or not is_email(email):
        return None
    if "email_verified" in claims:
        return email if claims["email_verified"] is True else None
    # Supabase Auth: its issuer ends in /auth/v1, and a person (no key of a service) has the role "authenticated".
    is_supabase = issuer.issuer.rstrip("/").endswith("/auth/v1")
    is_person = claims.get("role") == "authenticated" and claims.get("is_anonymous") is not True
    return email if is_supabase and is_person else None


def _account(email: str, claims: Mapping[str, Any], issuer: Issuer) -> User | None:
    role, learns = _role(claims, issuer.role_claim)
    known = User.objects.by_email([email])
    user = known.get(email_key(email))
    if user is None:
        user = ensure_people([_person(email, claims, role or Role.STUDENT, learns)]).people[email]
    if not user.is_active:
        return None
    if role == Role.STUDENT and user.role == Role.GUARDIAN:
        return user  # outside, whoever is nothing in particular is called a student
    if role is not None and (role != user.role or (learns and not user.learns)):
        try:
            user = set_role(user_id=user.pk, role=role, learns=learns or None)
        except (LastAdmin, AlwaysIn) as kept:
            log.warning("outside_role_ignored", reason=kept.code, user_id=str(user.pk))
    return user


def _person(email: str, claims: Mapping[str, Any], role: Role, learns: bool) -> PersonInput:
    return PersonInput(
        email=email,
        first_name=_name(claims, "given_name"),
        last_name=_name(claims, "family_name"),
        role=role,
        learns=learns,
        timezone=settings.TIME_ZONE,
    )


def _name(claims: Mapping[str, Any], claim: str) -> str:
    name = claims.get(claim)
    return one_line(name)[:LONGEST_NAME].strip() if isinstance(name, str) else ""


def _role(claims: Mapping[str, Any], path: str) -> tuple[Role | None, bool]:
    """
    Return the role that the claim names, STUDENT when it names none of ours, None when there is no claim; and whether it
    names student besides. It is a text, or a list of them.
    """
    value: object = claims
    # Some providers want claims of one's own to be named like an address, with dots that part nothing.
    for name in [path] if path in claims else path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None, False
        value = value[name]
    named = [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]
    lead = next((role for role in (Role.ADMIN, Role.TEACHER) if role in named), Role.STUDENT)
    return lead, lead != Role.STUDENT and Role.STUDENT in named
