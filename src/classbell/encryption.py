"""Keeping what must not be read in the database or in its backups: encrypted by the installation's secret key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.utils.encoding import force_bytes

from classbell.secret_keys import known_keys


class NotDecipherable(ValueError):
    """It was encrypted with another secret key, for another purpose, or is not what `encrypt` returned."""


def encrypt(data: bytes, *, purpose: str) -> bytes:
    """Return data as only `decrypt` with the same purpose reads it: each purpose has a key of its own."""
    return _cipher(purpose).encrypt(data)


def decrypt(data: bytes, *, purpose: str) -> bytes:
    """Return what was encrypted, with the secret key or an older one. Raises NotDecipherable."""
    try:
        return _cipher(purpose).decrypt(data)
    except InvalidToken as error:
        raise NotDecipherable from error


def encrypt_anew(data: bytes, *, purpose: str) -> bytes:
    """
    Return what was encrypted as the present secret key encrypts it; the same bytes when it did so already. Raises
    NotDecipherable.
    """
    try:
        _fernet(purpose, known_keys()[0]).decrypt(data)
    except InvalidToken:
        return encrypt(decrypt(data, purpose=purpose), purpose=purpose)
    return data


def _cipher(purpose: str) -> MultiFernet:
    return MultiFernet([_fernet(purpose, key) for key in known_keys()])


def _fernet(purpose: str, secret_key: str | bytes) -> Fernet:
    secret = hashlib.sha256(f"classbell.{purpose}:".encode() + force_bytes(secret_key)).digest()
    return Fernet(base64.urlsafe_b64encode(secret))
