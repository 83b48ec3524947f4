"""Identifiers, passcodes and tokens in the forms Zoom gives them."""

import base64
import hashlib
import random
import secrets
import string
import uuid

_DICE = random.SystemRandom()
ALPHANUMERIC = string.ascii_letters + string.digits


def meeting_id() -> int:
    """Return eleven digits that begin with 8 or 9."""
    return 80_000_000_000 + secrets.randbelow(20_000_000_000)


def personal_meeting_id(email: str) -> int:
    """Return the ten digits that belong to a user for good."""
    return 3_000_000_000 + int.from_bytes(_digest("pmi", email)[:8]) % 6_000_000_000


def run_uuid() -> str:
    """Return 16 random bytes in standard base64: 24 characters, `/` and `+` among them."""
    return base64.b64encode(secrets.token_bytes(16)).decode()


def opaque_id() -> str:
    """Return 22 characters of base64url, as users, accounts and registrants have."""
    return _unpadded(secrets.token_bytes(16))


def user_id(email: str) -> str:
    """Return the id of a user: the same for the same e-mail, so that hosts keep theirs over a new start."""
    return _unpadded(_digest("user", email)[:16])


def participant_uuid() -> str:
    """Return a GUID in capitals."""
    return str(uuid.uuid4()).upper()


def letters(length: int) -> str:
    """Return that many random letters and digits."""
    return "".join(_DICE.choices(ALPHANUMERIC, k=length))


def digits(length: int) -> str:
    """Return that many random digits."""
    return "".join(_DICE.choices(string.digits, k=length))


def tracking_id(kind: str) -> str:
    """Return what Zoom's support asks for: one per answer."""
    return f"v=2.0;clid=us06;rid={kind}_{secrets.token_hex(16)}"


def _digest(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}:{text.lower()}".encode()).digest()


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
