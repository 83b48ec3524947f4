"""Whose computer a request came from, as far as the network says."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

from django.http import HttpRequest

# Where the server says in a request's `META` whose address it came from, behind the proxies that are trusted.
CLIENT: Final = "classbell.client"


def address_of(request: HttpRequest) -> str:
    """Return the address that a request came from, "" where nothing says it."""
    return str(request.META.get(CLIENT) or request.META.get("REMOTE_ADDR") or "")


@lru_cache(maxsize=10_000)
def network_of(address: str) -> str:
    """Return what counts as one address: of IPv6 its first half, which is the least that one customer has to choose from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(getattr(found, "ipv4_mapped", None) or found)
