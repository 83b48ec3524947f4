"""Lists in pages, by page number or by a token that belongs to one list and lives 15 minutes."""

import base64
import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from zoomsim.clock import Clock
from zoomsim.protocol.errors import bad_page_token, invalid_field
from zoomsim.protocol.wire import Json

PAGE_TOKEN_LIFE = timedelta(minutes=15)
DEFAULT_PAGE_SIZE = 30
MAX_PAGE_SIZE = 300
_BODY = struct.Struct(">II4s")
_MAC_BYTES = 9

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Part of a list and the envelope that Zoom puts around it."""

    items: Sequence[Item]
    envelope: Json


class Pager:
    """Cut lists into pages; the key makes tokens that nobody else can."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self.key = key
        self.clock = clock

    def page(
        self, items: Sequence[Item], query: dict[str, str], *, of: str, maximum: int = MAX_PAGE_SIZE
    ) -> Page[Item]:
        """
        Return the page that a query asks for with `page_size`, `next_page_token` or `page_number`.

        `of` names the list with its filters: a token serves only the list it was given for. A page size beyond the
        maximum is cut to it. Raises ZoomError 400/300 for a bad token or number.
        """
        size = min(_number(query, "page_size", DEFAULT_PAGE_SIZE), maximum)
        if token := query.get("next_page_token"):
            first = self._offset(token, of)
        else:
            first = (_number(query, "page_number", 1) - 1) * size
        after = first + size
        return Page(
            items[first:after],
            {
                # An empty list is one empty page: clients in use go on until they have seen the last.
                "page_count": max(1, -(-len(items) // size)),
                "page_number": first // size + 1,
                "page_size": size,
                "total_records": len(items),
                "next_page_token": self._token(after, of) if after < len(items) else "",
            },
        )

    def _token(self, offset: int, of: str) -> str:
        expires_at = int((self.clock.now() + PAGE_TOKEN_LIFE).timestamp())
        body = _BODY.pack(expires_at, offset, _fingerprint(of))
        return base64.urlsafe_b64encode(body + self._mac(body)).decode()

    def _offset(self, token: str, of: str) -> int:
        try:
            raw = base64.urlsafe_b64decode(token)
        except ValueError:
            raise bad_page_token() from None
        body, mac = raw[: _BODY.size], raw[_BODY.size :]
        if not hmac.compare_digest(mac, self._mac(body)):
            raise bad_page_token()
        expires_at, offset, fingerprint = _BODY.unpack(body)
        if fingerprint != _fingerprint(of) or self.clock.now().timestamp() > expires_at:
            raise bad_page_token()
        return int(offset)

    def _mac(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self.key, digest_size=_MAC_BYTES).digest()


def _fingerprint(of: str) -> bytes:
    return hashlib.sha256(of.encode()).digest()[:4]


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        raise invalid_field(name) from None
    return max(number, 1)
