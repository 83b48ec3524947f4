"""Asking what lies at an address that somebody typed: checked as a webhook's is, within a time, no more than is wanted."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpcore
import httpx

from classbell import __version__
from classbell.outgoing.addresses import AddressRefused, HostUnknown, Rules, port_of
from classbell.outgoing.sending import WITHIN_SECONDS, CheckedNetwork, Deadline, Trouble, authorities

OK: Final = 200


class NotFetched(Exception):
    """Nothing usable came back: a trouble, or a status other than 200."""

    def __init__(self, trouble: Trouble | None = None, *, status: int | None = None) -> None:
        self.trouble, self.status = trouble, status
        super().__init__(trouble or status)


class TooLong(Exception):
    """More lies there than is wanted; the rest was not read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back. The names of `headers` are in lower case; of those that came twice the last counts."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def fetch(url: str, *, rules: Rules, most_bytes: int, within: float = WITHIN_SECONDS) -> bytes:
    """Return what lies at an address that `checked_url` returned; nothing is redirected. Raises NotFetched and TooLong."""
    answer = ask("GET", url, rules=rules, most_bytes=most_bytes, within=within)
    if answer.status != OK:
        raise NotFetched(status=answer.status)
    return answer.content


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    rules: Rules,
    most_bytes: int,
    within: float = WITHIN_SECONDS,
) -> Answer:
    """
    Ask an address that `checked_url` returned, and return what it answers, whatever its status; nothing is redirected.

    `headers` by names in lower case. Of an answer with another status than 2xx no more than its status and headers is told.
    Raises NotFetched, with a trouble, and TooLong.
    """
    try:
        return _ask(method, httpx.URL(url), headers or {}, body, rules, Deadline(time.monotonic() + within), most_bytes)
    except AddressRefused as error:
        raise NotFetched(Trouble.REFUSED_ADDRESS) from error
    except HostUnknown as error:
        raise NotFetched(Trouble.UNKNOWN_HOST) from error
    except httpcore.TimeoutException as error:
        raise NotFetched(Trouble.TIMEOUT) from error
    except httpcore.ConnectError as error:
        is_certificate = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
        raise NotFetched(Trouble.NOT_TRUSTED if is_certificate else Trouble.UNREACHABLE) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise NotFetched(Trouble.BROKEN) from error


def _ask(
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    body: bytes,
    rules: Rules,
    deadline: Deadline,
    most_bytes: int,
) -> Answer:
    sent = {
        "host": url.netloc.decode("ascii"),
        "accept": "*/*",
        "accept-encoding": "identity",
        "user-agent": f"Classbell/{__version__}",
        **headers,
    }
    where = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path)
    network = CheckedNetwork(rules, deadline)
    with (
        httpcore.ConnectionPool(ssl_context=authorities(), network_backend=network) as pool,
        pool.stream(method, where, headers=list(sent.items()), content=body or None) as response,
    ):
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if not 200 <= response.status < 300:
            return Answer(status=response.status, headers=told, content=b"")
        parts, length = [], 0
        for part in response.iter_stream():
            parts.append(part)
            length += len(part)
            if length > most_bytes:
                raise TooLong
    return Answer(status=response.status, headers=told, content=b"".join(parts))
