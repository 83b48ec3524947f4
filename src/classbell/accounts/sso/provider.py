"""
What an admin says of an identity provider, in the settings or on a page. Pure: no database, no network.

Two protocols: OpenID Connect (Google, Microsoft Entra, Keycloak, and any other) and SAML 2.0.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from cryptography.x509 import load_pem_x509_certificate
from django.utils.translation import gettext_noop
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

OPENID: Final = "openid"
SAML: Final = "saml"
GOOGLE: Final = "https://accounts.google.com"
# What people write about themselves, at one provider or another. Nobody's role may hang on it.
EDITABLE: Final = frozenset(
    {
        "user_metadata",
        "email",
        "unsafe_metadata",
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
        "address",
    }
)
# Who signs in there may be of any organisation: they are no issuer.
_MANY_TENANTS: Final = re.compile(r"/(?:common|organizations|consumers)(?:/|$)|[{}]")
_DOMAIN: Final = re.compile(r"(?!-)[\w-]+(?:\.[\w-]+)+")
PEM_BEGINS: Final = "-----BEGIN CERTIFICATE-----\n"
PEM_ENDS: Final = "\n-----END CERTIFICATE-----\n"
_PEM: Final = re.compile(f"{PEM_BEGINS.strip()}.*?{PEM_ENDS.strip()}", re.DOTALL)
_BODY: Final = re.compile(rf"{PEM_BEGINS.strip()}|{PEM_ENDS.strip()}|\s")


class Refusal(ValueError):
    """What is said of a provider does not do. `field` is where; a sentence in English, translated where it is shown."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def domain_list(value: object) -> object:
    """Return e-mail domains written with commas, spaces or on lines, without what stands before an @, in lower case."""
    if not isinstance(value, str):
        return value
    return [part.rpartition("@")[2].lower() for part in re.split(r"[\s,;،]+", value) if part]


def well_formed_domains(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return e-mail domains in lower case, each once. Raises Refusal for what is none."""
    for value in values:
        if not _DOMAIN.fullmatch(value):
            text = gettext_noop("A domain is what stands after the @ of an address, such as school.example.")
            raise Refusal("domains", text)
    return tuple(dict.fromkeys(value.lower() for value in values))


def is_address(value: object) -> bool:
    """Say whether a provider may be asked there: by https, or on this machine."""
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    is_here = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return bool(parts.hostname) and not parts.fragment and (parts.scheme == "https" or is_here)


def _address(field: str) -> AfterValidator:
    def checked(value: str) -> str:
        if value and not is_address(value):
            raise Refusal(field, gettext_noop("Write an address that begins with https://."))
        return value

    return AfterValidator(checked)


def _certificates(value: str) -> str:
    """Return one certificate or several, as PEM one after the other; one may come without its first and last line."""
    if not value.strip():
        return ""
    return "".join(dict.fromkeys(map(_pem, _PEM.findall(value) or [value])))


def _pem(text: str) -> str:
    body = _BODY.sub("", text)
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    pem = f"{PEM_BEGINS}{lines}{PEM_ENDS}"
    try:
        load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise Refusal(
            "certificate", gettext_noop("That is no certificate (X.509, PEM). Copy the one that signs, whole.")
        ) from error
    return pem


class RoleRule(BaseModel):
    """Whose claim has this value, or has it among its values, is this here. A claim inside another is named with dots."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str = Field(min_length=1, max_length=200)
    value: str = Field(min_length=1, max_length=200)
    role: Literal["student", "teacher", "admin", "teacher+student", "admin+student"]

    @property
    def roles(self) -> list[str]:
        """All that it gives, what leads first."""
        return self.role.split("+")


class Provider(BaseModel):
    """
    An identity provider and what it may do here.

    `slug` is part of its addresses and never changes. People come in by an e-mail address that the provider has verified;
    one that gives out the addresses of `domains` itself (`vouches`) is believed about those without saying so each time.
    With `domains`, addresses of others are refused. `roles` are asked in their order; without any, roles are left alone.
    `certificate` may be several, while the provider changes from one to the next.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")
    kind: Literal["openid", "saml"] = OPENID
    name: str = Field(min_length=1, max_length=40)
    is_on: bool = True
    issuer: Annotated[str, _address("issuer")] = ""
    client_id: str = Field(default="", max_length=191)
    client_secret: SecretStr = Field(default=SecretStr(""), max_length=2000)
    entity_id: str = Field(default="", max_length=500)
    sso_url: Annotated[str, _address("sso_url")] = ""
    certificate: Annotated[str, AfterValidator(_certificates)] = Field(default="", max_length=10_000)
    domains: Annotated[tuple[str, ...], BeforeValidator(domain_list), AfterValidator(well_formed_domains)] = ()
    vouches: bool = False
    makes_accounts: bool = False
    may_make_admins: bool = False
    roles: tuple[RoleRule, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        needed = ("issuer", "client_id") if self.kind == OPENID else ("entity_id", "sso_url", "certificate", "domains")
        for name in needed:
            if not getattr(self, name):
                raise Refusal(name, gettext_noop("This is needed."))
        if _MANY_TENANTS.search(self.issuer):
            raise Refusal(
                "issuer", gettext_noop("Write the address of your own tenant, with its ID in place of “common”.")
            )
        if self.slug == SAML:
            raise Refusal("slug", gettext_noop("Take another short name."))
        return self

    @model_validator(mode="after")
    def _gives_no_more_than_it_may(self) -> Self:
        if self.vouches and not self.domains:
            raise Refusal("domains", gettext_noop("Name the domains whose addresses this provider gives out."))
        if self.makes_accounts and not self.domains:
            raise Refusal("domains", gettext_noop("Name the domains whose people get an account."))
        for rule in self.roles:
            if {rule.claim, rule.claim.split(".")[0]} & EDITABLE:
                raise Refusal("roles", gettext_noop("Roles cannot hang on what people write about themselves."))
            if "admin" in rule.roles and not self.may_make_admins:
                raise Refusal("roles", gettext_noop("A rule makes admins, and this provider may not make any."))
        return self

    @property
    def certificates(self) -> list[str]:
        """The certificates by any of which it may sign, as PEM; none for OpenID Connect."""
        return _PEM.findall(self.certificate)

    @property
    def is_google(self) -> bool:
        """Whether it is Google, which says in a claim of its own whether an organisation stands behind an address."""
        return self.issuer.rstrip("/") == GOOGLE

    def has_domain_of(self, email: str) -> bool:
        """Say whether an address is of one of its domains."""
        return email.rpartition("@")[2].lower() in self.domains

    def kept(self) -> dict[str, Any]:
        """Return everything but the secret and the short name, as JSON keeps it."""
        return self.model_dump(mode="json", exclude={"slug", "client_secret"})


def slugs(providers: Iterable[Provider]) -> list[str]:
    """Return their short names, in order."""
    return [provider.slug for provider in providers]
