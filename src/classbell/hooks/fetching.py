"""Reading what lies at an address that somebody typed: checked as a webhook's is, within a time, no more than is wanted."""

import ssl
import time
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


def fetch(url: str, *, rules: Rules, most_bytes: int, within: float = WITHIN_SECONDS) -> bytes:
    """Return what lies at an address that `checked_url` returned; nothing is redirected. Raises NotFetched and TooLong."""
    try:
        return _get(httpx.URL(url), rules, Deadline(time.monotonic() + within), most_bytes)
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


def _get(url: httpx.URL, rules: Rules, deadline: Deadline, most_bytes: int) -> bytes:
    asked = {
        "host": url.netloc.decode("ascii"),
        "accept": "*/*",
        "accept-encoding": "identity",
        "user-agent": f"Classbell/{__version__}",
    }
    where = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path)
    network = CheckedNetwork(rules, deadline)
    with (
        httpcore.ConnectionPool(ssl_context=authorities(), network_backend=network) as pool,
        pool.stream("GET", where, headers=list(asked.items())) as response,
    ):
        if response.status != OK:
            raise NotFetched(status=response.status)
        content = b""
        for part in response.iter_stream():
            content += part
            if len(content) > most_bytes:
                raise TooLong
    return content
