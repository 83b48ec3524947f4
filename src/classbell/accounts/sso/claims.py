"""
Who somebody is by what an identity provider said, once it is verified. Pure.

Claims are OpenID Connect's by name; what SAML says is brought into the same shape by `saml.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from classbell.accounts.sso.provider import SAML, Provider, RoleRule
from classbell.addresses import email_key, is_email
from classbell.names import LONGEST as LONGEST_NAME
from classbell.text import one_line

Claims = Mapping[str, Any]

# Instead of a list that is too long, Microsoft Entra says where to ask for it.
ELSEWHERE: Final = "_claim_names"


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """
    Somebody at a provider. `email` is "" where none that an account can have was said; `is_verified`, whether the provider
    stands for it.
    """

    email: str
    is_verified: bool
    first_name: str
    last_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleByClaims:
    """
    The role that claims give, None to leave it alone, and the rule by which, None for no rule that fits. `learns`: student
    too; what a rule does not give besides, it leaves alone.
    """

    role: str | None
    learns: bool = False
    rule: RoleRule | None = None


def identity_of(provider: Provider, claims: Claims) -> Identity:
    """Return who verified claims speak of."""
    written = claims.get("email")
    email = email_key(written) if isinstance(written, str) and is_email(written) else ""
    return Identity(
        email=email,
        is_verified=bool(email) and _is_verified(provider, claims, email),
        first_name=_name(claims, "given_name"),
        last_name=_name(claims, "family_name"),
    )


def role_of(provider: Provider, claims: Claims) -> RoleByClaims:
    """
    Return the role that the provider's rules give: by the first that fits, and student where none does.

    It is left alone where there are no rules, and where what a rule asks for was too long to be said.
    """
    for rule in provider.roles:
        if rule.value in values_of(claims, rule.claim):
            return RoleByClaims(role=rule.roles[0], learns=len(rule.roles) > 1, rule=rule)
    elsewhere = claims.get(ELSEWHERE)
    unsaid = isinstance(elsewhere, Mapping) and any(rule.claim in elsewhere for rule in provider.roles)
    return RoleByClaims(role=None if unsaid or not provider.roles else "student")


def values_of(claims: Claims, path: str) -> frozenset[str]:
    """Return what a claim says, each value as text; a claim is named as it is, or by the way to it with dots."""
    value: object = claims
    # Some providers name claims of one's own like an address, with dots that part nothing.
    for name in [path] if path in claims else path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return frozenset()
        value = value[name]
    values = value if isinstance(value, list | tuple) else [value]
    return frozenset(_text(one) for one in values if isinstance(one, str | int))


def _is_verified(provider: Provider, claims: Claims, email: str) -> bool:
    said = claims.get("email_verified")
    if said is not None and not _is_true(said):
        return False
    if provider.kind == SAML or provider.vouches:
        return provider.has_domain_of(email)
    if provider.is_google:
        # Elsewhere an address was the person's once, when they signed up, and need not be any more.
        return _is_true(said) and (bool(claims.get("hd")) or email.endswith("@gmail.com"))
    # Entra says this instead, of domains that the tenant has proved to own.
    return _is_true(said) or _is_true(claims.get("xms_edov"))


def _is_true(value: object) -> bool:
    return value is True or value in {"true", "1"} or (isinstance(value, int) and value == 1)


def _text(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name(claims: Claims, claim: str) -> str:
    name = claims.get(claim)
    return one_line(name)[:LONGEST_NAME].strip() if isinstance(name, str) else ""
