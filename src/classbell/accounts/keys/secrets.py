"""
What the secret of an API key looks like: `classbell_`, 32 random letters and digits, and a checksum of six more.

The beginning and the checksum let scanners of repositories and logs tell one from other text without asking us. It is as hard
to guess as 190 random bits, so what is stored is its plain SHA-256: a slow hash would protect nothing more.
"""

import hashlib
import re
import secrets
import string
import zlib
from typing import Final

BEGINNING: Final = "classbell_"
ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM: Final = 32
CHECKED: Final = 6
# How much of a secret is kept to be recognised by: its beginning and six letters.
SHOWN: Final = len(BEGINNING) + 6
SECRET: Final = re.compile(rf"{BEGINNING}[0-9A-Za-z]{{{RANDOM + CHECKED}}}")


def new_secret() -> str:
    """Return a secret that nobody has had before."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return f"{BEGINNING}{body}{_checksum(body)}"


def is_meant_as_secret(text: str) -> bool:
    """Say whether a bearer token is an API key, a whole one or not, and nothing else."""
    return text.startswith(BEGINNING)


def is_whole(text: str) -> bool:
    """Say whether it is a secret as they are made: with all of its letters, each of them right."""
    body = text[len(BEGINNING) : -CHECKED]
    return SECRET.fullmatch(text) is not None and secrets.compare_digest(_checksum(body), text[-CHECKED:])


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret: 32 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def shown_part(secret: str) -> str:
    """Return the part that a secret is recognised by, and that lets nobody in."""
    return secret[:SHOWN]


def _checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(CHECKED):
        number, place = divmod(number, len(ALPHABET))
        letters = ALPHABET[place] + letters
    return letters
