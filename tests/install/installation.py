"""The guide for one machine with PostgreSQL, followed from the first step to the one about Zoom."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from tests import processes
from tests.install.machine import ROOT, Machine, fresh_machine
from tests.install.mail import EncryptedMailServer
from tests.install.page import Block, blocks_of, replaceable
from tests.install.visitor import Visitor
from tests.simulator import STUCK_SECONDS, Simulator, wait_until

PAGE: Final = ROOT / "docs/install/postgresql.md"
ADMIN_STEP: Final = "9. The first admin, and the doctor"
ZOOM_STEP: Final = "10. Zoom"
MAIL_STEP: Final = "11. Mail"
LAST_STEP: Final = "12. From then on"
# One that the doctor does not know to be the simulator's.
WEBHOOK_SECRET: Final = "qT4vXw8ZbN2mK6rJ"
WORDS: Final = {
    "the-account-id": Simulator.account_id,
    "the-client-id": Simulator.client_id,
    "the-client-secret": Simulator.client_secret,
    "the-secret-token": WEBHOOK_SECRET,
}
# So few that a test comes to the end of them.
REQUESTS_PER_ADDRESS: Final = 30


class Installation:
    """
    A machine on which the guide is followed, and what each step said; `simulator` and
    `mail_server` are there from the step on Zoom on.
    """

    simulator: Simulator
    mail_server: EncryptedMailServer

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.said: dict[str, str] = {}

    def play(self, block: Block) -> None:
        """Play a block; in the steps about Zoom and mail with the words of those here."""
        text = block.text
        for word, value in WORDS.items():
            text = text.replace(f"{word}\n", f"{value}\n")
        if "ZOOM_ACCOUNT_ID" in text:
            there = f"ZOOM_API_URL={self.simulator.api_url}\nZOOM_OAUTH_URL={self.simulator.oauth_url}\n"
            limits = f"CLASSBELL_REQUESTS_PER_ADDRESS={REQUESTS_PER_ADDRESS}\nCLASSBELL_REQUESTS_PER_PERSON=0\n"
            text = text.replace("ZOOM_ACCOUNT_ID", f"{there}{limits}ZOOM_ACCOUNT_ID")
        if block.step == MAIL_STEP:
            words = {
                "smtp.school.example": self.machine.host,
                "587": str(self.mail_server.port),
                "the-password": self.mail_server.password,
            }
            for word, value in words.items():
                assert word in text
                text = text.replace(word, value)
        self.said[block.step] = self.said.get(block.step, "") + self.machine.play(Block(step=block.step, text=text))

    def classbell(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the command `classbell` as the guide leaves it."""
        command = [f"{self.machine.folder}/usr/local/bin/classbell", *words]
        return processes.run(command, env=self.machine.environment, capture_output=True, text=True, check=False)

    def deliveries_of(self, meeting_id: int) -> list[dict[str, Any]]:
        """Return the webhooks about a meeting at Zoom, once none of them is on its way for the first time."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.simulator.deliveries() if one["meeting_id"] == str(meeting_id)]

        wait_until(
            lambda: all(delivery["attempts"] for delivery in found()),
            seconds=STUCK_SECONDS,
            what="webhooks to be sent",
        )
        return found()

    def visitor(self, url: str = "", *, comes_from: str = "127.0.0.1") -> Visitor:
        """Return somebody at a browser, who comes by the public address, or by another, from an address of this machine."""
        return Visitor(url or self.machine.url, self.machine.authorities, comes_from=comes_from)


@contextmanager
def installed() -> Iterator[Installation]:
    """Yield an installation made by the guide's blocks, without those of the last step."""
    blocks = blocks_of(PAGE)
    first = next(number for number, block in enumerate(blocks) if block.step == ZOOM_STEP)
    with fresh_machine(replaceable(PAGE)) as machine, pytest.MonkeyPatch.context() as patch:
        played = Installation(machine)
        for block in blocks[:first]:
            played.play(block)
        patch.setenv("SSL_CERT_FILE", machine.authorities)  # whom the simulated Zoom trusts
        certificate = machine.folder / "etc/ssl/classbell"
        with (
            Simulator(plan="unlimited", hosts=2) as played.simulator,
            EncryptedMailServer(
                f"classbell@{machine.host}", certificate=certificate / "fullchain.pem", key=certificate / "key.pem"
            ) as played.mail_server,
        ):
            for block in blocks[first:]:
                if block.step != LAST_STEP:
                    played.play(block)
            yield played
