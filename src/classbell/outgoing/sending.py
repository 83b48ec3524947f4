"""
One try: a body posted to an address that was checked, within a time, and what came back.

The name is looked up here, its addresses are checked, and the connection goes to one of them: nothing is looked up between.
Nothing is redirected, and of the answer no more is read than is kept.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

import httpcore
import httpx
from django.utils import timezone

from classbell import __version__
from classbell.outgoing.addresses import AddressRefused, HostUnknown, Rules, port_of

# How much is read and kept of what the other side answers.
LONGEST_ANSWER: Final = 1000
# A whole try, from looking the name up to the end of the answer.
WITHIN_SECONDS: Final = 10.0
LONGEST_RETRY_AFTER: Final = timedelta(days=1)


class Trouble(StrEnum):
    """Why there was no answer."""

    UNKNOWN_HOST = "unknown_host"
    REFUSED_ADDRESS = "refused_address"
    UNREACHABLE = "unreachable"
    NOT_TRUSTED = "not_trusted"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    SECRET_UNREADABLE = "secret_unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a try went: a status and the beginning of the answer, or an error. `retry_after`: the pause that was asked for."""

    milliseconds: int = 0
    status_code: int | None = None
    answer: str = ""
    error: Trouble | None = None
    retry_after: timedelta | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took it in."""
        return self.status_code is not None and 200 <= self.status_code < 300


class TooLate(httpcore.TimeoutException):
    """The time for the whole try is over."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when something may take, on the clock of `time.monotonic`."""

    at: float

    def left(self, at_most: float | None) -> float:
        """Return how many seconds are left. Raises TooLate."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TooLate
        return left if at_most is None else min(left, at_most)


class BoundedStream(httpcore.NetworkStream):
    """A connection on which nothing takes longer than until the deadline, however slowly the other side speaks."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write them all."""
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on encrypted, with whoever proves to be the host that was named."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        return self._stream.get_extra_info(info)


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, rules: Rules, deadline: Deadline) -> None:
        self._rules, self._deadline, self._network = rules, deadline, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers. Raises HostUnknown, AddressRefused and httpcore's errors."""
        failure: httpcore.ConnectError | None = None
        for address in self._rules.addresses_of(host, port):
            try:
                stream = self._network.connect_tcp(address, port, self._deadline.left(timeout))
            except httpcore.ConnectError as error:
                failure = error
            else:
                return BoundedStream(stream, self._deadline)
        raise failure or httpcore.ConnectError(host)


def send(
    url: str, *, body: str | bytes, headers: Mapping[str, str], rules: Rules, within: float = WITHIN_SECONDS
) -> Outcome:
    """
    Post a body, of JSON unless `headers` say otherwise (by names in lower case), and return how it went; nothing that goes
    wrong outside is raised.
    """
    began = time.monotonic()
    try:
        status, answer, retry_after = _post(httpx.URL(url), body, headers, rules, Deadline(began + within))
    except AddressRefused:
        return _failed(Trouble.REFUSED_ADDRESS, began)
    except HostUnknown:
        return _failed(Trouble.UNKNOWN_HOST, began)
    except httpcore.TimeoutException:
        return _failed(Trouble.TIMEOUT, began)
    except httpcore.ConnectError as error:
        is_certificate = isinstance(_first(error), ssl.SSLError)
        return _failed(Trouble.NOT_TRUSTED if is_certificate else Trouble.UNREACHABLE, began)
    except (httpcore.NetworkError, httpcore.ProtocolError):
        return _failed(Trouble.BROKEN, began)
    return Outcome(
        milliseconds=_since(began),
        status_code=status,
        answer=answer,
        retry_after=retry_after,
    )


def _post(
    url: httpx.URL, body: str | bytes, headers: Mapping[str, str], rules: Rules, deadline: Deadline
) -> tuple[int, str, timedelta | None]:
    sent = {
        "host": url.netloc.decode("ascii"),
        "content-type": "application/json; charset=utf-8",
        "user-agent": f"Classbell/{__version__}",
        **headers,
    }
    where = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path)
    network = CheckedNetwork(rules, deadline)
    content = body.encode() if isinstance(body, str) else body
    with (
        httpcore.ConnectionPool(ssl_context=authorities(), network_backend=network) as pool,
        pool.stream("POST", where, headers=list(sent.items()), content=content) as response,
    ):
        answer = b""
        for part in response.iter_stream():
            answer += part
            if len(answer) >= LONGEST_ANSWER:
                break
        told = {name.lower(): value for name, value in response.headers}
    return response.status, _readable(answer), _retry_after(told.get(b"retry-after", b"").decode("ascii", "replace"))


@cache
def authorities() -> ssl.SSLContext:
    """Return whom we believe that a host is who it says it is; read once."""
    return httpx.create_ssl_context()


def _readable(answer: bytes) -> str:
    """Return the beginning of an answer as text that the database keeps."""
    return answer[:LONGEST_ANSWER].decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _retry_after(said: str) -> timedelta | None:
    """Return for how long a receiver wants to be left alone, by seconds or by a date; at most a day."""
    try:
        pause = timedelta(seconds=int(said)) if said.isdigit() else parsedate_to_datetime(said) - timezone.now()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(pause, timedelta(0)), LONGEST_RETRY_AFTER)


def _first(error: BaseException) -> BaseException:
    """Return what an error goes back to."""
    while (before := error.__cause__ or error.__context__) is not None:
        error = before
    return error


def _failed(trouble: Trouble, began: float) -> Outcome:
    return Outcome(milliseconds=_since(began), error=trouble)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
