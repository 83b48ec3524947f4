"""
Signatures for Zoom's Meeting SDK: what lets a browser into one meeting.

Source: https://developers.zoom.us/docs/meeting-sdk/auth/
"""

from datetime import datetime, timedelta
from typing import Final, Literal

import jwt

# Where Zoom serves its SDK from.
SDK_URL: Final = "https://source.zoom.us"

DEFAULT_LIFETIME: Final = timedelta(hours=2)
SHORTEST_LIFETIME: Final = timedelta(minutes=30)
LONGEST_LIFETIME: Final = timedelta(hours=48)
# Signed slightly in the past, for clocks that disagree.
CLOCK_SKEW: Final = timedelta(seconds=30)

PARTICIPANT: Final = 0
HOST: Final = 1


def sdk_signature(
    *,
    sdk_key: str,
    sdk_secret: str,
    meeting_number: str,
    role: Literal[0, 1],
    now: datetime,
    lifetime: timedelta = DEFAULT_LIFETIME,
) -> str:
    """
    Return the signature (a JWT) with which one person may enter one meeting; role 1 needs the host's ZAK as well.

    It does not name the person, so make it only for somebody who may enter now.

    Raises ValueError when the lifetime is not between 30 minutes and 48 hours, or the number is none.
    """
    if not SHORTEST_LIFETIME <= lifetime <= LONGEST_LIFETIME:
        raise ValueError("a signature lives between 30 minutes and 48 hours")
    if not (meeting_number.isascii() and meeting_number.isdecimal()):
        raise ValueError("a meeting number has only digits")
    issued_at = int((now - CLOCK_SKEW).timestamp())
    expires_at = issued_at + int(lifetime.total_seconds())
    claims = {
        # Twice the same: SDKs before 5.0 read `sdkKey`.
        "appKey": sdk_key,
        "sdkKey": sdk_key,
        "mn": meeting_number,
        "role": role,
        "iat": issued_at,
        "exp": expires_at,
        "tokenExp": expires_at,
    }
    return jwt.encode(claims, sdk_secret, algorithm="HS256")
