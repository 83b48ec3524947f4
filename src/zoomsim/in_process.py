"""A simulator in this process, in a thread of its own, for tests."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from aiohttp import web

from zoomsim.api.endpoints import DEFAULT_SCOPES, DEFAULT_USER_SCOPES
from zoomsim.app import build_app
from zoomsim.options import Options, Plan
from zoomsim.simulation import Simulation

ANSWERS_WITHIN_S = 10


class Refused(Exception):
    """A control call was refused; the text is its answer."""


class RunningZoom:
    """
    A simulated Zoom that runs. Times in seconds; bodies as the control calls below `/sim` take them.

    Any method that controls it raises Refused when the simulator refuses.
    """

    def __init__(self, options: Options) -> None:
        # Where it listens: what stands in links may be reached by others only.
        self.url = replace(options, public_url="").base_url
        self.api_url = f"{self.url}/v2"
        self.oauth_url = f"{self.url}/oauth/token"
        self.account_id, self.client_id, self.client_secret = (
            options.account_id,
            options.client_id,
            options.client_secret,
        )
        self.oauth_client_id, self.oauth_client_secret = options.oauth_client_id, options.oauth_client_secret
        self.sdk_key, self.sdk_secret = options.sdk_key, options.sdk_secret
        self.webhook_secret = options.webhook_secret

    def token(self) -> str:
        """Return a new access token of the account's app."""
        form = {
            "grant_type": "account_credentials",
            "account_id": self.account_id,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        return str(self._ask("POST", "/oauth/token", urlencode(form).encode())["access_token"])

    def reset(self) -> None:
        """Forget everything but the hosts; faults and the moved clock too."""
        self.control("reset")

    def fault(self, **fault: object) -> None:
        """Misbehave from now on: `kind`, and `method`, `path`, `times`, `probability`, `ms`, `status`, `code`."""
        self.control("faults", **fault)

    def clear_faults(self) -> None:
        """Behave again."""
        self._ask("DELETE", "/sim/faults")

    def clock(self, offset_s: float) -> None:
        """Let the simulator's time be so many seconds ahead of real time."""
        self.control("clock", offset_s=offset_s)

    def start(self, meeting_id: int | str, **body: object) -> dict[str, Any]:
        """Start a meeting as its host: `occurrence_id`, `at`."""
        return self.control(f"meetings/{meeting_id}/start", **body)

    def end(self, meeting_id: int | str, **body: object) -> dict[str, Any]:
        """End a meeting as its host: `at`."""
        return self.control(f"meetings/{meeting_id}/end", **body)

    def join(self, meeting_id: int | str, name: str, **body: object) -> str:
        """Let somebody in and return the participant_uuid: `email`, `registrant_id`, `customer_key`, `at`."""
        return str(self.control(f"meetings/{meeting_id}/join", name=name, **body)["participant_uuid"])

    def leave(self, meeting_id: int | str, participant_uuid: str, **body: object) -> None:
        """Let somebody go: `at`."""
        self.control(f"meetings/{meeting_id}/leave", participant_uuid=participant_uuid, **body)

    def send_webhooks_to(self, url: str, secret: str = "") -> None:
        """Send webhooks there, once that address has proved that it knows the secret."""
        self.control("webhooks/url", url=url, secret=secret or self.webhook_secret)

    def state(self, meeting_id: int | str | None = None) -> dict[str, Any]:
        """Return everything the simulator knows, or of meetings only one."""
        about = "" if meeting_id is None else f"?meeting={quote(str(meeting_id))}"
        return self._ask("GET", f"/sim/state{about}")

    def meeting(self, meeting_id: int | str) -> dict[str, Any]:
        """Return a meeting as Zoom shows it, with registrants, participants, runs, and whether it is deleted."""
        (found,) = self.state(meeting_id)["meetings"]
        return dict(found)

    def control(self, path: str, /, **body: object) -> dict[str, Any]:
        """Make any control call below `/sim`."""
        return self._ask("POST", f"/sim/{path}", json.dumps(body).encode())

    def _ask(self, method: str, path: str, data: bytes | None = None) -> dict[str, Any]:
        request = Request(self.url + path, data=data, method=method)  # noqa: S310 -- our own
        try:
            with urlopen(request, timeout=ANSWERS_WITHIN_S) as response:  # noqa: S310
                return dict(json.loads(response.read()))
        except HTTPError as error:
            with error:
                raise Refused(f"{method} {path}: {error.code} {error.read().decode()}") from None


@contextmanager
def running(options: Options | None = None) -> Iterator[RunningZoom]:
    """Run a simulator on a free port until the block ends; without options one without limits, with 5 hosts."""
    options = options or Options(hosts=5, plan=Plan.UNLIMITED, port=0, report_delay_s=0)
    options = replace(
        options,
        scopes=options.scopes or DEFAULT_SCOPES,
        oauth_scopes=options.oauth_scopes or DEFAULT_USER_SCOPES,
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="zoomsim", daemon=True)
    thread.start()
    runner, options = asyncio.run_coroutine_threadsafe(_start(options), loop).result()
    try:
        yield RunningZoom(options)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(options: Options) -> tuple[web.AppRunner, Options]:
    sock = socket.create_server((options.host, options.port))
    options = replace(options, port=sock.getsockname()[1])
    runner = web.AppRunner(build_app(Simulation(options)), access_log=None)
    await runner.setup()
    await web.SockSite(runner, sock).start()
    return runner, options
