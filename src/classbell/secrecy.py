"""Taking out of text what lets somebody in: logs and the history are read by more people than may."""

import re
from typing import Final

HIDDEN: Final = "***"
_UUID: Final = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
# A part of an address that is long and has a digit: what invitations, feeds and links for passwords are known by.
_PART: Final = re.compile(r"(?<=/)(?=[^/\s?\"']*\d)[\w\-:=.~+%]{16,}")
_QUERY: Final = re.compile(r"([?&](?:access_token|key|pwd|tk|token|was|zak)=)[^\s&\"']+")
_JWT: Final = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")


def without_keys(text: str) -> str:
    """
    Return text in which no address carries the key in it any more.

    Ids of ours and Zoom's numbers stay: who may do something with them is asked when they are used.
    """
    text = _JWT.sub(HIDDEN, _QUERY.sub(rf"\1{HIDDEN}", text))
    return _PART.sub(lambda part: part[0] if _UUID.fullmatch(part[0]) else HIDDEN, text)
