"""Published keys of those who sign tokens (JWKS), kept for five minutes, and read anew for a key that is not known yet."""

from functools import lru_cache
from typing import Final

import jwt
from jwt import PyJWK, PyJWKClient

JWKS_TIMEOUT_SECONDS: Final = 5
JWKS_KEPT_SECONDS: Final = 300


@lru_cache(maxsize=16)
def key_set(url: str) -> PyJWKClient:
    """Return the key set at an address."""
    return PyJWKClient(url, timeout=JWKS_TIMEOUT_SECONDS, lifespan=JWKS_KEPT_SECONDS)


def signing_key(token: str, url: str, *, key_type: str) -> PyJWK:
    """
    Return the key of a set that a token names, of the type that its algorithm wants: a public key never passes for a secret.

    Raises PyJWTError, and ValueError where the set is something other than JSON.
    """
    key = key_set(url).get_signing_key_from_jwt(token)
    if key.key_type != key_type:
        raise jwt.InvalidAlgorithmError
    return key
