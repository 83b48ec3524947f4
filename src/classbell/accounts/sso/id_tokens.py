"""
ID tokens and logout tokens of OpenID Connect, checked in full: signature, algorithm, issuer, audience, times, nonce.

django-allauth takes an ID token that came over TLS from the token endpoint without looking at its signature, and asks for no
nonce. Here every token is checked against the provider's published keys.
"""

from collections.abc import Mapping
from typing import Any, Final

import jwt
from django.utils.crypto import constant_time_compare
from jwt.utils import base64url_encode

from classbell.accounts.key_sets import signing_key

# No shared secrets: each algorithm has the one type of key it works with.
ALGORITHMS: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
LEEWAY_SECONDS: Final = 60
BACKCHANNEL_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


class Untrusted(Exception):
    """A token is not what it should be; its text, for the log, says in what."""


def id_token_claims(
    token: str, *, issuer: str, client_id: str, keys_url: str, nonce: str, access_token: str
) -> dict[str, Any]:
    """
    Return what an ID token says that was issued to this client, for this sign-in.

    Raises Untrusted.
    """
    claims, algorithm = _signed(token, issuer=issuer, client_id=client_id, keys_url=keys_url, required=("sub", "exp"))
    if not nonce or not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise Untrusted("nonce")
    audience = claims["aud"]
    many = isinstance(audience, list) and len(audience) > 1
    if (many or "azp" in claims) and claims.get("azp") != client_id:
        raise Untrusted("azp")
    if "at_hash" in claims and not constant_time_compare(str(claims["at_hash"]), _half_hash(access_token, algorithm)):
        raise Untrusted("at_hash")
    return claims


def logout_token_claims(token: str, *, issuer: str, client_id: str, keys_url: str) -> dict[str, Any]:
    """
    Return what a logout token says (OpenID Connect Back-Channel Logout). Raises Untrusted.

    An ID token never passes for one: those have a nonce and no such event.
    """
    claims, _algorithm = _signed(token, issuer=issuer, client_id=client_id, keys_url=keys_url, required=("jti", "exp"))
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(BACKCHANNEL_EVENT), Mapping):
        raise Untrusted("events")
    if "nonce" in claims:
        raise Untrusted("nonce in a logout token")
    if not any(isinstance(claims.get(name), str) for name in ("sub", "sid")):
        raise Untrusted("neither sub nor sid")
    return claims


def _signed(
    token: str, *, issuer: str, client_id: str, keys_url: str, required: tuple[str, ...]
) -> tuple[dict[str, Any], str]:
    try:
        algorithm = str(jwt.get_unverified_header(token).get("alg"))
        if algorithm not in ALGORITHMS:
            raise Untrusted(f"algorithm {algorithm[:20]}")
        key = signing_key(token, keys_url, key_type=ALGORITHMS[algorithm])
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[algorithm],
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "iat", *required]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:  # ValueError: keys that are something other than JSON
        raise Untrusted(type(error).__name__) from error
    return claims, algorithm


def _half_hash(access_token: str, algorithm: str) -> str:
    digest = jwt.get_algorithm_by_name(algorithm).compute_hash_digest(access_token.encode())
    return base64url_encode(digest[: len(digest) // 2]).decode()
