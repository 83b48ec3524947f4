"""A simulated Zoom in a process of its own, for every test that needs one."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests import processes

# How long a thing may stand still before it counts as stuck: far more than the slowest machine needs for a step.
STUCK_SECONDS = 180
STOP_SECONDS = 10
# Not of the order of the tests: the processes of a run have the same.
_dice = random.SystemRandom()
POLL_SECONDS, LONGEST_POLL_SECONDS = 0.02, 0.1


def free_port() -> int:
    """
    Return a port of the loopback interface that nobody listens on just now.

    From below those that systems give to connections: one of these might be another's before somebody listens on it.
    """
    while True:
        port = _dice.randrange(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(
    condition: Callable[[], object], *, seconds: float = 10, what: str = "a condition", must: bool = True
) -> bool:
    """Wait for a condition and return whether it came true in time; with `must`, fail the test when it did not."""
    give_up_at, pauses = time.monotonic() + seconds, _pauses()
    while not condition():
        if time.monotonic() > give_up_at:
            if must:
                raise AssertionError(f"Waited {seconds:g} s in vain for {what}.")
            return False
        time.sleep(next(pauses))
    return True


def wait_while_moving(condition: Callable[[], object], *, sign: Callable[[], object], what: str) -> None:
    """
    Wait for a condition as long as it takes while `sign` goes on changing; fail the test when it stands still for long.

    A loaded machine is slow in everything, so no number of seconds is right for all; but what works, moves.
    """
    before, stuck_at, pauses = sign(), time.monotonic() + STUCK_SECONDS, _pauses()
    while not condition():
        time.sleep(next(pauses))
        if (after := sign()) != before:
            before, stuck_at = after, time.monotonic() + STUCK_SECONDS
        if time.monotonic() > stuck_at:
            raise AssertionError(f"Waited for {what}, but nothing moved for {STUCK_SECONDS} s. Last seen: {before}")


def _pauses() -> Iterator[float]:
    """Yield how long to wait between two looks: briefly at first; looking often takes from what is waited for."""
    pause = POLL_SECONDS
    while True:
        yield pause
        pause = min(LONGEST_POLL_SECONDS, pause * 1.5)


class Simulator:
    """
    Start `zoomsim`, speak its control API, stop it.

    Every other keyword is an option of the command: `Simulator(plan="free", hosts=2, host_email=["a@school.example"])`.
    """

    account_id = "sim-account"
    client_id = "sim-client"
    client_secret = "sim-secret"
    webhook_secret = "sim-webhook-secret"

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        **options: object,
    ) -> None:
        self.host, self.port = host, port or free_port()
        self.url = f"http://{host}:{self.port}"
        self.api_url = f"{self.url}/v2"
        self.oauth_url = f"{self.url}/oauth/token"
        self.arguments = _arguments(options)
        self._environment = dict(environment or {})
        self.http = httpx.Client(base_url=self.url, timeout=30)
        self.ahead_s = 0.0
        self.process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.http.close()

    def restart(self) -> None:
        """Kill the process as a crash would and start another with the same options on the same port."""
        self.kill()
        self.process = self._start()

    def stop(self) -> None:
        """End the process politely; kill it when it does not go."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End the process with SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def access_token(self) -> str:
        """Return a new access token of the account."""
        answer = self.http.post(
            "/oauth/token",
            data={"grant_type": "account_credentials", "account_id": self.account_id},
            auth=(self.client_id, self.client_secret),
        )
        return str(answer.raise_for_status().json()["access_token"])

    def state(self) -> dict[str, Any]:
        """Return everything the simulator knows: hosts, meetings, deliveries, counters."""
        return self._ask("GET", "/sim/state")

    def outline(self) -> dict[str, Any]:
        """Return what the simulator knows without its meetings."""
        return self._ask("GET", "/sim/state", params={"meeting": "0"})

    def counters(self) -> dict[str, Any]:
        """Return what the simulator counts, of calls and their answers."""
        return dict(self.outline()["counters"])

    def meeting(self, meeting_id: int | str) -> dict[str, Any]:
        """Return one meeting as Zoom shows it, with its registrants and participants and whether it is deleted."""
        (meeting,) = self._ask("GET", "/sim/state", params={"meeting": str(meeting_id)})["meetings"]
        return dict(meeting)

    def deliveries(self, event: str = "") -> list[dict[str, Any]]:
        """Return the webhook deliveries, oldest first; those of one event when it is named."""
        found = self._ask("GET", "/sim/state", params={"meeting": "0"})["deliveries"]
        return [delivery for delivery in found if event in {"", delivery["event"]}]

    def reset(self) -> None:
        """Forget everything but the hosts."""
        self._ask("POST", "/sim/reset")

    def fault(self, **fault: object) -> None:
        """Misbehave from now on: `kind`, `method`, `path`, `times`, `probability`, `ms`, `status`, `code`."""
        self._ask("POST", "/sim/faults", json=fault)

    def clear_faults(self) -> None:
        """Behave again."""
        self._ask("DELETE", "/sim/faults")

    def clock(self, offset_s: float) -> None:
        """Set the simulator's clock this many seconds ahead of the real one, or of what it was last set to."""
        self._ask("POST", "/sim/clock", json={"offset_s": self.ahead_s + offset_s})

    def set_clock(self, moment: datetime) -> None:
        """Let it be this moment in the simulator, from which `clock` then counts. Its seconds begin with the real ones."""
        self.ahead_s = (moment - datetime.now(UTC).replace(microsecond=0)).total_seconds()
        self.clock(0)

    def start_meeting(self, meeting_id: int | str, **body: object) -> dict[str, Any]:
        """Start a meeting as its host."""
        return self._ask("POST", f"/sim/meetings/{meeting_id}/start", json=body)

    def end_meeting(self, meeting_id: int | str, **body: object) -> dict[str, Any]:
        """End a running meeting as its host."""
        return self._ask("POST", f"/sim/meetings/{meeting_id}/end", json=body)

    def record(self, meeting_id: int | str, *, on: bool = True, **body: object) -> None:
        """Start to record a running meeting to the cloud, or stop; `at` sets the time."""
        self._ask("POST", f"/sim/meetings/{meeting_id}/record", json={"on": on, **body})

    def recorded(self, meeting_id: int | str) -> list[dict[str, Any]]:
        """Return the files that were recorded of a meeting, [] when there are none."""
        headers = {"Authorization": f"Bearer {self.access_token()}"}
        answer = self.http.get(f"/v2/meetings/{meeting_id}/recordings", headers=headers)
        return (
            []
            if answer.status_code == httpx.codes.NOT_FOUND
            else list(answer.raise_for_status().json()["recording_files"])
        )

    def join(self, meeting_id: int | str, name: str, **body: object) -> str:
        """Let somebody in and return the participant_uuid: `email`, `registrant_id`, `customer_key`, `at`."""
        answer = self._ask("POST", f"/sim/meetings/{meeting_id}/join", json={"name": name, **body})
        return str(answer["participant_uuid"])

    def leave(self, meeting_id: int | str, participant_uuid: str, **body: object) -> None:
        """Let somebody go; `at` sets the time."""
        self._ask("POST", f"/sim/meetings/{meeting_id}/leave", json={"participant_uuid": participant_uuid, **body})

    def control(self, path: str, **body: object) -> dict[str, Any]:
        """Make any control call below `/sim`."""
        return self._ask("POST", f"/sim/{path}", json=body)

    def lock(self, **settings: object) -> None:
        """Lock settings of the account at these values, by the names that meetings have; None unlocks."""
        self._ask("POST", "/sim/locks", json=settings)

    def deauthorize(self, user: str) -> None:
        """Let a user, by id or e-mail, remove the app that they consented to."""
        self._ask("POST", f"/sim/users/{user}/deauthorize")

    def webhooks(self, **misbehaviour: object) -> None:
        """Deliver badly: `duplicate`, `shuffle`, `delay_ms`, `drop`, `keep_timestamp`."""
        self._ask("POST", "/sim/webhooks", json=misbehaviour)

    def send_webhooks_to(self, url: str, secret: str = webhook_secret) -> None:
        """Name the endpoint, which Zoom asks to prove that it knows the secret."""
        self._ask("POST", "/sim/webhooks/url", json={"url": url, "secret": secret})

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        answer = self.http.request(method, path, **request)
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "zoomsim", "--host", self.host, "--port", str(self.port), *self.arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ZOOMSIM_")}
        environment |= self._environment
        process = processes.start(command, env=environment, cwd=Path(__file__).parents[1])
        wait_until(lambda: process.poll() is not None or self._answers(), seconds=STUCK_SECONDS, what="the simulator")
        assert process.poll() is None, f"The simulator ended at once with status {process.returncode}."
        return process

    def _answers(self) -> bool:
        try:
            return self.http.get("/sim/state", params={"meeting": "0"}, timeout=2).is_success
        except httpx.HTTPError:
            return False


def _arguments(options: dict[str, object]) -> list[str]:
    arguments = []
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            arguments.append(flag)
        elif isinstance(value, list | tuple):
            arguments += [part for item in value for part in (flag, str(item))]
        elif value is not None and value is not False:
            arguments += [flag, str(value)]
    return arguments
