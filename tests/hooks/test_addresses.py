"""Webhooks go to the internet, by https, and nowhere else unless a setting names it."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings

from classbell.outgoing.addresses import AddressRefused, BadUrl, HostUnknown, Rules, checked_url
from classbell.outgoing.sending import Trouble, send
from tests.receiver import Receiver

INTERNET = Rules(ports=frozenset({443}), private_hosts=frozenset(), allows_http=False)
SCHOOL = Rules(
    ports=frozenset({443, 8443}), private_hosts=frozenset({"crm.school.local", "10.0.0.5"}), allows_http=False
)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that says which addresses each look-up finds, one list after another; the last one for good."""

    def resolve(*answers: list[str]) -> None:
        left, look_up = list(answers), socket.getaddrinfo

        def found(host: str, port: int, *more: Any, **options: Any) -> Any:
            if host[:1].isdigit():
                return look_up(host, port, *more, **options)
            addresses = left.pop(0) if len(left) > 1 else left[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", found)

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.8",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "2001:0:1::1",
        "2002:7f00:1::",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
    ],
)
def test_address_inside_a_network_is_refused(names: Callable[..., None], address: str) -> None:
    names([address])

    with pytest.raises(AddressRefused):
        INTERNET.addresses_of("portal.example", 443)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_address_on_the_internet_is_taken(names: Callable[..., None], address: str) -> None:
    names([address])

    assert INTERNET.addresses_of("portal.example", 443) == [address]


def test_of_several_addresses_the_public_ones_are_used(names: Callable[..., None]) -> None:
    names(["10.0.0.1", "93.184.215.14"])

    assert INTERNET.addresses_of("portal.example", 443) == ["93.184.215.14"]


def test_name_that_nobody_knows() -> None:
    with pytest.raises(HostUnknown):
        INTERNET.addresses_of("nobody.invalid", 443)


def test_host_that_a_setting_names_may_be_inside_but_never_tell_about_the_machine(names: Callable[..., None]) -> None:
    names(["10.0.0.5"], ["169.254.169.254"], ["10.0.0.5"])

    assert SCHOOL.addresses_of("CRM.school.local", 443) == ["10.0.0.5"]
    with pytest.raises(AddressRefused):
        SCHOOL.addresses_of("crm.school.local", 443)
    with pytest.raises(AddressRefused):
        SCHOOL.addresses_of("other.school.local", 443)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "portal.example",
        "/classbell",
        "ftp://portal.example/in",
        "javascript:alert(1)",
        "http://portal.example/in",
        "https://",
        "https://portal.example:8443/in",
        "https://name:password@portal.example/in",
        "https://127.0.0.1/in",
        "https://[::1]/in",
        "https://[::ffff:10.0.0.1]/in",
        "https://portal.example:99999/in",
    ],
)
def test_url_to_which_webhooks_never_go(url: str) -> None:
    with pytest.raises(BadUrl):
        checked_url(url, INTERNET)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://portal.example/in?to=1", "https://portal.example/in?to=1"),
        ("HTTPS://Portal.Example/In#part", "https://portal.example/In"),
        ("https://portal.example:443/in", "https://portal.example/in"),
    ],
)
def test_url_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert checked_url(typed, INTERNET) == kept


def test_port_and_host_that_settings_name() -> None:
    assert checked_url("https://10.0.0.5:8443/in", SCHOOL) == "https://10.0.0.5:8443/in"


def test_name_that_changes_its_address_is_checked_at_each_try(receiver: Receiver, names: Callable[..., None]) -> None:
    url = receiver.url.replace("localhost", "portal.example")
    rules = Rules(ports=frozenset({receiver.port}), private_hosts=frozenset(), allows_http=True)
    names(["127.0.0.1"])

    outcome = send(url, body="{}", headers={}, rules=rules)

    assert outcome.error == Trouble.REFUSED_ADDRESS
    assert receiver.received == []


def test_connection_goes_to_the_address_that_was_checked(receiver: Receiver, names: Callable[..., None]) -> None:
    """A name that stands for something else when it is looked up again leads nowhere else: it is looked up once."""
    rules = Rules.of_settings()
    names(["127.0.0.1"], ["203.0.113.1"])

    outcome = send(receiver.url, body="{}", headers={}, rules=rules)

    assert outcome.status_code == 204
    assert receiver.received[0].headers["host"] == f"localhost:{receiver.port}"


def test_address_is_checked_when_it_is_tried_not_only_when_it_was_entered(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = django_settings.ENVIRONMENT.model_copy(update={"webhook_private_hosts": ""})
    monkeypatch.setattr(django_settings, "ENVIRONMENT", strict)

    assert send(receiver.url, body="{}", headers={}, rules=Rules.of_settings()).error == Trouble.REFUSED_ADDRESS
