"""A whole installation for a day of faults: two web processes, two workers, a database, Zoom, mail and the world outside."""

import contextlib
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from tests.chaos.bank import Bank
from tests.chaos.clock import Clock
from tests.chaos.lines import Lines
from tests.chaos.outside import Outside
from tests.chaos.postgres import NAME, OneServer, Server
from tests.chaos.school import School, fill
from tests.mail_server import MailServer
from tests.simulator import STUCK_SECONDS, Simulator, free_port, wait_until
from tests.system import System

WEBS: Final = ("web1", "web2")
WORKERS: Final = ("worker1", "worker2")
PLAN: Final = "business"
HOSTS: Final = 8
# How many requests a minute somebody without an account may make from one address, at once or one after the other.
VISITORS_REQUESTS: Final = 30


@dataclass(kw_only=True)
class Stage:
    """What the day is played on. `system` asks the database directly, not by way of the proxy."""

    clock: Clock
    server: Server
    lines: Lines
    zoom: Simulator
    mail: MailServer
    outside: Outside
    bank: Bank
    system: System
    ports: dict[str, int]
    school: School
    # How many of Zoom's refusals for asking too often are none of ours: faults said so.
    pretended_limits: int = 0
    # How often something was killed, or lost its connection, while it was at work.
    interruptions: int = 0
    # Which processes are killed at one of their commits, and how many commits before that they are let make.
    doomed: dict[str, int] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a process of the installation, unless it runs."""
        running = self.system.processes.get(name)
        if running is not None and running.poll() is None:
            return
        before = dict(self.system.environment)
        self.system.environment |= self.clock.settings(name)
        try:
            if name in WEBS:
                self.system.begin(name, "serve", "--port", str(self.ports[name]), "--threads", "4")
            else:
                self.system.begin(name, "worker", "--concurrency", "6")
        finally:
            self.system.environment.clear()
            self.system.environment.update(before)

    def kill(self, name: str) -> None:
        """Kill a process and what it started."""
        if name in self.system.processes:
            self.system.kill(name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a process, and what it started, a signal."""
        if (process := self.system.processes.get(name)) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def doom(self, name: str, *, commits: int) -> None:
        """Kill a process when it has made so many commits more and one, before it hears of that one."""
        self.doomed[name] = commits
        self.lines.at_commit(self._committed)

    def spare(self, *names: str) -> None:
        """Do so no more, and start those that were killed."""
        for name in names:
            self.doomed.pop(name, None)
            self.start(name)
        if not self.doomed:
            self.lines.at_commit(None)

    def _committed(self, port: int) -> None:
        group = _group_behind(port)
        for name, left in list(self.doomed.items()):
            process = self.system.processes.get(name)
            if process is not None and process.pid == group:
                self.doomed[name] = left - 1
                if left <= 0:
                    self.signal(name, signal.SIGKILL)

    def url(self, number: int) -> str:
        """Return where one of the web processes answers, whichever number is named."""
        return f"http://127.0.0.1:{self.ports[WEBS[number % len(WEBS)]]}"

    def end_zoom_faults(self) -> None:
        """
        Let Zoom's calls be answered as ever, and count what faults have answered in its place. What they have held up comes
        together with what was sent later: then Zoom may say that this is too much at once.
        """
        faults = self.zoom.outline()["faults"]
        self.zoom.clear_faults()
        self.pretended_limits += sum(fault["hits"] for fault in faults if fault["kind"] in {"rate_limit", "latency"})

    def mend(self) -> None:
        """End all faults, start what was killed, and wait until everything answers."""
        self.clock.agree()
        self.clock.fill_disk("postgres", is_full=False)
        self.end_zoom_faults()
        self.zoom.webhooks()
        self.mail.refuses = False
        self.outside.misbehave("well")
        self.bank.behave("well")
        for name in WEBS + WORKERS:
            self.signal(name, signal.SIGCONT)
        self.server.mend()
        self.lines.mend()
        self.system.disconnect()
        self.spare(*WEBS, *WORKERS)
        wait_until(self._answer, seconds=STUCK_SECONDS, what="both web processes")

    def begin(self) -> None:
        """Start the day: all processes, Zoom's webhooks, and a program that hears of everything."""
        self.mend()
        _hear(self)
        self.zoom.send_webhooks_to(f"{self.url(0)}/api/zoom/webhook")
        self.bank.webhook = f"{self.url(1)}/api/payments/stripe/webhook"

    def begin_anew(self, *, program: str = "", sql: str = "") -> None:
        """
        Let everything be as in the morning, but for the clock, and start the day: by the program in another folder, after
        something was done to its tables.
        """
        self.end_all()
        self.server.mend()
        self.server.restore()
        if sql:
            self.system.execute(sql)
        if program:
            self.system.environment["PYTHONPATH"] = program
        self.zoom.reset()
        self.mail.mails.clear()
        self.outside.told.clear()
        self.outside.busy.clear()
        self.bank.empty()
        self.pretended_limits = self.interruptions = 0
        self.begin()

    def end_all(self) -> None:
        """Kill all processes of the installation."""
        for name in WEBS + WORKERS:
            self.kill(name)
        self.system.disconnect()

    def _answer(self) -> bool:
        for name in WEBS + WORKERS:
            self.start(name)  # One that ended by itself, as one does that found no database when it began.
        try:
            return all(httpx.get(f"{self.url(number)}/healthz", timeout=2).is_success for number in range(len(WEBS)))
        except httpx.HTTPError:
            return False


def _group_behind(port: int) -> int:
    """Return the process group of whoever connected from a port of this machine, 0 when nobody is there any more."""
    for line in psutil.net_connections("tcp4"):
        if line.laddr and line.laddr.port == port and line.pid:
            with contextlib.suppress(ProcessLookupError):
                return os.getpgid(line.pid)
    return 0


def _hear(stage: Stage) -> None:
    """Let the school's program hear of everything that can be heard of."""
    admin = {"Authorization": f"Bearer {stage.school.people['admin'].token}"}
    events = httpx.get(f"{stage.url(0)}/api/webhooks/events", headers=admin).raise_for_status().json()["events"]
    body = {"url": f"{stage.outside.url}/heard", "events": [event["name"] for event in events]}
    httpx.post(f"{stage.url(0)}/api/webhooks", headers=admin, json=body).raise_for_status()


@contextmanager
def set_up(*, make_server: Callable[[Path, Mapping[str, str]], Server] = OneServer) -> Iterator[Stage]:
    """Yield a stage with everything running on a server that is made so; kill and forget all of it after."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        folder.chmod(0o755)  # The database server is somebody else.
        clock = stack.enter_context(Clock(folder))
        server = make_server(folder, clock.settings("postgres"))
        stack.callback(server.stop)
        server.start()
        server.wait()
        server.copy_tables()
        lines = stack.enter_context(Lines(server.addresses()))
        options: dict[str, Any] = {"plan": PLAN, "hosts": HOSTS, "webhook_retry_s": [1, 2, 4], "report_delay_s": 30}
        zoom = stack.enter_context(Simulator(environment=clock.settings("zoomsim"), **options))
        mail = stack.enter_context(MailServer())
        outside = stack.enter_context(Outside())
        bank = stack.enter_context(Bank(clock.now))
        ports = {name: free_port() for name in WEBS}
        given = {
            "ZOOM_PLAN": PLAN,
            "ZOOM_REQUEST_TIMEOUT": "2",
            "ZOOM_INLINE_TIMEOUT": "2",
            "CLASSBELL_REQUEST_TIMEOUT": "10",
            "CLASSBELL_STATEMENT_TIMEOUT": "5",
            "CLASSBELL_TRUSTED_PROXIES": "1",
            "CLASSBELL_REQUESTS_PER_KEY": "0",
            "CLASSBELL_REQUESTS_PER_PERSON": "0",
            "CLASSBELL_REQUESTS_PER_ADDRESS": str(VISITORS_REQUESTS),
        }
        system = System(server.url(), zoom, folder, **given | mail.settings() | outside.settings() | bank.settings())
        stack.callback(system.kill_all)
        system.command("read-hosts")
        school = fill(system)
        system.environment["DATABASE_URL"] = lines.url(NAME)
        stage = Stage(
            clock=clock,
            server=server,
            lines=lines,
            zoom=zoom,
            mail=mail,
            outside=outside,
            bank=bank,
            system=system,
            ports=ports,
            school=school,
        )
        system.disconnect()
        server.keep()
        stage.begin()
        yield stage
