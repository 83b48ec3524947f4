"""
Which addresses that somebody typed may be gone to: those of the internet, by https, and what the settings name besides.

Otherwise whoever may enter an address could have Classbell knock at machines that only it can reach.
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS: Final = {"http": 80, "https": 443}
# What `is_global` takes for the internet in some versions of Python and is none, or leads to addresses of any other kind.
NOT_THE_INTERNET: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "5f00::/16",
    )
)
# The well-known prefix of NAT64: the last 32 bits are an IPv4 address.
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(Exception):
    """A name stands for no address that may be gone to."""


class HostUnknown(Exception):
    """Nobody knows the name."""


class BadUrl(ValueError):
    """Nothing can be sent to this URL; the sentence says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """
    What is allowed: `ports`; `private_hosts`, named in lower case, which may be inside a network; and plain http, for trials.
    """

    ports: frozenset[int]
    private_hosts: frozenset[str]
    allows_http: bool

    @classmethod
    def of_settings(cls) -> Self:
        """Return what the installation allows."""
        environment = settings.ENVIRONMENT
        return cls(
            ports=environment.webhook_port_numbers,
            private_hosts=environment.webhook_private_host_names,
            allows_http=environment.webhook_allow_http,
        )

    def addresses_of(self, host: str, port: int) -> Sequence[str]:
        """
        Look a name up and return those of its addresses that may be connected to, in the order to try them.

        Raises HostUnknown and AddressRefused. Connect to what is returned and not to the name: asked again, it may stand for
        something else.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise HostUnknown(host) from error
        addresses = dict.fromkeys(str(where[0]) for *_rest, where in found)
        good = [address for address in addresses if self.may_reach(host, address)]
        if not good:
            raise AddressRefused(host)
        return good

    def may_reach(self, host: str, address: str) -> bool:
        """Say whether this address of this host may be connected to."""
        ip = _meant(address)
        if host.lower() in self.private_hosts:
            # Never what a cloud's machines are told about themselves, whoever named it.
            return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified)
        return is_of_the_internet(ip)


def is_of_the_internet(ip: IpAddress) -> bool:
    """Say whether an address is one machine's on the public internet."""
    is_special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local
    return ip.is_global and not is_special and not any(ip in network for network in NOT_THE_INTERNET)


def checked_url(text: str, rules: Rules) -> str:
    """Return a URL as it is kept. Raises BadUrl for what nothing could ever be sent to."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise BadUrl(_("Write a whole address, such as https://school.example/classbell.")) from error
    if url.scheme not in PORTS or not url.host:
        raise BadUrl(_("Write a whole address, such as https://school.example/classbell."))
    if url.scheme == "http" and not rules.allows_http:
        raise BadUrl(_("The address must begin with https://."))
    if url.userinfo:
        raise BadUrl(_("Leave the name and the password out of the address."))
    if port_of(url) not in rules.ports:
        ports = ", ".join(str(port) for port in sorted(rules.ports))
        raise BadUrl(_("The address may have these ports only: %(ports)s.") % {"ports": ports})
    if _is_ip(url.host) and not rules.may_reach(url.host, url.host):
        raise BadUrl(_("This address is inside a network. It must be one on the internet."))
    return str(url.copy_with(fragment=None))


def port_of(url: httpx.URL) -> int:
    """Return the port of an address, said or not."""
    return url.port or PORTS[url.scheme]


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _meant(address: str) -> IpAddress:
    """Return the address that is reached in the end: that of IPv4 where one of IPv6 holds it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
