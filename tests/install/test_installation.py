"""The guide for one machine with PostgreSQL, nginx and systemd, played as it stands."""

import re
import ssl
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests import processes
from tests.install.machine import ROOT, Machine, fresh_machine, missing_here
from tests.install.page import Block, blocks_of, replaceable
from tests.simulator import Simulator

PAGE = ROOT / "docs/install/postgresql.md"
ZOOM_STEP = "10. Zoom"
LAST_STEP = "12. From then on"
# One that the doctor does not know to be the simulator's.
WEBHOOK_SECRET = "qT4vXw8ZbN2mK6rJ"
WORDS = {
    "the-account-id": Simulator.account_id,
    "the-client-id": Simulator.client_id,
    "the-client-secret": Simulator.client_secret,
    "the-secret-token": WEBHOOK_SECRET,
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_here()), reason=missing_here()),
    pytest.mark.xdist_group("installation"),
]


class Installation:
    """A machine on which the guide is followed, and what each step said; `simulator` is there from the step on Zoom on."""

    simulator: Simulator

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.said: dict[str, str] = {}

    def play(self, block: Block) -> None:
        """Play a block; in the step about Zoom with the simulator's words, and the settings that lead there."""
        text = block.text
        for word, value in WORDS.items():
            text = text.replace(f"{word}\n", f"{value}\n")
        if "ZOOM_ACCOUNT_ID" in text:
            there = f"ZOOM_API_URL={self.simulator.api_url}\nZOOM_OAUTH_URL={self.simulator.oauth_url}\n"
            text = text.replace("ZOOM_ACCOUNT_ID", f"{there}ZOOM_ACCOUNT_ID")
        self.said[block.step] = self.said.get(block.step, "") + self.machine.play(Block(step=block.step, text=text))

    def classbell(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the command `classbell` as the guide leaves it."""
        command = [f"{self.machine.folder}/usr/local/bin/classbell", *words]
        return processes.run(command, env=self.machine.environment, capture_output=True, text=True, check=False)

    def browser(self) -> httpx.Client:
        """Return somebody who comes in by the public address and trusts whom the machine does."""
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusted.load_verify_locations(self.machine.authorities)
        return httpx.Client(base_url=self.machine.url, verify=trusted, timeout=30)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    blocks = blocks_of(PAGE)
    first = next(number for number, block in enumerate(blocks) if block.step == ZOOM_STEP)
    with fresh_machine(replaceable(PAGE)) as machine, pytest.MonkeyPatch.context() as patch:
        played = Installation(machine)
        for block in blocks[:first]:
            played.play(block)
        patch.setenv("SSL_CERT_FILE", machine.authorities)  # whom the simulated Zoom trusts
        with Simulator(plan="unlimited", hosts=2) as played.simulator:
            for block in blocks[first:]:
                if block.step != LAST_STEP:
                    played.play(block)
            yield played


def test_every_step_says_what_it_promises(installation: Installation) -> None:
    assert '"status": "ok"' in installation.said["8. nginx"]
    assert installation.machine.host in installation.said["9. The first admin, and the doctor"]
    assert "the credentials work" in installation.said[ZOOM_STEP]
    assert "Licensed Zoom users who can host: 2" in installation.said[ZOOM_STEP]


def test_the_link_of_the_first_admin_opens_by_https_with_secure_cookies(installation: Installation) -> None:
    said = installation.said["9. The first admin, and the doctor"]
    link = re.findall(r"https://\S+", said.partition("opens this link")[2])[0]
    with installation.browser() as browser:
        page = browser.get(link.removeprefix(installation.machine.url))

    cookies = page.headers.get_list("set-cookie")
    assert page.status_code == 200
    assert [cookie for cookie in cookies if "Secure" not in cookie] == []
    assert page.headers["strict-transport-security"] == "max-age=31536000"


def test_http_leads_to_https(installation: Installation) -> None:
    machine = installation.machine
    answer = httpx.get(f"http://{machine.host}:{machine.ports['80']}/lessons?day=1")

    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{machine.host}/lessons?day=1")


def test_measures_are_for_this_machine_only_and_secrets_for_their_user(installation: Installation) -> None:
    folder = installation.machine.folder / "var/lib/classbell"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}

    assert {mode for name, mode in modes.items() if name not in {"classbell", "secrets"}} == {0o600}
    assert modes["classbell"] == modes["secrets"] == 0o700
    assert {path.owner() for path in folder.rglob("*")} == {"classbell"}


def test_systemd_finds_nothing_wrong_with_the_units(installation: Installation) -> None:
    folder = installation.machine.folder
    units = [folder / f"etc/systemd/system/classbell-{name}.service" for name in ("web@", "worker@")]
    named = []
    for unit, instance in zip(units, ("8001", "1"), strict=True):
        copy = folder / unit.name.replace("@", f"@{instance}")
        copy.write_text(unit.read_text())
        named.append(copy)

    done = processes.run(["systemd-analyze", "verify", *named], capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if "classbell" in line] == []
    assert done.returncode == 0, done.stderr
