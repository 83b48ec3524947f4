"""What is wrong with the settings of the outside issuer, said at start."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def outside_issuer_is_safe(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse half a configuration, which would refuse everybody, and a role that people could give themselves."""
    return list(_findings())


def _findings() -> Iterator[CheckMessage]:
    environment = settings.ENVIRONMENT
    way = bool(environment.jwt_secret.get_secret_value() or environment.jwt_jwks_url)
    parts = (bool(environment.jwt_issuer), bool(environment.jwt_audience), way)
    if any(parts) and not all(parts):
        yield Error(
            "The outside issuer of tokens is configured by half.",
            hint="Set CLASSBELL_JWT_ISSUER, CLASSBELL_JWT_AUDIENCE, and CLASSBELL_JWT_JWKS_URL or CLASSBELL_JWT_SECRET.",
            id="accounts.E001",
        )
    if environment.jwt_role_claim.split(".")[0] == "user_metadata":
        yield Error(
            "CLASSBELL_JWT_ROLE_CLAIM names a claim that people can write themselves.",
            hint="Use one that only administrators of the issuer can write, such as app_metadata.role.",
            id="accounts.E002",
        )
