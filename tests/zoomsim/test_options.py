"""The command's options, their environment variables, and who may use the control calls."""

import os
import socket
import subprocess
import sys

import httpx
import pytest
import typer

from tests import processes
from tests.simulator import Simulator, free_port, wait_until
from zoomsim import __version__, cli

ENVIRONMENT = {
    "ZOOMSIM_HOST": "0.0.0.0",
    "ZOOMSIM_PLAN": "pro",
    "ZOOMSIM_HOSTS": "1",
    "ZOOMSIM_BASIC_HOSTS": "1",
    "ZOOMSIM_HOST_EMAIL": "amina@school.example omar@school.example",
    "ZOOMSIM_TIMEZONE": "Africa/Cairo",
    "ZOOMSIM_ACCOUNT_ID": "account",
    "ZOOMSIM_CLIENT_ID": "client",
    "ZOOMSIM_CLIENT_SECRET": "secret",
    "ZOOMSIM_SCOPE": "user:read:admin",
    "ZOOMSIM_PUBLIC_URL": "https://zoom.school.example/",
    "ZOOMSIM_LATENCY_MS": "1",
    "ZOOMSIM_REPORT_DELAY_S": "0",
    "ZOOMSIM_WEBHOOK_RETRY_S": "1 2",
    "ZOOMSIM_CONTROL_FROM_ANYWHERE": "true",
}


@pytest.fixture(scope="module")
def told_by_environment():
    """The address of a simulator that has no options on its command line."""
    port = free_port()
    environment = {**os.environ, **ENVIRONMENT, "ZOOMSIM_PORT": str(port)}
    with processes.running([sys.executable, "-m", "zoomsim"], env=environment):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(url), seconds=30, what="the simulator")
        yield url


def answers(url):
    """Whether somebody listens there."""
    try:
        return httpx.get(f"{url}/sim/state").is_success
    except httpx.HTTPError:
        return False


def test_every_option_has_an_environment_variable():
    command = typer.main.get_command(_application())

    variables = {parameter.name: parameter.envvar for parameter in command.params}

    assert variables == {name: f"ZOOMSIM_{name.upper()}" for name in variables}


def test_environment_is_obeyed(told_by_environment):
    token = httpx.post(
        f"{told_by_environment}/oauth/token",
        data={"grant_type": "account_credentials", "account_id": "account"},
        auth=("client", "secret"),
    ).json()
    signed = {"Authorization": f"Bearer {token['access_token']}"}
    users = httpx.get(f"{told_by_environment}/v2/users", headers=signed).json()["users"]
    refused = httpx.get(f"{told_by_environment}/v2/users/me/meetings", headers=signed).json()

    assert (token["api_url"], token["scope"]) == ("https://zoom.school.example", "user:read:admin")
    assert {user["email"] for user in users} == {
        "amina@school.example",
        "omar@school.example",
        "host01@zoomsim.example",
        "basic01@zoomsim.example",
    }
    assert {user["timezone"] for user in users} == {"Africa/Cairo"}
    assert refused["code"] == 4711
    assert httpx.get(f"{told_by_environment}/sim/state").json()["plan"] == "pro"


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [["--hosts", "0"], ["--timezone", "Cairo"], ["--plan", "gold"]], ids=["no hosts", "zone", "plan"]
)
def test_impossible_option_is_refused_at_start(arguments):
    run = processes.run(
        [sys.executable, "-m", "zoomsim", *arguments], capture_output=True, text=True, timeout=30, check=False
    )

    assert run.returncode == 2
    assert arguments[0] in run.stderr


@pytest.mark.parametrize(
    ("options", "status"), [({}, 403), ({"control_from_anywhere": True}, 200)], ids=["guarded", "open"]
)
def test_control_calls_answer_this_machine_only_unless_told_otherwise(options, status):
    address = _address_from_outside()

    with Simulator(hosts=1, host="0.0.0.0", **options) as simulator:
        answer = httpx.get(f"http://{address}:{simulator.port}/sim/state")
        api = httpx.get(f"http://{address}:{simulator.port}/v2/users/me")

    assert answer.status_code == status
    assert api.status_code == 401


def test_control_calls_answer_no_other_sites_pages(simulator):
    answer = simulator.http.post("/sim/reset", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403


def _application() -> typer.Typer:
    application = typer.Typer(add_completion=False)
    application.command()(cli.run)
    return application


def _address_from_outside() -> str:
    """Return an address of this machine that is not the loopback's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            pytest.skip("This machine has no address but the loopback's.")
        return str(probe.getsockname()[0])


def test_any_port_will_do_and_links_carry_the_one_that_was_found():
    with processes.running(
        [sys.executable, "-m", "zoomsim", "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split(" at ")[1].split(",")[0]
        wait_until(lambda: answers(url), seconds=30, what="the simulator")
        token = httpx.post(
            f"{url}/oauth/token",
            auth=("sim-client", "sim-secret"),
            data={"grant_type": "account_credentials", "account_id": "sim-account"},
        ).json()

    assert not url.endswith(":0")
    assert token["api_url"] == url


def started(*options):
    """Start the command and return how it ended and what it said."""
    done = processes.run(
        [sys.executable, "-m", "zoomsim", *options], capture_output=True, text=True, check=False, timeout=30
    )
    return done.returncode, done.stdout + done.stderr


def test_port_that_is_taken_is_said_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, said = started("--port", str(other.getsockname()[1]))

    assert code == 2
    assert "Nothing can listen on 127.0.0.1:" in said
    assert "Choose another --port" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("content", ["Dear diary,\n", '{"name": "another program"}\n', "[1, 2]\n"])
def test_file_of_somebody_elses_is_refused_and_left_alone(tmp_path, content):
    file = tmp_path / "diary.txt"
    file.write_text(content)

    code, said = started("--port", "0", "--state", str(file))

    assert code == 2
    assert "it holds something else" in said
    assert file.read_text() == content


def test_folder_is_no_state(tmp_path):
    code, said = started("--port", "0", "--state", str(tmp_path))

    assert code == 2
    assert "cannot be used" in said
    assert "Traceback" not in said


def test_version_is_said():
    assert started("--version") == (0, f"zoomsim {__version__}\n")
