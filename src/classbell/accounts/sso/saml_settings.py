"""What is asked of a SAML identity provider's answers, in the shape of django-allauth's settings."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from classbell.accounts.sso.provider import Provider


def saml_settings(said: Provider, *, certificate: str) -> dict[str, Any]:
    """
    Return the settings of one provider: assertions are signed, by this certificate and nothing older than SHA-256, for us,
    and were asked for.
    """
    return {
        "idp": {"entity_id": said.entity_id, "sso_url": said.sso_url, "x509cert": certificate},
        "sp": {"entity_id": sp_entity_id(said.slug)},
        "advanced": {
            "strict": True,
            "want_assertion_signed": True,
            "want_name_id": True,
            "want_attribute_statement": False,
            "reject_deprecated_algorithm": True,
            "reject_idp_initiated_sso": True,
            "allow_single_label_domains": True,
        },
    }


def sp_entity_id(slug: str) -> str:
    """Return what we are called at the provider: the address of our metadata."""
    return urljoin(settings.ENVIRONMENT.public_url, reverse("saml_metadata", args=[slug]))
