"""Starting, watching and stopping everything a demo needs."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from classbell.config.embedded import ensure_database
from classbell.config.environment import SETTINGS_FILE, data_folder
from classbell.demo import bank

SIM_CREDENTIALS = {
    "ZOOM_ACCOUNT_ID": "sim-account",
    "ZOOM_CLIENT_ID": "sim-client",
    "ZOOM_CLIENT_SECRET": "sim-secret",
    "ZOOM_SDK_KEY": "sim-sdk-key",
    "ZOOM_SDK_SECRET": "sim-sdk-secret-for-signatures-only",
}
WEBHOOK_SECRET = "demo-webhook-secret"
SIM_HOSTS = 25
# The app that teachers consent to, and who has a Zoom of their own: in a simulator beside the school's.
USER_APP = {"ZOOM_USER_APP_CLIENT_ID": "sim-oauth-client", "ZOOM_USER_APP_CLIENT_SECRET": "sim-oauth-secret"}
USER_APP_WEBHOOK_SECRET = "demo-own-webhook-secret"
OWN_USERS = ("amina@own.example", "khalid@own.example")
SIM_PLAN = "business"
MARK = "# Written by `classbell demo`; it may overwrite and delete this folder."
# A part that ends is noticed at once; one that runs is given the time that the slowest machine needs.
READY_WITHIN_SECONDS = 300
STOP_WITHIN_SECONDS = 10


class DemoFailed(SystemExit):
    """A part of the demo could not start; the message says which and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Where each part listens: the pages, the simulated Zoom, that of teachers' own, and the stand-in for Stripe."""

    pages: int
    sim: int
    own_sim: int
    bank: int


def run_demo(ports: Ports, *, reset: bool, open_browser: bool) -> None:
    """Bring everything up, print `ready` and the sign-ins, and stop everything on Ctrl-C or SIGTERM."""
    folder = data_folder()
    settings_file = folder / SETTINGS_FILE
    if settings_file.exists() and not settings_file.read_text().startswith(MARK):
        raise DemoFailed(f"{settings_file} is not a demo's. Choose another folder: ./run demo --data DIR")
    listening = {
        "--port": ports.pages,
        "--sim-port": ports.sim,
        "--own-sim-port": ports.own_sim,
        "--bank-port": ports.bank,
    }
    for name, wanted in listening.items():
        if not _is_free(wanted):
            raise DemoFailed(f"Port {wanted} is in use. Choose another: ./run demo {name} {wanted + 1}")
    if reset:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _write_settings(settings_file, ports)
    _forget_other_settings(settings_file)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    processes: list[subprocess.Popen[bytes]] = []
    try:
        _start_all(processes, folder, ports)
        _greet(ports, folder)
        if open_browser:
            webbrowser.open(f"http://localhost:{ports.pages}")
        _watch(processes)
    except KeyboardInterrupt:
        pass
    finally:
        _stop(processes)


def _start_all(processes: list[subprocess.Popen[bytes]], folder: Path, ports: Ports) -> None:
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    sim_url, url = f"http://127.0.0.1:{ports.sim}", f"http://127.0.0.1:{ports.pages}"
    own_url = f"http://127.0.0.1:{ports.own_sim}"
    _say("starting the simulated Zoom")
    processes.append(
        _spawn(
            logs / "zoomsim.log",
            [sys.executable, "-m", "zoomsim", *_sim_options(folder, ports.sim)],
        )
    )
    own = [sys.executable, "-m", "zoomsim", *_own_sim_options(folder, ports.own_sim)]
    processes.append(_spawn(logs / "own-zoomsim.log", own))
    heard_at = ["--port", str(ports.bank), "--webhook", f"{url}/api/payments/stripe/webhook"]
    processes.append(_spawn(logs / "bank.log", [sys.executable, "-m", "classbell.demo.bank", *heard_at]))
    _say("starting the database")
    ensure_database()
    _run([sys.executable, "-m", "classbell", "migrate"], logs / "migrate.log")
    for simulator in (sim_url, own_url):
        _wait_for(f"{simulator}/sim/state?meeting=0", processes, "The simulated Zoom")
    _say("adding people and classes, and starting the pages")
    # Beside each other, for both take long to begin; nobody comes to the pages before it says that all is ready.
    processes.append(
        _spawn(logs / "serve.log", [sys.executable, "-m", "classbell", "serve", "--port", str(ports.pages)])
    )
    _run([sys.executable, "-m", "classbell", "seed-demo"], logs / "seed.log")
    _say("starting the worker")
    processes.append(_spawn(logs / "worker.log", [sys.executable, "-m", "classbell", "worker"]))
    _wait_for(f"{url}/healthz", processes, "Classbell")
    # Only now does somebody answer when the simulated Zoom asks whether the endpoint knows the secret.
    for simulator, secret in ((sim_url, WEBHOOK_SECRET), (own_url, USER_APP_WEBHOOK_SECRET)):
        endpoint = {"url": f"{url}/api/zoom/webhook", "secret": secret}
        httpx.post(f"{simulator}/sim/webhooks/url", json=endpoint, timeout=30).raise_for_status()
    _run([sys.executable, "-m", "classbell", "seed-demo", "--live"], logs / "seed.log")


def _sim_options(folder: Path, port: int) -> list[str]:
    options = {
        "--port": str(port),
        "--plan": SIM_PLAN,
        "--hosts": str(SIM_HOSTS),
        "--webhook-secret": WEBHOOK_SECRET,
        "--state": str(folder / "zoomsim.json"),
    }
    return [part for option in options.items() for part in option]


def _own_sim_options(folder: Path, port: int) -> list[str]:
    options = {
        "--port": str(port),
        "--hosts": "0",
        "--account-id": "own-zoom",
        "--webhook-secret": USER_APP_WEBHOOK_SECRET,
        "--state": str(folder / "own-zoomsim.json"),
    }
    users = [part for user in OWN_USERS for part in ("--host-email", user)]
    return [part for option in options.items() for part in option] + users


def _write_settings(path: Path, ports: Ports) -> None:
    """Keep the settings in the folder, so that `classbell … --data DIR` finds the running demo's Zoom too."""
    values: Mapping[str, str] = {
        **SIM_CREDENTIALS,
        "ZOOM_API_URL": f"http://127.0.0.1:{ports.sim}/v2",
        "ZOOM_OAUTH_URL": f"http://127.0.0.1:{ports.sim}/oauth/token",
        "ZOOM_SDK_URL": f"http://127.0.0.1:{ports.sim}/sdk",
        "ZOOM_PLAN": SIM_PLAN,
        "ZOOM_WEBHOOK_SECRET": WEBHOOK_SECRET,
        **USER_APP,
        "ZOOM_USER_APP_WEBHOOK_SECRET": USER_APP_WEBHOOK_SECRET,
        "ZOOM_USER_APP_API_URL": f"http://127.0.0.1:{ports.own_sim}/v2",
        "ZOOM_USER_APP_OAUTH_URL": f"http://127.0.0.1:{ports.own_sim}/oauth/token",
        "STRIPE_SECRET_KEY": bank.SECRET_KEY,
        "STRIPE_WEBHOOK_SECRET": bank.WEBHOOK_SECRET,
        "STRIPE_API_URL": f"http://127.0.0.1:{ports.bank}",
        "CLASSBELL_PUBLIC_URL": f"http://localhost:{ports.pages}",
        # Where the demo's own calendar lies.
        "CLASSBELL_WEBHOOK_PORTS": f"443,{ports.pages}",
        "CLASSBELL_WEBHOOK_PRIVATE_HOSTS": "localhost",
        "CLASSBELL_WEBHOOK_ALLOW_HTTP": "true",
        "CLASSBELL_MAILBOX": str((path.parent / "mails").absolute()),
    }
    path.touch(mode=0o600)
    path.write_text("\n".join([MARK, *(f"{name}={value}" for name, value in values.items())]) + "\n")


def _forget_other_settings(path: Path) -> None:
    """Never fill a database of yours with demo data, whatever the environment says."""
    own = {line.partition("=")[0] for line in path.read_text().splitlines()}
    for name in {"DATABASE_URL", "CLASSBELL_SECRET_KEY"} | own:
        os.environ.pop(name, None)


def _spawn(log: Path, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that Ctrl-C reaches only us and we stop it in order."""
    with log.open("ab") as file:
        return subprocess.Popen(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True)


def _run(command: list[str], log: Path) -> None:
    with log.open("ab") as file:
        done = subprocess.run(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise DemoFailed(f"{' '.join(command[2:])} failed:\n{_tail(log)}")


def _wait_for(url: str, processes: list[subprocess.Popen[bytes]], name: str) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < give_up_at:
        try:
            if httpx.get(url, timeout=2).status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return
        except httpx.HTTPError:
            pass
        if any(process.poll() is not None for process in processes):
            break
        time.sleep(0.1)
    raise DemoFailed(f"{name} did not start. Its log is in the folder logs of {data_folder()}.")


def _watch(processes: list[subprocess.Popen[bytes]]) -> None:
    """Wait; when one part ends by itself, say so and end the demo."""
    while True:
        for process in processes:
            if process.poll() is not None:
                raise DemoFailed(f"A part of the demo ended unexpectedly; see the logs in {data_folder() / 'logs'}.")
        time.sleep(0.5)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Stop the pages first and Zoom last; what does not go by itself is killed."""
    for process in reversed(processes):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(STOP_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _say(text: str) -> None:
    print(f"  {text} …", flush=True)  # noqa: T201 -- this is the command's output


def _greet(ports: Ports, folder: Path) -> None:
    print(  # noqa: T201 -- this is the command's output
        f"""
  Classbell        http://localhost:{ports.pages}
  API              http://localhost:{ports.pages}/api/docs
  Simulated Zoom   http://localhost:{ports.sim}, teachers' own http://localhost:{ports.own_sim}

  Sign in as       admin@classbell.example
                   teacher@classbell.example
                   student@classbell.example
                   mother@classbell.example       password  demo-classbell

  Data and logs    {folder}
  Ctrl-C stops everything; the next run goes on where this one stopped (--reset starts over).

ready http://localhost:{ports.pages}
""",
        flush=True,
    )
