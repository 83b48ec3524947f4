"""A SAML identity provider for tests that signs whatever it is told to, so that it can also be a bad one."""

import base64
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from classbell.accounts.sso.provider import Provider
from tests.answers import Answer

ENTITY: Final = "https://idp.school.example/metadata"
SSO: Final = "https://idp.school.example/sso"
SP: Final = "http://testserver/accounts/saml/school/metadata"
ACS: Final = "http://testserver/accounts/saml/school/acs"
EMAIL: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
NAMESPACES: Final = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)


def key_and_certificate() -> tuple[str, str]:
    """Return a private key and a certificate of it, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.school.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


KEY, CERTIFICATE = key_and_certificate()
NEXT_KEY, NEXT_CERTIFICATE = key_and_certificate()
STRANGERS_KEY, STRANGERS_CERTIFICATE = key_and_certificate()


def provider(**changes: Any) -> Provider:
    """Return what an admin says of it."""
    said = {
        "slug": "school",
        "kind": "saml",
        "name": "School account",
        "entity_id": ENTITY,
        "sso_url": SSO,
        "certificate": CERTIFICATE,
        "domains": ("school.example",),
    }
    return Provider(**(said | changes))


def asked(address: str) -> str:
    """Return the id of the question with which somebody was sent to the provider."""
    packed = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
    return str(etree.fromstring(zlib.decompress(base64.b64decode(packed), -15)).get("ID"))


def moment(minutes: float) -> str:
    """Return a moment so many minutes from now, as SAML writes it."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def assertion(
    *,
    answers: str,
    id_: str = "_assertion-1",
    issuer: str = ENTITY,
    audience: str = SP,
    recipient: str = ACS,
    valid_minutes: float = 5,
    subject: str = "subject-1",
    attributes: Mapping[str, list[str]] | None = None,
    email: str = "amina@school.example",
) -> str:
    """Return an unsigned assertion; `email` goes in as it is, markup and all."""
    said = "".join(
        f'<saml:Attribute Name="{name}">'
        + "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
        + "</saml:Attribute>"
        for name, values in (attributes or {}).items()
    )
    question = f' InResponseTo="{answers}"' if answers else ""
    until = moment(valid_minutes)
    return f"""<saml:Assertion {NAMESPACES} ID="{id_}" Version="2.0" IssueInstant="{moment(0)}">
<saml:Issuer>{issuer}</saml:Issuer>
<saml:Subject><saml:NameID Format="{PERSISTENT}">{subject}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{recipient}"{question}/>
</saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{moment(-5)}" NotOnOrAfter="{until}">
<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{moment(0)}" SessionIndex="_session-1"><saml:AuthnContext>
<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>
</saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement><saml:Attribute Name="{EMAIL}"><saml:AttributeValue>{email}</saml:AttributeValue>
</saml:Attribute>{said}</saml:AttributeStatement></saml:Assertion>"""


def signed(
    xml: str,
    *,
    key: str = KEY,
    certificate: str = CERTIFICATE,
    algorithm: str = OneLogin_Saml2_Constants.RSA_SHA256,
    digest: str = OneLogin_Saml2_Constants.SHA256,
) -> str:
    """Return an assertion or a response with a signature over it."""
    done = OneLogin_Saml2_Utils.add_sign(xml, key, certificate, sign_algorithm=algorithm, digest_algorithm=digest)
    return done.decode() if isinstance(done, bytes) else str(done)


def response(*content: str, answers: str, destination: str = ACS, before: str = "") -> str:
    """Return a response with assertions in it."""
    question = f' InResponseTo="{answers}"' if answers else ""
    return f"""{before}<samlp:Response {NAMESPACES} ID="_response-1" Version="2.0" IssueInstant="{moment(0)}"
 Destination="{destination}"{question}><saml:Issuer>{ENTITY}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
{"".join(content)}</samlp:Response>"""


def begin(client: Client) -> str:
    """Send somebody to the provider; return the id of the question."""
    sent = client.get("/accounts/sso/school/begin")
    assert sent.status_code == 302, sent.content
    return asked(sent["Location"])


def bring(client: Client, xml: str) -> Answer:
    """Post an answer as the provider's page does, and follow to where it is read."""
    packed = base64.b64encode(xml.encode()).decode()
    posted = client.post("/accounts/saml/school/acs", {"SAMLResponse": packed})
    return client.get(posted["Location"])
