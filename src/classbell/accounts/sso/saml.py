"""
Signing in by SAML 2.0: django-allauth's views over python3-saml, which checks signature, issuer, audience and times.

What is added: only answers to a question of this browser, an assertion is good once, and roles and addresses come from signed
attributes by the same rules as with OpenID Connect.
"""

import base64
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.core.cache import cache
from django.http import HttpRequest
from lxml.etree import LxmlError
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from classbell.accounts.sso.claims import identity_of
from classbell.accounts.sso.links import Arrival, link_key

# Names that providers give to what OpenID Connect calls so: Entra and AD FS, eduPerson, Keycloak and Google by hand.
ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "urn:oid:1.2.840.113549.1.9.1",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "mail",
    ),
    "given_name": (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        "urn:oid:2.5.4.42",
        "givenName",
        "firstName",
    ),
    "family_name": (
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
        "urn:oid:2.5.4.4",
        "sn",
        "lastName",
    ),
}
EMAIL_FORMAT: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


class Replayed(Exception):
    """An answer was good already, or was not asked for."""


class SamlProvider(SAMLProvider):  # type: ignore[misc]  # allauth has no types
    """A provider of allauth's, as an admin has set it up."""

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Return where it leads to afterwards; the purpose is not the address's to choose."""
        next_url = get_next_redirect_url(request)
        return {"process": AuthProcess.LOGIN} | ({"next_url": next_url} if next_url else {})

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> SocialLogin:
        """Return who signs in. Raises Replayed."""
        _use_once(response, self.app.said.entity_id)
        claims = claims_of(response)
        login = super().sociallogin_from_response(request, claims)
        login.arrival = Arrival(claims=claims)
        return login

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """Return the key of the link with an account."""
        return link_key(self.app.said.entity_id, data["sub"])

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Keep by what people know which account of theirs it is, and nothing else."""
        return {"email": identity_of(self.app.said, data).email}

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing: accounts are found and made by `people`."""
        return {}


def signing_certificate(certificates: Sequence[str], answer: str) -> str:
    """
    Return by which of a provider's certificates an answer (in base64) is signed, the first where it is none of them.

    Nothing is believed of the answer for that: it is checked against that certificate afterwards.
    """
    with suppress(ValueError, LxmlError, OneLogin_Saml2_Error):
        xml, where = base64.b64decode(answer), OneLogin_Saml2_Utils.ASSERTION_SIGNATURE_XPATH
        for certificate in certificates:
            if OneLogin_Saml2_Utils.validate_sign(xml, certificate, xpath=where):
                return certificate
    return certificates[0]


def claims_of(response: Any) -> dict[str, Any]:
    """Return what a verified assertion says, as claims: its attributes, the usual ones also under their usual names."""
    attributes: dict[str, list[str]] = response.get_attributes()
    claims: dict[str, Any] = {name: values for name, values in attributes.items() if name != "sub"}
    for claim, names in ATTRIBUTES.items():
        found = next((attributes[name] for name in (claim, *names) if attributes.get(name)), None)
        if found:
            claims[claim] = found[0]
    name_id, name_format = response.get_nameid(), response.get_nameid_format()
    if "email" not in claims and name_format == EMAIL_FORMAT:
        claims["email"] = name_id
    # One that is made anew each time says nobody's name twice: their address has to do.
    claims["sub"] = claims.get("email", "") if name_format == TRANSIENT else name_id
    if "email_verified" in claims and isinstance(claims["email_verified"], list):
        claims["email_verified"] = next(iter(claims["email_verified"]), "")
    return claims


def _use_once(response: Any, issuer: str) -> None:
    if not response.get_last_response_in_response_to():
        raise Replayed("it answers no question")
    until = response.get_last_assertion_not_on_or_after() or time.time() + 3600
    key = f"saml:{link_key(issuer, response.get_last_assertion_id())}"
    if not cache.add(key, True, timeout=max(60, int(until - time.time()) + 600)):
        raise Replayed("the assertion was used before")
